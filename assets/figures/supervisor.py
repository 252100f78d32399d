"""python -m assets.figures.supervisor (sandbox.py starts it): one book, every stage in children under limits.

This process never opens the PDF. Its children (children.py) do; a page that ends its child becomes a Failure, and all
pages that worked are kept.
"""

import json
import shutil
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from assets.confined import die_with_parent
from assets.errors import BadInput
from assets.figures.arrange import PageOrders, arrange, unarranged
from assets.figures.children import MOST_LOST, Begin, Ended, Loss, run_pages
from assets.figures.cutting import PageCuts, cut_pages
from assets.figures.gather import gather, pictures
from assets.figures.limits import Limits
from assets.figures.readings import Reading, read_pages
from assets.figures.scans import read_scans
from assets.figures.spool import Spool, SpoolWriter
from assets.figures.tables import write_extraction
from assets.pdf import open_pdf
from assets.records import Failure

LEFT_OUT = {
    "figures": "",
    "figures.read": "nothing of this page is used",
    "figures.ocr": "nothing of this page is used",
    "figures.arrange": "nothing of this page is used",
    "figures.pixels": "its figures are left out",
    "figures.references": "its citing sentences are left out",
}
# failures to add, pages whose citing sentences are spared, what to call at the start of a page
WriteTables = Callable[[list[Failure], frozenset[int], Begin], None]
LAST_PART = 999_999  # of a spool: what is written there replaces what children wrote


def supervise(pdf: Path, book: str, folder: Path, workers: int, limits: Limits) -> None:
    """Extract `pdf` into the empty `folder`. Raises Ended for a PDF that is refused and for exceptions of ours."""
    work = folder / ".work"
    work.mkdir()
    try:
        lost = run_pages(lambda *_: _count(pdf, work), [0], work, 1, limits)
        failures = failures_of(lost, "figures", book)
        pages = [] if lost else list(range(1, int((work / "pages").read_text()) + 1))
        _lose_readings(
            run_pages(partial(_read, pdf, book, work), pages, work, workers, limits), "figures.read", book, work
        )
        scans = Spool[None](work, "scans").pages()
        lost = run_pages(partial(_read_scans, pdf, book, work), scans, work, workers, limits.with_ocr())
        _lose_readings(lost, "figures.ocr", book, work)
        failures += _arrange(book, work, pages, limits)
        orders = Spool[PageOrders](work, "orders").pages()
        _lose_cuts(run_pages(partial(_cut, pdf, book, work), orders, work, workers, limits), book, work)
        write_tables(partial(_write, folder, work, book, failures), pages, book, work, limits)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def write_tables(write: WriteTables, pages: list[int], book: str, work: Path, limits: Limits) -> None:
    """Run the last step. A page whose citing sentences take too much is spared and the step run again.

    After MOST_LOST such pages all of `pages` are spared. Raises Ended when the step dies of something else, which
    nothing can make good.
    """
    lost: list[Loss] = []
    while True:
        skip = frozenset(loss.page for loss in lost)
        failures = failures_of(lost, "figures.references", book)
        ended = run_pages(partial(_write_once, write, failures, skip), [0], work, 1, limits)
        if not ended:
            return
        lost += ended
        if not all(loss.page for loss in ended) or len(skip) >= len(pages):
            raise Ended(1, f"writing the tables of {book} {ended[0].detail}")
        if len(lost) >= MOST_LOST:
            tried = {loss.page for loss in lost}
            detail = f"was not tried after {MOST_LOST} other pages had ended that step"
            lost += [Loss(page, "given-up", detail) for page in pages if page not in tried]


def _write_once(
    write: WriteTables, failures: list[Failure], skip: frozenset[int], _part: int, _pages: list[int], begin: Begin
) -> None:
    try:
        write(failures, skip, begin)
    except BadInput as error:  # no refusal of the PDF: a file of ours
        raise RuntimeError(str(error)) from error


