"""Chain-of-Thought samples of a book as an asset."""

import os
from typing import Any

import dagster as dg

from assets.asset import PER_BOOK, columns, each_book, first_rows, numbers
from assets.cot.prompts import prompts_hash
from assets.records import Sample
from assets.store import Home, Outcome


class Generation(dg.Config):
    """Who writes the samples."""

    generator: str = os.environ.get("PATHCORPUS_GENERATOR", "")


@dg.asset(
    **PER_BOOK,
    deps=["pairs", "image_kinds", "ledger", "decontamination"],
    group_name="samples",
    kinds={"parquet", "openai"},
    code_version=prompts_hash()[:12],
    metadata=columns(Sample),
)
def cot_samples(context: dg.AssetExecutionContext, config: Generation) -> None:
    """Chain-of-Thought samples by task, difficulty and image kind.

    The generator is chosen by name in the launch configuration, else by `PATHCORPUS_GENERATOR`. Without one nothing
    is generated and nothing is paid; samples made before stay as they are.
    """
    from assets.cot.station import generate_book

    def generate(home: Home, book: str) -> tuple[Outcome | None, dict[str, Any]]:
        if not config.generator:
            return None, {"generated": "nothing: no generator is chosen; set `generator` at launch, e.g. extractive"}
        outcome = generate_book(home, book, config.generator)
        metadata = numbers(outcome, rows="samples") | {"generator": config.generator}
        shown = ["task", "difficulty", "question", "reasoning", "answer"]
        return outcome, metadata | {"first samples": first_rows(outcome.folder / "samples.parquet", shown)}

    each_book(context, generate)
