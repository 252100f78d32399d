"""From rasters, drawings and short labels to candidate figure bodies ("atoms"), which captions then share out."""

import math
import re
from collections import Counter
from dataclasses import dataclass

from assets.figures.captions import Caption
from assets.figures.geometry import (
    Bands,
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
    nearest,
    overlap,
    union,
    width,
    x_gap,
    x_share,
    x_shares,
    y_gap,
)
from assets.figures.layout import Drawing, PageLayout, Raster
from assets.figures.lines import Line
from assets.figures.reading import CJK, Style
from assets.figures.ruled import ruled_tables
from assets.figures.sentences import stopped

NEAR = 9.0  # points: parts of one drawing, tiles of one picture
LABEL_NEAR = 14.0  # points: tick labels and panel letters stand at most this far from their graphic
LABEL_FAR = 45.0  # points: and axis titles beyond them at most this far
MOST_FRAMES = 200  # a page has room for fewer; more large boxes than this are themselves a drawing
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


class TextHolders:
    """Which drawn boxes are walls, not drawings: a frame around a caption, or a tinted box under paragraphs."""

    def __init__(self, captions: list[Caption], lines: list[Line]) -> None:
        long = [line.box for line in lines if line.upright and _letters(line.text) > 25]
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


def see(page: PageLayout, captions: list[Caption], style: Style, decoys: set[tuple[int, ...]]) -> Scene:
    """Split a page into atoms and walls. `decoys` are raster places that many pages share (logos, bars)."""
    in_captions = {id(line) for caption in captions for line in caption.lines}
    lines = [line for line in page.lines if id(line) not in in_captions]
    rasters = [i for i, r in enumerate(page.rasters) if place(r) not in decoys and not _backdrop(r.box, page, lines)]
    callouts = _callouts(page, captions, lines)
    rasters = [i for i in rasters if not any(inside(page.rasters[i].box, box) > 0.9 for box in callouts)]
    raster_boxes = [page.rasters[i].box for i in rasters]
    holding = TextHolders(captions, lines)
    around = Bands(line.box for line in lines)
    pictures = as_boxes(raster_boxes)
    body = _with_neighbours([line for line in lines if _is_body(line, lines, around, style)], lines, around, style)
    body = [line for line in body if not (holds(pictures, line.box) > 0.6).any()]
    body_ids = {id(line) for line in body}
    short = [line for line in lines if id(line) not in body_ids]
    figures, tables = _tables(ruled_tables(page.drawings, short), captions)
    tables += callouts
    body += [line for line in short if any(inside(line.box, box) > 0.6 for box in tables)]
    body_ids = {id(line) for line in body}
    short = [line for line in short if id(line) not in body_ids]
    shapes = figures + [box for box in _shapes(page, holding, decoys) if not any(inside(box, t) > 0.9 for t in tables)]

    frames = as_boxes(_frames(page, holding, decoys))
    ink = [_framed(box, frames) for box in raster_boxes + shapes] if len(frames) else raster_boxes + shapes
    walls = [line.box for line in body] + [caption.box for caption in captions]
    hulls = [union(ink[i] for i in group) for group in components(ink, NEAR)]
    graphics, text = as_boxes(hulls), as_boxes([line.box for line in body])
    labels, bridges = _labels([line for line in short if not _at_text(line.box, text, graphics)], hulls, walls)
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


def _tables(found: list[Box], captions: list[Caption]) -> tuple[list[Box], list[Box]]:
    """Ruled tables under a figure's label, which are figures, and the others."""
    figures: list[Box] = []
    tables: list[Box] = []
    for box in found:
        near = [c for c in captions if x_share(c.box, box) > 0.3]
        nearest_caption = min(near, key=lambda c: distance(c.box, box), default=None)
        (tables if nearest_caption is None or nearest_caption.table else figures).append(box)
    return figures, tables


def _callouts(page: PageLayout, captions: list[Caption], lines: list[Line]) -> list[Box]:
    """Tinted boxes of text ("key points") with or without a sign: filled, not outlined, and text fills their height."""
    found = []
    for drawing in page.drawings:
        box = drawing.box
        if not drawing.filled or drawing.stroked or not drawing.frame or width(box) < 120 or height(box) < 20:
            continue
        held = [line for line in lines if inside(line.box, box) > 0.9 and line.upright and _letters(line.text) > 25]
        filled = sum(height(line.box) for line in held) > 0.4 * height(box)
        picture = any(inside(r.box, box) > 0.9 and area(r.box) > 0.25 * area(box) for r in page.rasters)
        if len(held) >= 2 and filled and not picture and not any(overlap(c.box, box) > 0 for c in captions):
            found.append(box)
    return found


def _at_text(line: Box, body: Boxes, hulls: Boxes) -> bool:
    """Whether a short line goes with the text under or over it (a heading) rather than with the nearest graphic."""
    graphic = distances(hulls, line).min(initial=1e9)
    text = distances(body, line)[x_shares(body, line) > 0.3].min(initial=1e9)
    return bool(graphic > 0 and text <= graphic)


