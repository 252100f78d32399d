"""Which lines open a caption, and how far the caption goes.

Every line that starts with a figure word and a number is a candidate; evidence from type and place tells captions from
citations that happen to start a line (after PDFFigures2, Clark and Divvala 2016: keep all, then prefer the consistent).
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from assets.figures.geometry import (
    Bands,
    Box,
    Boxes,
    as_boxes,
    distances,
    height,
    holds,
    union,
    width,
    x_gap,
    x_share,
    y_share,
)
from assets.figures.labels import TABLE, TABLE_ALONE, VERBS, Label, opening_label
from assets.figures.layout import PageLayout
from assets.figures.lines import Line
from assets.figures.reading import Style
from assets.figures.sentences import ended

ACCEPT = 0.45
PARTS = 6  # pages over which a figure is continued at most


@dataclass
class Caption:
    """A caption on a page. `table` marks the caption of a table or box: it takes its graphics out of the running.

    `tail_of` is the caption that these lines end, when it began in another column or on the page before.
    """

    page: int
    label: Label | None
    lines: list[Line]
    score: float = 1.0
    signature: tuple[str, ...] = ()
    box: Box = field(default=(0, 0, 0, 0))
    tail_of: "Caption | None" = None

    def __post_init__(self) -> None:
        self.box = union(line.box for line in self.lines)

    @property
    def table(self) -> bool:
        return self.label is None


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


def find_captions(page: PageLayout, style: Style) -> list[Caption]:
    """All caption candidates of a page, each grown over its lines; score 0..1 before the book is compared."""
    column = Column(page)
    found = []
    for line in column.lines:
        label = opening_label("".join(run.text for run in line.runs))
        if label is not None:
            score = _evidence(line, label, column, style)
            if score >= 0.2:
                kind = (label.words, line.runs[0].font, str(line.runs[0].bold), label.delimiter.strip(":："))
                found.append(Caption(page.page, label, _grown(line, column, style), score, kind))
        elif TABLE.match(line.text) and not _goes_on(line, column, style):
            found.append(Caption(page.page, None, _grown(line, column, style)))
    return found


def select(candidates: list[Caption]) -> tuple[list[Caption], list[Caption]]:
    """The captions of a book: per number the candidates with the strongest evidence, in the book's own style.

    A number may stay more than once (figures numbered per chapter, "continued"), when the style is the same each time.
    Second come the candidates that would have been good enough alone and lost to another one of their number.
    """
    groups: dict[str, list[Caption]] = {}
    for caption in candidates:
        if caption.label:
            groups.setdefault(caption.label.number, []).append(caption)
    usual = Counter(max(group, key=lambda c: c.score).signature for group in groups.values())
    most = usual.most_common(1)[0][1] if usual else 1
    kept = [c for c in candidates if c.table]
    dropped: list[Caption] = []
    for group in groups.values():
        chosen = _best(group, usual, most)
        kept += chosen
        dropped += [c for c in group if c.score >= ACCEPT and not any(c is other for other in chosen)]
    return sorted(kept, key=lambda c: (c.page, c.box[1], c.box[0])), dropped


def _best(group: list[Caption], usual: Counter[tuple[str, ...]], most: int) -> list[Caption]:
    """The captions of one number: the strongest, its equals, and what goes on with one of them ("continued")."""
    for caption in group:
        caption.score = min(1.0, caption.score + 0.15 * usual[caption.signature] / most)
    first = [c for c in group if not _continued(c)] or group
    best = max(first, key=lambda c: (c.score, -c.page))
    if best.score < ACCEPT:
        return []
    also = max(0.6, best.score - 0.15)
    twins = [c for c in first if c is not best and c.score >= also and c.signature == best.signature]
    chosen = [best, *twins]
    later = [c for c in group if _continued(c) and c.score >= ACCEPT - 0.15
             and any(0 <= c.page - o.page <= PARTS for o in chosen)]  # fmt: skip
    return chosen + [c for c in later if not any(c is o for o in chosen)]


def _continued(caption: Caption) -> bool:
    return caption.label is not None and caption.label.continued


def _goes_on(line: Line, column: Column, style: Style) -> bool:
    """Whether `line` continues the sentence of the line above."""
    above = column.above(line)
    if above is None or line.box[1] - above.box[3] > style.gap + 0.4 * style.size:
        return False
    return above.style == line.style and not ended(above.text) and abs(above.box[0] - line.box[0]) < 30


def _evidence(line: Line, label: Label, column: Column, style: Style) -> float:
    first = next(run for run in line.runs if run.text.strip())
    above = column.above(line)
    apart = above is None or line.box[1] - above.box[3] > style.gap + 0.4 * style.size or above.style != line.style
    marked = first.bold or first.font != style.font or abs(first.size - style.size) >= 0.5
    rest = label.rest.lstrip()
    score = {"end": 0.2, "wide": 0.2, "": 0.0}.get(label.delimiter, 0.25)
    score += 0.25 * marked + 0.1 * (line.style != (style.font, style.size)) + 0.2 * apart
    score += 0.1 * (not rest or rest[0].isupper() or rest[0] in "(（[" or not rest[0].isascii())
    score += 0.2 * bool((distances(column.graphics, line.box) < 45).any())
    if _goes_on(line, column, style):
        score -= 0.3
    if not label.delimiter and (VERBS.match(label.rest) or label.several):
        score -= 0.2 if marked and first.bold else 0.5
    elif label.delimiter in (")", "]") and VERBS.match(label.rest):
        score -= 0.5
    return max(0.0, min(1.0, score))


def _grown(first: Line, column: Column, style: Style) -> list[Line]:
    """`first` and the lines that continue it, by line geometry: gap, size, left edge or common centre."""
    taken = [first]
    label = opening_label(first.text)
    alone = label.delimiter == "end" if label else bool(TABLE_ALONE.match(first.text))
    beside = [o for o in column.around(first.box[1], first.box[3]) if o is not first and y_share(o.box, first.box) > 0.6
              and 0 <= x_gap(first.box, o.box) < (3 if alone else 1.5) * first.size and o.box[0] > first.box[0]
              and abs(o.size - first.size) <= 1 and opening_label(o.text) is None]  # fmt: skip
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
        below = [o for o in column.around(last.box[1], box[3] + limit) if id(o) not in held
                 and o.box[1] > last.box[1] + 0.4 * height(last.box) and o.box[1] - box[3] <= limit
                 and x_share(o.box, box) > 0.5 and width(o.box) > 0]  # fmt: skip
        following = min(below, key=lambda o: (round(o.box[1]), o.box[0]), default=None)
        if following is None or opening_label(following.text) and not _goes_on(following, column, style):
            return taken
        if TABLE.match(following.text) or (holds(pictures, following.box) > 0.6).any():
            return taken
        if alone:
            own = following.style
            like_body = own == (style.font, style.size)
        closed = ended(last.text)
        if abs(following.size - own[1]) > 0.75 or (not alone and not _aligned(following, left, box, len(taken) == 1)):
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


def _aligned(line: Line, left: float, box: Box, second: bool) -> bool:
    """Same left edge (or a hanging indent), or the same centre."""
    centre = abs((line.box[0] + line.box[2]) / 2 - (box[0] + box[2]) / 2)
    indent = line.box[0] - left
    return -3.5 * line.size <= indent <= 1.2 * line.size or (second and 0 <= indent < 8 * line.size) or centre < 6
