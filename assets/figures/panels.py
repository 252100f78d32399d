"""Panels of a figure: where the caption's letters are on the page.

The letters come from the caption and from single letters printed at the pictures; boxes come from separate rasters.
"""

from collections.abc import Callable
from dataclasses import dataclass

from assets.figures.bodies import PANEL_LETTER
from assets.figures.geometry import (
    Box,
    area,
    distance,
    grow,
    height,
    inside,
    overlap,
    union,
    width,
    x_gap,
    x_share,
    y_gap,
    y_share,
)
from assets.figures.gutters import Cell, Grey, Plate, by_letters, by_number
from assets.figures.lines import Line

MOST_PICTURES = 200  # in one figure: more are strips of one picture, not panels

SMALL = 12.0  # points


@dataclass(frozen=True)
class Mark:
    """A panel letter printed on the page."""

    letter: str
    box: Box


@dataclass(frozen=True)
class Panels:
    """Boxes by letter; `rule` says what told them apart: rasters, letters or gutters."""

    rule: str
    boxes: dict[str, Box]


def printed_letters(labels: list[Line], body: Box) -> list[Mark]:
    """Single letters in or at the body, upper case, when they form a run without gaps; else nothing."""
    marks = []
    for line in labels:
        match = PANEL_LETTER.match(line.text)
        if match and line.upright and inside(line.box, grow(body, 3)) > 0.5:
            marks.append(Mark(match.group(1).upper(), line.box))
    letters = sorted(m.letter for m in marks)
    run = letters and [chr(ord(letters[0]) + i) for i in range(len(letters))]
    return sorted(marks, key=lambda m: m.letter) if len(letters) >= 2 and letters == run else []


def row_major(boxes: list[Box]) -> list[Box]:
    """Boxes row by row, left to right; boxes that share half their height stand in one row."""
    rows: list[list[Box]] = []
    for box in sorted(boxes, key=lambda b: (b[1] + b[3]) / 2):
        for row in rows:
            if y_share(union(row), box) > 0.5:
                row.append(box)
                break
        else:
            rows.append([box])
    return [box for row in rows for box in sorted(row, key=lambda b: b[0])]


def tiles_merged(boxes: list[Box], wanted: int) -> list[Box]:
    """Join rasters until at most `wanted` are left: first the tiles that one picture was cut into, then the closest."""
    areas = [area(b) for b in boxes]
    even = min(areas) > 0.5 * max(areas)
    merged = list(boxes) if len(boxes) == wanted and even else _abutting(boxes)
    while len(merged) > wanted > 0:
        pairs = [
            (max(x_gap(a, b), y_gap(a, b)), i, j) for i, a in enumerate(merged) for j, b in enumerate(merged) if i < j
        ]
        _, i, j = min(pairs)
        joined = union((merged[i], merged[j]))
        merged = _without_held([b for k, b in enumerate(merged) if k not in (i, j)] + [joined])
    return merged


def _abutting(boxes: list[Box]) -> list[Box]:
    """Tiles joined that touch along (nearly) a whole common edge."""
    parts = list(boxes)
    for i, a in enumerate(parts):
        for j in range(i + 1, len(parts)):
            b = parts[j]
            edge = max(x_share(a, b), y_share(a, b)) > 0.95 and distance(a, b) < 0.8
            same = abs(width(a) - width(b)) < 1 or abs(height(a) - height(b)) < 1
            if edge and same:
                rest = [p for k, p in enumerate(parts) if k not in (i, j)]
                return _abutting([*rest, union((a, b))])
    return parts


def _strips_joined(boxes: list[Box]) -> list[Box]:
    """The boxes; tiles are joined when some are too small to be pictures, for others may be just large enough."""
    joined = _abutting(boxes) if any(map(_small, boxes)) else boxes
    return joined if any(_small(box) and box not in joined for box in boxes) else boxes


def _small(box: Box) -> bool:
    """A sign, or a strip of a picture."""
    return width(box) <= SMALL or height(box) <= SMALL


def _without_held(boxes: list[Box]) -> list[Box]:
    """Boxes that lie in another box are parts of it."""
    return [b for i, b in enumerate(boxes) if not any(
        inside(b, o) > 0.9 and (area(o) > area(b) or j < i) for j, o in enumerate(boxes) if j != i)]  # fmt: skip


def place_letters(letters: list[str], boxes: list[Box], marks: list[Mark]) -> dict[str, Box]:
    """Letter to box: by the printed letters when each picks a box of its own, else row by row."""
    if len(boxes) != len(letters):
        return {}
    if [m.letter for m in marks] == letters:
        picked = {m.letter: min((_away(m.box, b), b) for b in boxes)[1] for m in marks}
        if len(set(picked.values())) == len(letters):
            return picked
    return dict(zip(letters, row_major(boxes), strict=True))


def _away(mark: Box, box: Box) -> float:
    """Distance of a printed letter from a picture; a letter on the picture is at home there."""
    if overlap(mark, box) > 0:
        return -1.0
    beside = 0.0 if x_share(mark, box) > 0 or y_share(mark, box) > 0 else 20.0
    return max(x_gap(mark, box), y_gap(mark, box)) + beside


def find_panels(
    letters: list[str], rasters: list[Box], marks: list[Mark], body: Box, grey: Callable[[], Grey]
) -> Panels:
    """The panels; none when the figure has no panels or they cannot be told apart.

    `letters` are the caption's, `rasters` the pictures in the body, `grey()` renders the body (0..255) when needed.
    """
    wanted = letters or [m.letter for m in marks]
    if len(wanted) < 2:
        return Panels("", {})
    if len(rasters) > MOST_PICTURES:
        return _by_gutters(wanted, marks, body, grey())
    pictures = _without_held([r for r in _strips_joined(rasters) if not _small(r)])
    if (
        len(pictures) >= len(wanted)
        and len(_abutting(pictures)) > 1
        and sum(area(p) for p in pictures) > 0.6 * area(body)
    ):
        found = place_letters(wanted, tiles_merged(pictures, len(wanted)), marks)
        if found:
            return Panels("rasters", found)
    return _by_gutters(wanted, marks, body, grey())


def _by_gutters(wanted: list[str], marks: list[Mark], body: Box, grey: Grey) -> Panels:
    plate = Plate(grey)
    wide, high = plate.size
    sx, sy = wide / width(body), high / height(body)
    whole = (0, 0, wide, high)

    def placed(cell: Cell) -> Box:
        return body[0] + cell[0] / sx, body[1] + cell[1] / sy, body[0] + cell[2] / sx, body[1] + cell[3] / sy

    if [m.letter for m in marks] == wanted:
        centres = {m.letter: (((m.box[0] + m.box[2]) / 2 - body[0]) * sx, ((m.box[1] + m.box[3]) / 2 - body[1]) * sy)
                   for m in marks}  # fmt: skip
        cells = by_letters(plate, whole, centres)
        if cells:
            return Panels("letters", {letter: placed(cells[letter]) for letter in wanted})
    cells_in_order = [placed(cell) for cell in by_number(plate, whole, len(wanted))]
    return Panels("gutters", place_letters(wanted, cells_in_order, marks))
