"""Picture-text pairs of a book, and where their clusters belong, as assets."""

from typing import Any

import dagster as dg

from assets.asset import PER_BOOK, columns, each_book, first_rows, numbers
from assets.records import Cluster, Pair
from assets.sources import source_hash
from assets.store import Home, Outcome


@dg.asset(
    **PER_BOOK,
    deps=["figures"],
    group_name="pairs",
    kinds={"parquet"},
    code_version=source_hash("assets.pairs.station")[:12],
    metadata=columns(Pair),
)
def pairs(context: dg.AssetExecutionContext) -> None:
    """Picture-text pairs: whole figures and panels, with image kind, organ system and the sentences that cite them."""
    from assets.pairs.station import pair_book

    def pair(home: Home, book: str) -> tuple[Outcome, dict[str, Any]]:
        outcome = pair_book(home, book)
        shown = ["label", "image_kind", "organ_system", "text"]
        return outcome, numbers(outcome, rows="pairs") | {
            "first pairs": first_rows(outcome.folder / "pairs.parquet", shown)
        }

    each_book(context, pair)


@dg.asset(
    **PER_BOOK,
    deps=["pairs"],
    group_name="pairs",
    kinds={"parquet"},
    code_version=source_hash("assets.pairs.ledger")[:12],
    metadata=columns(Cluster),
)
def ledger(context: dg.AssetExecutionContext) -> None:
    """Duplicate clusters over all books, and the split of every cluster, decided once and for ever."""
    from assets.pairs.ledger import split_book

    def split(home: Home, book: str) -> tuple[Outcome, dict[str, Any]]:
        outcome = split_book(home, book)
        return outcome, numbers(outcome, rows="clusters") | {
            "first clusters": first_rows(
                outcome.folder / "clusters.parquet", ["pair_id", "cluster_id", "duplicate_of", "evidence"]
            ),
            "first splits": first_rows(outcome.folder / "splits.parquet", ["cluster_id", "split", "purpose"]),
        }

    each_book(context, split)
