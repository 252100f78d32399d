"""The figures station: reads a registered book's PDF and publishes its tables, its pictures and a contact sheet.

figures/<book>/{pages,figures,panels,references,failures,images}.parquet, contact-sheet.jpg
"""

from pathlib import Path

import pyarrow.parquet as pq

from assets import store
from assets.errors import BadInput
from assets.figures.limits import HUNG
from assets.figures.ocr.installed import OCR_WANTED, installed
from assets.figures.sandbox import extract_into
from assets.figures.tables import TABLES
from assets.records import Failure, Textbook

VERSION = "7"


def extract_book(home: store.Home, book: str) -> store.Outcome:
    """Extract one registered book; does nothing when the PDF and this code's version are as at the last time.

    Counts: pages, figures, panels, references, failures. Raises BadInput when the book is not registered or its PDF
    cannot be read. A page that makes its reader crash or hang is a Failure; the others are kept.
    """
    registered = home.library / book / "textbook.parquet"
    if not registered.exists():
        raise BadInput(f"{book} is not a registered textbook; see `pathcorpus list` or add it with `pathcorpus add`")
    (textbook,) = store.read_rows(registered, Textbook)
    pdf = registered.with_name("book.pdf")
    folder = home.station("figures", book)
    if _may_be_better_now(folder):
        store.expire(folder)
    return store.publish(
        folder,
        station="figures",
        book=book,
        inputs={"version": VERSION, "pdf": textbook.sha256, "book": book},
        build=lambda scratch: _build(scratch, pdf, book),
    )


def _may_be_better_now(folder: Path) -> bool:
    """Whether pages failed for want of an OCR engine that is installed now, or of time on a machine that was busy."""
    failures = folder / "failures.parquet"
    if not failures.exists():
        return False
    reasons = {failure.reason for failure in store.read_rows(failures, Failure)}
    return bool(reasons & ({HUNG} | {reason for reason, engines in OCR_WANTED.items() if engines & installed()}))


def _build(scratch: Path, pdf: Path, book: str) -> dict[str, int]:
    extract_into(scratch, pdf, book)
    return {name: pq.read_metadata(scratch / f"{name}.parquet").num_rows for name in TABLES}
