"""Boxes as plain tuples (x0, y0, x1, y1), y downwards, in points; nothing here knows of PDF."""

import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import label

Box = tuple[float, float, float, float]
Boxes = NDArray[np.float64]  # one box a row

MOST_CELLS = 4_000_000  # of the grid on which boxes are grouped: larger pages get coarser cells
BAND = 16.0  # points: about a line of text
TALL = 64  # bands; what is taller is looked at for every height


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
    cell = max(1.0, math.sqrt((x1 - x0) * (y1 - y0) / MOST_CELLS))
    grown = np.asarray(boxes) + np.array([-near, -near, near, near]) / 2
    corners = np.rint(grown / cell).astype(int) - np.array([int(x0 / cell), int(y0 / cell)] * 2)
    grid = np.zeros((int((y1 - y0) / cell) + 2, int((x1 - x0) / cell) + 2), dtype=bool)
    for left, top, right, bottom in corners.tolist():
        grid[top : max(top + 1, bottom), left : max(left + 1, right)] = True
    regions, _ = label(grid, structure=np.ones((3, 3)))
    groups: dict[int, list[int]] = {}
    for i, region in enumerate(regions[corners[:, 1], corners[:, 0]].tolist()):
        groups.setdefault(region, []).append(i)
    return list(groups.values())


# --------------------------------------------------------------------------------------------------- many boxes at once
def as_boxes(boxes: Sequence[Box]) -> Boxes:
    return np.asarray(boxes, dtype=np.float64).reshape(-1, 4)


def areas(boxes: Boxes) -> NDArray[np.float64]:
    return np.maximum(0, boxes[:, 2] - boxes[:, 0]) * np.maximum(0, boxes[:, 3] - boxes[:, 1])


def overlaps(boxes: Boxes, box: Box) -> NDArray[np.float64]:
    """Area that each box shares with `box`."""
    wide = np.minimum(boxes[:, 2], box[2]) - np.maximum(boxes[:, 0], box[0])
    high = np.minimum(boxes[:, 3], box[3]) - np.maximum(boxes[:, 1], box[1])
    return np.maximum(0, wide) * np.maximum(0, high)


def insides(boxes: Boxes, other: Box) -> NDArray[np.float64]:
    """`inside(box, other)` for each box."""
    own = areas(boxes)
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    centred = (other[0] <= x) & (x <= other[2]) & (other[1] <= y) & (y <= other[3])
    return np.where(own > 0, overlaps(boxes, other) / np.where(own > 0, own, 1), centred)


def holds(boxes: Boxes, box: Box) -> NDArray[np.float64]:
    """`inside(box, other)` for each of `boxes` as the other."""
    if area(box) > 0:
        return overlaps(boxes, box) / area(box)
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    held = (boxes[:, 0] <= x) & (x <= boxes[:, 2]) & (boxes[:, 1] <= y) & (y <= boxes[:, 3])
    return held.astype(np.float64)


def distances(boxes: Boxes, box: Box) -> NDArray[np.float64]:
    """`distance(box, other)` for each of `boxes` as the other."""
    across = np.maximum(boxes[:, 0], box[0]) - np.minimum(boxes[:, 2], box[2])
    down = np.maximum(boxes[:, 1], box[1]) - np.minimum(boxes[:, 3], box[3])
    return np.maximum(0, np.maximum(across, down))


def x_shares(boxes: Boxes, box: Box) -> NDArray[np.float64]:
    """`x_share(box, other)` for each of `boxes` as the other."""
    common = np.minimum(boxes[:, 2], box[2]) - np.maximum(boxes[:, 0], box[0])
    return np.maximum(0, common) / np.maximum(1e-6, np.minimum(boxes[:, 2] - boxes[:, 0], box[2] - box[0]))


class Bands:
    """Boxes by their height on the page, so that those near a height are found without a look at all the others."""

    def __init__(self, boxes: Iterable[Box] = ()) -> None:
        self._bands: dict[int, list[int]] = {}
        self._tall: list[int] = []
        for i, box in enumerate(boxes):
            self.add(i, box)

    def add(self, name: int, box: Box) -> None:
        first, last = math.floor(box[1] / BAND), math.floor(box[3] / BAND)
        if last - first > TALL:
            self._tall.append(name)
        for band in range(first, last + 1) if last - first <= TALL else ():
            self._bands.setdefault(band, []).append(name)

    def near(self, top: float, bottom: float) -> list[int]:
        """Names, in rising order, of all boxes that reach into this height, and of some that nearly do."""
        found = set(self._tall)
        first, last = math.floor(top / BAND), math.floor(bottom / BAND)
        wanted = range(first, last + 1) if last - first < len(self._bands) else self._bands.keys()
        for band in wanted:
            found.update(self._bands.get(band, ()))
        return sorted(found)
