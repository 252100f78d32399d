"""Stage 4, without the PDF: ids, rows and citing sentences of the whole book."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from assets.figures.arrange import Arranged
from assets.figures.cutting import PageCuts
from assets.figures.rows import figure_row, panel_rows, reference_rows
from assets.figures.spool import Spool
from assets.records import Failure, Figure, Image, Page, Panel, Reference, figure_id, normalise_label, panel_id


@dataclass(frozen=True)
class Rows:
    """All tables of a book: pages and figures in page order, figures of one page in reading order."""

    pages: list[Page]
    figures: list[Figure]
    panels: list[Panel]
    references: list[Reference]
    failures: list[Failure]


def gather(work: Path, book: str, begin: Callable[[int], None], skip: frozenset[int] = frozenset()) -> Rows:
    """The rows that stages 2 and 3 left in the spools `arranged` and `cuts`.

    `begin(page)` is called before the citing sentences of a page are looked for, which pages in `skip` are spared.
    """
    arranged = Spool[Arranged](work, "arranged")[0]
    figures: list[Figure] = []
    panels: list[Panel] = []
    failures = list(arranged.failures)
    for _, page in Spool[PageCuts](work, "cuts"):
        found, parts, lost = page_figures(page, book)
        figures, panels, failures = figures + found, panels + parts, failures + lost
    figures, panels = numbered(figures, panels)
    references = reference_rows(arranged.pages, figures, panels, book, begin, skip)
    begin(0)
    return Rows(arranged.pages, figures, panels, references, failures)


def page_figures(page: PageCuts, book: str) -> tuple[list[Figure], list[Panel], list[Failure]]:
    """Rows of one page; their ids hold for the page alone until `numbered` has seen the whole book."""
    figures: list[Figure] = []
    panels: list[Panel] = []
    failures = list(page.failures)
    if page.layout is None:
        return figures, panels, failures
    for at, cut in enumerate(page.cuts):
        figure = figure_row(cut, page.layout, f"{page.layout.page}/{at}", book)
        figures.append(figure)
        panels += panel_rows(cut, page.layout, figure)
        if cut.order.divided.parts and not cut.panels:
            failures.append(_undivided(figure, list(cut.order.divided.parts)))
    return figures, panels, failures


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
    for _, page in Spool[PageCuts](work, "cuts"):
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
