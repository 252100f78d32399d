"""Running heads, feet and page numbers: found by where they stand and what repeats, and set apart from the text."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import zip_longest
from statistics import median
from typing import NamedTuple

from assets.figures.labels import TABLE, opening_label
from assets.figures.layout import PageLayout
from assets.figures.lines import Line

LONGEST_NUMBER = 40  # characters of "Page 12 of 345" and its like
PAGE_NUMBER = re.compile(r"^\W*(?:page|p\.?|第)?\s*(?:\d{1,4}|[ivxlc]{1,6})(?:\s*(?:of|/)\s*\d+)?\s*页?\W*$", re.I)
OUTER = 1 / 8  # of a page's height, at its head and foot
FOLIO_OUTER = 1 / 5  # the same for rows that end in the page's number
STANDS_OFF = 2.0  # points by which a running head stands further from the text than its lines from one another
MOST_PIECES = 3  # left, middle, right: a row of more is one of a table


class OuterLine(NamedTuple):
    """What a line near an edge is told by: left side, top and foot in points, type size, text."""

    left: float
    top: float
    foot: float
    size: float
    text: str


@dataclass(slots=True)
class Outline:
    """A page of `height` points with nothing but its outer lines; small enough to hold for thousands of pages."""

    page: int
    height: float
    lines: list[OuterLine]
    margins: list[OuterLine] = field(default_factory=list)


def outer_line(line: Line) -> OuterLine:
    return OuterLine(line.box[0], line.box[1], line.box[3], line.size, line.text)


def outline_of(layout: PageLayout) -> Outline:
    """Rows from both ends of the page as far as the outer eighth reaches, and the row behind them."""
    page = Outline(layout.page, layout.frame[3], [])
    rows = _rows([outer_line(line) for line in layout.lines])
    above = _reached(rows, page)
    below = _reached(rows[above:][::-1], page)
    page.lines = [line for row in rows[:above] + rows[len(rows) - below :] for line in row]
    return page


def _reached(rows: list[list[OuterLine]], page: Outline) -> int:
    """How many of `rows` lie in the outer eighth, and one more."""
    return next((n for n, row in enumerate(rows, 1) if not all(_outer(line, page) for line in row)), len(rows))


def set_margins_apart(pages: list[Outline]) -> None:
    """Move running heads, feet and page numbers from `lines` to `margins`.

    From the page's edge inwards a row goes as long as it stands alone in the outer eighth, is no caption, and
    one of its lines is a bare page number or has the same text (digits aside) as a line at that height of another page.
    Then rows go that stand, in the same type, where a quarter of the pages begin or end (heads that change with the
    section), unless they follow their neighbour as lines of text do: pages without heads begin at one height, too.
    Last, on pages with wide margins, rows go that end in a number which counts the pages of the book.
    """
    seen: dict[str, list[tuple[float, int]]] = {}
    for page in pages:
        for line in page.lines:
            if _outer(line, page):
                seen.setdefault(_shape(line.text), []).append((line.top, page.page))

    def repeated(page: Outline, row: list[OuterLine]) -> bool:
        twin = any(p != page.page and abs(y - o.top) < 4 for o in row for y, p in seen[_shape(o.text)])
        ends = sorted(row, key=lambda o: o.left)
        return twin or any(len(o.text) <= LONGEST_NUMBER and PAGE_NUMBER.match(o.text) for o in (ends[0], ends[-1]))

    for page in pages:
        _peel(page, partial(repeated, page))
    shelves = Counter(key for page in pages for key in {_shelf(row[0]) for row in _edges(page)})
    common = max(3, len(pages) / 4)
    least = _usual_white(pages) + STANDS_OFF
    for page in pages:
        _peel(page, lambda row: sum(shelves[_shelf(row[0], by)] for by in (-1, 0, 1)) >= common, least=least)
    counts = Counter(offset for page in pages for offset in {o for row in _edges(page) for o in _offsets(page, row)})
    for page in pages:
        counted = partial(_counted, page, counts, common)
        _peel(page, counted, FOLIO_OUTER)


def _counted(page: Outline, counts: Counter[int], common: float, row: list[OuterLine]) -> bool:
    return any(counts[offset] >= common for offset in _offsets(page, row))


def _offsets(page: Outline, row: list[OuterLine]) -> list[int]:
    """How far bare numbers at the ends of a row are ahead of the page's own number."""
    ends = sorted(row, key=lambda o: o.left)
    return [int(o.text) - page.page for o in (ends[0], ends[-1]) if o.text.isascii() and o.text.isdigit()
            and len(o.text) <= 4]  # fmt: skip


def _edges(page: Outline) -> list[list[OuterLine]]:
    """First and last row of a page, with those set apart already."""
    rows = _rows(page.lines + page.margins)
    return rows[:1] + rows[-1:]


def _shelf(line: OuterLine, by: int = 0) -> tuple[float, int]:
    """Type size and foot of the line, to a point; chapters may differ in their font."""
    return line.size, round(line.foot) + by


def _usual_white(pages: list[Outline]) -> float:
    """Points of white between most neighbouring rows of one type size."""
    white: list[float] = []
    for page in pages:
        rows = _rows(page.lines)
        for row, below in zip(rows, rows[1:], strict=False):
            gap = below[0].top - row[0].foot
            if row[0].size == below[0].size and gap < 3 * row[0].size:
                white.append(gap)
    return median(white) if white else 0.0


def _peel(page: Outline, goes: Callable[[list[OuterLine]], bool], outer: float = OUTER, least: float = 0.0) -> None:
    """Take rows off both ends of a page, in its outer share and apart by `least` points, while `goes` says so."""
    for edge in (1, -1):
        rows = _rows(page.lines)[::edge]
        for row, inner in zip_longest(rows, rows[1:]):
            white = max(row[0].top, inner[0].top) - min(row[0].foot, inner[0].foot) if inner else 99.0
            if white < max(least, 0.5 * row[0].size) or not all(
                _outer(line, page, outer) and not opening_label(line.text) and not TABLE.match(line.text)
                for line in row
            ):
                break
            if len(row) > MOST_PIECES or not goes(row):
                break
            page.margins += row
            gone = {id(line) for line in row}
            page.lines = [line for line in page.lines if id(line) not in gone]


def _rows(lines: list[OuterLine]) -> list[list[OuterLine]]:
    """Lines of one height together, from the top."""
    rows: list[list[OuterLine]] = []
    for line in sorted(lines, key=lambda item: item.top):
        if rows and line.top - rows[-1][0].top < 4:
            rows[-1].append(line)
        else:
            rows.append([line])
    return rows


def _outer(line: OuterLine, page: Outline, share: float = OUTER) -> bool:
    return line.foot < page.height * share or line.top > page.height * (1 - share)


def _shape(text: str) -> str:
    return re.sub(r"[\d\s]+", "#", text.lower())
