"""Which drawings of a page can belong to a figure: no frames around text, no tinted boxes, no rules by themselves."""

import math

from assets.figures.captions import Caption
from assets.figures.geometry import (
    Box,
    Boxes,
    area,
    areas,
    as_boxes,
    clip,
    components,
    distances,
    grow,
    height,
    holds,
    inside,
    insides,
    overlap,
    union,
    width,
)
from assets.figures.layout import Drawing, PageLayout, Raster
from assets.figures.lines import Line
from assets.figures.reading import latin_length

NEAR = 9.0  # points: parts of one drawing, tiles of one picture
MOST_FRAMES = 200  # a page has room for fewer; more large boxes than this are themselves a drawing


class TextHolders:
    """Which drawn boxes are walls, not drawings: a frame around a caption, or a tinted box under paragraphs."""

    def __init__(self, captions: list[Caption], lines: list[Line]) -> None:
        long = [line.box for line in lines if line.upright and latin_length(line.text) > 25]
        self._captions = as_boxes([caption.box for caption in captions if not caption.table])
        self._lines = as_boxes(long)
        self._areas = areas(self._lines)
        self._least = 0.9 * min([*self._areas, *areas(self._captions)], default=math.inf)
        self._known: dict[Box, bool] = {}

    def text(self, box: Box) -> bool:
        if area(box) < self._least:
            return False
        if box not in self._known:
            held = insides(self._lines, box) > 0.9
            paragraphs = held.sum() >= 4 and self._areas[held].sum() > 0.3 * area(box)
            self._known[box] = bool(paragraphs or (insides(self._captions, box) > 0.9).any())
        return self._known[box]


def place(item: Raster | Drawing) -> tuple[int, ...]:
    """Where something stands, to 4 points, and its pixels: the key by which pages share a decoration."""
    pixels = (item.width, item.height) if isinstance(item, Raster) else ()
    return (*(round(v / 4) for v in item.box), *pixels)


def callouts(page: PageLayout, captions: list[Caption], lines: list[Line]) -> list[Box]:
    """Tinted boxes of text ("key points") with or without a sign: filled, not outlined, and text fills their height."""
    found = []
    for drawing in page.drawings:
        box = drawing.box
        if not drawing.filled or drawing.stroked or not drawing.frame or width(box) < 120 or height(box) < 20:
            continue
        held = [line for line in lines if inside(line.box, box) > 0.9 and line.upright and latin_length(line.text) > 25]
        filled = sum(height(line.box) for line in held) > 0.4 * height(box)
        picture = any(inside(r.box, box) > 0.9 and area(r.box) > 0.25 * area(box) for r in page.rasters)
        if len(held) >= 2 and filled and not picture and not any(overlap(c.box, box) > 0 for c in captions):
            found.append(box)
    return found


def figure_shapes(page: PageLayout, holding: TextHolders, decoys: set[tuple[int, ...]]) -> list[Box]:
    """Boxes of drawings that can belong to a figure: no frames around text, no rules that stand alone."""
    solid, rules = [], []
    for drawing in page.drawings:
        box = drawing.box
        if place(drawing) in decoys:
            continue
        if drawing.thin:
            rules.append(box)
        elif not ((drawing.plain or drawing.frame) and holding.text(box)) and area(box) < 0.9 * area(page.frame):
            solid.append(box)
    # Short strokes are ticks, arrows, parts of a sketch; long ones count only at something solid
    short = [r for r in rules if max(width(r), height(r)) < 60]
    hulls = [union(solid[i] for i in g) for g in components(solid, NEAR)] + [r.box for r in page.rasters]
    axes = _crossing(rules)
    near = as_boxes([grow(hull, 6) for hull in hulls])
    kept = [r for r in rules if (holds(near, r) > 0.9).any()]
    known = set(kept)
    return solid + kept + [r for r in (*short, *axes) if r not in known]


def figure_frames(page: PageLayout, holding: TextHolders, decoys: set[tuple[int, ...]]) -> list[Box]:
    """Large drawn boxes: what is in one belongs together, and pictures that reach beyond are cut there."""
    large = [d.box for d in page.drawings if d.stroked and d.frame and width(d.box) > 90 and height(d.box) > 90
             and place(d) not in decoys and area(d.box) < 0.8 * area(page.frame)
             and not holding.text(d.box)]  # fmt: skip
    large = list(dict.fromkeys(large))
    if len(large) > MOST_FRAMES:
        return []
    boxes = as_boxes(large)
    return [b for b in large if not ((holds(boxes, b) > 0.9) & (areas(boxes) > area(b))).any()]


def framed(box: Box, frames: Boxes) -> Box:
    around = holds(frames, box) > 0.5
    if not around.any():
        return box
    x0, y0, x1, y1 = frames[around.argmax()].tolist()
    return clip(box, (x0, y0, x1, y1))


def _crossing(rules: list[Box]) -> list[Box]:
    """Long horizontal and vertical lines that meet: the axes or the box of a plot."""
    across = [r for r in rules if width(r) >= 60 and width(r) < 450]
    down = [r for r in rules if height(r) >= 40]
    flat, steep = as_boxes(across), as_boxes(down)
    return [r for r in across if (distances(steep, r) < 2).any()] + [r for r in down if (distances(flat, r) < 2).any()]
