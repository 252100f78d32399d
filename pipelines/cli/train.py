"""pathcorpus train {cpt,sft,grpo,dapo,clip} [--config FILE] [--out DIR]: a training job, in a process of its own."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from assets.errors import BadInput
from assets.store import existing_home
from pipelines.cli.screen import AlwaysJson, console
from training.jobs import JOBS
from training.launch import ModuleFailed, run_module


def launched(module: str, *options: str) -> dict[str, Any]:
    """Result of a training module on this home; its progress and its errors stand on stderr as it says them."""
    try:
        return run_module(module, existing_home().root, *options)
    except ModuleFailed as failed:
        if failed.code < 0:  # a killed process has said nothing
            print(f"error: {failed}", file=sys.stderr)
        raise SystemExit(abs(failed.code)) from failed


def train(
    job: Annotated[str, typer.Argument(help="cpt, sft, grpo, dapo or clip")],
    config: Annotated[Path | None, typer.Option(help="YAML; default: the tiny one that runs on a CPU")] = None,
    out: Annotated[Path | None, typer.Option(help="folder for the result; default: HOME/training/JOB")] = None,
    as_json: AlwaysJson = False,
) -> None:
    """Train from the shards to a checkpoint; also: python -m training.JOB --config FILE."""
    jobs = {one.name: one for one in JOBS}
    if job not in jobs:
        raise BadInput(f"no training job {job!r}; known are {', '.join(jobs)}")
    options = ["--config", str(config or jobs[job].config), *(["--out", str(out)] if out else [])]
    console.print_json(data=launched(jobs[job].module, *options))
