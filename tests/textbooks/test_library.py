"""Registering textbooks: keys, sidecars, and every kind of file that is refused."""

import pymupdf
import pytest

from assets.errors import BadInput
from assets.store import open_home
from assets.textbooks import library


@pytest.fixture
def home(tmp_path):
    return open_home(tmp_path / "corpus")


def make_pdf(path, text="page", **options):
    document = pymupdf.open()
    document.new_page().insert_text((72, 72), text)
    document.save(path, **options)
    return path


def refused(home, match, call):
    before = home.books()
    with pytest.raises(BadInput, match=match) as error:
        call()
    assert "\n" not in str(error.value)
    assert home.books() == before


def test_key_is_the_slug_of_the_title(home, tmp_path):
    row = library.add(home, make_pdf(tmp_path / "a.pdf"), title="Atlas of Pathology, 2nd ed.", licence="CC-BY-4.0")
    assert row.book == "atlas-of-pathology-2nd-ed"
    assert library.get(home, row.book) == row
    assert library.pdf_path(home, row.book).read_bytes() == (tmp_path / "a.pdf").read_bytes()


@pytest.mark.parametrize("name", ["with spaces & (brackets)", "病理学", "x" * 240, "..", "-rf", "a'b\"c"])
def test_any_file_name(home, tmp_path, name):
    row = library.add(home, make_pdf(tmp_path / f"{name}.pdf"))
    assert row.file_name == f"{name}.pdf"
    assert library.get(home, row.book).pages == 1


def test_a_name_without_ascii_gets_a_key_from_its_hash(home, tmp_path):
    row = library.add(home, make_pdf(tmp_path / "病理学.pdf"))
    assert row.book == f"book-{row.sha256[:8]}"


def test_equal_titles_get_different_keys(home, tmp_path):
    first = library.add(home, make_pdf(tmp_path / "a.pdf", "one"), title="Pathology")
    second = library.add(home, make_pdf(tmp_path / "b.pdf", "two"), title="Pathology")
    assert first.book == "pathology"
    assert second.book == f"pathology-{second.sha256[:8]}"


def test_sidecar_and_options(home, tmp_path):
    pdf = make_pdf(tmp_path / "a.pdf")
    (tmp_path / "a.toml").write_text('title = "From the sidecar"\nlicence = "CC0-1.0"\nlanguage = "zh"\n')
    row = library.add(home, pdf, licence="CC-BY-4.0")
    assert (row.title, row.licence, row.language) == ("From the sidecar", "CC-BY-4.0", "zh")


@pytest.mark.parametrize(
    ("sidecar", "match"), [("title = ", "not valid TOML"), ("author = 'x'", "unknown field"), ("title = 3", "a text")]
)
def test_bad_sidecar(home, tmp_path, sidecar, match):
    pdf = make_pdf(tmp_path / "a.pdf")
    (tmp_path / "a.toml").write_text(sidecar)
    refused(home, match, lambda: library.add(home, pdf))


def test_the_same_file_twice(home, tmp_path):
    library.add(home, make_pdf(tmp_path / "a.pdf"), key="one")
    (tmp_path / "copy.pdf").write_bytes((tmp_path / "a.pdf").read_bytes())
    refused(home, "registered already as 'one'", lambda: library.add(home, tmp_path / "copy.pdf"))


@pytest.mark.parametrize("key", ["", "A", "a/b", "../x", "x" * 65, "-a", "a b", "a\n", "é"])
def test_invalid_keys(home, tmp_path, key):
    pdf = make_pdf(tmp_path / "a.pdf")
    refused(home, "invalid key", lambda: library.add(home, pdf, key=key))


def test_taken_key(home, tmp_path):
    library.add(home, make_pdf(tmp_path / "a.pdf", "one"), key="one")
    other = make_pdf(tmp_path / "b.pdf", "two")
    refused(home, "taken", lambda: library.add(home, other, key="one"))


def test_files_that_are_no_usable_pdf(home, tmp_path):
    text = tmp_path / "notes.pdf"
    text.write_text("not a pdf at all")
    refused(home, "notes.pdf", lambda: library.add(home, text))
    empty = tmp_path / "empty.pdf"
    empty.write_bytes(b"")
    refused(home, "empty.pdf", lambda: library.add(home, empty))
    locked = make_pdf(
        tmp_path / "locked.pdf", encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="secret", owner_pw="owner"
    )
    refused(home, "encrypted", lambda: library.add(home, locked))
    picture = tmp_path / "picture.pdf"
    pymupdf.Pixmap(pymupdf.csRGB, pymupdf.IRect(0, 0, 4, 4), False).save(tmp_path / "p.png")
    picture.write_bytes((tmp_path / "p.png").read_bytes())
    refused(home, "picture.pdf", lambda: library.add(home, picture))
    refused(home, "no such file", lambda: library.add(home, tmp_path / "nowhere.pdf"))
    refused(home, "no such file", lambda: library.add(home, tmp_path))


@pytest.mark.slow
def test_hostile_pdfs_are_added_or_refused_in_one_line(home, shared):
    for pdf in sorted((shared / "hostile_pdfs").glob("*.pdf")):
        try:
            library.add(home, pdf)
        except BadInput as error:
            assert "\n" not in str(error)
    assert all(library.get(home, book).pages > 0 for book in home.books())


def test_replace_keeps_the_key(home, tmp_path):
    library.add(home, make_pdf(tmp_path / "a.pdf", "one"), key="one", licence="CC0-1.0")
    new = make_pdf(tmp_path / "b.pdf", "two")
    row = library.replace(home, "one", new)
    assert (row.book, row.licence) == ("one", "CC0-1.0")
    assert library.pdf_path(home, "one").read_bytes() == new.read_bytes()
    refused(home, "registered already", lambda: library.replace(home, "one", new))
    refused(home, "no book", lambda: library.replace(home, "two", make_pdf(tmp_path / "c.pdf", "three")))


def test_a_damaged_row_keeps_no_other_book_out(home, tmp_path):
    first = make_pdf(tmp_path / "a.pdf", "one")
    library.add(home, first, key="one")
    (home.library / "one" / "textbook.parquet").write_bytes(b"PAR1")
    assert library.add(home, make_pdf(tmp_path / "b.pdf", "two"), key="two").book == "two"
    with pytest.raises(BadInput, match="registered already as 'one'"):
        library.add(home, first)
    with pytest.raises(BadInput, match="register .*book.pdf again"):
        library.get(home, "one")


def test_what_is_said_of_a_book_can_be_corrected(home, tmp_path):
    library.add(home, make_pdf(tmp_path / "a.pdf"), key="one", title="Old")
    row = library.edit(home, "one", licence="CC-BY-4.0", title="New\x1b[31m\ntitle")
    assert (row.book, row.licence, row.title) == ("one", "CC-BY-4.0", "New [31m title")
    assert library.get(home, "one") == row
    with pytest.raises(BadInput, match="nothing to edit"):
        library.edit(home, "one")
    with pytest.raises(BadInput, match="no book"):
        library.edit(home, "two", title="x")


def test_an_interrupted_add_is_not_registered_and_can_be_repeated(home, tmp_path):
    pdf = make_pdf(tmp_path / "a.pdf")
    (home.library / "one").mkdir()
    (home.library / "one" / "book.pdf").write_bytes(pdf.read_bytes()[:100])
    assert home.books() == []
    assert library.add(home, pdf, key="one").book == "one"
