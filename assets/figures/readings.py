"""Stage 1, page by page, with the PDF open: what lies on each page goes to the spools `layouts` and `readings`."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pymupdf

from assets.figures.failures import page_guard
from assets.figures.layout import PageLayout, read_layout
from assets.figures.spool import SpoolWriter
from assets.figures.survey import PageSurvey, survey_page
from assets.records import Failure

MOST_POINTS = 14_400.0  # 200 inches: the largest page that PDF 1.7 knows


@dataclass
class Reading:
    """One page as read, size in points; `survey` is None when nothing of the page can be used.

    Its layout lies in a spool of its own: this much of every page is held in memory at once, a layout is not.
    """

    page: int
    width: float = 0.0
    height: float = 0.0
    method: str = "none"
    survey: PageSurvey | None = None
    failures: list[Failure] = field(default_factory=list)


def read_pages(
    document: pymupdf.Document, book: str, pages: Iterable[int], work: Path, part: int, begin: Callable[[int], None]
) -> None:
    """Read `pages` (1-based) into part `part` of the spools; `begin(page)` is called before each.

    What damage of the PDF makes MuPDF raise becomes a Failure of the page; other exceptions pass.
    """
    with (
        SpoolWriter[PageLayout](work, "layouts", part) as layouts,
        SpoolWriter[Reading](work, "readings", part) as readings,
    ):
        for number in pages:
            begin(number)
            reading = Reading(number)
            with page_guard(reading.failures, book, number, "figures.read"):
                layout = _read(document[number - 1], reading, book)
                if layout is not None:
                    layouts.append(number, layout)
            readings.append(number, reading)


def _read(page: pymupdf.Page, reading: Reading, book: str) -> PageLayout | None:
    """Fill `reading`; returns the layout of a page that can be used."""
    if max(page.rect.width, page.rect.height) > MOST_POINTS:
        size = f"{page.rect.width / 72:.0f} x {page.rect.height / 72:.0f} inches"
        detail = f"page {reading.page} is {size}, larger than 200 inches, and is not read"
        reading.failures.append(
            Failure(book=book, stage="figures.read", page=reading.page, reason="page-too-large", detail=detail)
        )
        return None
    layout = read_layout(page)
    reading.width, reading.height = layout.width, layout.height
    problem = unreadable(layout)
    if problem:
        detail = f"{problem[1]}; nothing of this page is used"
        reading.failures.append(
            Failure(book=book, stage="figures.text", page=reading.page, reason=problem[0], detail=detail)
        )
    elif any(c.isalpha() for line in layout.lines for c in line.text):
        reading.method, reading.survey = "native", survey_page(layout)
        return layout
    return None


def unreadable(layout: PageLayout) -> tuple[str, str] | None:
    """Reason code and words when there is something to see on the page but no text to work with."""
    text = "".join(line.text for line in layout.lines)
    if layout.rasters and not any(c.isalpha() for c in text):
        return "no-text-layer", f"page {layout.page} has pictures but no text layer"
    if text.count("\ufffd") > 0.3 * max(1, len(text)):
        return "unreadable-text", f"the fonts of page {layout.page} do not say which letters they show"
    return None
