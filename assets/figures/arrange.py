"""Stage 2, without the PDF: captions, bodies and text of the whole book, from what stage 1 read on its pages.

    survey of the book -> captions -> scenes -> one assignment per page -> leftovers across pages -> text, cuts to make

Every pass takes the layouts from the spool one after the other, so that memory does not grow with the book.
"""

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from assets.figures.binding import bind, parted, sides
from assets.figures.bodies import Scene, see
from assets.figures.captions import Caption, find_captions, halves, select
from assets.figures.confidence import Evidence, evidence_of
from assets.figures.failures import (
    captions_dropped,
    captions_sideways,
    captions_without_body,
    no_captions,
    sideways_captions,
)
from assets.figures.gathering import Body
from assets.figures.geometry import Box
from assets.figures.labels import Label, without_label
from assets.figures.layout import PageLayout
from assets.figures.lines import Line
from assets.figures.order import Block
from assets.figures.page_text import Title, arrange_page, compose, sections_of, stitched
from assets.figures.paragraphs import PageText, Paragraph, assemble
from assets.figures.reading import joined
from assets.figures.readings import Reading
from assets.figures.spool import Spool, SpoolWriter, clear
from assets.figures.spreads import bind_across
from assets.figures.subcaptions import Divided, divide_all
from assets.figures.survey import PageSurvey, Survey, survey_book
from assets.figures.tails import adopt, printed_with_tails, run_over
from assets.records import Failure, Page

RESULTS = ("orders", "pages", "failures")  # the spools that this stage leaves


@dataclass(frozen=True)
class Order:
    """A figure to cut: everything about it but its pictures.

    `box` is in the page's reading frame, `caption_box` in points of the unrotated caption_page. `letters` are single
    letters printed at the body; `panels` are boxes in the reading frame when a second reader has told them, and then
    `evidence` is that reader's score.
    """

    label: str
    box: Box
    caption_page: int
    caption_box: Box
    caption: str
    printed: str
    divided: Divided
    method: str
    rule: str
    evidence: Evidence | float
    letters: list[Line] = field(default_factory=list)
    panels: dict[str, Box] | None = None


@dataclass(frozen=True)
class PageOrders:
    """What stage 3 needs of a page: its layout without text and drawings, and its figures in reading order."""

    layout: PageLayout
    orders: list[Order]


@dataclass
class _Book:
    """The book while it is arranged; `methods` says how each usable page was read."""

    survey: Survey
    layouts: Spool[PageLayout]
    methods: dict[int, str]
    begin: Callable[[int], None]
    captions: dict[int, list[Caption]] = field(default_factory=dict)

    def layout(self, page: int) -> PageLayout:
        """The page without running heads. Its captions hold its very lines, though it may be a fresh copy."""
        self.begin(page)
        layout = self.survey.trimmed(self.layouts[page])
        if captions := self.captions.get(page):
            own = {line: line for line in layout.lines}
            for caption in captions:
                caption.lines = [own[line] for line in caption.lines]
        return layout


def arrange(work: Path, key: str, begin: Callable[[int], None], skip: frozenset[int] = frozenset()) -> None:
    """Work out the book `key`; writes the spools `orders`, `pages` and `failures` (all in its frame 0).

    Pages in `skip` count as unreadable. `begin(page)` is called before each step of a page.
    """
    clear(work, "scenes", *RESULTS)
    begin(0)
    readings = list(Spool[Reading](work, "readings").frames())
    methods = {r.page: r.method for r in readings if r.method != "none" and r.page not in skip}
    survey = survey_book(found for page, found in Spool[PageSurvey](work, "surveys") if page in methods)
    book = _Book(survey, Spool(work, "layouts"), methods, begin)

    candidates: list[Caption] = []
    sideways: list[tuple[int, Label]] = []
    for page in methods:
        layout = book.layout(page)
        candidates += find_captions(layout, survey.style)
        sideways += sideways_captions(layout)
    begin(0)
    selected, rivals = select(candidates)
    book.captions = {page: [c for c in selected if c.page == page] for page in methods}
    for tail in run_over(book.captions, book.layout, survey.style):
        book.captions[tail.page].append(tail)
    favoured = _see(book, work)
    scenes = Spool[Scene](work, "scenes")
    bodies: dict[int, list[Body]] = {}
    without: list[Caption] = []
    for page in methods:
        begin(page)
        bodies[page], lost = bind(scenes[page], book.captions[page], favoured)
        without += lost
    frames = {page: book.layouts[page].frame for page in {c.page + step for c in without for step in (-1, 1)}
              if page in methods}  # fmt: skip
    without = adopt(without, selected)
    for page, body in bind_across(without, bodies, scenes.__getitem__, frames):
        bodies[page].append(body)
        without = [caption for caption in without if caption is not body.caption]

    paragraphs = stitched(_write_orders(book, bodies, scenes, favoured, work), survey.words, begin)
    captioned = any(caption.label for caption in selected)
    pictured = [page for page in methods if not captioned and any(atom.solid for atom in scenes[page].atoms)]
    failures = [
        *no_captions(pictured, key),
        *captions_sideways(sideways, selected, key),
        *captions_dropped(rivals, selected, key),
        *captions_without_body(without, bodies, key),
    ]
    _write_pages(work, readings, paragraphs, failures, key)


