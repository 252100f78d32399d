"""Straight lines on a scanned page: rules of tables, frames, axes."""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import binary_dilation, binary_opening, find_objects, label

from assets.figures.geometry import Box, components, height, union, width
from assets.figures.ocr.photos import POINT, Mask

LONG = round(36 * POINT)
THIN = round(3 * POINT)
CORNER = 4.0  # pixels by which the sides of a frame may miss each other


@dataclass(frozen=True)
class Rules:
    """Boxes in pixels of the page at 100 dpi; `mask` marks the pixels of all of them."""

    lines: list[Box]
    frames: list[Box]
    mask: Mask


def find_rules(ink: Mask) -> Rules:
    """Horizontal and vertical lines of at least 36 points and at most 3 points thick, and the boxes they close."""
    mask = np.zeros_like(ink)
    lines: list[Box] = []
    for across in (True, False):
        view = ink if across else ink.T
        # a line that is not quite level steps by a pixel now and then
        runs = binary_opening(binary_dilation(view, np.ones((3, 1))), np.ones((1, LONG))) & view
        regions, _ = label(runs, np.ones((3, 3)))
        for number, where in enumerate(find_objects(regions), 1):
            rows, columns = where
            if rows.stop - rows.start > THIN or columns.stop - columns.start < LONG:
                continue
            part = regions[where] == number
            x0, y0, x1, y1 = columns.start, rows.start, columns.stop, rows.stop
            lines.append((x0, y0, x1, y1) if across else (y0, x0, y1, x1))
            target = mask if across else mask.T
            target[where] |= part
    # the rim of a line is paler than its middle
    mask = binary_dilation(mask, np.ones((3, 3))) & ink
    return Rules(lines, _frames(lines), mask)


def _frames(lines: list[Box]) -> list[Box]:
    """Boxes whose four sides are lines."""
    found = []
    for group in components(lines, CORNER):
        box = union(lines[i] for i in group)
        across = [lines[i] for i in group if width(lines[i]) > height(lines[i])]
        down = [lines[i] for i in group if width(lines[i]) <= height(lines[i])]
        if width(box) < LONG or height(box) < LONG or len(across) < 2 or len(down) < 2:
            continue
        sides = (
            _covered(across, 1, box[1], 0) / width(box), _covered(across, 3, box[3], 0) / width(box),
            _covered(down, 0, box[0], 1) / height(box), _covered(down, 2, box[2], 1) / height(box),
        )  # fmt: skip
        if min(sides) > 0.85:
            found.append(box)
    return found


def _covered(lines: list[Box], edge: int, at: float, along: int) -> float:
    """Length of the lines that lie on one side of a box."""
    return sum(line[along + 2] - line[along] for line in lines if abs(line[edge] - at) <= CORNER)
