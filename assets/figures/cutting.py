"""Stage 3, page by page, with the PDF open: panels and pictures of the figures that stage 2 found."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pymupdf

from assets.figures.arrange import Order, PageOrders
from assets.figures.failures import page_guard
from assets.figures.geometry import Box, inside
from assets.figures.layout import PageLayout
from assets.figures.panels import Panels, find_panels, printed_letters
from assets.figures.pixels import PagePixels, Picture
from assets.figures.spool import Spool, SpoolWriter
from assets.records import Failure

# Pages whose decoded pictures MuPDF may keep: no other page shows them, but fonts and profiles are shared.
TOGETHER = 5


@dataclass(frozen=True)
class Cut:
    """A figure with its pictures. `panels` maps letters to boxes (reading frame) and pictures."""

    order: Order
    picture: Picture
    panels: dict[str, tuple[Box, Picture]]
    panel_rule: str


@dataclass
class PageCuts:
    """`layout` is None when the page was lost."""

    layout: PageLayout | None
    cuts: list[Cut] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)


def cut_pages(
    document: pymupdf.Document, book: str, pages: Iterable[int], work: Path, part: int, begin: Callable[[int], None]
) -> None:
    """Cut the figures of `pages` into part `part` of the spool `cuts`; `begin(page)` is called before each page.

    What damage of the PDF makes MuPDF or Pillow raise becomes a Failure of the figure; other exceptions pass.
    """
    orders = Spool[PageOrders](work, "orders")
    with SpoolWriter[PageCuts](work, "cuts", part) as spool:
        for at, number in enumerate(pages, 1):
            begin(number)
            spool.append(number, cut_page(document, book, orders[number]))
            if at % TOGETHER == 0:
                pymupdf.TOOLS.store_shrink(100)


def cut_page(document: pymupdf.Document, book: str, wanted: PageOrders) -> PageCuts:
    """The pictures of one page's figures; one that cannot be cut becomes a Failure."""
    layout = wanted.layout
    made = PageCuts(layout)
    with page_guard(made.failures, book, layout.page, "figures.pixels"):
        pixels = PagePixels(document, document[layout.page - 1], layout)
        for order in wanted.orders:
            with page_guard(made.failures, book, layout.page, "figures.pixels"):
                made.cuts.append(_cut(order, layout, pixels))
    return made


def _cut(order: Order, layout: PageLayout, pixels: PagePixels) -> Cut:
    """Divide one figure and cut its pictures. Raises what pymupdf raises when the page cannot be rendered."""
    box = order.box
    if order.panels is None:
        rasters = [r.box for r in layout.rasters if inside(r.box, box) > 0.9]
        marks = printed_letters(order.letters, box)
        panels = find_panels(list(order.divided.parts), rasters, marks, box, lambda: pixels.grey(box))
    else:
        panels = Panels(order.rule, order.panels)
    picture = pixels.cut(box)
    parts = {letter: (part, pixels.cut(part)) for letter, part in panels.boxes.items()}
    return Cut(order, picture, parts, panels.rule)