def _labels(short: list[Line], hulls: list[Box], walls: list[Box]) -> tuple[list[Line], list[Box]]:
    """Short text at graphics: within reach of them, then close to what these labels and their graphic take up together
    (axis titles beyond tick labels). With each label comes the box that bridges the gap to its graphic.
    """
    text = as_boxes(walls)
    free = [line for line in short if not (holds(text, line.box) > 0.5).any()]
    homes = as_boxes([h for h in hulls if area(h) > 0])
    reach = homes.copy()
    labels: list[Line] = []
    bridges: list[Box] = []
    for near in (LABEL_NEAR, NEAR, NEAR):
        left: list[Line] = []
        joined: list[tuple[int, Line]] = []
        for line in free:
            close = (distances(reach, line.box) <= near) & (distances(homes, line.box) <= LABEL_FAR)
            if close.any():
                joined.append((int(close.argmax()), line))
            else:
                left.append(line)
        for k, line in joined:
            reach[k] = union((tuple(reach[k]), line.box))
            labels.append(line)
            bridges.append(union((line.box, nearest(line.box, tuple(homes[k])))))
        free = left
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
    if area(box) <= 0.8 * area(page.frame):
        return False
    return bool((insides(as_boxes([line.box for line in lines]), box) > 0.9).sum() >= 5)


def _shapes(page: PageLayout, holding: TextHolders, decoys: set[tuple[int, ...]]) -> list[Box]:
    """Boxes of drawings that can belong to a figure: no frames around text, no rules that stand alone."""
    solid, rules = [], []
    for drawing in page.drawings:
        box = drawing.box
        if place(drawing) in decoys:
            continue
        if drawing.thin:
            rules.append(box)
        elif not (drawing.plain and holding.text(box)) and area(box) < 0.9 * area(page.frame):
            solid.append(box)
    # Short strokes are ticks, arrows, parts of a sketch; long ones count only at something solid
    short = [r for r in rules if max(width(r), height(r)) < 60]
    hulls = [union(solid[i] for i in g) for g in components(solid, NEAR)] + [r.box for r in page.rasters]
    axes = _crossing(rules)
    near = as_boxes([grow(hull, 6) for hull in hulls])
    kept = [r for r in rules if (holds(near, r) > 0.9).any()]
    known = set(kept)
    return solid + kept + [r for r in (*short, *axes) if r not in known]


def _frames(page: PageLayout, holding: TextHolders, decoys: set[tuple[int, ...]]) -> list[Box]:
    """Large drawn boxes: what is in one belongs together, and pictures that reach beyond are cut there."""
    large = [d.box for d in page.drawings if d.stroked and d.frame and width(d.box) > 90 and height(d.box) > 90
             and place(d) not in decoys and area(d.box) < 0.8 * area(page.frame)
             and not holding.text(d.box)]  # fmt: skip
    large = list(dict.fromkeys(large))
    if len(large) > MOST_FRAMES:
        return []
    boxes = as_boxes(large)
    return [b for b in large if not ((holds(boxes, b) > 0.9) & (areas(boxes) > area(b))).any()]


def _framed(box: Box, frames: Boxes) -> Box:
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


def _is_body(line: Line, lines: list[Line], around: Bands, style: Style) -> bool:
    """A line of a paragraph: body type, or one of several long lines under each other with a common left edge."""
    if not line.upright or not re.search(r"[^\W\d_]{2}", line.text):
        return False
    long = _letters(line.text) > 35
    if long and line.style == (style.font, style.size) or _letters(line.text) > 60 and width(line.box) > 180:
        return True
    reach = style.gap + style.size
    same = [o for o in map(lines.__getitem__, around.near(line.box[1] - reach, line.box[3] + reach))
            if abs(o.box[0] - line.box[0]) < 3 * style.size and o.upright and o is not line
            and x_gap(o.box, line.box) < 0 and abs(o.size - line.size) < 0.6
            and -0.5 * style.size < y_gap(o.box, line.box) < reach]  # fmt: skip
    if line.style == (style.font, style.size) and any(_letters(o.text) > 35 for o in same):
        return True
    return long and any(_letters(o.text) > 30 and x_share(o.box, line.box) > 0.8 for o in same)


def _with_neighbours(body: list[Line], lines: list[Line], around: Bands, style: Style) -> list[Line]:
    """`body` and the short lines that begin or end its paragraphs: of its size, close above or below, with its edge;
    or alone at the end of a column, in its very type.
    """
    known = {id(line) for line in body}
    found = list(body)
    for line in body:
        for at in around.near(line.box[1] - style.size - style.gap, line.box[3] + style.size + style.gap):
            if id(lines[at]) not in known and _goes_with(lines[at], line, style):
                known.add(id(lines[at]))
                found.append(lines[at])
    edges = Counter((line.style, round(line.box[0])) for line in found)
    for line in lines:
        if id(line) not in known and line.upright and abs(line.size - style.size) <= 1.1:
            alike = sum(edges[line.style, round(line.box[0]) + by] for by in (-1, 0, 1))
            if alike >= (1 if stopped(line.text) else 2):
                found.append(line)
    return found


def _goes_with(line: Line, body: Line, style: Style) -> bool:
    if not line.upright or abs(line.size - style.size) > 1.1:
        return False
    near = -0.5 * style.size < y_gap(line.box, body.box) < style.gap + 0.5 * style.size
    edge = abs(line.box[0] - body.box[0]) < 3 * style.size and x_gap(line.box, body.box) < 0
    return near and edge and abs(line.size - body.size) < 0.3


def _letters(text: str) -> int:
    """Length of a text in Latin letters: a Chinese character takes the room of two."""
    return len(text) + len(CJK.findall(text))
