"""The five training jobs and their evaluations as plain data, for the command line and Dagster. Imports nothing heavy.

`python -m {job.module} --config {job.config}` runs a job; `job.starts_from` names the job whose checkpoint it needs.
"""

from dataclasses import dataclass
from pathlib import Path

CONFIGS = Path(__file__).parent / "configs"
IMAGE_KINDS_CONFIG = CONFIGS / "image_kinds_tiny.yaml"  # reads pairs and no shards, and so is none of the jobs below


@dataclass(frozen=True)
class Job:
    """A training job: `<home>/training/<name>/model` is what it leaves behind."""

    name: str
    title: str
    config: Path
    starts_from: str | None
    shard_kind: str

    @property
    def module(self) -> str:
        return f"training.{self.name}"


JOBS: tuple[Job, ...] = (
    Job("cpt", "continued pretraining", CONFIGS / "cpt_tiny.yaml", None, "cpt"),
    Job("sft", "supervised fine-tuning", CONFIGS / "sft_tiny.yaml", "cpt", "sft"),
    Job("grpo", "GRPO", CONFIGS / "grpo_tiny.yaml", "sft", "rl"),
    Job("dapo", "DAPO", CONFIGS / "dapo_tiny.yaml", "sft", "rl"),
    Job("clip", "CLIP", CONFIGS / "clip_tiny.yaml", None, "clip"),
)


@dataclass(frozen=True)
class Evaluation:
    """A score of one job's checkpoint, in `<home>/evaluation/<name>`: `python -m {module} --model {model}`."""

    score: str
    model: str

    @property
    def name(self) -> str:
        return f"{self.score}-{self.model}"

    @property
    def module(self) -> str:
        return f"training.evaluation.{self.score}"


EVALUATIONS: tuple[Evaluation, ...] = (
    Evaluation("mcq", "sft"),
    Evaluation("mcq", "grpo"),
    Evaluation("mcq", "dapo"),
    Evaluation("retrieval", "clip"),
)
