"""Which short lines of a page may be labels of its graphics, and which go with the running text."""

from assets.figures.geometry import (
    Bands,
    Box,
    Boxes,
    as_boxes,
    distance,
    distances,
    height,
    union,
    x_share,
    x_shares,
    y_gap,
)
from assets.figures.lines import Line
from assets.figures.reading import Style, latin_length

LABEL_FAR = 45.0  # points: tick labels and axis titles stand at most this far from their graphic
FURTHER_IN = 14.0  # points by which a graphic begins right of the text column's edge
LEAST_TEXT = 8  # letters of the last line of a paragraph


def lettering(short: list[Line], lines: list[Line], body: list[Line], hulls: list[Box], style: Style) -> list[Line]:
    """The lines of `short` but headings and ends of paragraphs. `hulls` are the graphics, `body` the paragraphs."""
    graphics, text = as_boxes(hulls), as_boxes([line.box for line in body])
    stacks = [stack for stack in _stacks(short) if not _at_text(union(o.box for o in stack), text, graphics)]
    return [line for stack in stacks for line in stack if not _leads_in(line, lines, graphics, style)]


def _stacks(short: list[Line]) -> list[list[Line]]:
    """Lines of one type set closely under each other: labels and headings of several lines."""
    around = Bands(line.box for line in short)
    stacks: list[list[Line]] = []
    at: dict[int, int] = {}
    for n in sorted(range(len(short)), key=lambda n: short[n].box[1]):
        line = short[n]
        tight = 0.4 * height(line.box)
        above = [o for o in around.near(line.box[1] - tight, line.box[1] + tight)
                 if o in at and short[o].style == line.style and short[o].upright and line.upright
                 and abs(line.box[1] - short[o].box[3]) < tight and x_share(line.box, short[o].box) > 0.5]  # fmt: skip
        at[n] = at[above[-1]] if above else len(stacks)
        if not above:
            stacks.append([])
        stacks[at[n]].append(line)
    return stacks


def _leads_in(line: Line, lines: list[Line], hulls: Boxes, style: Style) -> bool:
    """Whether a short line over or under a graphic is the end of running text ("The figure shows this:"): it begins at
    the edge of a column, where other lines of its type begin that are no neighbours of the graphic, and the graphic
    begins further in.
    """
    if not line.upright or abs(line.size - style.size) > 0.3 or latin_length(line.text) < LEAST_TEXT:
        return False
    if not len(hulls):
        return False
    x0, y0, x1, y1 = hulls[distances(hulls, line.box).argmin()].tolist()
    hull = (x0, y0, x1, y1)
    if y_gap(hull, line.box) <= 0 or hull[0] - line.box[0] < FURTHER_IN:
        return False
    alike = [o for o in lines if o is not line and o.style == line.style and abs(o.box[0] - line.box[0]) < 2]
    return len(alike) >= 2 and any(distance(o.box, hull) > LABEL_FAR for o in alike)


def _at_text(line: Box, body: Boxes, hulls: Boxes) -> bool:
    """Whether short text goes with the text under or over it (a heading) rather than with the nearest graphic."""
    graphic = distances(hulls, line).min(initial=1e9)
    text = distances(body, line)[x_shares(body, line) > 0.3].min(initial=1e9)
    return bool(graphic > 0 and text <= graphic)
