"""Figures side by side that nearly touch: captions in one row say where one ends and the next begins."""

import math

from assets.figures.captions import Caption
from assets.figures.geometry import Box, union, x_gap, x_share, y_gap, y_share

LEVEL = 5.0  # points by which a caption may reach into the drawing over it
DEEP = 40.0  # points by which one of them may, beside a shorter drawing
CLOSE = 75.0  # points from captions to the pictures over or under them


def rows_of(captions: list[Caption]) -> list[list[Box]]:
    """Boxes of figure captions that stand level beside one another, from left to right; at least two each."""
    rows: list[list[Box]] = []
    heads = [c.box for c in captions if not c.table and c.tail_of is None]
    for box in sorted(heads, key=lambda b: (b[0], b[1])):
        for row in rows:
            if y_share(row[-1], box) > 0.25 and x_gap(row[-1], box) > 0:
                row.append(box)
                break
        else:
            rows.append([box])
    return [row for row in rows if len(row) > 1]


def apart(boxes: list[Box], rows: list[list[Box]]) -> list[list[int]]:
    """Indices of `boxes`, which lie together, as they go with the captions of a row over or under all of them.

    One group when no row is near, or when no white runs down between the middles of two captions.
    """
    hull = union(boxes)
    for row in rows:
        own = [box for box in row if x_share(box, hull) > 0.5 and -DEEP < y_gap(box, hull) < CLOSE]
        if not any(y_gap(box, hull) >= -LEVEL for box in own):
            continue
        cuts = [_white(boxes, a, b) for a, b in zip(own, own[1:], strict=False)]
        edges = [cut for cut in cuts if cut is not None]
        if edges and len(edges) == len(cuts):
            groups: list[list[int]] = [[] for _ in own]
            for i, box in enumerate(boxes):
                groups[sum(box[0] >= edge for edge in edges)].append(i)
            return [group for group in groups if group]
    return [list(range(len(boxes)))]


def _white(boxes: list[Box], left: Box, right: Box) -> float | None:
    """Where the widest white between the middles of two captions ends, None where there is none."""
    first, last = (left[0] + left[2]) / 2, (right[0] + right[2]) / 2
    found: list[tuple[float, float]] = []
    reached = -math.inf
    for x0, x1 in sorted((box[0], box[2]) for box in boxes):
        if x0 > reached and first < x0 <= last and reached > first:
            found.append((x0 - reached, x0))
        reached = max(reached, x1)
    return max(found)[1] if found else None
