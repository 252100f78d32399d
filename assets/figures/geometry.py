"""Boxes as plain tuples (x0, y0, x1, y1), y downwards, in points; nothing here knows of PDF."""

import math
from collections.abc import Iterable

import numpy as np
from scipy.ndimage import label

Box = tuple[float, float, float, float]


def union(boxes: Iterable[Box]) -> Box:
    """Smallest box that holds all of `boxes` (at least one)."""
    x0s, y0s, x1s, y1s = zip(*boxes, strict=True)
    return min(x0s), min(y0s), max(x1s), max(y1s)


def width(box: Box) -> float:
    return box[2] - box[0]


def height(box: Box) -> float:
    return box[3] - box[1]


def area(box: Box) -> float:
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])


def clip(box: Box, to: Box) -> Box:
    """Common part; has no area when the two do not meet."""
    return max(box[0], to[0]), max(box[1], to[1]), min(box[2], to[2]), min(box[3], to[3])


def overlap(a: Box, b: Box) -> float:
    """Area that both share."""
    w, h = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    return w * h if w > 0 and h > 0 else 0.0


def inside(box: Box, other: Box) -> float:
    """Share of `box` that lies in `other`; a box without area counts by its centre."""
    if area(box) <= 0:
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        return float(other[0] <= x <= other[2] and other[1] <= y <= other[3])
    return overlap(box, other) / area(box)


def nearest(box: Box, to: Box) -> Box:
    """The part of `to` that lies nearest to `box`: what they have in common in width and height, else an edge."""
    x0, x1 = min(max(box[0], to[0]), to[2]), max(min(box[2], to[2]), to[0])
    y0, y1 = min(max(box[1], to[1]), to[3]), max(min(box[3], to[3]), to[1])
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def x_gap(a: Box, b: Box) -> float:
    """Horizontal distance, negative where the two overlap."""
    return max(a[0], b[0]) - min(a[2], b[2])


def y_gap(a: Box, b: Box) -> float:
    """Vertical distance, negative where the two overlap."""
    return max(a[1], b[1]) - min(a[3], b[3])


def distance(a: Box, b: Box) -> float:
    """Larger of the two gaps: 0 where the boxes touch or overlap."""
    return max(0.0, x_gap(a, b), y_gap(a, b))


def x_share(a: Box, b: Box) -> float:
    """Horizontal overlap as a share of the narrower box, 0..1."""
    return max(0.0, -x_gap(a, b)) / max(1e-6, min(width(a), width(b)))


def y_share(a: Box, b: Box) -> float:
    """Vertical overlap as a share of the lower box, 0..1."""
    return max(0.0, -y_gap(a, b)) / max(1e-6, min(height(a), height(b)))


def grow(box: Box, by: float) -> Box:
    return box[0] - by, box[1] - by, box[2] + by, box[3] + by


def turned(box: Box, quarter_turns: int, page_width: float, page_height: float) -> Box:
    """`box` of a page of the given size after turning the page clockwise by quarter turns."""
    x0, y0, x1, y1 = box
    if quarter_turns % 4 == 1:
        return page_height - y1, x0, page_height - y0, x1
    if quarter_turns % 4 == 2:
        return page_width - x1, page_height - y1, page_width - x0, page_height - y0
    if quarter_turns % 4 == 3:
        return y0, page_width - x1, y1, page_width - x0
    return box


def skewed(box: Box, degrees: float, frame_width: float, frame_height: float) -> Box:
    """The box around `box` of a straightened page where it lies on the page as stored, askew by `degrees` clockwise."""
    if degrees == 0:
        return box
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    middle_x, middle_y = frame_width / 2, frame_height / 2
    corners = [(x - middle_x, y - middle_y) for x in (box[0], box[2]) for y in (box[1], box[3])]
    xs = [middle_x + x * cos - y * sin for x, y in corners]
    ys = [middle_y + x * sin + y * cos for x, y in corners]
    return min(xs), min(ys), max(xs), max(ys)


def components(boxes: list[Box], near: float) -> list[list[int]]:
    """Indices of `boxes` grouped so that members of one group are linked by distances of at most `near` points.

    Boxes grown by half of `near` are painted on a grid of one point and its connected regions labelled: the cost does
    not grow with the number of pairs, which matters for plots of many thousand paths.
    """
    if not boxes:
        return []
    x0, y0, x1, y1 = grow(union(boxes), near)
    grid = np.zeros((int(y1 - y0) + 2, int(x1 - x0) + 2), dtype=bool)
    corners = []
    for box in boxes:
        left, top, right, bottom = (round(v) for v in grow(box, near / 2))
        left, top = left - int(x0), top - int(y0)
        corners.append((top, left))
        grid[top : max(top + 1, bottom - int(y0)), left : max(left + 1, right - int(x0))] = True
    regions, _ = label(grid, structure=np.ones((3, 3)))
    groups: dict[int, list[int]] = {}
    for i, corner in enumerate(corners):
        groups.setdefault(int(regions[corner]), []).append(i)
    return list(groups.values())
