"""A PDF is read in processes of its own: what they die of costs a page, and none of them outlives the extraction."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pymupdf
import pytest

from assets import store
from assets.errors import BadInput
from assets.figures import sandbox
from assets.figures.extract import extract_pdf
from assets.figures.limits import Limits
from assets.figures.station import extract_book
from assets.figures.tables import read_extraction
from assets.records import Failure
from assets.textbooks import library
from tests.waiting import until

PAGES = 12  # more than one child reads
IMPATIENT = Limits(cpu=2.0)  # seconds of computing; the pages of these books take a hundredth
ROOT = Path(__file__).parents[2]
# stage, function that a fault is built into, and how the page is told from its arguments
STAGES = {
    "figures.read": ("readings", "read_layout", "given[0].number + 1"),
    "figures.arrange": ("arrange", "see", "given[0].page"),
    "figures.pixels": ("cutting", "cut_page", "given[2].layout.page"),
    "figures.references": ("rows", "find_references", "int(re.search(r'Figure (\\d+)', given[0] or 'Figure 0')[1])"),
}
WITH_TEXT = ("figures.pixels", "figures.references")  # stages that leave a lost page its text
CRASH, LOOP, MEMORY = "os.kill(os.getpid(), signal.SIGSEGV)", "while True: pass", "bytearray(5 << 30)"
HANG, DEEP = "time.sleep(10_000)", "deep = lambda deep: deep(deep)\ndeep(deep)"


@pytest.fixture(scope="module")
def book(tmp_path_factory) -> Path:
    """A book with one figure on each of its pages."""
    return drawn_book(tmp_path_factory.mktemp("book") / "book.pdf", PAGES)


def drawn_book(path: Path, pages: int) -> Path:
    document = pymupdf.open()
    for number in range(1, pages + 1):
        page = document.new_page(width=420, height=595)
        pixels = bytes((7 * number + i * i) % 251 for i in range(60 * 40 * 3))
        page.insert_image((60, 60, 360, 260), pixmap=pymupdf.Pixmap(pymupdf.csRGB, 60, 40, pixels, False))
        page.insert_text((60, 275), f"Figure {number}. A section of tissue {number}.", fontsize=8, fontname="helv")
        text = f"The section is shown in Figure {number} and the stroma between its follicles is dense and pale. " * 5
        page.insert_textbox((60, 330, 360, 560), text, fontsize=10, fontname="tiro")
    document.save(path)
    return path


@pytest.fixture
def folder(tmp_path):
    return empty(tmp_path / "results")


def empty(folder: Path) -> Path:
    folder.mkdir()
    return folder


@pytest.fixture
def faults(at_start):
    """Build faults (code by page) into one stage of all extractions from now on."""

    def build(stage, by_page):
        module, function, page = STAGES[stage]
        at_start(
            "import os, re, signal, subprocess, time\n"
            f"from assets.figures import {module}\nreal = {module}.{function}\n"
            f"def faulty(*given):\n    exec({by_page!r}.get({page}, ''))\n    return real(*given)\n"
            f"{module}.{function} = faulty\n"
        )

    return build


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch):
    """A folder for temporary files of its own, which every extraction leaves empty."""
    place = empty(tmp_path / "temporary")
    monkeypatch.setenv("TMPDIR", str(place))
    monkeypatch.setattr("tempfile.tempdir", None)
    yield place
    assert list(place.iterdir()) == []


def shown(figures):
    """All of the figures but what depends on the rest of the book: how sure we are of them."""
    return [(f.figure_id, f.page, f.label, f.bbox, f.caption, f.caption_bbox, f.image) for f in figures]


def told(failures):
    return [(f.page, f.stage, f.reason) for f in failures]


@pytest.mark.parametrize("workers", [1, 2])
def test_the_files_hold_what_the_plain_function_gives(book, folder, workers, processes):
    sandbox.extract_into(folder, book, "book", workers)
    found = read_extraction(folder)
    assert found == extract_pdf(book, "book")
    assert len(found.figures) == PAGES
    assert {"contact-sheet.jpg", "pages.parquet"} <= {path.name for path in folder.iterdir()}
    assert not (folder / ".work").exists()
    assert processes() == []


def test_a_file_that_is_refused_is_refused_by_its_own_name(tmp_path, folder, monkeypatch):
    (tmp_path / "notes.pdf").write_text("no pdf")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadInput, match=r"^notes\.pdf"):
        sandbox.extract_into(folder, sandbox.Path("notes.pdf"), "book")
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("stage", STAGES)
def test_a_page_that_ends_its_reader_costs_that_page(book, tmp_path, faults, processes, stage):
    lost = {2: "crashed", 5: "timed-out", 10: "out-of-memory", 11: "too-deep"}
    whole = extract_pdf(book, "book")
    faults(stage, {2: CRASH, 5: LOOP, 10: MEMORY, 11: DEEP})
    found = []
    for workers in (1, 2):
        folder = empty(tmp_path / f"with-{workers}")
        sandbox.extract_into(folder, book, "book", workers, IMPATIENT)
        found.append(read_extraction(folder))
    assert found[0] == found[1]
    assert told(found[0].failures) == [(page, stage, reason) for page, reason in lost.items()]
    assert all(f"page {f.page} " in f.detail and "\n" not in f.detail for f in found[0].failures)
    kept = set(range(1, PAGES + 1)) - lost.keys()
    with_figures = kept if stage != "figures.references" else kept | lost.keys()
    assert shown(found[0].figures) == [figure for figure in shown(whole.figures) if figure[1] in with_figures]
    assert {reference.page for reference in found[0].references} == kept
    with_text = kept if stage not in WITH_TEXT else kept | lost.keys()
    assert [page for page in found[0].pages if page.text] == [page for page in whole.pages if page.page in with_text]
    assert [page.page for page in found[0].pages] == list(range(1, PAGES + 1))
    assert processes() == []


def test_a_page_that_waits_for_ever_costs_that_page(book, folder, faults, processes):
    faults("figures.read", {4: HANG})
    sandbox.extract_into(folder, book, "book", limits=Limits(wall=10.0))
    assert told(read_extraction(folder).failures) == [(4, "figures.read", "hung")]
    assert processes() == []


def test_a_page_that_is_slow_in_several_steps_has_one_time_for_all(book, folder, at_start):
    """Each of a page's layouts and scenes takes less than a page may, together they take more."""
    slow = "\n    end = time.process_time() + 1.2 * (page == 7)\n    while time.process_time() < end: pass\n"
    at_start(
        "import time\nfrom assets.figures import arrange\nsee, compose = arrange.see, arrange.arrange_page\n"
        f"def slow_see(layout, *rest):\n    page = layout.page{slow}    return see(layout, *rest)\n"
        f"def slow_compose(layout, *rest):\n    page = layout.page{slow}    return compose(layout, *rest)\n"
        "arrange.see, arrange.arrange_page = slow_see, slow_compose\n"
    )
    sandbox.extract_into(folder, book, "book", limits=IMPATIENT)
    assert told(read_extraction(folder).failures) == [(7, "figures.arrange", "timed-out")]


