"""The figures station: reads a registered book's PDF and publishes its tables, its pictures and a contact sheet.

figures/<book>/{pages,figures,panels,references,failures,images}.parquet, contact-sheet.jpg
"""

from pathlib import Path

from assets import store
from assets.errors import BadInput
from assets.figures.extract import extract_pdf
from assets.figures.sheet import write_sheet
from assets.records import Failure, Figure, Page, Panel, Reference, Textbook

VERSION = "1"


def extract_book(home: store.Home, book: str) -> store.Outcome:
    """Extract one registered book; does nothing when the PDF and this code's version are as at the last time.

    Counts: pages, figures, panels, references, failures. Raises BadInput when the book is not registered or its PDF
    cannot be read.
    """
    registered = home.library / book / "textbook.parquet"
    if not registered.exists():
        raise BadInput(f"{book} is not a registered textbook; see `pathcorpus list` or add it with `pathcorpus add`")
    (textbook,) = store.read_rows(registered, Textbook)
    pdf = registered.with_name("book.pdf")
    return store.publish(
        home.station("figures", book),
        station="figures",
        book=book,
        inputs={"version": VERSION, "pdf": textbook.sha256, "book": book},
        build=lambda scratch: _build(scratch, pdf, book),
    )


def _build(scratch: Path, pdf: Path, book: str) -> dict[str, int]:
    found = extract_pdf(pdf, book)
    store.write_rows(scratch / "pages.parquet", found.pages, Page)
    store.write_rows(scratch / "figures.parquet", found.figures, Figure)
    store.write_rows(scratch / "panels.parquet", found.panels, Panel)
    store.write_rows(scratch / "references.parquet", found.references, Reference)
    store.write_rows(scratch / "failures.parquet", found.failures, Failure)
    store.write_pack(scratch / store.PACK, found.images)
    write_sheet(scratch / "contact-sheet.jpg", found.figures, found.images, book)
    return {
        "pages": len(found.pages),
        "figures": len(found.figures),
        "panels": len(found.panels),
        "references": len(found.references),
        "failures": len(found.failures),
    }
