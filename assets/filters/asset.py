"""Verdicts of the filters on a book's samples as an asset."""

from typing import Any

import dagster as dg

from assets.asset import PER_BOOK, columns, each_book, first_rows, numbers
from assets.records import Verdict
from assets.sources import source_hash
from assets.store import Home, Outcome, sealed


@dg.asset(
    **PER_BOOK,
    deps=["cot_samples"],
    group_name="samples",
    kinds={"parquet"},
    code_version=source_hash("assets.filters.station")[:12],
    metadata=columns(Verdict),
)
def verdicts(context: dg.AssetExecutionContext) -> None:
    """What every filter says of every sample. Nothing is dropped here: the shards read the verdicts."""
    from assets.filters.station import judge_book

    def judge(home: Home, book: str) -> tuple[Outcome | None, dict[str, Any]]:
        if not sealed(home.station("cot", book)):
            return None, {"judged": "nothing: this book has no samples yet"}
        outcome = judge_book(home, book)
        shown = ["sample_id", "rule", "passed", "score", "reason"]
        return outcome, numbers(outcome, rows="samples") | {
            "first verdicts": first_rows(outcome.folder / "verdicts.parquet", shown)
        }

    each_book(context, judge)
