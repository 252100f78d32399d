"""Dividing a picture into panels along its gutters: straight strips of one tone, white, black or grey.

With printed letters a cut must part the letters until each cell holds one; without them the cells are those rows of
columns (or columns of rows) whose number is the caption's number of letters, and whose areas are most alike.
"""

from collections.abc import Iterator
from itertools import combinations, islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
Cell = tuple[int, int, int, int]  # x0, y0, x1, y1 in pixels

TONE = 22  # grey levels by which a gutter's pixels may differ
LEAST = 2  # pixels: narrowest gutter
STRAY = 6  # pixels of another tone that a gutter may hold: the lines of a frame, an arrow
MOST_BANDS = 5
TRIED = 6  # gutters that are tried for rows and for columns
SAMPLES = 16  # pixels of a row from which its tone is guessed, at least
EVEN = 0.22  # smallest cell area, as a share of the mean, that still counts as a panel


class Plate:
    """A picture in grey levels, upright and on its side, so that rows and columns are read alike."""

    def __init__(self, grey: Grey) -> None:
        self.size = grey.shape[1], grey.shape[0]
        self._upright, self._turned = np.ascontiguousarray(grey), np.ascontiguousarray(grey.T)

    def plain(self, cell: Cell, axis: int, stray: int) -> NDArray[np.bool_]:
        """Which rows (axis 1) or columns (axis 0) of `cell` have one tone, up to `stray` pixels."""
        x0, y0, x1, y1 = cell
        return _plain(self._upright[y0:y1, x0:x1] if axis else self._turned[x0:x1, y0:y1], stray)


def _plain(rows: Grey, stray: int) -> NDArray[np.bool_]:
    """Which rows have one tone: at most `stray` pixels or 0.4 % (JPEG noise) lie further than TONE from the median.

    The median of a whole row is dear. In a plain row that of a few pixels lies within TONE of it, so that a row with
    too many pixels beyond twice TONE from that is not plain; what is left is looked at exactly.
    """
    count, length = rows.shape
    if rows.size == 0:
        return np.ones(count, dtype=bool)
    most = max(stray, 0.004 * length) * min(1.0, length / 60)
    some = rows[:, :: max(1, length // max(SAMPLES, 3 * int(most)))]
    centre = np.partition(some, some.shape[1] // 2, axis=1)[:, [some.shape[1] // 2]].astype(np.int16)
    possible = np.flatnonzero(_strays(some, centre - 2 * TONE, centre + 2 * TONE) <= most)
    nearly = _strays(rows[possible], centre[possible] - 2 * TONE, centre[possible] + 2 * TONE) <= most
    possible = possible[nearly]
    middle = np.median(rows[possible], axis=1, keepdims=True)
    found = np.zeros(count, dtype=bool)
    found[possible] = _strays(rows[possible], np.ceil(middle - TONE), np.floor(middle + TONE)) <= most
    return found


def _strays(rows: Grey, low: NDArray[Any], high: NDArray[Any]) -> NDArray[np.intp]:
    """How many pixels of each row lie below its `low` or above its `high`."""
    low, high = low.clip(0, 255).astype(np.uint8), high.clip(0, 255).astype(np.uint8)
    return np.count_nonzero(rows - low > high - low, axis=1)  # below `low` the difference wraps around


def trimmed(plate: Plate, cell: Cell) -> Cell:
    """`cell` without one-toned margins."""
    x0, y0, x1, y1 = cell
    rows, columns = plate.plain(cell, 1, 1), plate.plain(cell, 0, 1)
    if rows.all() or columns.all():
        return cell
    inked_y, inked_x = np.flatnonzero(~rows), np.flatnonzero(~columns)
    return x0 + int(inked_x[0]), y0 + int(inked_y[0]), x0 + int(inked_x[-1]) + 1, y0 + int(inked_y[-1]) + 1


def strips(plate: Plate, cell: Cell, axis: int) -> list[tuple[int, int]]:
    """Gutters inside `cell` as (start, end), widest first: axis 0 gives vertical ones, axis 1 horizontal ones."""
    x0, y0, x1, y1 = cell
    plain = plate.plain(cell, axis, STRAY)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], plain.astype(np.int8), [0]))))
    offset = x0 if axis == 0 else y0
    found = [(int(a) + offset, int(b) + offset) for a, b in edges.reshape(-1, 2) if b - a >= LEAST]
    inner = [s for s in found if s[0] > offset and s[1] < (x1 if axis == 0 else y1)]
    return sorted(inner, key=lambda s: s[0] - s[1])


