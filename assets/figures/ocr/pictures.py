"""Picture regions of a scanned page: photographs, and what is ink but neither text nor a rule that stands alone."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, find_objects, label

from assets.figures.geometry import Box, area, components, distance, grow, height, inside, overlap, union, width
from assets.figures.ocr.photos import LEAST, POINT, Cell, Mask, without_edges
from assets.figures.ocr.rules import Rules, find_rules

INK = 30.0  # least distance of a stroke from paper
GROUND = 12.0  # and largest distance of the ground of ordinary text
NEAR = round(9 * POINT)  # parts of one drawing lie at most this far apart
BESIDE = 14 * POINT  # symbols of a legend, arrow heads
GUTTER = 2  # pixels: narrowest gap between two panels
CLOSE = 8 * POINT  # text of a drawing lies at most this far from it
WORDY = 25  # letters: a line of a caption or of a paragraph


@dataclass(frozen=True)
class TextLine:
    """A line of text in pixels of the page at 100 dpi. `label` says that it opens with the name of a figure."""

    box: Box
    words: list[Box]
    letters: int
    label: bool
    size: float


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
    pictures = [p for p in pictures if not _is_text_box(p, lines)]
    wordy = [line.box for line in lines if line.letters >= WORDY]
    pictures = _with_frames(pictures, rules, lines)
    pictures = _with_axes(pictures, rules, wordy)
    pictures = _with_rules(pictures, rules, wordy)
    pictures = _apart(_with_legends(_apart(pictures), tones, lines))
    free = [r for r in rules.lines if not any(inside(r, grow(p, 4)) > 0.9 for p in pictures)]
    return Regions(pictures, [f for f in rules.frames if f not in pictures], free, bits, _marks(parts & ~photos))


def _is_text_box(box: Box, lines: list[TextLine]) -> bool:
    """Whether a box is a ground or a frame of paragraphs, of a table or of a caption rather than a picture."""
    held = [line for line in lines if inside(line.box, box) > 0.9]
    if any(line.label for line in held):
        return True
    wordy = [line for line in held if line.letters >= WORDY]
    return len(wordy) >= 3 and sum(area(line.box) for line in held) > 0.2 * area(box)


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


def _with_frames(pictures: list[Box], rules: Rules, lines: list[TextLine]) -> list[Box]:
    """Frames: without paragraphs in it a frame is the edge of one picture, and what shares it with a caption is one."""
    for frame in rules.frames:
        held = [p for p in pictures if inside(p, grow(frame, 3)) > 0.9]
        others = [p for p in pictures if p not in held]
        if not _is_text_box(frame, lines):
            pictures = [*others, frame]
        elif held and sum(line.label for line in lines if inside(line.box, frame) > 0.9) == 1:
            hull = union(held)
            if not any(overlap(line.box, hull) > 0 for line in lines if line.label):
                pictures = [*others, hull]
    return pictures


def _with_axes(pictures: list[Box], rules: Rules, long: list[Box]) -> list[Box]:
    """Plots with their axes: lines that cross one another, and the pictures that lie between them."""
    for group in components(rules.lines, 4.0):
        box = union(rules.lines[i] for i in group)
        if min(width(box), height(box)) < LEAST or any(inside(line, box) > 0.5 for line in long):
            continue
        held = [p for p in pictures if inside(p, grow(box, 3)) > 0.5]
        if held:
            pictures = [p for p in pictures if p not in held] + [union([box, *held])]
    return pictures


def _with_rules(pictures: list[Box], rules: Rules, long: list[Box]) -> list[Box]:
    """Pictures with the axes and borders that lie at them."""
    out = []
    for picture in pictures:
        grown = picture
        for _ in range(3):
            reach = grow(grown, NEAR / 2)
            for rule in rules.lines:
                hull = union((grown, rule))
                if overlap(rule, reach) <= 0 or area(hull) > 2.5 * area(grown):
                    continue
                along = max(width(rule), height(rule))
                own = overlap(rule, reach) / area(rule)
                meets = any(o is not rule and distance(o, rule) <= 3 and overlap(o, reach) > 0.5 * area(o)
                            for o in rules.lines)  # fmt: skip
                if (own > 0.9 or (own > 0.4 and meets) or along < 2 * LEAST and own > 0.4) and not any(
                    inside(line, hull) > 0.5 and inside(line, grown) < 0.5 for line in long
                ):
                    grown = hull
        out.append(grown)
    return out


def _with_legends(pictures: list[Box], tones: Mask, lines: list[TextLine]) -> list[Box]:
    """Drawings with the text blocks printed at them: titles, keys, notes inside a plot.

    A block of a few lines goes with a drawing when it is no caption, is hardly wider, and lies within the white of a
    line and nearer than any other text; type smaller than that of the page's text may lie a little farther off.
    """
    sizes = [line.size for line in lines for _ in range(line.letters)]
    usual = max(set(sizes), key=sizes.count, default=0.0)
    blocks = [[lines[i] for i in group] for group in components([line.box for line in lines], 4.0 * POINT)]
    boxes = [union(line.box for line in block) for block in blocks]
    waiting = [n for n, block in enumerate(blocks) if len(block) <= 5 and not any(line.label for line in block)]
    for n in [*waiting, *waiting]:  # twice: a title may stand above a key
        box = boxes[n]
        near = min(pictures, key=lambda p: distance(box, p), default=None)
        if near is None or inside(box, near) > 0.9 or _filled_share(near, tones) > 0.6:
            continue
        small = max(line.size for line in blocks[n]) <= usual - 0.5 and max(line.letters for line in blocks[n]) < 60
        slack, gap = 0.25 * width(near), distance(box, near)
        others = [distance(box, o) for o in boxes if o is not box and inside(o, near) < 0.5]
        nearer = small or all(gap < 0.7 * other for other in others)
        within = near[0] - slack <= box[0] and box[2] <= near[2] + slack
        if within and gap <= (BESIDE if small else CLOSE) and nearer and not _swallows(near, box, lines):
            pictures = [union((near, box)) if p is near else p for p in pictures]
    return pictures


def _filled_share(box: Box, tones: Mask) -> float:
    x0, y0, x1, y1 = (int(v) for v in box)
    part = tones[y0:y1, x0:x1]
    return float(part.mean()) if part.size else 0.0


def _swallows(picture: Box, box: Box, lines: list[TextLine]) -> bool:
    """Whether both in one box would take in a line that opens a caption."""
    hull = union((picture, box))
    return any(line.label and overlap(line.box, hull) > 0 for line in lines)


def with_bits(pictures: list[Box], bits: list[Box], text: list[Box]) -> list[Box]:
    """Pictures with the small pieces of ink beside them; what lies in between must be free of text."""
    for bit in bits:
        near = min(pictures, key=lambda p: distance(bit, p), default=None)
        if near is None or distance(bit, near) > BESIDE or max(width(bit), height(bit)) < 3 * POINT:
            continue
        hull = union((near, bit))
        if not any(overlap(hull, t) > 0.2 * area(t) and inside(t, near) < 0.5 for t in text):
            pictures = [hull if p is near else p for p in pictures]
    return pictures


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
