"""From rasters, drawings and short labels to candidate figure bodies ("atoms"), which captions then share out."""

import re
from collections import Counter
from dataclasses import dataclass

from assets.figures.captions import Caption
from assets.figures.geometry import (
    Box,
    area,
    clip,
    components,
    distance,
    grow,
    height,
    inside,
    nearest,
    union,
    width,
    x_gap,
    x_share,
    y_gap,
)
from assets.figures.layout import Drawing, PageLayout, Raster
from assets.figures.lines import Line
from assets.figures.reading import CJK, Style

NEAR = 9.0  # points: parts of one drawing, tiles of one picture
LABEL_NEAR = 14.0  # points: tick labels and panel letters stand at most this far from their graphic
LABEL_FAR = 45.0  # points: and axis titles beyond them at most this far
PANEL_LETTER = re.compile(r"^[(\[（]?([A-Za-z])[)\]）.]?$")


@dataclass
class Atom:
    """Graphics (and the short labels at them) that lie together. Indices point into the page's rasters."""

    box: Box
    rasters: list[int]
    ink: Box

    @property
    def solid(self) -> bool:
        """Large enough to be a figure by itself."""
        return width(self.ink) >= 25 and height(self.ink) >= 25


@dataclass
class Scene:
    """A page as the assignment sees it: atoms, text that must not be crossed, and single letters that stand alone."""

    atoms: list[Atom]
    walls: list[Box]
    labels: list[Line]
    letters: list[Line]


def see(page: PageLayout, captions: list[Caption], style: Style, decoys: set[tuple[int, ...]]) -> Scene:
    """Split a page into atoms and walls. `decoys` are raster places that many pages share (logos, bars)."""
    in_captions = {id(line) for caption in captions for line in caption.lines}
    lines = [line for line in page.lines if id(line) not in in_captions]
    rasters = [i for i, r in enumerate(page.rasters) if place(r) not in decoys and not _backdrop(r.box, page, lines)]
    raster_boxes = [page.rasters[i].box for i in rasters]
    shapes = _shapes(page, captions, lines, style, decoys)
    body = [line for line in lines if _is_body(line, lines, style) and not _on_graphics(line, raster_boxes)]
    body_ids = {id(line) for line in body}
    short = [line for line in lines if id(line) not in body_ids]

    frames = _frames(page, captions, lines, style, decoys)
    ink = [_framed(box, frames) for box in raster_boxes + shapes]
    walls = [line.box for line in body] + [caption.box for caption in captions]
    hulls = [union(ink[i] for i in group) for group in components(ink, NEAR)]
    labels, bridges = _labels([line for line in short if not _at_text(line, body, hulls)], hulls, walls)
    boxes = ink + [line.box for line in labels]
    atoms = []
    for group in components(ink + bridges, NEAR):
        drawn = [i for i in group if i < len(ink)]
        if drawn:
            atoms.append(
                Atom(union(boxes[i] for i in group), [rasters[i] for i in drawn if i < len(rasters)],
                     union(boxes[i] for i in drawn))
            )  # fmt: skip
    label_ids = {id(line) for line in labels}
    letters = [line for line in short if id(line) not in label_ids and PANEL_LETTER.match(line.text)]
    walls += [line.box for line in short if id(line) not in label_ids and len(line.text) > 3]
    return Scene([a for a in atoms if width(a.box) >= 8 and height(a.box) >= 8], walls, labels, letters)


def _at_text(line: Line, body: list[Line], hulls: list[Box]) -> bool:
    """Whether a short line goes with the text under or over it (a heading) rather than with the nearest graphic."""
    graphic = min((distance(line.box, hull) for hull in hulls), default=1e9)
    text = min((distance(line.box, o.box) for o in body if x_share(line.box, o.box) > 0.3), default=1e9)
    return graphic > 0 and text <= graphic


def _labels(short: list[Line], hulls: list[Box], walls: list[Box]) -> tuple[list[Line], list[Box]]:
    """Short text at graphics: within reach of them, then close to what these labels and their graphic take up together
    (axis titles beyond tick labels). With each label comes the box that bridges the gap to its graphic.
    """
    free = [line for line in short if not any(inside(line.box, wall) > 0.5 for wall in walls)]
    homes = [h for h in hulls if area(h) > 0]
    reach = list(homes)
    labels: list[Line] = []
    bridges: list[Box] = []
    for near in (LABEL_NEAR, NEAR, NEAR):
        joined: list[tuple[int, Line]] = []
        for line in free:
            close = [k for k, (home, hull) in enumerate(zip(homes, reach, strict=True))
                     if distance(line.box, hull) <= near and distance(line.box, home) <= LABEL_FAR]  # fmt: skip
            joined += [(k, line) for k in close[:1]]
        for k, line in joined:
            reach[k] = union((reach[k], line.box))
            labels.append(line)
            bridges.append(union((line.box, nearest(line.box, homes[k]))))
            free.remove(line)
    return labels, bridges


def place(item: Raster | Drawing) -> tuple[int, ...]:
    """Where something stands, to 4 points, and its pixels: the key by which pages share a decoration."""
    pixels = (item.width, item.height) if isinstance(item, Raster) else ()
    return (*(round(v / 4) for v in item.box), *pixels)