def _cut(cell: Cell, strip: tuple[int, int], axis: int) -> tuple[Cell, Cell]:
    """Both sides of the gutter's middle: what strays into the gutter stays with its panel."""
    x0, y0, x1, y1 = cell
    middle = (strip[0] + strip[1]) // 2
    if axis == 0:
        return (x0, y0, middle, y1), (middle, y0, x1, y1)
    return (x0, y0, x1, middle), (x0, middle, x1, y1)


def by_letters(plate: Plate, cell: Cell, marks: dict[str, tuple[float, float]]) -> dict[str, Cell] | None:
    """A cell for every printed letter (its centre in pixels), by cuts that part them; None when no gutters do."""
    for found in islice(_lettered(plate, trimmed(plate, cell), marks), 40):
        inked = {letter: trimmed(plate, part) for letter, part in found.items()}
        if _evenness(list(inked.values())) >= EVEN:
            return inked
    return None


def _lettered(plate: Plate, cell: Cell, marks: dict[str, tuple[float, float]]) -> Iterator[dict[str, Cell]]:
    """Divisions of `cell` with one letter in each part, those along wide gutters first."""
    if len(marks) == 1:
        yield {next(iter(marks)): cell}
        return
    options = [(s[1] - s[0], axis, s) for axis in (0, 1) for s in strips(plate, cell, axis)]
    for _, axis, strip in sorted(options, reverse=True):
        middle = (strip[0] + strip[1]) / 2
        first = {letter: at for letter, at in marks.items() if at[axis] < middle}
        second = {letter: at for letter, at in marks.items() if letter not in first}
        if first and second:
            a, b = _cut(cell, strip, axis)
            for one in _lettered(plate, a, first):
                for two in _lettered(plate, b, second):
                    yield {**one, **two}


def by_number(plate: Plate, cell: Cell, wanted: int) -> list[Cell]:
    """`wanted` cells row by row, [] when the gutters do not give that many of comparable size."""
    cell = trimmed(plate, cell)
    found: list[tuple[float, list[Cell]]] = []
    for axis in (1, 0):
        known: dict[Cell, list[tuple[int, int]]] = {}
        lines = strips(plate, cell, axis)[:TRIED]
        for count in range(0, min(wanted, len(lines) + 1, MOST_BANDS)):
            for chosen in combinations(lines, count):
                bands = _parted(cell, sorted(chosen), axis)
                for band in bands:
                    if band not in known:
                        known[band] = strips(plate, band, 1 - axis)[:TRIED]
                found += _divisions(bands, [known[band] for band in bands], axis, wanted, [s[1] - s[0] for s in chosen])
    for _, cells in sorted(found, key=lambda item: -item[0])[:8]:
        inked = [trimmed(plate, c) for c in cells]
        if _evenness(inked) >= EVEN:
            return inked
    return []


def _parted(cell: Cell, chosen: list[tuple[int, int]], axis: int) -> list[Cell]:
    parts, rest = [], cell
    for strip in chosen:
        first, rest = _cut(rest, strip, axis)
        parts.append(first)
    return [*parts, rest]


def _divisions(
    bands: list[Cell], gutters: list[list[tuple[int, int]]], axis: int, wanted: int, used: list[int]
) -> list[tuple[float, list[Cell]]]:
    """Every way to share `wanted` cells among the bands, cut at their widest gutters; scored by evenness and white."""
    found = []
    for counts in _shares(wanted, [len(g) + 1 for g in gutters]):
        cells: list[Cell] = []
        widths = list(used)
        for band, strips_of_band, count in zip(bands, gutters, counts, strict=True):
            chosen = strips_of_band[: count - 1]
            widths += [s[1] - s[0] for s in chosen]
            cells += _parted(band, sorted(chosen), 1 - axis)
        even = _evenness(cells)
        if even >= EVEN and widths:
            found.append((even + 0.4 * min(1.0, sum(widths) / len(widths) / 12), cells))
    return found


def _shares(total: int, most: list[int]) -> list[list[int]]:
    """All lists of counts from 1 to `most` each that add up to `total`."""
    if len(most) == 1:
        return [[total]] if 1 <= total <= most[0] else []
    return [
        [first, *rest]
        for first in range(1, min(most[0], total - len(most) + 1) + 1)
        for rest in _shares(total - first, most[1:])
    ]


def _evenness(cells: list[Cell]) -> float:
    areas = [max(0, c[2] - c[0]) * max(0, c[3] - c[1]) for c in cells]
    return min(areas) / max(1.0, sum(areas) / len(areas))
