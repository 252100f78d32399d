import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from assets.errors import BadInput
from assets.store import Home
from tests.training import samples
from tests.training.test_clip import settings
from training.config import ClipConfig
from training.jobs import EVALUATIONS, JOBS
from training.runs import Trained, existing_home, run_once

REPOSITORY = Path(__file__).parents[2]


class Job:
    """Writes a checkpoint without training one; counts how often it was asked to."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, work: Path) -> Trained:
        self.calls += 1
        (work / "model").mkdir(exist_ok=True)
        (work / "model" / "model.safetensors").write_bytes(b"weights %d" % self.calls)
        (work / "checkpoints").mkdir(exist_ok=True)
        return Trained({"steps": 2}, [{"step": 1, "loss": 3.0}, {"step": 2, "loss": 1.5, "reward": 0.5}])


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return existing_home(samples.write_corpus(tmp_path / "home", {}))


def run(home: Home, job: Any, config: ClipConfig | None = None, **inputs: str) -> dict[str, Any]:
    return run_once("clip", config or settings(), home, None, {"data_hash": "1"} | inputs, "manifest", job)


def test_a_result_describes_itself(home: Home) -> None:
    result = run(home, Job())
    folder = home.root / "training" / "clip"
    assert sorted(path.name for path in folder.iterdir()) == [
        "config.yaml", "loss.csv", "loss.png", "model", "result.json",
    ]  # fmt: skip
    assert (result["loss_first"], result["loss_last"], result["steps"], result["changed"]) == (3.0, 1.5, 2, True)
    assert yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8")) == settings().model_dump()
    assert (folder / "loss.csv").read_text(encoding="utf-8").splitlines() == ["step,loss,reward", "1,3.0,", "2,1.5,0.5"]
    assert (folder / "loss.png").read_bytes()[:4] == b"\x89PNG"


def test_unchanged_inputs_are_not_run_again(home: Home) -> None:
    job = Job()
    first = run(home, job)
    again = run(home, job)
    assert job.calls == 1 and again == first | {"changed": False}
    assert run(home, job, data_hash="2")["changed"], "other shards, same settings: the old result is replaced"
    assert job.calls == 2


def test_a_result_that_lost_its_model_is_made_again(home: Home) -> None:
    job = Job()
    folder = Path(run(home, job)["folder"])
    (folder / "model" / "model.safetensors").unlink()
    (folder / "model").rmdir()
    assert run(home, job)["changed"] and (folder / "model" / "model.safetensors").exists()


def test_a_failed_run_leaves_the_old_result_alone_and_the_next_one_goes_on(home: Home) -> None:
    old = run(home, Job())

    def fails(work: Path) -> Trained:
        (work / "half").write_text("done", encoding="utf-8")
        raise RuntimeError("no memory")

    with pytest.raises(RuntimeError):
        run(home, fails, data_hash="2")
    assert json.loads((Path(old["folder"]) / "result.json").read_text(encoding="utf-8"))["data_hash"] == "1"

    class GoesOn(Job):
        def __call__(self, work: Path) -> Trained:
            assert (work / "half").exists()
            return super().__call__(work)

    assert run(home, GoesOn(), data_hash="2")["changed"]
    assert [path.name for path in (home.root / "training").iterdir()] == ["clip"]


def test_killed_before_the_renaming(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    job = Job()

    replace = os.replace

    def killed_at_the_end(source: Path, target: Path) -> None:
        if target.name == "clip":
            raise KeyboardInterrupt
        replace(source, target)

    run(home, job)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(os, "replace", killed_at_the_end)
        run(home, job, data_hash="2")
    result = run(home, job, data_hash="2")
    assert job.calls == 2 and result["data_hash"] == "2" and Path(result["folder"]).exists()
    assert [path.name for path in (home.root / "training").iterdir()] == ["clip"]


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_result_of_other_settings_is_not_replaced(home: Home, tmp_path: Path) -> None:
    run(home, Job())
    before, tiny = files_of(home.root / "training"), Job()
    with pytest.raises(BadInput, match=r"training/clip holds the result of other settings; give --out, or remove it"):
        run(home, tiny, settings(seed=7))
    assert files_of(home.root / "training") == before and tiny.calls == 0
    elsewhere = run_once("clip", settings(seed=7), home, tmp_path / "tiny", {"data_hash": "1"}, "manifest", tiny)
    assert elsewhere["changed"] and files_of(home.root / "training") == before


def killed_half_way(home: Home, **inputs: str) -> Path:
    """A run that ends after its first checkpoint; its working folder."""

    def killed(work: Path) -> Trained:
        (work / "checkpoints").mkdir()
        (work / "checkpoints" / "state").write_text("day 3", encoding="utf-8")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(home, killed, **inputs)
    (work,) = [path for path in (home.root / "training").iterdir() if path.name != "clip"]
    return work


def test_a_killed_run_of_other_settings_survives(home: Home) -> None:
    work = killed_half_way(home)
    with pytest.raises(BadInput, match="holds an unfinished run of other settings; give --out, or remove it"):
        run(home, Job(), settings(seed=7))
    assert files_of(work) == {"checkpoints/state": b"day 3"}


def test_a_killed_run_on_other_shards_makes_room(home: Home) -> None:
    work = killed_half_way(home)
    assert run(home, Job(), data_hash="2")["changed"] and not work.exists()


def test_killed_between_the_renamings_the_old_result_comes_back(home: Home) -> None:
    out = Path(run(home, Job())["folder"])
    out.rename(out.with_name(".clip.training-retired"))
    with pytest.raises(BadInput, match="other settings"):
        run(home, Job(), settings(seed=7))
    assert run(home, Job())["changed"] is False


def test_a_folder_of_other_things_is_not_overwritten(home: Home, tmp_path: Path) -> None:
    out = tmp_path / "thesis"
    out.mkdir()
    (out / "chapter.tex").write_text("x", encoding="utf-8")
    with pytest.raises(BadInput, match="thesis exists and holds no training result"):
        run_once("clip", settings(), home, out, {}, "manifest", Job())
    assert (out / "chapter.tex").exists()


def test_a_training_run_makes_no_home(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="nowhere is no corpus home"):
        existing_home(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=REPOSITORY, capture_output=True, text=True, check=False, timeout=120
    )


@pytest.mark.parametrize("job", ["cpt", "sft", "grpo", "dapo", "clip"])
def test_missing_shards_are_one_line_and_exit_code_2(job: str, tmp_path: Path) -> None:
    home = samples.write_corpus(tmp_path / "home", {})
    (home / "shards" / "manifest.json").unlink(missing_ok=True)
    config = next(j.config for j in JOBS if j.name == job)
    done = python("-m", f"training.{job}", "--config", str(config), "--home", str(home))
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith("error: ") and "run `pathcorpus run`" in done.stderr
    assert done.stderr.count("\n") == 1


def test_evaluation_without_a_home(tmp_path: Path) -> None:
    done = python("-m", "training.evaluation.mcq", "--model", "sft", "--home", str(tmp_path / "nowhere"))
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "no corpus home" in done.stderr


def test_the_list_of_jobs_is_light_and_no_module_touches_torchvision() -> None:
    heavy = ("torch", "transformers", "datasets", "trl", "matplotlib", "pandas", "dagster")
    light = f"import sys, training.jobs; assert not set({heavy}) & set(sys.modules), sys.modules.keys()"
    assert python("-c", light).returncode == 0
    assert python("-c", light.replace("training.jobs", "training.launch")).returncode == 0
    modules = {job.module for job in JOBS} | {evaluation.module for evaluation in EVALUATIONS}
    lean = f"import sys\nfor m in {sorted(modules)}: __import__(m)\nassert not set({heavy}) & set(sys.modules)"
    assert python("-c", lean).returncode == 0, "an unchanged job should not import what it does not use"
    whole = (
        "import sys, training.supervised, training.dynamic_sampling, training.contrastive, training.evaluation.engine\n"
        "assert 'torchvision' not in sys.modules and 'dagster' not in sys.modules"
    )
    assert python("-c", whole).returncode == 0
