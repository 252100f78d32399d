"""From the rows of an extraction to what its report shows, page by page; knows nothing of HTML."""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from assets.figures.extract import Extraction
from assets.figures.report.overlay import Frame, Shape, shapes_of
from assets.records import Failure, Figure, Page, Panel, Reference, normalise_label

T = TypeVar("T")
LOW = 0.9  # a figure below this score wants a look: above it, 98 of 100 shall be right
SAME = 20  # pages that failed for one and the same reason are pictured up to this number
MOST_TEXT = 30_000  # characters of a page that are shown
ENDED_READER = {"timed-out", "out-of-memory", "crashed", "too-large", "given-up", "page-too-large"}


@dataclass(frozen=True)
class FigureView:
    """`cited` maps pages to the number of sentences there that cite the figure."""

    figure: Figure
    panels: list[Panel]
    cited: dict[int, int]

    @property
    def low(self) -> bool:
        return self.figure.score < LOW


@dataclass(frozen=True)
class Sentence:
    """A citing sentence and the (figure, letter) that it cites."""

    text: str
    start: int
    cites: list[tuple[Figure, str | None]]


@dataclass(frozen=True)
class Piece:
    """A run of page text. `kind` is cite, caption or empty; `start` is its place in the page's text."""

    text: str
    kind: str
    start: int


@dataclass(frozen=True)
class PageView:
    """A page with something on it. `bodies` are its figures, `captions` the captions of bodies on other pages."""

    number: int
    row: Page | None
    bodies: list[FigureView]
    captions: list[FigureView]
    sentences: list[Sentence]
    failures: list[Failure]
    pieces: list[Piece]
    cut: bool
    frame: Frame | None
    shapes: list[Shape]
    picture: str | None
    unpictured: str

    @property
    def low(self) -> bool:
        return any(view.low for view in (*self.bodies, *self.captions))


@dataclass(frozen=True)
class Gap:
    """Consecutive pages on which nothing was found."""

    pages: list[Page]

    @property
    def name(self) -> str:
        first, last = self.pages[0].page, self.pages[-1].page
        return f"Page {first}" if first == last else f"Pages {first}–{last}"


@dataclass(frozen=True)
class BookView:
    """Figures in page order. `failures` are grouped by reason, those of the most pages first."""

    title: str
    figures: list[FigureView]
    failures: list[tuple[str, list[Failure]]]
    parts: list[PageView | Gap]
    missing: list[str]
    counts: dict[str, int]
    methods: dict[str, int] = field(default_factory=dict)


def pages_to_picture(extraction: Extraction) -> list[int]:
    """Pages with figures, captions, citing sentences or failures, in order.

    Left out are pages that ended their reader, and what is beyond 20 pages that failed for one reason and hold nothing
    else: the twenty-first page without a text layer tells nothing new.
    """
    found = {f.page for f in extraction.figures} | {f.caption_page for f in extraction.figures}
    found |= {reference.page for reference in extraction.references}
    seen: Counter[str] = Counter()
    for failure in sorted((f for f in extraction.failures if f.page), key=lambda f: f.page or 0):
        seen[failure.reason] += 1
        if failure.page and seen[failure.reason] <= SAME:
            found.add(failure.page)
    ended = {f.page for f in extraction.failures if f.reason in ENDED_READER and f.stage == "figures.read"}
    return sorted(found - ended)


def book_view(title: str, extraction: Extraction, pictures: dict[int, tuple[str, int]]) -> BookView:
    """`pictures` maps pages to the path of their picture and the quarter turns that it was given."""
    panels: dict[str, list[Panel]] = {}
    for panel in extraction.panels:
        panels.setdefault(panel.figure_id, []).append(panel)
    cited: dict[str, set[tuple[int, int]]] = {}
    for reference in extraction.references:
        cited.setdefault(reference.figure_id, set()).add((reference.page, reference.char_start))
    views = []
    for figure in extraction.figures:
        places = Counter(page for page, _ in sorted(cited.get(figure.figure_id, ())))
        views.append(FigureView(figure, panels.get(figure.figure_id, []), dict(places)))
    rows = {page.page: page for page in extraction.pages}
    figures = {view.figure.figure_id: view.figure for view in views}
    bodies = _grouped(views, lambda view: view.figure.page)
    captions = _grouped((v for v in views if v.figure.caption_page != v.figure.page), lambda v: v.figure.caption_page)
    references = _grouped(extraction.references, lambda reference: reference.page)
    failures = _grouped((f for f in extraction.failures if f.page), lambda failure: failure.page or 0)
    busy = bodies.keys() | captions.keys() | references.keys() | failures.keys()
    parts: list[PageView | Gap] = []
    for number in sorted(rows.keys() | busy):
        if number in busy:
            citing = references.get(number, [])
            parts.append(
                _page_view(number, rows.get(number), bodies.get(number, []), captions.get(number, []),
                           _sentences(citing, figures), citing, failures.get(number, []), pictures.get(number))
            )  # fmt: skip
        elif parts and isinstance(parts[-1], Gap):
            parts[-1].pages.append(rows[number])
        else:
            parts.append(Gap([rows[number]]))
    counts = {
        "pages": len(rows), "figures": len(views), "panels": len(extraction.panels),
        "citing sentences": len({(r.page, r.char_start, r.char_end) for r in extraction.references}),
        "low scores": sum(view.low for view in views), "failures": len(extraction.failures),
    }  # fmt: skip
    methods = Counter(page.method for page in extraction.pages)
    missing = missing_numbers(view.figure.label for view in views)
    return BookView(title, views, _by_reason(extraction.failures), parts, missing, counts, dict(methods.most_common()))


