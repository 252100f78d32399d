"""Running heads, feet and page numbers: found by where they stand and what repeats, and set apart from the text."""

import re
from collections import Counter
from collections.abc import Callable
from functools import partial
from itertools import zip_longest

from assets.figures.labels import TABLE, opening_label
from assets.figures.layout import PageLayout
from assets.figures.lines import Line

LONGEST_NUMBER = 40  # characters of "Page 12 of 345" and its like
PAGE_NUMBER = re.compile(r"^\W*(?:page|p\.?|第)?\s*(?:\d{1,4}|[ivxlc]{1,6})(?:\s*(?:of|/)\s*\d+)?\s*页?\W*$", re.I)

MOST_PIECES = 3  # left, middle, right: a row of more is one of a table


def set_margins_apart(pages: list[PageLayout]) -> None:
    """Move running heads, feet and page numbers from `lines` to `margins`.

    From the page's edge inwards a row goes as long as it stands alone in the outer eighth, is no caption, and
    one of its lines is a bare page number or has the same text (digits aside) as a line at that height of another page.
    Then rows go that stand, in the same type, where a quarter of the pages begin or end (heads that change with the
    section).
    """
    seen: dict[str, list[tuple[float, int]]] = {}
    for page in pages:
        for line in page.lines:
            if _outer(line, page):
                seen.setdefault(_shape(line.text), []).append((line.box[1], page.page))

    def repeated(page: PageLayout, row: list[Line]) -> bool:
        twin = any(p != page.page and abs(y - o.box[1]) < 4 for o in row for y, p in seen[_shape(o.text)])
        ends = sorted(row, key=lambda o: o.box[0])
        return twin or any(len(o.text) <= LONGEST_NUMBER and PAGE_NUMBER.match(o.text) for o in (ends[0], ends[-1]))

    for page in pages:
        _peel(page, partial(repeated, page))
    shelves = Counter(key for page in pages for key in {_shelf(row[0]) for row in _edges(page)})
    common = max(3, len(pages) / 4)
    for page in pages:
        _peel(page, lambda row: sum(shelves[_shelf(row[0], by)] for by in (-1, 0, 1)) >= common)


def _edges(page: PageLayout) -> list[list[Line]]:
    """First and last row of a page, with those set apart already."""
    rows = _rows(page.lines + page.margins)
    return rows[:1] + rows[-1:]


def _shelf(line: Line, by: int = 0) -> tuple[float, int]:
    """Type size and foot of the line, to a point; chapters may differ in their font."""
    return line.size, round(line.box[3]) + by


def _peel(page: PageLayout, goes: Callable[[list[Line]], bool]) -> None:
    """Take rows off both ends of a page while `goes` says so."""
    for edge in (1, -1):
        rows = _rows(page.lines)[::edge]
        for row, inner in zip_longest(rows, rows[1:]):
            white = max(row[0].box[1], inner[0].box[1]) - min(row[0].box[3], inner[0].box[3]) if inner else 99.0
            if white < 0.5 * row[0].size or not all(
                _outer(line, page) and not opening_label(line.text) and not TABLE.match(line.text) for line in row
            ):
                break
            if len(row) > MOST_PIECES or not goes(row):
                break
            page.margins += row
            gone = {id(line) for line in row}
            page.lines = [line for line in page.lines if id(line) not in gone]


def _rows(lines: list[Line]) -> list[list[Line]]:
    """Lines of one height together, from the top."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda item: item.box[1]):
        if rows and line.box[1] - rows[-1][0].box[1] < 4:
            rows[-1].append(line)
        else:
            rows.append([line])
    return rows


def _outer(line: Line, page: PageLayout) -> bool:
    return line.box[3] < page.frame[3] / 8 or line.box[1] > page.frame[3] * 7 / 8


def _shape(text: str) -> str:
    return re.sub(r"[\d\s]+", "#", text.lower())
