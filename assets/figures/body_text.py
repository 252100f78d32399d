"""Which lines of a page are paragraphs, so that no figure reaches over them."""

import re
from collections import Counter

from assets.figures.geometry import Bands, width, x_gap, x_share, y_gap
from assets.figures.lines import Line
from assets.figures.reading import Style, latin_length
from assets.figures.sentences import stopped


def body_lines(lines: list[Line], style: Style) -> list[Line]:
    """The lines of paragraphs, the short lines that begin or end them, and the headings over them."""
    around = Bands(line.box for line in lines)
    body = [line for line in lines if _is_body(line, lines, around, style)]
    return _with_headings(_with_neighbours(body, lines, around, style), lines, around, style)


def _is_body(line: Line, lines: list[Line], around: Bands, style: Style) -> bool:
    """A line of a paragraph: body type, or one of several long lines under each other with a common left edge."""
    if not line.upright or not re.search(r"[^\W\d_]{2}", line.text):
        return False
    long = latin_length(line.text) > 35
    if long and line.style in style.types or latin_length(line.text) > 60 and width(line.box) > 180:
        return True
    reach = style.gap + style.size
    same = [o for o in map(lines.__getitem__, around.near(line.box[1] - reach, line.box[3] + reach))
            if abs(o.box[0] - line.box[0]) < 3 * style.size and o.upright and o is not line
            and x_gap(o.box, line.box) < 0 and abs(o.size - line.size) < 0.6
            and -0.5 * style.size < y_gap(o.box, line.box) < reach]  # fmt: skip
    if line.style in style.types and any(latin_length(o.text) > 35 for o in same):
        return True
    return long and any(latin_length(o.text) > 30 and x_share(o.box, line.box) > 0.8 for o in same)


def _with_neighbours(body: list[Line], lines: list[Line], around: Bands, style: Style) -> list[Line]:
    """`body` and the short lines that begin or end its paragraphs: of its size, close above or below, with its edge;
    or alone at the head or foot of a column, in its very type.
    """
    known = {id(line) for line in body}
    found = list(body)
    for line in body:
        for at in around.near(line.box[1] - style.size - style.gap, line.box[3] + style.size + style.gap):
            if id(lines[at]) not in known and _goes_with(lines[at], line, style):
                known.add(id(lines[at]))
                found.append(lines[at])
    edges = Counter((line.style, round(line.box[0])) for line in found)
    for line in lines:
        if id(line) not in known and line.upright and abs(line.size - style.size) <= 1.1:
            alike = sum(edges[line.style, round(line.box[0]) + by] for by in (-1, 0, 1))
            own = line.style in style.types and line.text[:1].islower() and len(line.text) >= 12
            if alike >= (1 if stopped(line.text) else 2) or (own and stopped(line.text)):
                found.append(line)
    return found


def _goes_with(line: Line, body: Line, style: Style) -> bool:
    if not line.upright or abs(line.size - style.size) > 1.1:
        return False
    near = -0.5 * style.size < y_gap(line.box, body.box) < style.gap + 0.5 * style.size
    edge = abs(line.box[0] - body.box[0]) < 3 * style.size and x_gap(line.box, body.box) < 0
    return near and edge and abs(line.size - body.size) < 0.3


def _with_headings(body: list[Line], lines: list[Line], around: Bands, style: Style) -> list[Line]:
    """`body` and the lines in larger type right above it, one over the other."""
    found, known = list(body), {id(line) for line in body}
    for line in found:  # grows on the way, so that a heading of two lines is followed upwards
        for at in around.near(line.box[1] - 2.5 * style.size, line.box[1]):
            if id(lines[at]) not in known and _heads(lines[at], line, style):
                known.add(id(lines[at]))
                found.append(lines[at])
    return found


def _heads(line: Line, below: Line, style: Style) -> bool:
    if not line.upright or line.size < style.size + 0.9 or latin_length(line.text) < 3:
        return False
    near = line.box[1] < below.box[1] and y_gap(line.box, below.box) < 0.8 * line.size
    return near and abs(line.box[0] - below.box[0]) < 3 * style.size and x_gap(line.box, below.box) < 0
