"""The pairs station: figures, panels and references of a book become labelled pairs."""

from collections import Counter
from pathlib import Path

from assets.pairs.build import pairs_of_book
from assets.records import Figure, Page, Pair, Panel, Reference, Textbook
from assets.sources import source_hash
from assets.store import Home, Outcome, pack_of, publish, read_rows, state_of, write_rows
from assets.tables import finished


def pair_book(home: Home, book: str) -> Outcome:
    """Write pairs/<book>/pairs.parquet. Raises BadInput when the book's figures are not there yet."""
    upstream = finished(home.station("figures", book), book, "figures")
    (textbook,) = read_rows(home.library / book / "textbook.parquet", Textbook)

    def build(folder: Path) -> dict[str, int]:
        pairs = pairs_of_book(
            textbook,
            read_rows(upstream / "pages.parquet", Page),
            read_rows(upstream / "figures.parquet", Figure),
            read_rows(upstream / "panels.parquet", Panel),
            read_rows(upstream / "references.parquet", Reference),
            pack_of(home, book),
        )
        write_rows(folder / "pairs.parquet", pairs, Pair)
        return {"pairs": len(pairs), **Counter(pair.image_kind for pair in pairs)}

    inputs = {
        "code": source_hash(__name__),
        "figures": state_of(upstream),
        "title": textbook.title,
        "licence": textbook.licence,
    }
    return publish(home.station("pairs", book), station="pairs", book=book, inputs=inputs, build=build)
