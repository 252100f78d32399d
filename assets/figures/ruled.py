"""Tables drawn with rules: rows of short text between horizontal lines of one width."""

from assets.figures.geometry import Box, height, inside, union, width
from assets.figures.layout import Drawing
from assets.figures.lines import Line

SAME = 2.5  # points by which the ends of a table's rules may differ
LEAST = 3  # rules: above, under the head, below
WIDE = 90.0  # points: shortest rule
MOST_RULES = 300  # on a page: more are the paper of a graph


def ruled_tables(drawings: list[Drawing], lines: list[Line]) -> list[Box]:
    """Boxes of tables among the drawings of a page; `lines` are those that are neither caption nor paragraph.

    At least three horizontal rules with the same ends, and between any two of them text, in at least one row of them
    two pieces side by side.
    """
    rules = sorted(
        (d.box for d in drawings if height(d.box) < 3 and width(d.box) >= WIDE), key=lambda box: (box[1], box[0])
    )
    if len(rules) > MOST_RULES:
        return []
    groups: list[list[Box]] = []
    for rule in rules:
        own = max((g for g in groups if _ends(g[-1], rule)), key=lambda g: g[-1][3], default=None)
        if own is None or not _rows(own[-1], rule, lines):
            groups.append([rule])
        elif rule[1] - own[-1][3] > 1:
            own.append(rule)
    found = []
    for group in groups:
        box = union(group)
        if len(group) >= LEAST and any(len(row) > 1 for row in _rows_in(box, lines)):
            found.append(box)
    return found


def _ends(a: Box, b: Box) -> bool:
    return abs(a[0] - b[0]) < SAME and abs(a[2] - b[2]) < SAME


def _rows(above: Box, below: Box, lines: list[Line]) -> bool:
    """Whether rows of text fill the space between two rules (or they lie on top of each other)."""
    space = (above[0] - 2, above[1], above[2] + 2, below[3])
    rows = _rows_in(space, lines)
    if below[1] - above[3] <= 1:
        return True
    return bool(rows) and sum(height(union(line.box for line in row)) for row in rows) > 0.3 * height(space)


def _rows_in(space: Box, lines: list[Line]) -> list[list[Line]]:
    rows: list[list[Line]] = []
    for line in sorted((line for line in lines if inside(line.box, space) > 0.6), key=lambda item: item.box[1]):
        if rows and line.box[1] < (rows[-1][0].box[1] + rows[-1][0].box[3]) / 2:
            rows[-1].append(line)
        else:
            rows.append([line])
    return rows
