"""A PDF read in processes of its own: a crash, a hang or a flood of memory in the reader costs a page, not a run.

The parent runs `python -m assets.figures.supervisor`, which never opens the PDF itself; its children do, a range of
pages each, under limits of the kernel (limits.py). They hand over files, never objects.
"""

import shutil
import tempfile
from pathlib import Path

from assets import confined, store
from assets.confined import REFUSED, signal_name
from assets.figures.limits import LIMITS, Limits
from assets.figures.second_reader import PageResult, check, write_results
from assets.records import Page


def extract_into(folder: Path, pdf: Path, book: str, workers: int = 1, limits: Limits = LIMITS) -> None:
    """The extraction of `pdf` as tables, image pack and contact sheet in the empty `folder`.

    `workers` ranges of pages are read at a time; the result does not depend on it. A page on which its reader crashes,
    takes too long or too much memory becomes a Failure, and so does a book whose reader dies before any page. Raises
    BadInput for a PDF that cannot be used, and RuntimeError with the child's traceback for an exception that was not
    expected there.
    """
    run_module("supervisor", pdf, folder, book, str(folder.absolute()), str(workers), limits.as_json())


def replace_into(
    folder: Path, pdf: Path, book: str, earlier: Path, results: list[PageResult], limits: Limits = LIMITS
) -> None:
    """The extraction in the folder `earlier` with a second reader's `results` in place of its pages, in `folder`.

    Raises BadInput for results that are not of this book's pages; otherwise as `extract_into`.
    """
    check(results, {page.page: page for page in store.read_rows(earlier / "pages.parquet", Page)})
    with tempfile.TemporaryDirectory() as handed:
        given = Path(handed) / "results.json"
        write_results(given, results)
        places = (str(earlier.absolute()), str(given), str(folder.absolute()))
        run_module("replacement", pdf, folder, book, *places, limits.as_json())


def run_module(module: str, pdf: Path, folder: Path, *arguments: str) -> None:
    """Run `python -m assets.figures.MODULE PDF ARGUMENTS PID`, which works in `folder`, and tell how it ended.

    Raises as `extract_into` does.
    """
    code, said = confined.run_module(f"assets.figures.{module}", str(pdf.absolute()), *arguments)
    shutil.rmtree(folder / ".work", ignore_errors=True)  # what a supervisor that was killed left behind
    if code == REFUSED:
        raise confined.refusal(pdf, said)
    if code > 0:
        raise RuntimeError(f"the extraction of {pdf} failed in its own process:\n{said}")
    if code < 0:
        by = signal_name(code)
        raise RuntimeError(f"the process that watches over the reading of {pdf} was ended by {by}; run it again")