def test_a_bomb_costs_its_page(tmp_path, folder, processes):
    """Form XObjects of which each draws ten of the next one: a billion in the end."""
    path = drawn_book(tmp_path / "bomb.pdf", 3)
    with pymupdf.open(path) as document:
        inner = b"0 0 1 1 re f"
        for _ in range(9):
            form = document.get_new_xref()
            resources = f"/Resources<</XObject<</F {form - 1} 0 R>>>>" if inner == b"/F Do " * 10 else ""
            document.update_object(form, f"<</Type/XObject/Subtype/Form/BBox[0 0 595 842]{resources}>>")
            document.update_stream(form, inner)
            inner = b"/F Do " * 10
        page = document[1]
        resources = int(document.xref_get_key(page.xref, "Resources")[1].split()[0])
        pictures = document.xref_get_key(resources, "XObject")[1]
        document.xref_set_key(resources, "XObject", pictures.replace("<<", f"<</F {form} 0 R", 1))
        content = document.get_new_xref()
        document.update_object(content, "<<>>")
        document.update_stream(content, inner)
        document.xref_set_key(page.xref, "Contents", f"[{page.get_contents()[0]} 0 R {content} 0 R]")
        document.saveIncr()
    sandbox.extract_into(folder, path, "book", limits=IMPATIENT)
    found = read_extraction(folder)
    assert told(found.failures) == [(2, "figures.read", "timed-out")]
    assert [figure.page for figure in found.figures] == [1, 3]
    assert processes() == []


def test_a_pdf_that_crashes_when_it_is_opened_is_a_failure_of_the_book(book, folder, at_start):
    at_start(f"import assets.pdf, os, signal\nassets.pdf.open_pdf = lambda path: {CRASH}\n")
    sandbox.extract_into(folder, book, "book")
    found = read_extraction(folder)
    assert (found.pages, found.figures, found.images) == ([], [], [])
    assert told(found.failures) == [(None, "figures", "crashed")]


def test_a_pdf_that_crashes_when_it_is_opened_again_loses_its_pages_with_a_row_each(book, folder, at_start, tmp_path):
    at_start(
        f"import assets.pdf, os, pathlib, signal\nreal, opened = assets.pdf.open_pdf, pathlib.Path({str(tmp_path)!r})\n"
        "def once(path):\n"
        "    (opened / f'opened-{os.getpid()}').touch()\n"
        f"    return real(path) if len(list(opened.glob('opened-*'))) == 1 else {CRASH}\n"
        "assets.pdf.open_pdf = once\n"
    )
    sandbox.extract_into(folder, book, "book")
    found = read_extraction(folder)
    assert told(found.failures) == [(page, "figures.read", "crashed") for page in range(1, PAGES + 1)]
    assert "when the PDF was opened" in found.failures[0].detail


