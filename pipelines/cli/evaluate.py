"""pathcorpus evaluate {mcq,retrieval} [--model NAME]: score a checkpoint on the validation split."""

from typing import Annotated

import typer

from assets.errors import BadInput
from pipelines.cli.screen import AlwaysJson, console
from pipelines.cli.train import launched
from training.jobs import EVALUATIONS


def evaluate(
    name: Annotated[str, typer.Argument(help="mcq or retrieval")],
    model: Annotated[str | None, typer.Option(help="sft, grpo, dapo, clip, or a checkpoint's folder")] = None,
    as_json: AlwaysJson = False,
) -> None:
    """Score a trained model on the validation split; every score carries its denominator."""
    chosen = next((one for one in EVALUATIONS if one.score == name), None)
    if chosen is None:
        known = ", ".join(dict.fromkeys(one.score for one in EVALUATIONS))
        raise BadInput(f"no evaluation {name!r}; known are {known}")
    console.print_json(data=launched(chosen.module, "--model", model or chosen.model))
