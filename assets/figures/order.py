"""Reading order by recursive X-Y cut (Nagy and Seth 1984) that prefers a gutter between columns over a gap between
paragraphs, and lets a few blocks run across the columns.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assets.figures.geometry import Box, as_boxes, union
from assets.figures.lines import Line

TALLEST = 40.0  # points: figures count as much as a few lines of text, their size says nothing of columns


@dataclass
class Block:
    """A line on its way into a paragraph, a paragraph, a whole caption, or a figure's body (which has no lines)."""

    lines: list[Line]
    kind: str = "text"
    box: Box = (0, 0, 0, 0)

    def __post_init__(self) -> None:
        if self.lines:
            self.box = union(line.box for line in self.lines)


def in_order(blocks: list[Block], gutter: float) -> list[Block]:
    """`blocks` in reading order; a column gutter is at least `gutter` points wide."""
    if len(blocks) < 2:
        return blocks
    cut = _column_edge(blocks, gutter)
    if cut is not None:
        return _by_columns(blocks, cut, gutter)
    bands = _bands(blocks)
    if len(bands) == 1:
        return sorted(blocks, key=lambda b: (b.box[1], b.box[0]))
    ordered: list[Block] = []
    run = bands[0]
    for band in bands[1:]:
        if _column_edge(run + band, gutter) is not None:
            run = run + band
        else:
            ordered += in_order(run, gutter)
            run = band
    return ordered + in_order(run, gutter)


def _column_edge(blocks: list[Block], gutter: float) -> float | None:
    """Left edge of a column that has another to its left: the one that divides most text, few blocks running across.

    A column is at least 40 points wide on average: numbers of a list are none. What lies left and right of every edge
    is read from sums over the blocks in the order of their edges.
    """
    if min(b.box[2] for b in blocks) > max(b.box[0] for b in blocks) - gutter:
        return None
    boxes = as_boxes([b.box for b in blocks])
    text = np.array([float(b.kind != "figure") for b in blocks])  # a figure says nothing of columns
    wide, tall = boxes[:, 2] - boxes[:, 0], np.minimum(boxes[:, 3] - boxes[:, 1], TALLEST) * text
    edges = np.unique(boxes[:, 0])
    by_right, by_left = np.argsort(boxes[:, 2]), np.argsort(boxes[:, 0])
    left = np.searchsorted(boxes[by_right, 2], edges - gutter, side="right")
    first = np.searchsorted(boxes[by_left, 0], edges - 0.5, side="left")
    right = len(blocks) - first
    fitting = _sums(text[by_right])[left] + text.sum() - _sums(text[by_left])[first]
    left_wide, left_tall = (_sums(of[by_right])[left] for of in (wide, tall))
    right_wide, right_tall = (of.sum() - _sums(of[by_left])[first] for of in (wide, tall))
    across = tall.sum() - left_tall - right_tall
    worth = np.minimum(left_tall, right_tall) - 1.5 * across
    some = np.minimum(left, right)
    narrow = np.minimum(left_wide / np.maximum(1, left), right_wide / np.maximum(1, right)) < 40
    worth[(some == 0) | narrow | ((fitting < text.sum()) & (some < 2))] = 0
    best = worth.round(6).argmax()
    return float(edges[best]) if worth[best] > 1e-6 else None


def _sums(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sums of the first 0, 1, 2, … values."""
    return np.concatenate([[0.0], np.cumsum(values)])


def _by_columns(blocks: list[Block], edge: float, gutter: float) -> list[Block]:
    """Left column before right column, between any two blocks that run across both."""
    left = [b for b in blocks if b.box[2] <= edge - gutter]
    right = [b for b in blocks if b.box[0] >= edge - 0.5]
    sides = {id(b) for b in left + right}
    ordered: list[Block] = []
    top = float("-inf")
    for across in [*sorted((b for b in blocks if id(b) not in sides), key=lambda b: b.box[1]), None]:
        bottom = (across.box[1] + across.box[3]) / 2 if across else float("inf")
        for column in (left, right):
            ordered += in_order([b for b in column if top <= (b.box[1] + b.box[3]) / 2 < bottom], gutter)
        if across:
            ordered.append(across)
            top = bottom
    return ordered


def _bands(blocks: list[Block]) -> list[list[Block]]:
    """Groups of blocks between which a horizontal line can be drawn (a fifth of a line may overlap)."""
    bands: list[list[Block]] = []
    reach = float("-inf")
    for block in sorted(blocks, key=lambda b: b.box[1]):
        slack = 0.2 * min(block.box[3] - block.box[1], 12)
        if block.box[1] >= reach - slack:
            bands.append([])
        bands[-1].append(block)
        reach = max(reach, block.box[3])
    return bands