def find_decoys(pages: list[PageLayout]) -> set[tuple[int, ...]]:
    """Places of logos, bars and page backgrounds: in the outer eighth, small, or nearly as large as the page, and
    the same on at least three pages and a tenth of the book. Others may share a place by the typesetter's grid.
    """
    seen: Counter[tuple[int, ...]] = Counter()
    for page in pages:
        top, bottom = page.frame[3] / 8, page.frame[3] * 7 / 8
        items: list[Raster | Drawing] = [*page.rasters, *page.drawings]
        seen.update({
            place(item) for item in items
            if item.box[3] < top or item.box[1] > bottom or not 0.02 < area(item.box) / area(page.frame) < 0.8
        })  # fmt: skip
    least = max(3, len(pages) / 10)
    return {key for key, count in seen.items() if count >= least}


def _backdrop(box: Box, page: PageLayout, lines: list[Line]) -> bool:
    """A picture of the whole page under its text (scan with a text layer, tinted background)."""
    return area(box) > 0.8 * area(page.frame) and sum(inside(line.box, box) > 0.9 for line in lines) >= 5


def _shapes(
    page: PageLayout, captions: list[Caption], lines: list[Line], style: Style, decoys: set[tuple[int, ...]]
) -> list[Box]:
    """Boxes of drawings that can belong to a figure: no frames around text, no rules that stand alone."""
    solid, rules = [], []
    for drawing in page.drawings:
        box = drawing.box
        if place(drawing) in decoys:
            continue
        if drawing.thin:
            rules.append(box)
        elif not (drawing.plain and _holds_text(box, captions, lines, style)) and area(box) < 0.9 * area(page.frame):
            solid.append(box)
    # Short strokes are ticks, arrows, parts of a sketch; long ones count only at something solid
    short = [r for r in rules if max(width(r), height(r)) < 60]
    hulls = [union(solid[i] for i in g) for g in components(solid, NEAR)] + [r.box for r in page.rasters]
    axes = _crossing(rules)
    kept = [r for r in rules if any(inside(r, grow(h, 6)) > 0.9 for h in hulls)]
    return solid + kept + [r for r in (*short, *axes) if r not in kept]


def _frames(
    page: PageLayout, captions: list[Caption], lines: list[Line], style: Style, decoys: set[tuple[int, ...]]
) -> list[Box]:
    """Large drawn boxes: what is in one belongs together, and pictures that reach beyond are cut there."""
    large = [d.box for d in page.drawings if d.stroked and d.frame and width(d.box) > 90 and height(d.box) > 90
             and place(d) not in decoys and area(d.box) < 0.8 * area(page.frame)
             and not _holds_text(d.box, captions, lines, style)]  # fmt: skip
    return [b for b in large if not any(o is not b and inside(b, o) > 0.9 and area(o) > area(b) for o in large)]


def _framed(box: Box, frames: list[Box]) -> Box:
    for frame in frames:
        if inside(box, frame) > 0.5:
            return clip(box, frame)
    return box


def _crossing(rules: list[Box]) -> list[Box]:
    """Long horizontal and vertical lines that meet: the axes or the box of a plot."""
    across = [r for r in rules if width(r) >= 60 and width(r) < 450]
    down = [r for r in rules if height(r) >= 40]
    return [r for r in across if any(distance(r, d) < 2 for d in down)] + [
        d for d in down if any(distance(r, d) < 2 for r in across)
    ]


def _holds_text(box: Box, captions: list[Caption], lines: list[Line], style: Style) -> bool:
    """A frame around a caption or a tinted box under paragraphs is a wall, not a drawing."""
    if any(inside(caption.box, box) > 0.9 for caption in captions if not caption.table):
        return True
    held = [line for line in lines if inside(line.box, box) > 0.9 and _letters(line.text) > 25 and line.upright]
    return len(held) >= 4 and sum(area(line.box) for line in held) > 0.3 * area(box)


def _on_graphics(line: Line, rasters: list[Box]) -> bool:
    return any(inside(line.box, box) > 0.6 for box in rasters)


def _is_body(line: Line, lines: list[Line], style: Style) -> bool:
    """A line of a paragraph: body type, or one of several long lines under each other with a common left edge."""
    if not line.upright or not re.search(r"[^\W\d_]{2}", line.text):
        return False
    same = [o for o in lines if o is not line and o.upright and abs(o.box[0] - line.box[0]) < 3 * style.size
            and x_gap(o.box, line.box) < 0 and abs(o.size - line.size) < 0.6
            and -0.5 * style.size < y_gap(o.box, line.box) < style.gap + style.size]  # fmt: skip
    long = _letters(line.text) > 35
    if line.style == (style.font, style.size) and (long or any(_letters(o.text) > 35 for o in same)):
        return True
    if _letters(line.text) > 60 and width(line.box) > 180:
        return True
    return bool(long and sum(_letters(o.text) > 30 and x_share(o.box, line.box) > 0.8 for o in same) >= 1)


def _letters(text: str) -> int:
    """Length of a text in Latin letters: a Chinese character takes the room of two."""
    return len(text) + len(CJK.findall(text))
