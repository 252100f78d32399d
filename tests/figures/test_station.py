"""What the station publishes for a registered book."""

import io

import pytest
from PIL import Image

from assets import store
from assets.errors import BadInput
from assets.figures.extract import extract_pdf
from assets.figures.ocr.installed import installed
from assets.figures.predictions import prediction_lines
from assets.figures.station import extract_book
from assets.records import Failure, Figure, Page, Panel, Reference
from assets.textbooks import library


@pytest.fixture
def book(drawn, make_photo):
    page = drawn.page()
    drawn.image(page, (60, 60, 200, 160), make_photo(seed=1))
    drawn.image(page, (210, 60, 350, 160), make_photo(seed=2))
    drawn.text(page, (60, 166, 350, 190), "Fig. 1. Gland. A, One. B, Two.", size=8, font="helv")
    drawn.body(page, (60, 230, 535, 380), "Both are shown (Figs. 1A and B).")
    plate = drawn.page()
    drawn.image(plate, plate.rect, make_photo(595, 842))
    return drawn.save()


def test_a_book_is_published_once(tmp_path, book):
    home = store.open_home(tmp_path / "corpus")
    library.add(home, book, key="atlas")
    outcome = extract_book(home, "atlas")
    assert outcome.counts == {"pages": 2, "figures": 1, "panels": 2, "references": 2, "failures": 0}
    folder = home.station("figures", "atlas")
    (figure,) = store.read_rows(folder / "figures.parquet", Figure)
    panels = store.read_rows(folder / "panels.parquet", Panel)
    pages = store.read_rows(folder / "pages.parquet", Page)
    assert [(page.method, bool(page.text)) for page in pages] == [("native", True), ("native", False)]
    for reference in store.read_rows(folder / "references.parquet", Reference):
        text = pages[reference.page - 1].text
        assert (
            text[reference.char_start : reference.char_end] == reference.sentence == "Both are shown (Figs. 1A and B)."
        )
    pack = store.pack_of(home, "atlas")
    for row in (figure, *panels):
        picture = Image.open(io.BytesIO(pack.read(row.image).data))
        assert picture.size == (row.width, row.height)
    with Image.open(folder / "contact-sheet.jpg") as sheet:
        assert sheet.format == "JPEG"
        assert sheet.width > 400
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert not extract_book(home, "atlas").changed
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_the_same_pdf_gives_the_same_rows(book):
    assert extract_pdf(book, "atlas") == extract_pdf(book, "atlas")


def test_an_unknown_book_is_refused(tmp_path):
    with pytest.raises(BadInput, match="not a registered textbook"):
        extract_book(store.open_home(tmp_path / "corpus"), "atlas")


def test_prediction_lines_hold_what_a_scorer_reads(book):
    (line,) = prediction_lines("atlas.pdf", extract_pdf(book, "atlas"))
    assert {"pdf", "page", "label", "bbox", "caption", "panels", "references"} <= line.keys()
    assert [(p["label"], p["caption"]) for p in line["panels"]] == [("A", "Gland. One."), ("B", "Gland. Two.")]
    assert line["references"] == ["Both are shown (Figs. 1A and B)."]


def test_pages_that_wait_for_an_ocr_engine_are_read_once_there_is_one(tmp_path, drawn, monkeypatch):
    text = drawn.page()
    drawn.body(text, (60, 60, 535, 300), "Figure 1 is cited here.")
    pixels = text.get_pixmap(dpi=150)
    scan = drawn.page()
    scan.insert_image(scan.rect, stream=pixels.tobytes("png"))
    home = store.open_home(tmp_path / "corpus")
    library.add(home, drawn.save(), key="atlas")
    with monkeypatch.context() as without:
        without.setenv("PATH", str(tmp_path))
        without.setenv("PYTHONPATH", str(_blocking(tmp_path, "onnxruntime")))
        first = extract_book(home, "atlas")
        failures = store.read_rows(first.folder / "failures.parquet", Failure)
        assert [(f.page, f.reason) for f in failures] == [(2, "no-ocr")]
        assert "pathcorpus[ocr]" in failures[0].detail
        without.setattr("assets.figures.station.installed", frozenset)
        assert not extract_book(home, "atlas").changed
    if not installed():
        pytest.skip("no OCR engine is installed")
    again = extract_book(home, "atlas")
    assert again.changed
    assert [p.method for p in store.read_rows(again.folder / "pages.parquet", Page)] == ["native", "ocr"]
    assert not extract_book(home, "atlas").changed


def _blocking(tmp_path, module):
    """A folder that makes every Python process started with it fail to find `module`."""
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(f"import sys\nsys.modules[{module!r}] = None\n")
    return folder
