from pathlib import Path

import pytest
import yaml

from assets.errors import BadInput
from training.checkpoints import opening_folder
from training.config import ClipConfig, CptConfig, DapoConfig, GrpoConfig, SftConfig, config_hash, load_config
from training.jobs import JOBS

MODELS = {"cpt": CptConfig, "sft": SftConfig, "grpo": GrpoConfig, "dapo": DapoConfig, "clip": ClipConfig}


def changed(tmp_path: Path, job: str, **changes: object) -> Path:
    """The ready settings of a job with some keys changed; None takes a key out."""
    source = next(j.config for j in JOBS if j.name == job)
    values = yaml.safe_load(source.read_text(encoding="utf-8")) | changes
    path = tmp_path / f"{job}.yaml"
    path.write_text(yaml.safe_dump({k: v for k, v in values.items() if v is not None}), encoding="utf-8")
    return path


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_ready_settings_are_whole_and_every_number_is_explained(job) -> None:
    config = load_config(job.config, MODELS[job.name])
    assert getattr(config, "start_from", None) == job.starts_from
    for line in job.config.read_text(encoding="utf-8").splitlines():
        key, _, value = line.partition(":")
        if value.strip()[:1].isdigit() and key.strip() != "seed":
            assert "#" in value, f"{job.config.name}: {line}"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"learnig_rate": 1}, "learnig_rate is not known"),
        ({"steps": None}, "steps is missing"),
        ({"steps": 0}, "steps: input should be greater than or equal to 1"),
        ({"model": "tiny"}, "exactly one of model and start_from"),
        ({"start_from": None}, "exactly one of model and start_from"),
        ({"start_from": None, "model": "tiny"}, "the block tiny belongs to model: tiny"),
        ({"start_from": "pretraining"}, "start_from: input should be 'cpt', 'sft', 'grpo' or 'dapo'"),
        ({"min_pixels": 20000}, "min_pixels is larger"),
    ],
)
def test_bad_settings_are_one_sentence_that_names_file_and_key(tmp_path: Path, changes: dict, said: str) -> None:
    path = changed(tmp_path, "sft", **changes)
    with pytest.raises(BadInput) as raised:
        load_config(path, SftConfig)
    assert said in str(raised.value) and str(path) in str(raised.value) and "\n" not in str(raised.value)


def test_grpo_without_reference_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="beta must be above 0"):
        load_config(changed(tmp_path, "grpo", beta=0.0), GrpoConfig)


@pytest.mark.parametrize("text", [None, "a: [", "- a list", ""])
def test_a_file_that_is_no_settings_file(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "settings.yaml"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match="settings.yaml"):
        load_config(path, SftConfig)


def test_models_are_never_downloaded(tmp_path: Path) -> None:
    path = changed(tmp_path, "sft", start_from=None, model="Qwen/Qwen2.5-VL-3B-Instruct")
    with pytest.raises(BadInput, match=r"Qwen/Qwen2.5-VL-3B-Instruct is no folder .* never downloaded"):
        opening_folder(load_config(path, SftConfig), tmp_path)


def test_a_missing_checkpoint_names_the_command_that_makes_it(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="run `pathcorpus train cpt` first"):
        opening_folder(load_config(changed(tmp_path, "sft"), SftConfig), tmp_path)


def test_equal_settings_have_equal_hashes(tmp_path: Path) -> None:
    one = load_config(changed(tmp_path, "sft"), SftConfig)
    two = load_config(changed(tmp_path, "sft", steps=81), SftConfig)
    assert config_hash(one) == config_hash(load_config(changed(tmp_path, "sft"), SftConfig)) != config_hash(two)
