"""Which drawings of a page can belong to a figure: no frames around text, no tinted boxes, no rules by themselves."""

import math

import numpy as np

from assets.figures.captions import Caption
from assets.figures.geometry import (
    Box,
    Boxes,
    area,
    areas,
    as_boxes,
    clip,
    components,
    distance,
    distances,
    grow,
    height,
    holds,
    inside,
    insides,
    overlap,
    union,
    width,
    x_gap,
    x_share,
    y_gap,
)
from assets.figures.layout import Drawing, PageLayout, Raster
from assets.figures.lines import Line
from assets.figures.reading import latin_length

NEAR = 9.0  # points: parts of one drawing, tiles of one picture
WIDEST = 450.0  # points: a longer horizontal rule runs over the whole page
MEETS = 2.0  # points between lines of one drawing
NODE = 8.0  # points: least node of a graph
LEAST_SIDE = 4.0  # points: height of the least line that meets a horizontal rule (width, for a vertical one)
MOST_RULES = 2000  # a page with more long lines is a drawing
CLOSE = 30.0  # points between a caption and a listing that is its figure
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
    """Tinted boxes of text ("key points", listings): filled, not outlined, and text fills their height.

    A box of paragraphs may hold a sign. One in a fixed-pitch type under or over a caption is that figure.
    """
    found = []
    for drawing in page.drawings:
        box = drawing.box
        if not drawing.filled or drawing.stroked or not drawing.frame or width(box) < 120 or height(box) < 20:
            continue
        if any(overlap(c.box, box) > 0 for c in captions):
            continue
        held = [line for line in lines if inside(line.box, box) > 0.9 and line.upright]
        long = [line for line in held if latin_length(line.text) > 25]
        typed = [line for line in held if line.fixed]
        picture = any(inside(r.box, box) > 0.9 and area(r.box) > 0.25 * area(box) for r in page.rasters)
        if _fills(long, box) and not picture or _fills(typed, box) and not _captioned(box, captions, lines):
            found.append(box)
    return found


def _fills(held: list[Line], box: Box) -> bool:
    return len(held) >= 2 and sum(height(line.box) for line in held) > 0.4 * height(box)


def _captioned(box: Box, captions: list[Caption], lines: list[Line]) -> bool:
    """Whether a figure's caption stands right under or over the box, with no other line between."""
    for caption in captions:
        if not caption.table and x_share(caption.box, box) > 0.5 and 0 <= y_gap(caption.box, box) < CLOSE:
            between = (box[0], min(box[3], caption.box[3]), box[2], max(box[1], caption.box[1]))
            if not any(overlap(line.box, between) > 0.5 * area(line.box) for line in lines):
                return True
    return False


def figure_shapes(page: PageLayout, holding: TextHolders, decoys: set[tuple[int, ...]]) -> list[Box]:
    """Boxes of drawings that can belong to a figure: no frames around text, no rules that stand alone."""
    solid, rules, open_strokes = [], [], []
    for drawing in page.drawings:
        box = drawing.box
        if place(drawing) in decoys:
            continue
        if drawing.thin:
            rules.append(box)
        elif not ((drawing.plain or drawing.frame) and holding.text(box)) and area(box) < 0.9 * area(page.frame):
            solid.append(box)
            if drawing.stroked and not drawing.frame:
                open_strokes.append(box)
    # Short strokes are ticks, arrows, parts of a sketch; long ones count only at something solid
    short = [r for r in rules if max(width(r), height(r)) < 60]
    hulls = [union(solid[i] for i in g) for g in components(solid, NEAR)] + [r.box for r in page.rasters]
    near = as_boxes([grow(hull, 6) for hull in hulls])
    kept = [r for r in rules if (holds(near, r) > 0.9).any()]
    more = dict.fromkeys((*short, *_crossing(rules), *_outlines(rules, solid, open_strokes, holding)))
    known = set(kept)
    return solid + kept + [r for r in more if r not in known]


def sketched(drawings: list[Drawing], boxes: Boxes, box: Box) -> bool:
    """Whether the strokes in a low or narrow `box` are a figure: nodes joined by lines, or bent lines (a tube).

    `boxes` are those of the page's `drawings`.
    """
    own = [drawings[i] for i in np.flatnonzero(insides(boxes, box) > 0.9)]
    if len(own) > MOST_FRAMES:
        return True
    if sum(d.stroked and not d.frame and not d.thin for d in own) >= 2:
        return True
    nodes = [d.box for d in own if width(d.box) >= NODE and height(d.box) >= NODE]
    for link in (d.box for d in own if d.thin and max(width(d.box), height(d.box)) >= NODE):
        flat = width(link) > height(link)
        ends = [n for n in nodes if distance(n, link) < NEAR and (x_gap if flat else y_gap)(n, link) > -MEETS]
        middle = link[0] + link[2] if flat else link[1] + link[3]
        sides = {(n[0] + n[2] if flat else n[1] + n[3]) < middle for n in ends}
        if len(sides) == 2:
            return True
    return False


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
    across = [r for r in rules if width(r) >= 60 and width(r) < WIDEST]
    down = [r for r in rules if height(r) >= 40]
    flat, steep = as_boxes(across), as_boxes(down)
    return [r for r in across if (distances(steep, r) < 2).any()] + [r for r in down if (distances(flat, r) < 2).any()]


def _outlines(rules: list[Box], solid: list[Box], open_strokes: list[Box], holding: TextHolders) -> list[Box]:
    """Long lines that other ink meets at both ends (sides of a narrow box), or a curve or slanted line at one end (a
    tube, a bracket, the shaft of an arrow). A rule that separates text stands by itself, one around text is a wall.
    """
    long = [r for r in dict.fromkeys(rules) if max(width(r), height(r)) >= 60 and width(r) < WIDEST]
    if len(long) > MOST_RULES:
        return long
    every, bent = as_boxes(rules + solid), as_boxes(open_strokes)
    found = {r for r in long if met_at(r, bent) or met_at(r, every) == 2}
    frames = [[long[i] for i in group] for group in components(long, 2 * NEAR)]  # rounded corners between the sides
    return [r for frame in frames if not holding.text(union(frame)) for r in frame if r in found]


def met_at(rule: Box, lines: Boxes) -> int:
    """At how many of its two ends a horizontal or vertical rule is met by `lines` that do not run along it."""
    x0, y0, x1, y1 = rule
    flat = width(rule) > height(rule)
    ends = ((x0, y0, x0, y1), (x1, y0, x1, y1)) if flat else ((x0, y0, x1, y0), (x0, y1, x1, y1))
    along = lines[:, 3] - lines[:, 1] if flat else lines[:, 2] - lines[:, 0]
    others = lines[along >= LEAST_SIDE]
    return sum(bool((distances(others, end) < MEETS).any()) for end in ends)
