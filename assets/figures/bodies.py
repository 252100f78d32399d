"""From rasters, drawings and short labels to candidate figure bodies ("atoms"), which captions then share out."""

import re
from dataclasses import dataclass, field

import numpy as np

from assets.figures.abreast import apart, rows_of
from assets.figures.body_text import body_lines
from assets.figures.captions import Caption
from assets.figures.geometry import (
    Box,
    Boxes,
    area,
    areas,
    as_boxes,
    components,
    distance,
    distances,
    height,
    holds,
    inside,
    insides,
    nearest,
    overlap,
    union,
    width,
    x_share,
    y_gap,
)
from assets.figures.layout import PageLayout
from assets.figures.lettering import LABEL_FAR, lettering
from assets.figures.lines import Line
from assets.figures.reading import Style
from assets.figures.ruled import ruled_tables
from assets.figures.shapes import (
    MOST_FRAMES,
    NEAR,
    TextHolders,
    callouts,
    figure_frames,
    figure_shapes,
    framed,
    place,
    sketched,
)

LEAST = 25.0  # points: both sides of a figure
LEAST_SKETCH = 60.0, 8.0  # points: the sides of a row of nodes, of a tube
LABEL_NEAR = 14.0  # points: tick labels and panel letters stand at most this far from their graphic
PANEL_LETTER = re.compile(r"^[(\[（]?([A-Za-z])[)\]）.]?$")


@dataclass
class Atom:
    """Graphics (and the short labels at them) that lie together. Indices point into the page's rasters.

    `parts` are the atoms that it would come apart into at half the white, if two of them are solid.
    """

    box: Box
    rasters: list[int]
    ink: Box
    parts: list["Atom"] = field(default_factory=list)
    sketch: bool = False  # low or narrow, but its strokes say that it is a drawing

    @property
    def solid(self) -> bool:
        """Large enough to be a figure by itself."""
        return self.sketch or (width(self.ink) >= LEAST and height(self.ink) >= LEAST)


@dataclass
class Scene:
    """A page as the assignment sees it: atoms, text that must not be crossed, and single letters that stand alone.

    `walls` are the lines of `text` (paragraphs, captions, tables) and short lines that no graphic is near.
    """

    atoms: list[Atom]
    text: list[Box]
    walls: list[Box]
    labels: list[Line]
    letters: list[Line]


def see(page: PageLayout, captions: list[Caption], style: Style, decoys: set[tuple[int, ...]]) -> Scene:
    """Split a page into atoms and walls. `decoys` are raster places that many pages share (logos, bars)."""
    in_captions = {id(line) for caption in captions for line in caption.lines}
    lines = [line for line in page.lines if id(line) not in in_captions]
    rasters = [i for i, r in enumerate(page.rasters) if place(r) not in decoys and not _backdrop(r.box, page, lines)]
    tinted = callouts(page, captions, lines)
    rasters = [i for i in rasters if not any(inside(page.rasters[i].box, box) > 0.9 for box in tinted)]
    raster_boxes = [page.rasters[i].box for i in rasters]
    holding = TextHolders(captions, lines)
    pictures = as_boxes(raster_boxes)
    body = [line for line in body_lines(lines, style) if not (holds(pictures, line.box) > 0.6).any()]
    body_ids = {id(line) for line in body}
    short = [line for line in lines if id(line) not in body_ids]
    figures, tables = _tables(ruled_tables(page.drawings, short), captions)
    tables += tinted
    body += [line for line in short if any(inside(line.box, box) > 0.6 for box in tables)]
    body_ids = {id(line) for line in body}
    short = [line for line in short if id(line) not in body_ids]
    shapes = figures + [
        box for box in figure_shapes(page, holding, decoys) if not any(inside(box, t) > 0.9 for t in tables)
    ]

    frames = as_boxes(figure_frames(page, holding, decoys))
    ink = [framed(box, frames) for box in raster_boxes + shapes] if len(frames) else raster_boxes + shapes
    walls = [line.box for line in body] + [caption.box for caption in captions]
    hulls = [union(ink[i] for i in group) for group in components(ink, NEAR)]
    labels, bridges = _labels(lettering(short, lines, body, hulls, style), hulls, walls)
    boxes = ink + [_trimmed(line.box, captions) for line in labels]

    drawn = as_boxes([drawing.box for drawing in page.drawings])

    def atom(group: list[int]) -> Atom | None:
        inked = [i for i in group if i < len(ink)]
        if not inked:
            return None
        own = [rasters[i] for i in inked if i < len(rasters)]
        hull = union(boxes[i] for i in inked)
        sides = sorted((width(hull), height(hull)))
        small = sides[0] < LEAST and sides[1] >= LEAST_SKETCH[0] and sides[0] >= LEAST_SKETCH[1]
        return Atom(union(boxes[i] for i in group), own, hull, sketch=small and sketched(page.drawings, drawn, hull))

    atoms = []
    linked = ink + bridges
    rows = rows_of(captions)
    near = _nested(components(linked, NEAR), linked, captions)
    for group in [[hung[i] for i in few] for hung in near for few in apart([linked[i] for i in hung], rows)]:
        whole = atom(group)
        if whole is not None:
            closer = components([linked[i] for i in group], NEAR / 2)
            parts = [part for few in closer if (part := atom([group[i] for i in few]))]
            whole.parts = parts if sum(part.solid for part in parts) > 1 else []
            atoms.append(whole)
    label_ids = {id(line) for line in labels}
    letters = [line for line in short if id(line) not in label_ids and PANEL_LETTER.match(line.text)]
    loose = [line.box for line in short if id(line) not in label_ids and len(line.text) > 3]
    return Scene([a for a in atoms if width(a.box) >= 8 and height(a.box) >= 8], walls, walls + loose, labels, letters)


