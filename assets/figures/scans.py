"""Stage 1b, with the PDF open: pages without a visible text layer, read by OCR into the spools of stage 1.

A searchable scan brings the words that somebody's OCR read; only its pictures are looked for.
A picture that fills its page without paper around it is a plate, not a scan: it is kept as it is, without OCR.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pymupdf

from assets.figures.failures import page_guard
from assets.figures.geometry import Box, area
from assets.figures.layout import Drawing, PageLayout, Raster, read_layout
from assets.figures.readings import Reading, keep
from assets.figures.spool import SpoolWriter
from assets.figures.survey import PageSurvey
from assets.records import Failure

PART = 500_000  # of the spools: behind what stage 1 wrote, so that it takes its place
SEEN_AT = 36.0  # dpi at which a page's margins are looked at
RING = 0.03  # of the page's sides: where a scan shows paper
PAPER = 150  # grey level above which paper may lie
ALIKE = 14  # grey levels by which paper differs
MOSTLY = 0.85


def read_scans(
    document: pymupdf.Document, book: str, pages: Iterable[int], work: Path, part: int, begin: Callable[[int], None]
) -> None:
    """Read `pages`, which have no usable text layer, into part `PART + part` of the spools.

    A page for which no OCR engine is installed, or on which it fails, becomes a Failure that says what to do.
    """
    with (
        SpoolWriter[PageLayout](work, "layouts", PART + part) as layouts,
        SpoolWriter[PageSurvey](work, "surveys", PART + part) as surveys,
        SpoolWriter[Reading](work, "readings", PART + part) as readings,
    ):
        for number in pages:
            begin(number)
            reading = Reading(number)
            with page_guard(reading.failures, book, number, "figures.ocr"):
                layout = _layout(document[number - 1], reading, book)
                if layout is not None:
                    keep(layout, reading, layouts, surveys)
            readings.append(number, reading)


def _layout(page: pymupdf.Page, reading: Reading, book: str) -> PageLayout | None:
    from assets.figures.ocr import OcrMissing, read_layer, read_scan
    from assets.figures.ocr.installed import installed
    from assets.figures.ocr.tesseract import TesseractFailed

    native = read_layout(page)
    reading.width, reading.height = native.width, native.height
    if not native.lines and is_plate(page, native):
        reading.method = "native"
        return native
    try:
        scan = read_layer(page) if native.hidden > 0.5 else read_scan(page)
    except (OcrMissing, TesseractFailed) as error:
        missing = "no-chinese-ocr" if installed() else "no-ocr"
        reason = missing if isinstance(error, OcrMissing) else "ocr-failed"
        detail = f"{error}; nothing of this page is used"
        reading.failures.append(
            Failure(book=book, stage="figures.ocr", page=reading.page, reason=reason, detail=detail)
        )
        return None
    reading.method = "ocr"
    size = 1 + round(max(r.width for r in native.rasters)) if native.rasters else 1
    pictures = [Raster(box, -1, size, size) for box in scan.pictures]
    drawings = [Drawing(box, True, False, True, True) for box in scan.frames]
    drawings += [Drawing(box, True, False, True, False) for box in scan.rules]
    return PageLayout(
        reading.page, native.width, native.height, scan.turn, scan.lines, pictures, drawings, placed=native.rasters,
        skew=scan.skew,
    )  # fmt: skip


def is_plate(page: pymupdf.Page, layout: PageLayout) -> bool:
    """Whether the page's pictures have no margin of paper inside them: photographs as such, not pages scanned."""
    return bool(layout.rasters) and not any(_has_margin(page, layout, raster.box) for raster in layout.rasters)


def _has_margin(page: pymupdf.Page, layout: PageLayout, box: Box) -> bool:
    if area(box) < 0.05 * area(layout.frame):
        return False
    clip = pymupdf.Rect(layout.on_page(box))
    pixmap = page.get_pixmap(matrix=pymupdf.Matrix(SEEN_AT / 72, SEEN_AT / 72), clip=clip, colorspace=pymupdf.csGRAY)
    grey = np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.stride)[:, : pixmap.width]
    edge = max(2, round(RING * min(grey.shape)))
    ring = np.concatenate([grey[:edge].ravel(), grey[-edge:].ravel(), grey[:, :edge].ravel(), grey[:, -edge:].ravel()])
    paper = int(np.median(ring))
    return paper > PAPER and float((np.abs(ring.astype(int) - paper) <= ALIKE).mean()) > MOSTLY
