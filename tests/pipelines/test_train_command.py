"""`pathcorpus train` and `evaluate` as a script calls them: the result on stdout, all else on stderr."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.training import samples
from tests.training.test_clip import settings


@pytest.fixture
def home(tmp_path: Path) -> Path:
    shards = {("clip", split): [samples.clip_row(i) for i in range(8)] for split in ("train", "validation")}
    return samples.write_corpus(tmp_path / "home", shards)


def call(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pipelines.cli", *arguments],
        capture_output=True, text=True, check=False, env={**os.environ, "PATHCORPUS_HOME": str(home)},
    )  # fmt: skip


def config(folder: Path, **changes: int) -> str:
    path = folder / "clip.yaml"
    path.write_text(yaml.safe_dump(settings(steps=3, batch=4, **changes).model_dump()), encoding="utf-8")
    return str(path)


def test_train_then_evaluate_then_other_settings(home: Path, tmp_path: Path) -> None:
    done = call(home, "train", "clip", "--config", config(tmp_path))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["steps"] == 3 and done.stderr.startswith("step 1 of 3, loss ")
    score = json.loads(call(home, "evaluate", "retrieval").stdout)
    assert score["items"] == 8 and Path(score["folder"]).name == "retrieval-clip"

    other = config(tmp_path, seed=1)
    refused = call(home, "train", "clip", "--config", other)
    assert refused.returncode == 2 and refused.stdout == "" and refused.stderr.count("\n") == 1
    assert "holds the result of other settings; give --out" in refused.stderr
    aside = call(home, "train", "clip", "--config", other, "--out", str(tmp_path / "aside"))
    assert json.loads(aside.stdout)["folder"] == str(tmp_path / "aside")
    assert json.loads(call(home, "train", "clip", "--config", config(tmp_path)).stdout)["changed"] is False


def test_unknown_names_are_one_line(home: Path) -> None:
    for arguments, known in ((("train", "ppo"), "cpt, sft, grpo"), (("evaluate", "bleu"), "mcq, retrieval")):
        done = call(home, *arguments)
        assert done.returncode == 2 and done.stderr.count("\n") == 1 and known in done.stderr
