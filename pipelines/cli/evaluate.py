"""pathcorpus evaluate {mcq,retrieval} [--model NAME]: score a checkpoint on the validation split."""

from typing import Annotated

import typer

from assets.errors import BadInput
from assets.store import open_home
from pipelines.cli.screen import console
from pipelines.cli.train import run_module

EVALUATIONS = {"mcq": "sft", "retrieval": "clip"}


def evaluate(
    name: Annotated[str, typer.Argument(help="mcq or retrieval")],
    model: Annotated[str | None, typer.Option(help="sft, grpo, dapo, clip, or a checkpoint's folder")] = None,
) -> None:
    """Score a trained model on the validation split; every score carries its denominator."""
    if name not in EVALUATIONS:
        raise BadInput(f"no evaluation {name!r}; known are {', '.join(EVALUATIONS)}")
    result = run_module(f"training.evaluation.{name}", open_home(), "--model", model or EVALUATIONS[name])
    console.print_json(data=result)
