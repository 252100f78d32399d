"""Stage 4, without the PDF: ids, rows and citing sentences of the whole book."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from assets.figures.confidence import Evidence, scores_of
from assets.figures.cutting import PageCuts
from assets.figures.rows import figure_row, panel_rows, reference_rows, scored
from assets.figures.spool import Spool
from assets.records import Failure, Figure, Image, Page, Panel, Reference, figure_id, normalise_label, panel_id


@dataclass(frozen=True)
class Rows:
    """All tables of a book: pages and figures in page order, figures of one page in reading order.

    `pages` come from disk one by one, and only once.
    """

    pages: Iterator[Page]
    figures: list[Figure]
    panels: list[Panel]
    references: list[Reference]
    failures: list[Failure]


def gather(work: Path, book: str, begin: Callable[[int], None], skip: frozenset[int] = frozenset()) -> Rows:
    """The rows that stages 2 and 3 left in the spools `pages`, `failures` and `cuts`.

    `begin(page)` is called before the citing sentences of a page are looked for, which pages in `skip` are spared.
    """
    pages = Spool[Page](work, "pages")
    found = [Found(failures=Spool[list[Failure]](work, "failures")[0])]
    found += [page_figures(page, book) for page in Spool[PageCuts](work, "cuts").frames()]
    figures, panels = numbered([f for each in found for f in each.figures], [p for each in found for p in each.panels])
    references = reference_rows(pages.frames, figures, panels, book, begin, skip)
    begin(0)
    seen = [evidence for each in found for evidence in each.seen]
    figures, panels = scored(figures, panels, scores_of(figures, seen, references))
    return Rows(pages.frames(), figures, panels, references, [f for each in found for f in each.failures])


@dataclass
class Found:
    """Rows of one page, whose ids hold for the page alone; `seen` is the evidence for each figure, or its score."""

    figures: list[Figure] = field(default_factory=list)
    panels: list[Panel] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    seen: list[Evidence | float] = field(default_factory=list)


def page_figures(page: PageCuts, book: str) -> Found:
    """The rows of one page before `numbered` and `scored` have seen the whole book."""
    found = Found(failures=list(page.failures))
    if page.layout is None:
        return found
    for at, cut in enumerate(page.cuts):
        figure = figure_row(cut, page.layout, f"{page.layout.page}/{at}", book)
        found.figures.append(figure)
        found.panels += panel_rows(cut, page.layout, figure)
        found.seen.append(cut.order.evidence)
        if cut.order.divided.parts and not cut.panels:
            found.failures.append(_undivided(figure, list(cut.order.divided.parts)))
    return found


def numbered(figures: list[Figure], panels: list[Panel]) -> tuple[list[Figure], list[Panel]]:
    """Figures and their panels with ids: figures of one label are counted through the book, in the order given."""
    ordinals: Counter[str] = Counter()
    names: dict[str, str] = {}
    for figure in figures:
        number = normalise_label(figure.label)
        names[figure.figure_id] = figure_id(figure.book, figure.label, ordinals[number])
        ordinals[number] += 1
    own = [replace(figure, figure_id=names[figure.figure_id]) for figure in figures]
    parts = []
    for panel in panels:
        figure_name = names[panel.figure_id]
        parts.append(replace(panel, figure_id=figure_name, panel_id=panel_id(figure_name, panel.letter)))
    return own, parts


def pictures(work: Path, begin: Callable[[int], None]) -> Iterator[Image]:
    """The pictures of all figures and panels in page order, each once; `begin(0)` is called before each page."""
    seen: set[str] = set()
    for page in Spool[PageCuts](work, "cuts").frames():
        begin(0)
        for cut in page.cuts:
            for picture in (cut.picture, *(picture for _, picture in cut.panels.values())):
                if picture.image.sha256 not in seen:
                    seen.add(picture.image.sha256)
                    yield picture.image


def _undivided(figure: Figure, letters: list[str]) -> Failure:
    detail = (
        f"the caption of {figure.label} on page {figure.page} names the panels {', '.join(letters)}, which could not "
        "be told apart in its picture; the figure is kept whole"
    )
    return Failure(book=figure.book, stage="figures.panels", page=figure.page, reason="panels-not-found", detail=detail)