def _count(pdf: Path, work: Path) -> None:
    with open_pdf(pdf) as document:
        (work / "pages").write_text(str(document.page_count))


def _read(pdf: Path, book: str, work: Path, part: int, pages: list[int], begin: Begin) -> None:
    with open_pdf(pdf) as document:
        read_pages(document, book, pages, work, part, begin)


def _read_scans(pdf: Path, book: str, work: Path, part: int, pages: list[int], begin: Begin) -> None:
    with open_pdf(pdf) as document:
        read_scans(document, book, pages, work, part, begin)


def _lose_readings(lost: list[Loss], stage: str, book: str, work: Path) -> None:
    with SpoolWriter[Reading](work, "readings", LAST_PART) as readings:
        for failure in failures_of(lost, stage, book):
            if failure.page is not None:
                readings.append(failure.page, Reading(failure.page, failures=[failure]))


def _arrange(book: str, work: Path, pages: list[int], limits: Limits) -> list[Failure]:
    """Arrange the book; a page that takes too much is left out and the others are arranged again."""
    lost: list[Loss] = []
    while len(lost) < MOST_LOST and all(loss.page for loss in lost):
        skip = frozenset(loss.page for loss in lost)
        ended = run_pages(partial(_arrange_once, book, work, skip), [0], work, 1, limits)
        if not ended:
            return failures_of(lost, "figures.arrange", book)
        lost += ended
    unarranged(work, book)
    if all(loss.page for loss in lost):
        tried = {loss.page for loss in lost}
        detail = f"was not arranged after {MOST_LOST} other pages had ended that step"
        lost += [Loss(page, "given-up", detail) for page in pages if page not in tried]
    return failures_of(lost, "figures.arrange", book)


def _arrange_once(book: str, work: Path, skip: frozenset[int], _part: int, _pages: list[int], begin: Begin) -> None:
    arrange(work, book, begin, skip)


def _cut(pdf: Path, book: str, work: Path, part: int, pages: list[int], begin: Begin) -> None:
    with open_pdf(pdf) as document:
        cut_pages(document, book, pages, work, part, begin)


def _lose_cuts(lost: list[Loss], book: str, work: Path) -> None:
    with SpoolWriter[PageCuts](work, "cuts", LAST_PART) as cuts:
        for failure in failures_of(lost, "figures.pixels", book):
            if failure.page is not None:
                cuts.append(failure.page, PageCuts(None, failures=[failure]))


def _write(
    folder: Path, work: Path, book: str, earlier: list[Failure], failures: list[Failure], skip: frozenset[int],
    begin: Begin,
) -> None:  # fmt: skip
    rows = gather(work, book, begin, skip)
    rows.failures.extend(earlier + failures)
    write_extraction(folder, rows, pictures(work, begin), book)


def failures_of(lost: list[Loss], stage: str, book: str) -> list[Failure]:
    """Rows for the pages that ended their child in a stage."""
    found = []
    for loss in lost:
        where = f"page {loss.page}" if loss.page else "this PDF"
        rest = LEFT_OUT[stage] if loss.page else "nothing of it is used: repair the PDF, or split it into parts"
        detail = f"{where} {loss.detail}; {rest}"
        found.append(Failure(book=book, stage=stage, page=loss.page or None, reason=loss.reason, detail=detail))
    return found


def main(pdf: Path, book: str, folder: Path, workers: int, limits: Limits, parent: int) -> int:
    die_with_parent(parent)
    try:
        supervise(pdf, book, folder, workers, limits)
    except Ended as ended:
        print(ended.said, file=sys.stderr)
        return ended.code
    return 0


if __name__ == "__main__":
    _pdf, _book, _folder, _workers, _limits, _parent = sys.argv[1:]
    sys.exit(main(Path(_pdf), _book, Path(_folder), int(_workers), Limits(**json.loads(_limits)), int(_parent)))