def _page_view(
    number: int, row: Page | None, bodies: list[FigureView], captions: list[FigureView], sentences: list[Sentence],
    references: list[Reference], failures: list[Failure], picture: tuple[str, int] | None,
) -> PageView:  # fmt: skip
    pieces = text_pieces(row, references) if row and references else []
    frame = Frame(row.width, row.height, picture[1] if picture else 0) if row and row.width and row.height else None
    shapes = shapes_of(number, [(v.figure, v.panels, v.low) for v in (*bodies, *captions)], frame) if frame else []
    return PageView(
        number, row, bodies, captions, sentences, failures, pieces, bool(pieces and row and len(row.text) > MOST_TEXT),
        frame, shapes, picture[0] if picture else None, "" if picture else _why_unpictured(failures),
    )  # fmt: skip


def _why_unpictured(failures: list[Failure]) -> str:
    for failure in failures:
        if failure.reason in ENDED_READER or failure.stage == "figures.report":
            return f"No picture of this page: {failure.detail}."
    return f"No picture of this page: {SAME} earlier pages that failed for the same reason are shown."


def _sentences(references: list[Reference], by_id: dict[str, Figure]) -> list[Sentence]:
    found: dict[tuple[int, int], Sentence] = {}
    for r in sorted(references, key=lambda r: (r.char_start, r.char_end)):
        sentence = found.setdefault((r.char_start, r.char_end), Sentence(r.sentence, r.char_start, []))
        if r.figure_id in by_id:
            sentence.cites.append((by_id[r.figure_id], r.letter))
    return list(found.values())


def text_pieces(page: Page, references: list[Reference]) -> list[Piece]:
    """The page's text cut where citing sentences and captions begin and end; what cites wins."""
    cites = [(r.char_start, r.char_end) for r in references]
    captions = list(zip(page.captions[::2], page.captions[1::2], strict=True))
    end = min(len(page.text), MOST_TEXT)
    cuts = sorted({0, end, *(min(end, at) for span in cites + captions for at in span)})
    pieces = []
    for start, stop in zip(cuts, cuts[1:], strict=False):
        kind = "cite" if _in(start, cites) else "caption" if _in(start, captions) else ""
        pieces.append(Piece(page.text[start:stop], kind, start))
    return pieces


def _in(at: int, spans: list[tuple[int, int]]) -> bool:
    return any(start <= at < end for start, end in spans)


def _grouped(items: Iterable[T], page: Callable[[T], int]) -> dict[int, list[T]]:
    grouped: dict[int, list[T]] = {}
    for item in items:
        grouped.setdefault(page(item), []).append(item)
    return grouped


def _by_reason(failures: list[Failure]) -> list[tuple[str, list[Failure]]]:
    grouped: dict[str, list[Failure]] = {}
    for failure in sorted(failures, key=lambda f: f.page or 0):
        grouped.setdefault(failure.reason, []).append(failure)
    return sorted(grouped.items(), key=lambda item: (all(f.page for f in item[1]), -len(item[1]), item[0]))


def missing_numbers(labels: Iterable[str]) -> list[str]:
    """Numbers that the book's labels skip, as ranges ("7-3", "7-12 to 7-14"), between the first and last of a series.

    A figure that was not found leaves such a hole, unless it is the first or last of its series.
    """
    series: dict[str, set[int]] = {}
    for label in labels:
        number = re.fullmatch(r"(.*?)(\d{1,4})[a-z]?", normalise_label(label))
        if number:
            series.setdefault(number[1], set()).add(int(number[2]))
    found = []
    for prefix, have in sorted(series.items()):
        ordered = sorted(have)
        for low, high in zip(ordered, ordered[1:], strict=False):
            first, last = f"{prefix}{low + 1}", f"{prefix}{high - 1}"
            if high - low > 1:
                found.append(first if first == last else f"{first} to {last}")
    return found
