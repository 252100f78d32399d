"""The order in which a page paints, and what it paints on top of a picture."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import pymupdf

from assets.figures.geometry import Box, area, grow, overlap

EDGE = 0.75  # points: a hairline along the edge of a picture is not painted on it
LEAST = 1.0  # points²: smallest overlap that counts

Point = tuple[float, float]


class PaintOrder:
    """What MuPDF paints on a page, first to last. Text and outlines are looked at closely only where their boxes meet
    the picture: one text object may span a page, and the box of a frame holds all that is in the frame.
    """

    def __init__(self, page: pymupdf.Page) -> None:
        self._page = page

    def over(self, target: Box) -> bool:
        """Whether something is painted on the picture at `target` (its visible part, unrotated page) after it; true
        where no picture is painted there.
        """
        inner, seen = grow(target, -EDGE), False
        for at, (kind, box) in enumerate(self._log):
            if kind == "ignore-text" or "clip" in kind:
                continue
            if kind == "fill-image" and not seen:
                seen = all(abs(a - b) < 2 for a, b in zip(self._visible(box), target, strict=True))
            elif seen and overlap(box, inner) > LEAST and self._touches(at, kind, inner):
                return True
        return not seen

    def _visible(self, box: Box) -> Box:
        wide, high = self._page.rect.width, self._page.rect.height
        return max(0, box[0]), max(0, box[1]), min(wide, box[2]), min(high, box[3])

    def _touches(self, at: int, kind: str, target: Box) -> bool:
        """Whether step `at` really meets `target`; a step that cannot be looked up does."""
        if kind in ("fill-text", "stroke-text") and at in self._text:
            return any(overlap(char, target) > LEAST for char in self._text[at])
        if kind == "stroke-path" and at in self._paths:
            return any(_crosses(a, b, target) for a, b in _strokes(self._paths[at], target))
        return True

    @cached_property
    def _log(self) -> list[tuple[str, Box]]:
        return [(kind, tuple(box)) for kind, box in self._page.get_bboxlog()]

    @cached_property
    def _text(self) -> dict[int, list[Box]]:
        """Boxes of the characters, by step."""
        found: dict[int, list[Box]] = {}
        for span in self._page.get_texttrace():
            if span["seqno"] < len(self._log) and "text" in self._log[span["seqno"]][0]:
                boxes = [tuple(char[3]) for char in span["chars"] if chr(char[0]).strip()]
                found.setdefault(span["seqno"], []).extend(boxes)
        return found

    @cached_property
    def _paths(self) -> dict[int, list[tuple[Any, ...]]]:
        """The outlines that are drawn, by step."""
        return {
            path["seqno"]: path["items"]
            for path in self._page.get_cdrawings()
            if path["seqno"] < len(self._log) and self._log[path["seqno"]][0] == "stroke-path"
        }


def _strokes(items: list[tuple[Any, ...]], target: Box) -> Iterator[tuple[Point, Point]]:
    """The straight lines of an outline; of a curve, the line across `target` where its box meets it."""
    for item in items:
        if item[0] == "l":
            yield item[1], item[2]
        elif item[0] == "re":
            x0, y0, x1, y1 = item[1]
            yield from _around([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])
        elif item[0] == "qu":
            a, b, c, d = item[1]
            yield from _around([tuple(a), tuple(b), tuple(d), tuple(c)])
        else:
            xs, ys = [point[0] for point in item[1:]], [point[1] for point in item[1:]]
            if overlap((min(xs), min(ys), max(xs), max(ys)), target) > 0:
                yield (target[0], target[1]), (target[2], target[3])


def _around(corners: list[Point]) -> Iterator[tuple[Point, Point]]:
    yield from zip(corners, corners[1:] + corners[:1], strict=True)


def _crosses(a: Point, b: Point, box: Box) -> bool:
    """Whether the line from `a` to `b` meets the inside of `box` (Liang and Barsky 1984)."""
    if area(box) <= 0:
        return False
    enters, leaves = 0.0, 1.0
    dx, dy = b[0] - a[0], b[1] - a[1]
    for step, room in ((-dx, a[0] - box[0]), (dx, box[2] - a[0]), (-dy, a[1] - box[1]), (dy, box[3] - a[1])):
        if step == 0:
            if room <= 0:
                return False
        elif step < 0:
            enters = max(enters, room / step)
        else:
            leaves = min(leaves, room / step)
    return enters < leaves
