"""PDF in, figures out: `extract_pdf(path, book)` reads a book natively, page by page.

    layout -> captions -> bodies -> one assignment per page -> text in reading order -> pictures, panels -> references

Three passes: the first keeps what lies on each page (text and boxes, no pixels), the second works out captions and
bodies once the book's own style is known, the third cuts pictures. A page without a text layer becomes a Failure.
"""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pymupdf

from assets.figures.binding import Body, bind, sides
from assets.figures.bodies import Scene, find_decoys, see
from assets.figures.captions import Caption, find_captions, select
from assets.figures.failures import page_guard
from assets.figures.layout import PageLayout, read_layout
from assets.figures.margins import set_margins_apart
from assets.figures.order import Block
from assets.figures.page_text import arrange, assemble, compose, stitch
from assets.figures.pixels import PagePixels
from assets.figures.reading import body_style, vocabulary
from assets.figures.rows import cut_figure, empty_page, figure_row, page_rows, panel_rows, reference_rows
from assets.pdf import open_pdf
from assets.records import Failure, Figure, Image, Page, Panel, Reference


@dataclass
class Extraction:
    """Everything that a book gave, in page order; figures of one page in reading order."""

    pages: list[Page] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    panels: list[Panel] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)


def extract_pdf(path: Path, book: str) -> Extraction:
    """Pages, figures, panels, references and pictures of a PDF with a text layer.

    Raises BadInput when the file is no PDF, is encrypted, has no pages or cannot be opened. A page that cannot be read
    becomes a Failure; the others are kept. A book without figures is fine.
    """
    out = Extraction()
    with open_pdf(path) as document:
        pages, layouts, out.failures = _read(document, book)
        set_margins_apart(layouts)
        style, words = body_style(layouts), vocabulary(layouts)
        selected, rivals = select([c for layout in layouts for c in find_captions(layout, style)])
        captions = {layout.page: [c for c in selected if c.page == layout.page] for layout in layouts}
        decoys = find_decoys(layouts)
        scenes = {layout.page: see(layout, captions[layout.page], style, decoys) for layout in layouts}
        bodies, without = _bodies(scenes, captions)
        out.failures += _dropped(rivals, selected, book) + _lost(without, bodies, book)
        blocks = {p.page: arrange(p, captions[p.page], bodies[p.page], style) for p in layouts}
        parts = {page: compose(found, style, words) for page, found in blocks.items()}
        stitch(parts, words)
        texts = {page: assemble(found) for page, found in parts.items()}
        out.pages = page_rows(pages, texts, parts)
        ordinals: Counter[str] = Counter()
        for layout in layouts:
            letters = scenes[layout.page].labels + scenes[layout.page].letters
            with page_guard(out.failures, book, layout.page, "figures.pixels"):
                pixels = PagePixels(document, document[layout.page - 1], layout)
            for body in _in_order(bodies[layout.page], blocks[layout.page]):
                with page_guard(out.failures, book, layout.page, "figures.pixels"):
                    cut = cut_figure(body, layout, pixels, letters, words)
                    figure = figure_row(cut, layout, ordinals[body.label.number], book)
                    ordinals[body.label.number] += 1
                    out.figures.append(figure)
                    out.panels += panel_rows(cut, layout, figure)
                    out.images += [cut.picture.image, *(picture.image for _, picture in cut.panels.values())]
                    if cut.divided.parts and not cut.panels:
                        out.failures.append(_undivided(figure, list(cut.divided.parts)))
        out.references = reference_rows(texts, out.figures, out.panels, book)
    return out


def _read(document: pymupdf.Document, book: str) -> tuple[list[Page], list[PageLayout], list[Failure]]:
    """An empty row for every page, the layouts of the pages that have text, and what could not be read."""
    pages: list[Page] = []
    layouts: list[PageLayout] = []
    failures: list[Failure] = []
    for number in range(1, document.page_count + 1):
        page = empty_page(book, number)
        with page_guard(failures, book, number, "figures.read"):
            layout = read_layout(document[number - 1])
            page = empty_page(book, number, layout.width, layout.height)
            unreadable = _unreadable(layout, book)
            failures += unreadable
            if not unreadable and any(c.isalpha() for line in layout.lines for c in line.text):
                layouts.append(layout)
        pages.append(page)
    return pages, layouts, failures


def _unreadable(layout: PageLayout, book: str) -> list[Failure]:
    """A Failure when there is something to see on the page but no text to work with."""
    text = "".join(line.text for line in layout.lines)
    if layout.rasters and not any(c.isalpha() for c in text):
        reason, why = "no-text-layer", f"page {layout.page} has pictures but no text layer"
    elif text.count("\ufffd") > 0.3 * max(1, len(text)):
        reason, why = "unreadable-text", f"the fonts of page {layout.page} do not say which letters they show"
    else:
        return []
    detail = f"{why}; OCR is not available and nothing of this page is used"
    return [Failure(book=book, stage="figures.text", page=layout.page, reason=reason, detail=detail)]


def _bodies(
    scenes: dict[int, Scene], captions: dict[int, list[Caption]]
) -> tuple[dict[int, list[Body]], list[Caption]]:
    """Figure bodies by page, and the captions without one.

    Binds twice: the first round teaches on which side this book sets its captions.
    """
    favoured = sides([body for page, scene in scenes.items() for body in bind(scene, captions[page], {})[0]])
    bound = {page: bind(scene, captions[page], favoured) for page, scene in scenes.items()}
    return {page: found for page, (found, _) in bound.items()}, [c for _, without in bound.values() for c in without]


def _in_order(bodies: list[Body], blocks: list[Block]) -> list[Body]:
    """Bodies as their blocks follow one another on the page."""
    place = {block.box: n for n, block in enumerate(blocks) if block.kind == "figure"}
    return sorted(bodies, key=lambda body: place[body.box])


def _lost(without: list[Caption], bodies: dict[int, list[Body]], book: str) -> list[Failure]:
    have = {body.label.number for found in bodies.values() for body in found}
    return [
        Failure(book=book, stage="figures.bodies", page=c.page, reason="caption-without-body",
                detail=f"no picture was found for {c.label.printed} on page {c.page}")
        for c in without if c.label and c.label.number not in have
    ]  # fmt: skip


def _dropped(rivals: list[Caption], selected: list[Caption], book: str) -> list[Failure]:
    kept = {c.label.number: f"{c.label.printed} on page {c.page}" for c in selected if c.label}
    return [
        Failure(book=book, stage="figures.captions", page=c.page, reason="caption-dropped",
                detail=f"{c.label.printed} on page {c.page} looks like a caption, but less so than "
                f"{kept[c.label.number]}; no figure was made of it")
        for c in rivals if c.label
    ]  # fmt: skip


def _undivided(figure: Figure, letters: list[str]) -> Failure:
    detail = (
        f"the caption of {figure.label} on page {figure.page} names the panels {', '.join(letters)}, which could not "
        "be told apart in its picture; the figure is kept whole"
    )
    return Failure(book=figure.book, stage="figures.panels", page=figure.page, reason="panels-not-found", detail=detail)
