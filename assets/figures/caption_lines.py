"""How a caption goes on after its first line: by geometry, type and what the lines say."""

import re
from bisect import bisect_right
from collections.abc import Iterator

from assets.figures.geometry import (
    Bands,
    Box,
    Boxes,
    as_boxes,
    height,
    holds,
    inside,
    union,
    width,
    x_gap,
    x_share,
    y_share,
)
from assets.figures.labels import TABLE, TABLE_ALONE, Label, opening_label, translates
from assets.figures.layout import PageLayout
from assets.figures.lines import Line
from assets.figures.reading import Style
from assets.figures.sentences import ended

PANELS = re.compile(r"[(（]?[aA][)）.．、]\s*\S.*[(（]?[bB][)）.．、]")


class Column:
    """The upright lines of a page from the top, to be asked for those above and around a place."""

    def __init__(self, page: PageLayout) -> None:
        self.lines = sorted((line for line in page.lines if line.upright), key=lambda item: (item.box[1], item.box[0]))
        self._bands = Bands(line.box for line in self.lines)
        self._by_foot = sorted(range(len(self.lines)), key=lambda i: (self.lines[i].box[3], -i))
        self._feet = [self.lines[i].box[3] for i in self._by_foot]
        self.graphics: Boxes = as_boxes([r.box for r in page.rasters] + [d.box for d in page.drawings if not d.thin])
        self.rasters: Boxes = as_boxes([r.box for r in page.rasters])

    def around(self, top: float, bottom: float) -> Iterator[Line]:
        """All lines that reach into this height, from the top, and some that nearly do."""
        return (self.lines[i] for i in self._bands.near(top, bottom))

    def above(self, line: Line) -> Line | None:
        """Nearest line of the same column above."""
        last = bisect_right(self._feet, line.box[1] + 0.5 * height(line.box))
        for i in reversed(self._by_foot[:last]):
            other = self.lines[i]
            if other is not line and other.box[1] < line.box[1] - 1 and x_share(other.box, line.box) > 0.3:
                return other
        return None


def goes_on(line: Line, column: Column, style: Style) -> bool:
    """Whether `line` continues the sentence of the line above."""
    above = column.above(line)
    if above is None or line.box[1] - above.box[3] > style.gap + 0.4 * style.size:
        return False
    return above.style == line.style and not ended(above.text) and abs(above.box[0] - line.box[0]) < 30


def grown(first: Line, column: Column, style: Style) -> list[Line]:
    """`first` and the lines that continue it, with the words that a justified line of a narrow caption tore off."""
    taken = _followed(first, column, style)
    box = union(line.box for line in taken)
    held = {id(line) for line in taken}
    near = [o for o in column.around(box[1], box[3]) if id(o) not in held and inside(o.box, box) > 0.9]
    torn = [o for o in near if opening_label(o.text) is None and any(_belongs(o, line) for line in taken)]
    return [taken[0], *torn, *taken[1:]]


