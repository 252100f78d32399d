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
    as_boxes,
    components,
    distance,
    distances,
    height,
    holds,
    inside,
    insides,
    nearest,
    union,
    width,
    x_share,
    x_shares,
)
from assets.figures.layout import PageLayout
from assets.figures.lines import Line
from assets.figures.reading import Style
from assets.figures.ruled import ruled_tables
from assets.figures.shapes import NEAR, TextHolders, callouts, figure_frames, figure_shapes, framed, place

LABEL_NEAR = 14.0  # points: tick labels and panel letters stand at most this far from their graphic
LABEL_FAR = 45.0  # points: and axis titles beyond them at most this far
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

    @property
    def solid(self) -> bool:
        """Large enough to be a figure by itself."""
        return width(self.ink) >= 25 and height(self.ink) >= 25


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
    graphics, text = as_boxes(hulls), as_boxes([line.box for line in body])
    labels, bridges = _labels([line for line in short if not _at_text(line.box, text, graphics)], hulls, walls)
    boxes = ink + [line.box for line in labels]

    def atom(group: list[int]) -> Atom | None:
        inked = [i for i in group if i < len(ink)]
        if not inked:
            return None
        own = [rasters[i] for i in inked if i < len(rasters)]
        return Atom(union(boxes[i] for i in group), own, union(boxes[i] for i in inked))

    atoms = []
    linked = ink + bridges
    rows = rows_of(captions)
    together = components(linked, NEAR)
    for group in [[group[i] for i in few] for group in together for few in apart([linked[i] for i in group], rows)]:
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
            away = np.where(distances(homes, line.box) <= LABEL_FAR, distances(reach, line.box), np.inf)
            if away.min(initial=np.inf) <= near:
                joined.append((int(away.argmin()), line))
            else:
                left.append(line)
        for k, line in joined:
            reach[k] = union((tuple(reach[k]), line.box))
            labels.append(line)
            bridges.append(union((line.box, nearest(line.box, tuple(homes[k])))))
        free = left
    return labels, bridges


def _backdrop(box: Box, page: PageLayout, lines: list[Line]) -> bool:
    """A picture of the whole page under its text (scan with a text layer, tinted background), or under another picture
    with text beside it.
    """
    if area(box) <= 0.8 * area(page.frame):
        return False
    held = int((insides(as_boxes([line.box for line in lines]), box) > 0.9).sum())
    others = any(0.2 < area(r.box) / area(page.frame) <= 0.8 for r in page.rasters)
    return held >= 5 or (held >= 1 and others)
