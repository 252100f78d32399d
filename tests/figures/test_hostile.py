"""Files that cannot be used are refused in one sentence; damaged pages become rows, not exceptions."""

import random
import signal

import pymupdf
import pytest
from PIL import Image

from assets.errors import BadInput
from assets.figures import readings
from assets.figures.extract import extract_pdf
from assets.pdf import from_damage, lacks_memory


def refused(path, words):
    with pytest.raises(BadInput, match=words) as caught:
        extract_pdf(path, "book")
    assert path.name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_no_pdf(tmp_path):
    picture = tmp_path / "picture.pdf"
    Image.new("RGB", (50, 50)).save(picture, "PNG")
    refused(picture, "is no PDF")
    text = tmp_path / "text.pdf"
    text.write_text("This is not a PDF.")
    refused(text, "is no PDF|cannot be read")
    refused(tmp_path / "missing.pdf", "no such file")


def test_an_empty_file(tmp_path):
    path = tmp_path / "empty.pdf"
    path.write_bytes(b"")
    refused(path, "cannot be read")


def test_an_encrypted_file(tmp_path):
    path, document = tmp_path / "locked.pdf", pymupdf.open()
    document.new_page()
    document.save(path, encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="u", owner_pw="o")
    refused(path, "encrypted")


def test_no_pages(tmp_path):
    path = tmp_path / "none.pdf"
    tree = b"1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    path.write_bytes(b"%PDF-1.4\n" + tree + b"trailer<</Root 1 0 R/Size 3>>\n%%EOF\n")
    refused(path, "has no pages|cannot be read")


def test_a_book_without_figures(drawn):
    drawn.body(drawn.page(), (60, 60, 535, 300))
    found = drawn.extract()
    assert (found.figures, found.failures, len(found.pages)) == ([], [], 1)


def test_a_page_that_raises_does_not_take_the_others_with_it(drawn, make_photo, monkeypatch):
    for _ in range(2):
        drawn.body(drawn.page(), (60, 60, 535, 300))
    real = readings.read_layout

    def damaged(page):
        if page.number == 0:
            raise pymupdf.mupdf.FzErrorFormat("too many color components")
        return real(page)

    monkeypatch.setattr(readings, "read_layout", damaged)
    found = drawn.extract()
    assert [(f.page, f.stage, f.reason) for f in found.failures] == [(1, "figures.read", "page-error")]
    assert [(p.page, p.method) for p in found.pages] == [(1, "none"), (2, "native")]


def test_hostile_files_give_rows_or_one_sentence(shared):
    files = sorted((shared / "hostile_pdfs").glob("*.pdf"))
    assert len(files) > 50

    def late(*_):
        raise TimeoutError("a file took more than 60 seconds of computing")

    before = signal.signal(signal.SIGPROF, late)
    refusals = 0
    try:
        for path in files:
            signal.setitimer(signal.ITIMER_PROF, 60)
            try:
                found = extract_pdf(path, "book")
                assert found.pages
                assert all(f.detail and (f.page or f.reason == "no-captions") for f in found.failures)
            except BadInput as error:
                assert path.name in str(error)
                refusals += 1
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
    assert 0 < refusals < len(files)


def test_flipped_bytes_give_rows_or_one_sentence(drawn, make_photo, tmp_path):
    for n in range(2):
        page = drawn.page()
        drawn.image(page, (60, 60, 360, 260), make_photo(seed=n))
        drawn.text(page, (60, 266, 360, 290), f"Figure {n + 1}. A section.", size=8, font="helv")
        drawn.body(page, (60, 330, 535, 480))
    whole, chance = drawn.save().read_bytes(), random.Random(7)
    path, refusals, failures = tmp_path / "flipped.pdf", 0, set()
    for _ in range(60):
        data = bytearray(whole)
        for _ in range(chance.choice([5, 20, 80, 300])):
            data[chance.randrange(len(data))] = chance.randrange(256)
        path.write_bytes(data)
        try:
            found = extract_pdf(path, "book")
            assert found.pages
            failures |= {f.reason for f in found.failures}
        except BadInput as error:
            assert path.name in str(error)
            refusals += 1
    assert refusals < 60
    assert "page-error" in failures


def test_an_error_of_our_own_is_no_damage(drawn, monkeypatch):
    drawn.body(drawn.page(), (60, 60, 535, 300))
    monkeypatch.setattr(readings, "read_layout", lambda page: [][page.number])
    with pytest.raises(IndexError):
        drawn.extract()


def test_a_lack_of_memory_is_no_damage(drawn, monkeypatch):
    drawn.body(drawn.page(), (60, 60, 535, 300))
    full = pymupdf.mupdf.FzErrorSystem("malloc (3000000000 bytes) failed")
    monkeypatch.setattr(readings, "read_layout", lambda page: (_ for _ in ()).throw(full))
    with pytest.raises(pymupdf.mupdf.FzErrorSystem):
        drawn.extract()
    assert lacks_memory(full)
    assert not from_damage(full)
    assert from_damage(pymupdf.mupdf.FzErrorSystem("cannot read the file"))
