"""The pages of the pairs as an asset."""

import dagster as dg

from assets.asset import numbers, readable
from assets.sources import source_hash
from assets.store import open_home, sealed


@dg.asset(
    deps=[
        "image_kinds",
        "ledger",
        "decontamination",
        "testsets",
        "source_image_kinds",
        "source_ledger",
        "source_decontamination",
    ],  # fmt: skip
    group_name="pairs",
    kinds={"html"},
    code_version=source_hash("assets.pairs.report.write")[:12],
)
def pair_pages(context: dg.AssetExecutionContext) -> None:
    """A page for every book and source: counts, pictures by kind and organ, duplicates side by side, test-set hits."""
    from assets.pairs.report.write import write_pages

    home = open_home()
    with readable():
        outcome = write_pages(home)
    rows = []
    for key in home.holdings():
        if seal := sealed(home.station("report", key)):
            page = home.station("report", key) / "index.html"
            rows.append(dg.TableRecord({"book or source": key, **seal["counts"], "page": str(page)}))
    index = outcome.folder / "index.html"
    context.add_output_metadata(
        numbers(outcome, rows="pages") | {"open": dg.MetadataValue.url(index.absolute().as_uri())}
    )
    if rows:
        context.add_output_metadata({"pages": dg.MetadataValue.table(rows[:200])})
