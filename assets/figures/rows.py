"""From what was found on the pages to rows: pages, figures with their panels and pictures, citing sentences."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from assets.figures.confidence import panel_score
from assets.figures.cutting import Cut
from assets.figures.layout import PageLayout
from assets.figures.references import chapters, find_references, meant
from assets.figures.subcaptions import divide
from assets.records import Figure, Page, Panel, Reference, normalise_label, panel_id
from assets.schema import content_hash, stable_id


def figure_row(cut: Cut, layout: PageLayout, name: str, book: str) -> Figure:
    """`name` is what the figure is called until its id is known."""
    order, picture = cut.order, cut.picture
    return Figure(
        figure_id=name, book=book, page=layout.page, label=order.label,
        bbox=list(layout.on_page(order.box)), caption_page=order.caption_page, caption_bbox=list(order.caption_box),
        caption=order.caption, caption_printed=order.printed, image=picture.image.sha256, width=picture.image.width,
        height=picture.image.height, dpi=picture.dpi, pixels=picture.pixels, method=order.method, rule=order.rule,
        score=0.0, content_hash="",
    )  # fmt: skip


def scored(figures: list[Figure], panels: list[Panel], scores: list[float]) -> tuple[list[Figure], list[Panel]]:
    """Figures and panels with their scores, and the figures with the hash of their present state."""
    own = dict(zip((figure.figure_id for figure in figures), scores, strict=True))
    done = []
    for figure in figures:
        state = {**vars(figure), "score": own[figure.figure_id]}
        state = {key: value for key, value in state.items() if key not in ("figure_id", "book", "content_hash")}
        done.append(replace(figure, score=own[figure.figure_id], content_hash=content_hash(state)))
    return done, [replace(panel, score=panel_score(panel.rule, own[panel.figure_id])) for panel in panels]


def panel_rows(cut: Cut, layout: PageLayout, figure: Figure) -> list[Panel]:
    return [
        Panel(
            panel_id=panel_id(figure.figure_id, letter), figure_id=figure.figure_id, book=figure.book, letter=letter,
            bbox=list(layout.on_page(box)), image=picture.image.sha256, width=picture.image.width,
            height=picture.image.height, dpi=picture.dpi, pixels=picture.pixels, method=cut.order.method,
            rule=cut.panel_rule, score=0.0, lead=cut.order.divided.lead, own=cut.order.divided.parts.get(letter, ""),
        )
        for letter, (box, picture) in cut.panels.items()
    ]  # fmt: skip


def reference_rows(
    pages: Callable[[], Iterable[Page]], figures: list[Figure], panels: list[Panel], book: str,
    begin: Callable[[int], None], skip: frozenset[int] = frozenset(),
) -> list[Reference]:  # fmt: skip
    """Citing sentences of all pages but those in `skip`; `begin(page)` is called before each.

    `pages()` reads the pages anew, in order: first for their titles, then for their text.
    """
    own: dict[str, set[str]] = {}
    for panel in panels:
        own.setdefault(panel.figure_id, set()).add(panel.letter)
    named: dict[str, list[Figure]] = {}
    letters: dict[str, frozenset[str]] = {}
    chapter = chapters(pages())
    for figure in figures:
        number = normalise_label(figure.label)
        named.setdefault(number, []).append(figure)
        known = own.setdefault(figure.figure_id, set())
        known |= set(divide(figure.caption).parts)
        letters[number] = letters.get(number, frozenset()) | known
    rows = []
    for page in pages():
        if page.page in skip:
            continue
        begin(page.page)
        spans = list(zip(page.captions[::2], page.captions[1::2], strict=True))
        for cited in find_references(page.text, spans, letters):
            figure = meant(named[cited.number], own, cited, page.page, chapter)
            name = stable_id("reference", figure.figure_id, page.page, cited.start, cited.end, cited.letter)
            rows.append(
                Reference(reference_id=name, figure_id=figure.figure_id, letter=cited.letter, book=book,
                          page=page.page, sentence=page.text[cited.start : cited.end], char_start=cited.start,
                          char_end=cited.end)
            )  # fmt: skip
    return rows
