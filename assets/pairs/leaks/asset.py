"""Decontamination as assets: of a book, of an external source, and of everything when a test set was added."""

from typing import Any

import dagster as dg

from assets.asset import PER_BOOK, PER_SOURCE, columns, each_book, first_rows, numbers, readable
from assets.records import TestHit
from assets.sources import source_hash
from assets.store import Home, Outcome, open_home
from assets.tables import read_testsets

CODE = source_hash("assets.pairs.leaks.station")[:12]


def _compare(home: Home, key: str) -> tuple[Outcome, dict[str, Any]]:
    from assets.pairs.leaks.station import decontaminate

    outcome = decontaminate(home, key)
    shown = ["pair_id", "testset", "by", "score", "evidence", "item_ids"]
    return outcome, numbers(outcome, rows="pairs") | {
        "first hits": first_rows(outcome.folder / "hits.parquet", shown)
    }  # fmt: skip


@dg.asset(
    **PER_BOOK,
    deps=["pairs", "ledger"],
    group_name="pairs",
    kinds={"parquet"},
    code_version=CODE,
    metadata=columns(TestHit),
)
def decontamination(context: dg.AssetExecutionContext) -> None:
    """Which pairs are in a registered test set, by slide, patient, picture or text. Each hit is named."""
    each_book(context, _compare)


@dg.asset(
    **PER_SOURCE,
    deps=["source_pairs", "source_ledger"],
    group_name="sources",
    kinds={"parquet"},
    code_version=CODE,
    metadata=columns(TestHit),
)
def source_decontamination(context: dg.AssetExecutionContext) -> None:
    """For a source what `decontamination` is for a textbook."""
    each_book(context, _compare)


@dg.asset(deps=["decontamination", "source_decontamination"], group_name="pairs", kinds={"parquet"}, code_version=CODE)
def testsets(context: dg.AssetExecutionContext) -> None:
    """The registered test sets; books and sources that were compared before are compared with what was added since.

    Register one with `pathcorpus testset add`.
    """
    from assets.pairs.leaks.station import decontaminate_all

    home = open_home()
    with readable():
        outcome = decontaminate_all(home)
        sets = read_testsets(home)
    shown = ("testset", "form", "items", "pictures", "problems", "policy")
    rows = [dg.TableRecord({name: getattr(row, name) for name in shown}) for row in sets]
    context.add_output_metadata(
        {
            "dagster/row_count": len(sets),
            "test sets": dg.MetadataValue.table(rows) if rows else "none: no pair is compared with anything",
            "books and sources compared anew": outcome.counts["compared"],
        }
    )