def _followed(first: Line, column: Column, style: Style) -> list[Line]:
    """`first` and the lines that continue it, by line geometry: gap, size, left edge or common centre."""
    taken = [first]
    label = opening_label(first.text)
    alone = label.delimiter == "end" if label else bool(TABLE_ALONE.match(first.text))
    beside = [o for o in column.around(first.box[1], first.box[3]) if o is not first and y_share(o.box, first.box) > 0.6
              and 0 <= x_gap(first.box, o.box) < (3 if alone else 1.5) * first.size and o.box[0] > first.box[0]
              and abs(o.size - first.size) <= 1 and opening_label(o.text) is None]  # fmt: skip
    torn = bool(beside) and not alone
    if beside:
        taken.append(min(beside, key=lambda o: o.box[0]))
        alone = False
    pictures = column.rasters[holds(column.rasters, first.box) < 0.6]  # it may be printed on its own picture
    own = taken[-1].style
    like_body = abs(own[1] - style.size) < 0.4 and own[0] == style.font
    gap: float | None = None
    held = {id(line) for line in taken}
    box = union(line.box for line in taken)
    left = taken[-1].box[0]  # of the lines after the first, once there are some
    while True:
        last = taken[-1]
        limit = (1.2 if alone else 0.75) * last.size if gap is None else gap + 0.3 * last.size
        if like_body and gap is None and not alone:
            limit = max(style.gap, 0) + 0.3 * last.size
        below = [o for o in column.around(last.box[1], box[3] + limit + last.size) if id(o) not in held
                 and o.box[1] > last.box[1] + 0.4 * height(last.box)
                 and o.box[1] - box[3] <= _allowed(o, last, limit, gap)
                 and x_share(o.box, box) > 0.5 and width(o.box) > 0]  # fmt: skip
        below = [o for o in below if not any(_raised(o, other) for other in (*below, last))]
        top = min(below, key=lambda o: (round(o.box[1]), o.box[0]), default=None)
        row = [o for o in below if top is not None and y_share(o.box, top.box) > 0.6]
        following = min(row, key=lambda o: o.box[0], default=None)
        if following is None or _opens_another(following, label, column, style):
            return taken
        if TABLE.match(following.text) or (holds(pictures, following.box) > 0.6).any():
            return taken
        if alone:
            own = following.style
            like_body = own == (style.font, style.size)
        closed = ended(last.text)
        smaller = following.fixed and 0.65 * own[1] < following.size <= own[1]  # set so to look as large as the others
        edges = (left, first.box[0]) if torn else (left,)
        aligned = alone or any(_aligned(following, edge, box, len(taken) == 1) for edge in edges)
        if (abs(following.size - own[1]) > 0.75 and not smaller) or not aligned:
            return taken
        if (
            not alone
            and closed
            and (own[0] != following.style[0])
            and (style.font == following.style[0] or following.bold)
        ):
            return taken
        if like_body and not alone and closed and last.box[2] < box[2] - 0.2 * width(box) and len(taken) > 1:
            return taken
        if gap is None or not alone:
            gap = following.box[1] - box[3] if gap is None else max(gap, following.box[1] - box[3])
            gap = None if alone else gap
        # with words of the same line that a wide space cut off
        more = [following] + [
            o for o in column.around(following.box[1], following.box[3]) if id(o) not in held and o is not following
            and y_share(o.box, following.box) > 0.6 and 0 <= x_gap(following.box, o.box) < 1.5 * following.size
            and o.box[0] > following.box[0] and o.box[2] <= box[2] + 3]  # fmt: skip
        taken += more
        held.update(id(line) for line in more)
        box = union([box, *(line.box for line in more)])
        left = min([line.box[0] for line in more] + ([left] if len(taken) > 1 + len(more) else []))
        alone = False


def _belongs(line: Line, other: Line) -> bool:
    """Whether `line` are words or indices of the very line `other`; words may reach over its indices a little."""
    beside = y_share(line.box, other.box) > 0.6 and x_gap(line.box, other.box) >= -1.5 * line.size
    return beside and (line.style == other.style or _raised(line, other))


def _raised(line: Line, other: Line) -> bool:
    """Whether `line` is indices or exponents that stand so far off the line `other` that they were read apart."""
    return line.size < 0.8 * other.size and y_share(line.box, other.box) > 0.4


def _allowed(line: Line, last: Line, limit: float, gap: float | None) -> float:
    """Points of white between the last line of a caption and `line`: code is set smaller, and what lists the panels
    under a title may stand further off.
    """
    if gap is None and PANELS.match(line.text):
        return max(limit, 1.2 * last.size)
    return limit + (max(0, last.size - line.size) if line.fixed else 0)


def _opens_another(line: Line, own: Label | None, column: Column, style: Style) -> bool:
    """Whether `line` opens another caption, or this one in the other language."""
    label = opening_label(line.text)
    if label is None:
        return False
    return (own is not None and translates(own, label)) or not goes_on(line, column, style)


def _aligned(line: Line, left: float, box: Box, second: bool) -> bool:
    """Same left edge (or a hanging indent), or the same centre."""
    centre = abs((line.box[0] + line.box[2]) / 2 - (box[0] + box[2]) / 2)
    indent = line.box[0] - left
    return -3.5 * line.size <= indent <= 1.2 * line.size or (second and 0 <= indent < 8 * line.size) or centre < 6
