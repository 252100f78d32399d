"""PDF in, figures out: `extract_pdf(path, book)` reads a book natively, page by page.

    layout -> captions -> bodies -> one assignment per page -> text in reading order -> pictures, panels -> references

Three passes: the first keeps what lies on each page (text and boxes, no pixels), the second works out captions and
bodies once the book's own style is known, the third cuts pictures. A page without a text layer becomes a Failure.
"""

import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pymupdf

from assets.figures.binding import Body, bind, sides
from assets.figures.bodies import Scene, find_decoys, see
from assets.figures.captions import Caption, find_captions, select
from assets.figures.failures import page_guard
from assets.figures.geometry import inside
from assets.figures.labels import without_label
from assets.figures.layout import PageLayout, read_layout
from assets.figures.lines import Line
from assets.figures.margins import set_margins_apart
from assets.figures.page_text import PageText, Paragraph, assemble, by_rows, compose, sections_of, stitch
from assets.figures.panels import find_panels, printed_letters
from assets.figures.pixels import PagePixels
from assets.figures.reading import body_style, joined, vocabulary
from assets.figures.references import find_references
from assets.figures.subcaptions import divide
from assets.pdf import open_pdf
from assets.records import Failure, Figure, Image, Page, Panel, Reference, figure_id, normalise_label, panel_id
from assets.schema import content_hash, stable_id


@dataclass
class Extraction:
    """Everything that a book gave, in page order."""

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
        layouts, sizes = _read(document, book, out)
        set_margins_apart(layouts)
        style, words = body_style(layouts), vocabulary(layouts)
        captions: dict[int, list[Caption]] = {layout.page: [] for layout in layouts}
        for caption in select([c for layout in layouts for c in find_captions(layout, style)]):
            captions[caption.page].append(caption)
        decoys = find_decoys(layouts)
        scenes = {layout.page: see(layout, captions[layout.page], style, decoys) for layout in layouts}
        bodies = _bodies(scenes, captions, book, out)
        parts = {p.page: compose(p, captions[p.page], bodies[p.page], style, words) for p in layouts}
        stitch(parts, words)
        texts = {page: assemble(found) for page, found in parts.items()}
        _write_pages(texts, parts, sizes, document.page_count, book, out)
        ordinals: Counter[str] = Counter()
        for layout in layouts:
            pixels = PagePixels(document, document[layout.page - 1], layout)
            letters = scenes[layout.page].labels + scenes[layout.page].letters
            for body in bodies[layout.page]:
                with page_guard(out.failures, book, layout.page, "figures.pixels"):
                    _write_figure(body, layout, pixels, letters, words, ordinals, book, out)
        _write_references(texts, book, out)
    return out


def _read(document: pymupdf.Document, book: str, out: Extraction) -> tuple[list[PageLayout], dict[int, Page]]:
    """Layouts of the pages that have text, and an empty Page row with its size for every page that could be read."""
    layouts: list[PageLayout] = []
    sizes: dict[int, Page] = {}
    for number in range(1, document.page_count + 1):
        with page_guard(out.failures, book, number, "figures.read"):
            layout = read_layout(document[number - 1])
            sizes[number] = _empty_page(book, number, layout.width, layout.height)
            if _readable(layout, book, out):
                layouts.append(layout)
    return layouts, sizes


def _empty_page(book: str, number: int, width: float, height: float) -> Page:
    return Page(book=book, page=number, width=width, height=height, text="", sections=[], method="none")


def _readable(layout: PageLayout, book: str, out: Extraction) -> bool:
    """Whether the page has text to work with; if not although there is something to see, a Failure says so."""
    text = "".join(line.text for line in layout.lines)
    letters = sum(c.isalpha() for c in text)
    reason = None
    if letters == 0 and layout.rasters:
        reason, why = "no-text-layer", f"page {layout.page} has pictures but no text layer"
    elif text.count("\ufffd") > 0.3 * max(1, len(text)):
        reason, why = "unreadable-text", f"the fonts of page {layout.page} do not say which letters they show"
    if reason:
        detail = f"{why}; OCR is not available and nothing of this page is used"
        out.failures.append(Failure(book=book, stage="figures.text", page=layout.page, reason=reason, detail=detail))
    return letters > 0 and reason is None