def _tables(found: list[Box], captions: list[Caption]) -> tuple[list[Box], list[Box]]:
    """Ruled tables under a figure's label, which are figures, and the others."""
    figures: list[Box] = []
    tables: list[Box] = []
    for box in found:
        near = [c for c in captions if x_share(c.box, box) > 0.3]
        nearest_caption = min(near, key=lambda c: distance(c.box, box), default=None)
        (tables if nearest_caption is None or nearest_caption.table else figures).append(box)
    return figures, tables


def _labels(short: list[Line], hulls: list[Box], walls: list[Box]) -> tuple[list[Line], list[Box]]:
    """Short text at graphics: within reach of them, then close to what these labels and their graphic take up together
    (axis titles, which stand in the middle of a side, somewhat further from the tick labels). With each label comes the
    box that bridges the gap to its graphic.
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
            away = np.where(distances(homes, line.box) <= LABEL_FAR, distances(reach, line.box), np.inf)
            reached = near if away.min(initial=np.inf) <= near else LABEL_NEAR
            if away.min(initial=np.inf) <= reached and (reached == near or _centred(line.box, homes[away.argmin()])):
                joined.append((int(away.argmin()), line))
            else:
                left.append(line)
        for k, line in joined:
            reach[k] = union((tuple(reach[k]), line.box))
            labels.append(line)
            bridges.append(union((line.box, nearest(line.box, tuple(homes[k])))))
        free = left
    return labels, bridges


def _nested(groups: list[list[int]], boxes: list[Box], captions: list[Caption]) -> list[list[int]]:
    """Groups of boxes, those that lie within another joined to it: what an outline surrounds is part of the drawing.

    An outline that holds captions holds several figures.
    """
    hulls = [union(boxes[i] for i in group) for group in groups]
    by_size = sorted(range(len(groups)), key=lambda n: area(hulls[n]))
    largest = by_size[-MOST_FRAMES:]
    outlines = as_boxes([hulls[m] for m in largest])
    outer = {n: n for n in by_size}
    for n in by_size:
        around = np.flatnonzero((holds(outlines, hulls[n]) > 0.8) & (areas(outlines) > area(hulls[n])))
        free = [m for m in (largest[k] for k in around) if not any(inside(c.box, hulls[m]) > 0.5 for c in captions)]
        if free:
            outer[n] = min(free, key=lambda m: area(hulls[m]))
    joined: dict[int, list[int]] = {}
    for n, group in enumerate(groups):
        top = n
        while outer[top] != top:
            top = outer[top]
        joined.setdefault(top, []).extend(group)
    return list(joined.values())


def _trimmed(label: Box, captions: list[Caption]) -> Box:
    """`label` up to the captions: the box of a line is as high as its font allows, not as its letters are."""
    x0, y0, x1, y1 = label
    for caption in captions:
        if overlap(label, caption.box) > 0:
            if y0 + y1 < caption.box[1] + caption.box[3]:
                y1 = min(y1, max(y0, caption.box[1]))
            else:
                y0 = max(y0, min(y1, caption.box[3]))
    return x0, y0, x1, y1


def _centred(label: Box, home: Boxes) -> bool:
    """Whether a label stands at the middle of one side of its graphic."""
    x0, y0, x1, y1 = home.tolist()
    over = y_gap(label, (x0, y0, x1, y1)) > 0
    off = (label[0] + label[2] - x0 - x1) / (x1 - x0) if over else (label[1] + label[3] - y0 - y1) / (y1 - y0)
    return bool(abs(off) / 2 < 0.2)


def _backdrop(box: Box, page: PageLayout, lines: list[Line]) -> bool:
    """A picture of the whole page under its text (scan with a text layer, tinted background), or under another picture
    with text beside it.
    """
    if area(box) <= 0.8 * area(page.frame):
        return False
    held = int((insides(as_boxes([line.box for line in lines]), box) > 0.9).sum())
    others = any(0.2 < area(r.box) / area(page.frame) <= 0.8 for r in page.rasters)
    return held >= 5 or (held >= 1 and others)