@pytest.mark.parametrize("stage", STAGES)
def test_behind_many_lost_pages_the_rest_is_given_up(book, tmp_path, faults, stage):
    faults(stage, dict.fromkeys(range(1, 11), CRASH))
    found = []
    for workers in (1, 2):
        folder = empty(tmp_path / f"with-{workers}")
        sandbox.extract_into(folder, book, "book", workers)
        found.append(read_extraction(folder))
    assert found[0] == found[1]
    reasons = ["crashed"] * 10 + ["given-up"] * 2
    assert told(found[0].failures) == [(page, stage, reason) for page, reason in enumerate(reasons, 1)]
    assert len(found[0].figures) == (PAGES if stage == "figures.references" else 0)
    assert found[0].references == []


def test_an_error_of_our_own_comes_back_with_its_traceback(book, folder, faults, processes):
    faults("figures.read", {5: "{}['left out']"})
    with pytest.raises(RuntimeError, match=r"(?s)book\.pdf.*Traceback.*KeyError: 'left out'"):
        sandbox.extract_into(folder, book, "book", 2)
    assert not (folder / ".work").exists()
    assert processes() == []


def test_what_a_reader_started_ends_with_it(book, folder, faults, processes):
    faults("figures.read", {3: f"subprocess.Popen(['sleep', '1000'])\n{CRASH}"})
    sandbox.extract_into(folder, book, "book")
    assert told(read_extraction(folder).failures) == [(3, "figures.read", "crashed")]
    assert processes() == []


def test_tables_that_cannot_be_written_are_an_error(book, folder, at_start):
    at_start(f"import os, signal\nfrom assets.figures import gather\ngather.numbered = lambda *_: {CRASH}\n")
    with pytest.raises(RuntimeError, match="SIGSEGV"):
        sandbox.extract_into(folder, book, "book")


def test_a_supervisor_that_is_killed_takes_its_children_along(book, folder, faults, processes, tmp_path):
    faults("figures.read", {1: f"open({str(tmp_path / 'hangs')!r}, 'w')\n{HANG}"})
    errors = []

    def extract():
        with pytest.raises(RuntimeError, match="SIGKILL; run it again") as caught:
            sandbox.extract_into(folder, book, "book", 2)
        errors.append(caught.value)

    caller = threading.Thread(target=extract)
    caller.start()
    until((tmp_path / "hangs").exists)
    (supervisor,) = (pid for pid in processes() if parent_of(pid) == os.getpid())
    os.kill(supervisor, signal.SIGKILL)
    caller.join(60)
    assert len(errors) == 1
    until(lambda: processes() == [])
    assert not (folder / ".work").exists()


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


@pytest.mark.parametrize("when", ["while the supervisor starts", "while a page is read"])
def test_a_caller_that_is_killed_takes_everything_along(book, folder, faults, at_start, processes, tmp_path, when):
    sign = tmp_path / "sign"
    if when == "while a page is read":
        faults("figures.read", {1: f"open({str(sign)!r}, 'w')\n{HANG}"})
    else:
        at_start(
            "import sys, time\n"
            "if 'assets.figures.supervisor' in ' '.join(sys.orig_argv):\n"
            f"    open({str(sign)!r}, 'w')\n    time.sleep(2)\n"
        )
    script = "import sys; from pathlib import Path; from assets.figures.sandbox import extract_into as extract; " \
             "extract(Path(sys.argv[1]), Path(sys.argv[2]), 'book', 2)"  # fmt: skip
    with subprocess.Popen([sys.executable, "-c", script, str(folder), str(book)], cwd=ROOT) as caller:
        until(sign.exists)
        assert len(processes()) > 1
        caller.kill()
    until(lambda: processes() == [])
    assert not (folder / "pages.parquet").exists()


def test_a_book_that_crashes_its_reader_is_published_with_its_failures(tmp_path, book, faults):
    home = store.open_home(tmp_path / "corpus")
    library.add(home, book, key="atlas")
    faults("figures.read", {1: CRASH})
    outcome = extract_book(home, "atlas")
    assert {name: outcome.counts[name] for name in ("pages", "figures", "failures")} == {
        "pages": PAGES, "figures": PAGES - 1, "failures": 1
    }  # fmt: skip
    (failure,) = store.read_rows(outcome.folder / "failures.parquet", Failure)
    assert (failure.book, failure.page, failure.reason) == ("atlas", 1, "crashed")


def test_limits_of_a_machine_that_are_lower_stay(book, folder):
    """A container may allow less than our limits ask for; that is no error."""
    script = "import resource, sys; from pathlib import Path; from assets.figures.sandbox import extract_into; " \
             "resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 30, 1 << 30)); " \
             "extract_into(Path(sys.argv[1]), Path(sys.argv[2]), 'book')"  # fmt: skip
    subprocess.run([sys.executable, "-c", script, str(folder), str(book)], cwd=ROOT, check=True)
    assert len(read_extraction(folder).figures) == PAGES


def test_a_file_that_would_grow_too_large_is_an_error(book, folder):
    with pytest.raises(RuntimeError, match="would write a file of more than"):
        sandbox.extract_into(folder, book, "book", limits=Limits(file_size=30_000))
    assert not (folder / ".work").exists()