def _bodies(
    scenes: dict[int, Scene], captions: dict[int, list[Caption]], book: str, out: Extraction
) -> dict[int, list[Body]]:
    """Figure bodies by page. Binds twice: the first round teaches on which side this book sets its captions."""
    favoured = sides([body for page, scene in scenes.items() for body in bind(scene, captions[page], {})[0]])
    bodies: dict[int, list[Body]] = {}
    lost: list[Caption] = []
    for page, scene in scenes.items():
        bodies[page], without = bind(scene, captions[page], favoured)
        lost += without
    have = {body.label.number for found in bodies.values() for body in found}
    for caption in lost:
        if caption.label and caption.label.number not in have:
            detail = f"no picture was found for {caption.label.printed} on page {caption.page}"
            out.failures.append(
                Failure(book=book, stage="figures.bodies", page=caption.page, reason="caption-without-body",
                        detail=detail)
            )  # fmt: skip
    return bodies


def _write_pages(
    texts: dict[int, PageText],
    parts: dict[int, list[Paragraph]],
    sizes: dict[int, Page],
    count: int,
    book: str,
    out: Extraction,
) -> None:
    sections: list[str] = []
    for number in range(1, count + 1):
        page = sizes.get(number) or _empty_page(book, number, 0.0, 0.0)
        if number in texts:
            sections = sections_of(parts[number], sections)
            page = Page(book=book, page=number, width=page.width, height=page.height, text=texts[number].text,
                        sections=sections, method="native")  # fmt: skip
        out.pages.append(page)


def _write_figure(
    body: Body,
    layout: PageLayout,
    pixels: PagePixels,
    letters: list[Line],
    words: frozenset[str],
    ordinals: Counter[str],
    book: str,
    out: Extraction,
) -> None:
    """Cut one figure and its panels; adds nothing at all when the page cannot be rendered."""
    label = body.label
    lines = [line.text for line in by_rows(body.caption.lines)]
    caption = without_label(unicodedata.normalize("NFC", joined(lines, words)))
    divided = divide(caption)
    rasters = [r.box for r in layout.rasters if inside(r.box, body.box) > 0.9]
    marks = printed_letters(letters, body.box)
    boxes = find_panels(list(divided.parts), rasters, marks, body.box, lambda: pixels.grey(body.box))
    picture = pixels.cut(body.box)
    cuts = {letter: pixels.cut(box) for letter, box in boxes.items()}

    name = figure_id(book, label.printed, ordinals[label.number])
    ordinals[label.number] += 1
    figure = Figure(
        figure_id=name, book=book, page=layout.page, label=label.printed, bbox=list(layout.on_page(body.box)),
        caption_bbox=list(layout.on_page(body.caption.box)), caption=caption, image=picture.image.sha256,
        width=picture.image.width, height=picture.image.height, dpi=picture.dpi, pixels=picture.pixels,
        method="native", rule=body.rule, score=body.score, content_hash="",
    )  # fmt: skip
    state = {key: value for key, value in vars(figure).items() if key not in ("figure_id", "book", "content_hash")}
    out.figures.append(Figure(**{**vars(figure), "content_hash": content_hash(state)}))
    out.images.append(picture.image)
    for letter, cut in cuts.items():
        out.images.append(cut.image)
        out.panels.append(
            Panel(panel_id=panel_id(name, letter), figure_id=name, book=book, letter=letter,
                  bbox=list(layout.on_page(boxes[letter])), image=cut.image.sha256, width=cut.image.width,
                  height=cut.image.height, dpi=cut.dpi, pixels=cut.pixels, lead=divided.lead,
                  own=divided.parts.get(letter, ""))
        )  # fmt: skip


def _write_references(texts: dict[int, PageText], book: str, out: Extraction) -> None:
    """Citing sentences of all pages; where a number names several figures, the nearest page is meant."""
    panels: dict[str, set[str]] = {}
    for panel in out.panels:
        panels.setdefault(panel.figure_id, set()).add(panel.letter)
    figures: dict[str, list[Figure]] = {}
    letters: dict[str, set[str]] = {}
    for figure in out.figures:
        number = normalise_label(figure.label)
        figures.setdefault(number, []).append(figure)
        known = panels.get(figure.figure_id, set()) | set(divide(figure.caption).parts)
        letters.setdefault(number, set()).update(known)
    frozen = {number: frozenset(found) for number, found in letters.items()}
    for page, text in texts.items():
        for cited in find_references(text.text, text.captions, frozen):
            figure = min(figures[cited.number], key=lambda f: (abs(f.page - page), f.page))
            name = stable_id("reference", figure.figure_id, page, cited.start, cited.end, cited.letter)
            out.references.append(
                Reference(reference_id=name, figure_id=figure.figure_id, letter=cited.letter, book=book, page=page,
                          sentence=text.text[cited.start : cited.end], char_start=cited.start, char_end=cited.end)
            )  # fmt: skip