def unarranged(work: Path, key: str) -> None:
    """Write the spools of a book that could not be arranged: its pages without text, its failures, no figures."""
    clear(work, *RESULTS)
    _write_pages(work, list(Spool[Reading](work, "readings").frames()), iter(()), [], key)


def _see(book: _Book, work: Path) -> dict[str, float]:
    """Write every page's scene, and bind a first time to learn on which side this book sets its captions."""
    first: list[Body] = []
    with SpoolWriter[Scene](work, "scenes") as scenes:
        for page in book.methods:
            layout = book.layout(page)
            scene = see(layout, book.captions[page], book.survey.style, set(book.survey.decoys))
            scene, bodies = parted(scene, book.captions[page])
            scenes.append(page, scene)
            first += [replace(body, atoms=[]) for body in bodies]
    return sides(first)


def _write_orders(
    book: _Book, bodies: dict[int, list[Body]], scenes: Spool[Scene], favoured: dict[str, float], work: Path
) -> Iterator[tuple[int, list[Paragraph]]]:
    """Write the figures to cut on every page; gives the pages with their paragraphs."""
    style, words = book.survey.style, book.survey.words
    tails = [caption for own in book.captions.values() for caption in own if caption.tail_of is not None]
    with SpoolWriter[PageOrders](work, "orders") as spool:
        for page, method in book.methods.items():
            layout = book.layout(page)
            blocks = arrange_page(layout, book.captions[page], bodies[page], style)
            if bodies[page]:
                letters = scenes[page].labels + scenes[page].letters
                orders = []
                for body in _in_order(bodies[page], blocks):
                    caption_box = book.layouts[body.caption.page].on_page(body.caption.box)
                    lines = printed_with_tails(body.caption, tails)
                    seen = evidence_of(body, page, scenes[page], bodies[page], book.captions[page], favoured, method)
                    orders.append(_order(body, lines, caption_box, letters, words, method, seen))
                spool.append(page, PageOrders(replace(layout, lines=[], margins=[], drawings=[]), orders))
            yield page, compose(blocks, style, words)


def _order(
    body: Body, printed: list[Line], caption_box: Box, letters: list[Line], words: frozenset[str], method: str,
    evidence: Evidence,
) -> Order:  # fmt: skip
    texts = [joined([line.text for line in half], words) for half in halves(printed)]
    texts = [text for text in (without_label(unicodedata.normalize("NFC", text)) for text in texts) if text]
    return Order(
        label=body.label.printed, box=body.box, caption_page=body.caption.page, caption_box=caption_box,
        caption=" ".join(texts), printed="\n".join(line.text for line in printed), divided=divide_all(texts),
        method=method, rule=body.rule,
        evidence=evidence, letters=letters,
    )  # fmt: skip


def _in_order(bodies: list[Body], blocks: list[Block]) -> list[Body]:
    """Bodies as their blocks follow one another on the page."""
    place = {block.box: n for n, block in enumerate(blocks) if block.kind == "figure"}
    return sorted(bodies, key=lambda body: place[body.box])


def _write_pages(
    work: Path, readings: list[Reading], paragraphs: Iterator[tuple[int, list[Paragraph]]], failures: list[Failure],
    key: str,
) -> None:  # fmt: skip
    """Write a row for every page in order, with text and sections where there is text, then all failures."""
    titles: list[Title] = []
    following = next(paragraphs, None)
    with SpoolWriter[Page](work, "pages") as pages:
        for reading in readings:
            text, method, own = PageText("", []), "none", list[str]()
            if following is not None and following[0] == reading.page:
                titles = sections_of(following[1], titles)
                own = [title for _, title in titles]
                text, method = assemble(following[1]), reading.method
                following = next(paragraphs, None)
            spans = [offset for span in text.captions for offset in span]
            row = Page(book=key, page=reading.page, width=reading.width, height=reading.height, text=text.text,
                       captions=spans, sections=own, method=method)  # fmt: skip
            pages.append(reading.page, row)
    with SpoolWriter[list[Failure]](work, "failures") as spool:
        spool.append(0, [failure for reading in readings for failure in reading.failures] + failures)
