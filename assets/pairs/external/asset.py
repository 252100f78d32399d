"""Pairs of the external sources, what their pictures show, and where their clusters belong, as assets."""

from collections import Counter
from typing import Any

import dagster as dg
import pyarrow.parquet as pq

from assets.asset import PER_SOURCE, columns, each_book, first_rows, numbers
from assets.records import Pair
from assets.sources import source_hash
from assets.store import Home, Outcome


@dg.asset(
    **PER_SOURCE,
    group_name="sources",
    kinds={"parquet"},
    code_version=source_hash("assets.pairs.external.station")[:12],
    metadata=columns(Pair),
)
def source_pairs(context: dg.AssetExecutionContext) -> None:
    """Picture-text pairs of an external source, whose pictures stay where they are; and the rows that are no pair.

    Register one with `pathcorpus source add`. A run that is cut off goes on where it was.
    """
    from assets.pairs.external.registry import get
    from assets.pairs.external.station import pair_source, read_source

    def pair(home: Home, source: str) -> tuple[Outcome, dict[str, Any]]:
        read_source(home, source)
        outcome = pair_source(home, source)
        row = get(home, source)
        problems = outcome.folder / "problems.parquet"
        reasons = Counter(pq.read_table(problems, columns=["reason"])["reason"].to_pylist())
        return outcome, numbers(outcome, rows="pairs") | {
            "table": dg.MetadataValue.path(row.path),
            "pictures": dg.MetadataValue.path(row.images),
            "licence": row.licence or "not known: it blocks a release",
            "problems by reason": dg.MetadataValue.json(dict(reasons)),
            "first problems": first_rows(problems, ["file", "line", "row", "reason", "detail"]),
            "first pairs": first_rows(outcome.folder / "pairs.parquet", ["image_kind", "organ_system", "text"]),
        }

    each_book(context, pair)


@dg.asset(
    **PER_SOURCE,
    deps=["source_pairs"],
    group_name="sources",
    kinds={"parquet"},
    code_version=source_hash("assets.pairs.deciding")[:12],
)
def source_image_kinds(context: dg.AssetExecutionContext) -> None:
    """For a source what `image_kinds` is for a textbook."""
    from assets.pairs.deciding import kind_book

    def decide(home: Home, source: str) -> tuple[Outcome, dict[str, Any]]:
        outcome = kind_book(home, source)
        return outcome, numbers(outcome, rows="pairs")

    each_book(context, decide)


@dg.asset(
    **PER_SOURCE,
    deps=["source_pairs"],
    group_name="sources",
    kinds={"opencv"},
    code_version=source_hash("assets.pairs.duplicates.station")[:12],
)
def source_picture_hashes(context: dg.AssetExecutionContext) -> None:
    """For a source what `picture_hashes` is for a textbook. A run that is cut off goes on where it was."""
    from assets.pairs.duplicates.station import hash_book

    def fingerprint(home: Home, source: str) -> tuple[Outcome, dict[str, Any]]:
        outcome = hash_book(home, source)
        return outcome, numbers(outcome, rows="pictures")

    each_book(context, fingerprint)


@dg.asset(
    **PER_SOURCE,
    deps=["source_pairs", "source_picture_hashes"],
    group_name="sources",
    kinds={"parquet"},
    code_version=source_hash("assets.pairs.ledger")[:12],
)
def source_ledger(context: dg.AssetExecutionContext) -> None:
    """For a source what `ledger` is for a textbook: both share clusters and splits."""
    from assets.pairs.ledger import split_book

    def split(home: Home, source: str) -> tuple[Outcome, dict[str, Any]]:
        outcome = split_book(home, source)
        return outcome, numbers(outcome, rows="clusters")

    each_book(context, split)
