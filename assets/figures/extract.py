"""PDF in, figures out: `extract_pdf(path, book)` reads a book page by page, in this process.

    readings.py, scans.py -> arrange.py -> cutting.py -> gather.py     stages 1 and 3 hold the PDF open, 2 and 4 do not

Stages meet in spools on disk (spool.py), so memory does not grow with the book. `sandbox.py` runs the same stages in
processes with limits; this plain form is for files that are trusted, tests and measurements.
"""

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from assets.figures.arrange import PageOrders, arrange
from assets.figures.cutting import cut_pages
from assets.figures.gather import gather, pictures
from assets.figures.readings import read_pages
from assets.figures.scans import read_scans
from assets.figures.spool import Spool
from assets.pdf import open_pdf
from assets.records import Failure, Figure, Image, Page, Panel, Reference


@dataclass
class Extraction:
    """Everything that a book gave, in page order; figures of one page in reading order, every picture once."""

    pages: list[Page] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    panels: list[Panel] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)


def extract_pdf(path: Path, book: str) -> Extraction:
    """Pages, figures, panels, references and pictures of a PDF; pages without a text layer are read by OCR.

    Raises BadInput when the file is no PDF, is encrypted, has no pages or cannot be opened. A page that cannot be read
    becomes a Failure; the others are kept. A book without figures is fine.
    """
    with open_pdf(path) as document, tempfile.TemporaryDirectory(prefix="pathcorpus-") as folder:
        work = Path(folder)
        read_pages(document, book, range(1, document.page_count + 1), work, 0, _unwatched)
        read_scans(document, book, Spool[None](work, "scans").pages(), work, 0, _unwatched)
        arrange(work, book, _unwatched)
        cut_pages(document, book, Spool[PageOrders](work, "orders").pages(), work, 0, _unwatched)
        rows = vars(gather(work, book, _unwatched))
        return Extraction(**{**rows, "pages": list(rows["pages"])}, images=list(pictures(work, _unwatched)))


def _unwatched(page: int) -> None:
    """Nobody watches how far a plain extraction is."""
