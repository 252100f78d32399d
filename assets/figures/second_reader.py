"""The seam for a second reader of pages (a vision-language model, a person): what it gets, what it gives back.

    doubtful(extraction) -> requests(...) -> the reader -> PageResult -> sandbox.replace_into(...)

A page's result takes the place of ours, and citing sentences are linked anew over the whole book; no other page of the
PDF is read again. Nothing here calls a model: a reader is any function from PageRequest to PageResult.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from assets.errors import BadInput
from assets.figures.paragraphs import Paragraph
from assets.records import Failure, Figure, Page, Panel

SURE = 0.9  # score at which a figure needs no second reader


@dataclass(frozen=True)
class PageRequest:
    """A page as we read it. `picture` is a PNG of the unrotated page at `dpi`; boxes are in points."""

    page: Page
    figures: list[Figure]
    panels: list[Panel]
    failures: list[Failure]
    picture: bytes
    dpi: float


@dataclass(frozen=True)
class ReadPanel:
    letter: str
    bbox: list[float]


@dataclass(frozen=True)
class ReadFigure:
    """A figure as the second reader saw it; `score` is its own confidence, 0..1."""

    label: str
    bbox: list[float]
    caption: str
    caption_bbox: list[float]
    score: float
    panels: list[ReadPanel] = field(default_factory=list)


@dataclass(frozen=True)
class PageResult:
    """What takes a page's place. `paragraphs` replace its text when given; `reader` names the model and its version."""

    page: int
    reader: str
    figures: list[ReadFigure]
    paragraphs: list[Paragraph] | None = None


PageReader = Callable[[PageRequest], PageResult]


def doubtful(figures: Iterable[Figure], failures: Iterable[Failure], below: float = SURE) -> list[int]:
    """Pages (1-based) that a second reader should see: with a failure, or with a figure that scores below `below`."""
    pages = {figure.page for figure in figures if figure.score < below}
    return sorted(pages | {failure.page for failure in failures if failure.page is not None})


def write_results(path: Path, results: list[PageResult]) -> None:
    path.write_text(json.dumps([asdict(result) for result in results], ensure_ascii=False), encoding="utf-8")


def read_results(path: Path) -> list[PageResult]:
    results = []
    for row in json.loads(path.read_text(encoding="utf-8")):
        figures = [ReadFigure(**{**f, "panels": [ReadPanel(**p) for p in f["panels"]]}) for f in row["figures"]]
        texts = None if row["paragraphs"] is None else [Paragraph(**p) for p in row["paragraphs"]]
        results.append(PageResult(row["page"], row["reader"], figures, texts))
    return results


def check(results: list[PageResult], pages: dict[int, Page]) -> None:
    """Raises BadInput, naming page and figure, for a result that cannot stand in the book's tables."""
    seen: set[int] = set()
    for result in results:
        if result.page not in pages or result.page in seen:
            why = "is given twice" if result.page in seen else f"is not among the book's {len(pages)} pages"
            raise BadInput(f"page {result.page} of the second reader {result.reader} {why}; give each page once")
        seen.add(result.page)
        page = pages[result.page]
        for figure in result.figures:
            where = f"page {result.page}, {figure.label} of the second reader {result.reader}"
            for box in (figure.bbox, figure.caption_bbox, *(panel.bbox for panel in figure.panels)):
                if not _on(box, page):
                    size = f"{page.width:g} x {page.height:g} points"
                    raise BadInput(f"{where}: the box {box} is no [x0, y0, x1, y1] on the page of {size}")
            if not 0 <= figure.score <= 1:
                raise BadInput(f"{where}: the score {figure.score} is not between 0 and 1")


def _on(box: list[float], page: Page) -> bool:
    if len(box) != 4:
        return False
    x0, y0, x1, y1 = box
    return -1 <= x0 < x1 <= page.width + 1 and -1 <= y0 < y1 <= page.height + 1
