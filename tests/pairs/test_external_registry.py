"""Registering sources: names, what is looked at, what is refused, what removing leaves alone."""

from pathlib import Path
from typing import Any

import pymupdf
import pytest

from assets.errors import BadInput
from assets.pairs.external import registry
from assets.pairs.external.station import pair_source, read_source
from assets.store import Home, open_home
from assets.textbooks import library
from tests.pairs.external_files import QUILT_COLUMNS, jpeg, pathgen_entry, quilt_row, write_csv, write_pathgen


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path / "corpus")


@pytest.fixture
def table(tmp_path: Path) -> Path:
    (tmp_path / "1.jpg").write_bytes(jpeg(1))
    return write_csv(tmp_path / "My Table.csv", ("caption", "image"), [{"caption": "H&E", "image": "1.jpg"}])


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    document = pymupdf.open()
    document.new_page().insert_text((72, 72), "A page.")
    document.save(tmp_path / "book.pdf")
    return tmp_path / "book.pdf"


def test_a_book_and_a_source_never_share_a_name(home: Home, table: Path, pdf: Path) -> None:
    registry.add(home, "generic", table, name="atlas")
    with pytest.raises(BadInput, match="key 'atlas' is the name of an external source"):
        library.add(home, pdf, key="atlas")
    assert library.add(home, pdf, title="Atlas").book.startswith("atlas-")
    library.add(home, _other(pdf), key="book")
    with pytest.raises(BadInput, match="there is a book 'book' already"):
        registry.add(home, "generic", table, name="book")
    with pytest.raises(BadInput, match="there is a source 'atlas' already"):
        registry.add(home, "generic", table, name="atlas")
    assert (home.sources(), len(home.books()), home.holdings()[0]) == (["atlas"], 2, "atlas")


def _other(pdf: Path) -> Path:
    other = pdf.with_name("other.pdf")
    other.write_bytes(pdf.read_bytes() + b"% another printing")
    return other


@pytest.mark.parametrize(
    ("kind", "said", "words"),
    [
        ("laion", {}, "no reader 'laion'; choose one of generic, pathcap, quilt, pathgen"),
        ("generic", {}, "'my table' cannot name a source; give --name"),
        ("generic", {"name": "../x"}, "cannot name a source"),
        ("generic", {"name": "textbook"}, "cannot name a source"),
        ("generic", {"name": "a", "images": Path("/nowhere")}, "/nowhere does not exist"),
        ("generic", {"name": "a", "layout": Path("/nowhere.toml")}, "cannot read /nowhere.toml"),
        ("quilt", {}, "has no column image_path, only caption, image"),
        ("quilt", {"layout": Path("x.toml")}, "the columns of quilt are known"),
    ],
)
def test_what_cannot_be_used_is_refused_and_leaves_nothing(
    home: Home, table: Path, kind: str, said: dict[str, Any], words: str
) -> None:
    with pytest.raises(BadInput, match=words):
        registry.add(home, kind, table, **said)
    assert home.sources() == [] and not list(home.library.iterdir())


def test_files_that_are_not_there_say_where_to_get_them(home: Home, tmp_path: Path) -> None:
    for kind, words in (
        ("quilt", "quilt_1M_lookup.csv does not exist; apply for Quilt-1M"),
        ("pathgen", "PathGen-1.6M.json does not exist; apply for PathGen"),
        ("generic", "holds no table"),
    ):
        (tmp_path / kind).mkdir()
        with pytest.raises(BadInput, match=words):
            registry.add(home, kind, tmp_path / kind)
    write_pathgen(tmp_path / "pathgen", [pathgen_entry(1)])
    with pytest.raises(BadInput, match="comes without pictures.*--images"):
        registry.add(home, "pathgen", tmp_path / "pathgen")
    empty = write_csv(tmp_path / "empty.csv", ("caption", "image"), [])
    with pytest.raises(BadInput, match=r"empty\.csv holds no row"):
        registry.add(home, "generic", empty)


@pytest.mark.parametrize("folder", ["quilt_1m", "images", "."])
def test_quilts_pictures_are_found_where_its_archives_lay_them(home: Home, tmp_path: Path, folder: str) -> None:
    (tmp_path / "q" / folder).mkdir(parents=True)
    write_csv(tmp_path / "q" / "quilt_1M_lookup.csv", QUILT_COLUMNS, [quilt_row(1)])
    assert registry.add(home, "quilt", tmp_path / "q").images == str(tmp_path / "q" / folder)


def test_edit_and_remove(home: Home, table: Path) -> None:
    registry.add(home, "generic", table, name="atlas", licence="CC-BY-4.0")
    row = registry.edit(home, "atlas", title="An atlas")
    assert (row.title, row.licence) == ("An atlas", "CC-BY-4.0")
    read_source(home, "atlas")
    pair_source(home, "atlas")
    ledger = home.station("ledger", "atlas")
    ledger.mkdir(parents=True)
    (ledger / "splits.parquet").write_bytes(b"kept")
    registry.remove(home, "atlas")
    assert home.sources() == [] and table.exists()
    assert not home.station("pairs", "atlas").exists() and not home.station("readings", "atlas").exists()
    assert (ledger / "splits.parquet").read_bytes() == b"kept"
    for call in (registry.get, registry.remove):
        with pytest.raises(BadInput, match="no source 'atlas'"):
            call(home, "atlas")
    with pytest.raises(BadInput, match="no source"):
        registry.get(home, "../library")
