"""Training modules in processes of their own: what goes to stdout, what to stderr, what a failure hands over."""

import io
import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.training import samples
from tests.training.test_clip import settings
from training.launch import ModuleFailed, run_module
from training.progress import Progress

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return samples.write_corpus(tmp_path / "home", {("clip", "train"): [samples.clip_row(i) for i in range(8)]})


@pytest.fixture
def options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.chdir(REPOSITORY)
    config = tmp_path / "clip.yaml"
    config.write_text(yaml.safe_dump(settings(steps=4, batch=4).model_dump()), encoding="utf-8")
    return ["--config", str(config)]


def test_the_result_comes_back_and_progress_is_heard(home: Path, options: list[str]) -> None:
    heard: list[str] = []
    result = run_module("training.clip", home, *options, hear=heard.append)
    assert result["steps"] == 4 and result["changed"] and Path(result["folder"], "model").is_dir()
    assert [line.split(", ")[0] for line in heard] == [f"step {n} of 4" for n in (1, 2, 3, 4)]
    assert all("loss " in line and "a second" in line and line.endswith("left") for line in heard)


def test_stdout_carries_the_result_alone_and_quiet_means_quiet(home: Path, options: list[str]) -> None:
    command = [sys.executable, "-m", "training.clip", "--home", str(home), "--json", "--quiet", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "") and json.loads(done.stdout)["job"] == "clip"


def test_a_failure_says_why_and_hands_over_the_exit_code(tmp_path: Path, options: list[str]) -> None:
    heard: list[str] = []
    with pytest.raises(ModuleFailed) as raised:
        run_module("training.clip", tmp_path / "nowhere", *options, hear=heard.append)
    assert raised.value.code == 2 and len(heard) == 1 and "is no corpus home" in heard[0]


def lines_of(monkeypatch: pytest.MonkeyPatch, caplog: Any, terminal: bool, total: int) -> list[str]:
    class Stream(io.StringIO):
        def isatty(self) -> bool:
            return terminal

    with monkeypatch.context() as patch, caplog.at_level(logging.INFO, logger="training.progress"):
        patch.setattr(sys, "stderr", Stream())
        progress = Progress("step", total)
        for step in range(1, total + 1):
            progress.at(step, loss=1.0)
    return caplog.messages


def test_a_pipe_gets_a_line_every_so_many_steps(monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    lines = lines_of(monkeypatch, caplog, terminal=False, total=200)
    assert len(lines) == 20 and lines[-1].startswith("step 200 of 200, loss 1, ") and lines[-1].endswith("0 s left")


def test_a_terminal_is_not_flooded(monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    assert lines_of(monkeypatch, caplog, terminal=True, total=200)[-1].startswith("step 200 of 200")
    assert len(caplog.messages) == 1
