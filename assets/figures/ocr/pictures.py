"""Picture regions of a scanned page: photographs, and what is ink but neither text nor a rule that stands alone."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, find_objects, label

from assets.figures.geometry import Box, area, grow, height, inside, overlap, union, width
from assets.figures.ocr.belongings import (
    WORDY,
    TextLine,
    is_text_box,
    with_axes,
    with_frames,
    with_legends,
    with_rules,
)
from assets.figures.ocr.photos import LEAST, NEAR, POINT, Cell, Mask, without_edges
from assets.figures.ocr.rules import find_rules

INK = 30.0  # least distance of a stroke from paper
GROUND = 12.0  # and largest distance of the ground of ordinary text
GUTTER = 2  # pixels: narrowest gap between two panels


@dataclass(frozen=True)
class Regions:
    """Boxes in pixels of the page at 100 dpi.

    `bits` are small pieces of ink that belong to nothing yet, `marks` small shapes on paper, which may be letters.
    """

    pictures: list[Box]
    frames: list[Box]
    rules: list[Box]
    bits: list[Box]
    marks: list[Box]


def find_pictures(away: NDArray[np.float32], tones: Mask, photos: Mask, lines: list[TextLine]) -> Regions:
    """Regions of a page, given its distance from paper, its areas of tone, its photographs and its recognised text."""
    ink = (away > INK) | tones
    for word in (word for line in lines for word in line.words if on_paper(away, word)):
        x0, y0, x1, y1 = _cell(grow(word, 1), ink)
        ink[y0:y1, x0:x1] &= photos[y0:y1, x0:x1]
    ink = without_edges(ink)
    rules = find_rules(ink & ~photos)
    parts = ink & ~rules.mask
    clusters, bits = _clusters(parts, photos)
    pictures = [piece for cluster in clusters for piece in _panels(cluster, parts, tones)]
    pictures = [p for p in pictures if not is_text_box(p, lines)]
    wordy = [line.box for line in lines if line.letters >= WORDY]
    pictures = with_frames(pictures, rules, lines)
    pictures = with_axes(pictures, rules, wordy)
    pictures = with_rules(pictures, rules, wordy)
    pictures = _apart(with_legends(_apart(pictures), tones, lines))
    free = [r for r in rules.lines if not any(inside(r, grow(p, 4)) > 0.9 for p in pictures)]
    return Regions(pictures, [f for f in rules.frames if f not in pictures], free, bits, _marks(parts & ~photos))


def on_paper(away: NDArray[np.float32], box: Box) -> bool:
    """Whether the ground of a text box is paper, not a picture."""
    x0, y0, x1, y1 = _cell(grow(box, 2), away)
    part = away[y0:y1, x0:x1]
    return part.size == 0 or float(np.percentile(part, 30)) < GROUND


def _cell(box: Box, field: NDArray) -> Cell:
    high, wide = field.shape
    return max(0, int(box[0])), max(0, int(box[1])), min(wide, int(box[2]) + 1), min(high, int(box[3]) + 1)


def _clusters(parts: Mask, photos: Mask) -> tuple[list[Box], list[Box]]:
    """Ink that lies together: boxes large enough for a picture, and the rest."""
    # photographs keep their distance: two of them are joined only where they touch
    around = binary_dilation(parts & ~photos, np.ones((NEAR, NEAR))) | photos
    regions, _ = label(around, np.ones((3, 3)))
    large: list[Box] = []
    small: list[Box] = []
    for number, where in enumerate(find_objects(regions), 1):
        own = (regions[where] == number) & parts[where]
        if own.sum() < 4:
            continue
        y, x = np.flatnonzero(own.any(axis=1)), np.flatnonzero(own.any(axis=0))
        top, left = where[0].start, where[1].start
        box = (float(left + x[0]), float(top + y[0]), float(left + x[-1] + 1), float(top + y[-1] + 1))
        (large if width(box) >= LEAST and height(box) >= LEAST else small).append(box)
    return large, small


def _marks(ink: Mask) -> list[Box]:
    """Shapes no larger than a headline letter, brackets beside it taken in."""
    most = 26 * POINT
    regions, _ = label(binary_dilation(ink, np.ones((3, 5))), np.ones((3, 3)))
    boxes = []
    for rows, columns in find_objects(regions):
        box = (float(columns.start + 2), float(rows.start + 1), float(columns.stop - 2), float(rows.stop - 1))
        if 3 * POINT < height(box) < most and width(box) < most:
            boxes.append(box)
    return boxes


def _panels(box: Box, parts: Mask, tones: Mask) -> list[Box]:
    """`box` cut along its gutters as long as both sides are filled; trimmed of spurs where it is filled itself."""
    box = _trimmed(box, tones)
    x0, y0, x1, y1 = _cell((box[0], box[1], box[2] - 1, box[3] - 1), parts)
    part = parts[y0:y1, x0:x1]
    for axis in (0, 1):
        plain = part.sum(axis=axis) <= 1
        edges = np.flatnonzero(np.diff(np.concatenate(([0], plain.astype(np.int8), [0])))).reshape(-1, 2)
        for start, end in edges:
            if end - start < GUTTER:
                continue
            if axis == 0:
                first, second = (x0, y0, x0 + start, y1), (x0 + end, y0, x1, y1)
            else:
                first, second = (x0, y0, x1, y0 + start), (x0, y0 + end, x1, y1)
            if _filled(first, parts, tones) and _filled(second, parts, tones):
                return [piece for side in (first, second) for piece in _panels(_inked(side, parts), parts, tones)]
    return [box]


def _filled(cell: Cell, parts: Mask, tones: Mask) -> bool:
    box = _inked(cell, parts)
    x0, y0, x1, y1 = (int(v) for v in box)
    return width(box) >= LEAST and height(box) >= LEAST and float(tones[y0:y1, x0:x1].mean()) > 0.5


def _inked(cell: Cell, parts: Mask) -> Box:
    x0, y0, x1, y1 = cell
    part = parts[y0:y1, x0:x1]
    y, x = np.flatnonzero(part.any(axis=1)), np.flatnonzero(part.any(axis=0))
    if not len(y):
        return float(x0), float(y0), float(x0), float(y0)
    return float(x0 + x[0]), float(y0 + y[0]), float(x0 + x[-1] + 1), float(y0 + y[-1] + 1)


def _trimmed(box: Box, tones: Mask) -> Box:
    """`box` of a photograph without the rows and columns at its ends that only a spur reaches."""
    x0, y0, x1, y1 = (int(v) for v in box)
    part = tones[y0:y1, x0:x1]
    if part.mean() < 0.6:
        return box
    rows, columns = np.flatnonzero(part.mean(axis=1) > 0.25), np.flatnonzero(part.mean(axis=0) > 0.25)
    if not len(rows) or not len(columns):
        return box
    return (
        float(x0 + columns[0]), float(y0 + rows[0]), float(x0 + columns[-1] + 1), float(y0 + rows[-1] + 1)
    )  # fmt: skip


def _apart(pictures: list[Box]) -> list[Box]:
    """Pictures that overlap become one."""
    out: list[Box] = []
    for picture in pictures:
        merged = picture
        while True:
            hit = next((o for o in out if overlap(o, merged) > 0.1 * min(area(o), area(merged))), None)
            if hit is None:
                break
            out.remove(hit)
            merged = union((hit, merged))
        out.append(merged)
    return out
