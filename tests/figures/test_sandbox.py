"""A PDF is read in a process of its own: whatever that does, the caller gets files, a Failure or an exception."""

import pytest

from assets import store
from assets.errors import BadInput
from assets.figures import sandbox
from assets.figures.extract import extract_pdf
from assets.figures.station import extract_book
from assets.figures.tables import read_extraction
from assets.records import Failure
from assets.textbooks import library


@pytest.fixture
def pdf(drawn, make_photo):
    page = drawn.page()
    drawn.image(page, (60, 60, 360, 260), make_photo())
    drawn.text(page, (60, 266, 360, 290), "Figure 1. A section.", size=8, font="helv")
    drawn.body(page, (60, 330, 535, 480), "See Figure 1.")
    return drawn.save()


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "results"
    made.mkdir()
    return made


@pytest.fixture
def at_start(tmp_path, monkeypatch):
    """Make every Python process that is started from now on run some code first."""

    def run(code):
        (tmp_path / "site").mkdir()
        (tmp_path / "site" / "sitecustomize.py").write_text(code)
        monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))

    return run


def failed(folder):
    found = read_extraction(folder)
    assert (found.pages, found.figures, found.images) == ([], [], [])
    (failure,) = found.failures
    assert (failure.stage, failure.page) == ("figures", None)
    return failure.reason


def test_the_files_hold_what_the_plain_function_gives(pdf, folder):
    sandbox.extract_into(folder, pdf, "book")
    assert read_extraction(folder) == extract_pdf(pdf, "book")
    assert (folder / "contact-sheet.jpg").exists()


def test_a_file_that_is_refused_is_refused_by_its_own_name(tmp_path, folder, monkeypatch):
    (tmp_path / "notes.pdf").write_text("no pdf")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadInput, match=r"^notes\.pdf"):
        sandbox.extract_into(folder, sandbox.Path("notes.pdf"), "book")
    assert list(folder.iterdir()) == []


def test_a_crash_is_a_failure_of_the_book(pdf, folder, at_start):
    at_start("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n")
    sandbox.extract_into(folder, pdf, "book")
    assert failed(folder) == "crashed"


def test_too_much_time_is_a_failure_of_the_book(pdf, folder, monkeypatch):
    monkeypatch.setattr(sandbox, "SECONDS", 0.01)
    sandbox.extract_into(folder, pdf, "book")
    assert failed(folder) == "timed-out"


def test_too_much_memory_is_a_failure_of_the_book(pdf, folder, at_start):
    at_start(
        "import assets.figures.extract as extract\nreal = extract.read_layout\n"
        "extract.read_layout = lambda page: (bytearray(5 << 30), real(page))[1]\n"
    )
    sandbox.extract_into(folder, pdf, "book")
    assert failed(folder) == "out-of-memory"


def test_an_error_of_our_own_comes_back_with_its_traceback(pdf, folder, at_start):
    at_start("import assets.figures.extract as extract\nextract.read_layout = lambda page: {}['left out']\n")
    with pytest.raises(RuntimeError, match=r"(?s)drawn\.pdf.*Traceback.*KeyError: 'left out'"):
        sandbox.extract_into(folder, pdf, "book")


def test_a_book_that_crashes_its_reader_is_published_with_its_failure(tmp_path, pdf, at_start):
    home = store.open_home(tmp_path / "corpus")
    library.add(home, pdf, key="atlas")
    at_start("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n")
    outcome = extract_book(home, "atlas")
    assert outcome.counts == {"pages": 0, "figures": 0, "panels": 0, "references": 0, "failures": 1}
    (failure,) = store.read_rows(outcome.folder / "failures.parquet", Failure)
    assert (failure.book, failure.reason) == ("atlas", "crashed")
