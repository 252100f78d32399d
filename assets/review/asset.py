"""Decisions of the expert review as an asset."""

import dagster as dg

from assets.asset import columns, first_rows, numbers, readable
from assets.records import ReviewDecision
from assets.sources import source_hash
from assets.store import open_home, sealed


@dg.asset(
    deps=["cot_samples", "verdicts"],
    group_name="review",
    kinds={"parquet"},
    code_version=source_hash("assets.review.decisions")[:12],
    metadata=columns(ReviewDecision),
)
def review_decisions(context: dg.AssetExecutionContext) -> None:
    """What follows from all reviewers' events, rebuilt from the append-only log; revised samples are judged again.

    Batches go out with `pathcorpus review export` and come back with `pathcorpus review import`.
    """
    from assets.filters.station import judge_book
    from assets.review.decisions import apply_annotations

    home = open_home()
    with readable():
        outcome = apply_annotations(home)
        for book in home.books():
            if sealed(home.station("cot", book)) and judge_book(home, book).changed:
                context.log.info(f"{book}: judged its revised samples")
    decisions = outcome.folder / "decisions.parquet"
    context.add_output_metadata(numbers(outcome, rows="decisions"))
    if decisions.exists():
        context.add_output_metadata({"first decisions": first_rows(decisions, ["subject_id", "state", "events"])})
