"""Pairs from tables: what their content hash covers."""

from dataclasses import replace
from pathlib import Path

from assets.pairs.build import pairs_of_book
from assets.records import Figure, Page, Pair, Panel, Reference, Textbook
from assets.store import open_home, pack_of, read_rows
from tests.builders import small_corpus


def test_the_state_of_a_pair_is_its_picture_and_texts_not_its_licence(tmp_path: Path) -> None:
    """Samples name the state that they were written from: a corrected licence must not put them out of date."""
    home = small_corpus(open_home(tmp_path / "corpus"))
    folder = home.station("figures", "atlas-1")
    (book,) = read_rows(home.library / "atlas-1" / "textbook.parquet", Textbook)
    figures = read_rows(folder / "figures.parquet", Figure)

    def states(book: Textbook, figures: list[Figure]) -> dict[str, tuple[str, str | None]]:
        tables = [read_rows(folder / f"{n}.parquet", r) for n, r in (("panels", Panel), ("references", Reference))]
        pages = read_rows(folder / "pages.parquet", Page)
        made: list[Pair] = pairs_of_book(book, pages, figures, *tables, pack_of(home, "atlas-1"))  # type: ignore[arg-type]
        return {pair.pair_id: (pair.content_hash, pair.licence) for pair in made}

    before = states(book, figures)
    relicensed = states(replace(book, licence="CC0-1.0"), figures)
    assert {key: state for key, (state, _) in before.items()} == {key: state for key, (state, _) in relicensed.items()}
    assert {licence for _, licence in relicensed.values()} == {"CC0-1.0"}
    plain = next(f for f in figures if f.label == "Fig. 1-3")
    other = replace(plain, image=figures[-1].image)
    swapped = states(book, [other if f is plain else f for f in figures])
    assert len([key for key in before if before[key] != swapped[key]]) == 1
