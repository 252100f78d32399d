"""From what was found on the pages to rows: pages, figures with their panels and pictures, citing sentences."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace

from assets.figures.binding import Body
from assets.figures.geometry import Box, inside
from assets.figures.labels import without_label
from assets.figures.layout import PageLayout
from assets.figures.lines import Line
from assets.figures.page_text import PageText, Paragraph, by_rows, sections_of
from assets.figures.panels import find_panels, printed_letters
from assets.figures.pixels import PagePixels, Picture
from assets.figures.reading import joined
from assets.figures.references import find_references
from assets.figures.subcaptions import Divided, divide
from assets.records import Figure, Page, Panel, Reference, figure_id, normalise_label, panel_id
from assets.schema import content_hash, stable_id


@dataclass(frozen=True)
class Cut:
    """A figure with its pictures. `panels` maps letters to boxes (reading frame) and pictures."""

    body: Body
    caption: str
    divided: Divided
    picture: Picture
    panels: dict[str, tuple[Box, Picture]]


def empty_page(book: str, number: int, width: float = 0.0, height: float = 0.0) -> Page:
    return Page(book=book, page=number, width=width, height=height, text="", sections=[], method="none")


def page_rows(pages: Iterable[Page], texts: dict[int, PageText], parts: dict[int, list[Paragraph]]) -> list[Page]:
    """`pages`, in order, with text and sections where there is text."""
    rows: list[Page] = []
    sections: list[str] = []
    for page in pages:
        if page.page in texts:
            sections = sections_of(parts[page.page], sections)
            page = replace(page, text=texts[page.page].text, sections=sections, method="native")
        rows.append(page)
    return rows


def cut_figure(body: Body, layout: PageLayout, pixels: PagePixels, letters: list[Line], words: frozenset[str]) -> Cut:
    """Divide one figure and cut its pictures. Raises what pymupdf raises when the page cannot be rendered."""
    lines = [line.text for line in by_rows(body.caption.lines)]
    caption = without_label(unicodedata.normalize("NFC", joined(lines, words)))
    divided = divide(caption)
    rasters = [r.box for r in layout.rasters if inside(r.box, body.box) > 0.9]
    marks = printed_letters(letters, body.box)
    boxes = find_panels(list(divided.parts), rasters, marks, body.box, lambda: pixels.grey(body.box))
    picture = pixels.cut(body.box)
    return Cut(body, caption, divided, picture, {letter: (box, pixels.cut(box)) for letter, box in boxes.items()})


def figure_row(cut: Cut, layout: PageLayout, ordinal: int, book: str) -> Figure:
    """`ordinal` counts the figures of this number within the book."""
    body, picture = cut.body, cut.picture
    figure = Figure(
        figure_id=figure_id(book, body.label.printed, ordinal), book=book, page=layout.page, label=body.label.printed,
        bbox=list(layout.on_page(body.box)), caption_bbox=list(layout.on_page(body.caption.box)), caption=cut.caption,
        image=picture.image.sha256, width=picture.image.width, height=picture.image.height, dpi=picture.dpi,
        pixels=picture.pixels, method="native", rule=body.rule, score=body.score, content_hash="",
    )  # fmt: skip
    state = {key: value for key, value in vars(figure).items() if key not in ("figure_id", "book", "content_hash")}
    return replace(figure, content_hash=content_hash(state))


def panel_rows(cut: Cut, layout: PageLayout, figure: Figure) -> list[Panel]:
    return [
        Panel(
            panel_id=panel_id(figure.figure_id, letter), figure_id=figure.figure_id, book=figure.book, letter=letter,
            bbox=list(layout.on_page(box)), image=picture.image.sha256, width=picture.image.width,
            height=picture.image.height, dpi=picture.dpi, pixels=picture.pixels, lead=cut.divided.lead,
            own=cut.divided.parts.get(letter, ""),
        )
        for letter, (box, picture) in cut.panels.items()
    ]  # fmt: skip


def reference_rows(
    texts: dict[int, PageText], figures: list[Figure], panels: list[Panel], book: str
) -> list[Reference]:
    """Citing sentences of all pages; where a number names several figures, the nearest page is meant."""
    own: dict[str, set[str]] = {}
    for panel in panels:
        own.setdefault(panel.figure_id, set()).add(panel.letter)
    named: dict[str, list[Figure]] = {}
    letters: dict[str, frozenset[str]] = {}
    for figure in figures:
        number = normalise_label(figure.label)
        named.setdefault(number, []).append(figure)
        known = own.get(figure.figure_id, set()) | set(divide(figure.caption).parts)
        letters[number] = letters.get(number, frozenset()) | known
    rows = []
    for page, text in texts.items():
        for cited in find_references(text.text, text.captions, letters):
            figure = min(named[cited.number], key=lambda f: (abs(f.page - page), f.page))
            name = stable_id("reference", figure.figure_id, page, cited.start, cited.end, cited.letter)
            rows.append(
                Reference(reference_id=name, figure_id=figure.figure_id, letter=cited.letter, book=book, page=page,
                          sentence=text.text[cited.start : cited.end], char_start=cited.start, char_end=cited.end)
            )  # fmt: skip
    return rows
