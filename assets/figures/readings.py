"""Stage 1, page by page, with the PDF open: what lies on each page goes to spools.

`readings` says of every page how it was read; `layouts` and `surveys` hold what lies on the usable ones; `scans` names
those whose text must be got by OCR.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pymupdf

from assets.figures.failures import page_guard
from assets.figures.geometry import area
from assets.figures.layout import PageLayout, read_layout
from assets.figures.spool import SpoolWriter
from assets.figures.survey import PageSurvey, survey_page
from assets.records import Failure

MOST_POINTS = 14_400.0  # 200 inches: the largest page that PDF 1.7 knows


@dataclass
class Reading:
    """One page as read, size in points; `method` is "none" when nothing of the page can be used.

    Layout and survey of a usable page lie in spools of their own.
    """

    page: int
    width: float = 0.0
    height: float = 0.0
    method: str = "none"
    failures: list[Failure] = field(default_factory=list)


def read_pages(
    document: pymupdf.Document, book: str, pages: Iterable[int], work: Path, part: int, begin: Callable[[int], None]
) -> None:
    """Read `pages` (1-based) into part `part` of the spools; `begin(page)` is called before each.

    What damage of the PDF makes MuPDF raise becomes a Failure of the page; other exceptions pass.
    """
    with (
        SpoolWriter[PageLayout](work, "layouts", part) as layouts,
        SpoolWriter[PageSurvey](work, "surveys", part) as surveys,
        SpoolWriter[Reading](work, "readings", part) as readings,
        SpoolWriter[None](work, "scans", part) as scans,
    ):
        for number in pages:
            begin(number)
            reading = Reading(number)
            with page_guard(reading.failures, book, number, "figures.read"):
                layout = _read(document[number - 1], reading, book)
                if layout is not None and is_scan(layout):
                    scans.append(number, None)
                elif layout is not None and any(c.isalpha() for line in layout.lines for c in line.text):
                    reading.method = "native"
                    keep(layout, reading, layouts, surveys)
            readings.append(number, reading)


def keep(
    layout: PageLayout, reading: Reading, layouts: SpoolWriter[PageLayout], surveys: SpoolWriter[PageSurvey]
) -> None:
    layouts.append(reading.page, layout)
    surveys.append(reading.page, survey_page(layout))


def _read(page: pymupdf.Page, reading: Reading, book: str) -> PageLayout | None:
    """The layout of a page, unless its size alone forbids to read it; fills in its size or its Failure."""
    if max(page.rect.width, page.rect.height) > MOST_POINTS:
        size = f"{page.rect.width / 72:.0f} x {page.rect.height / 72:.0f} inches"
        detail = f"page {reading.page} is {size}, larger than 200 inches, and is not read"
        reading.failures.append(
            Failure(book=book, stage="figures.read", page=reading.page, reason="page-too-large", detail=detail)
        )
        return None
    layout = read_layout(page)
    reading.width, reading.height = layout.width, layout.height
    return layout


def is_scan(layout: PageLayout) -> bool:
    """Whether the page is a picture of a page: no text to work with, or none but an invisible layer over a picture."""
    text = "".join(line.text for line in layout.lines)
    unreadable = text.count("\ufffd") > 0.3 * max(1, len(text))
    if unreadable or (layout.rasters and not any(c.isalpha() for c in text)):
        return True
    covered = max((area(raster.box) for raster in layout.rasters), default=0.0) / area(layout.frame)
    return layout.hidden > 0.5 and covered > 0.6
