"""Extraction of one book's pages, figures, panels and references as an asset."""

from typing import Any

import dagster as dg

from assets.asset import PER_BOOK, columns, each_book, first_rows, numbers, picture, version_of
from assets.records import Figure
from assets.store import Home, Outcome, open_home, sealed


@dg.asset(
    **PER_BOOK,
    deps=["textbook"],
    group_name="figures",
    kinds={"parquet", "pymupdf"},
    code_version=version_of("assets.figures.station"),
    metadata=columns(Figure),
    check_specs=[dg.AssetCheckSpec("has_figures", asset="figures", description="Every book of the run gave figures.")],
)
def figures(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    """Pages, figures with their captions, lettered panels and the sentences that cite them.

    The pictures of a book lie in one pack beside the tables; what could not be read is in `failures.parquet`.
    """
    from assets.figures.station import extract_book

    def extract(home: Home, book: str) -> tuple[Outcome, dict[str, Any]]:
        outcome = extract_book(home, book)
        sheet = outcome.folder / "contact-sheet.jpg"
        shown = {"contact sheet": picture(sheet, "extracted figures")} if sheet.exists() else {}
        metadata = shown | numbers(outcome, rows="figures")
        metadata["first figures"] = first_rows(outcome.folder / "figures.parquet", ["label", "page", "caption"])
        if outcome.counts.get("failures"):
            metadata["first failures"] = first_rows(
                outcome.folder / "failures.parquet", ["stage", "page", "reason", "detail"]
            )
        return outcome, metadata

    each_book(context, extract)
    home = open_home()
    seals = {book: sealed(home.station("figures", book)) for book in context.partition_keys}
    without = [book for book, seal in seals.items() if seal and not seal["counts"].get("figures")]
    found = dg.AssetCheckResult(
        check_name="has_figures",
        passed=not without,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"without figures": ", ".join(without) or "none"},
    )
    return dg.MaterializeResult(check_results=[found])
