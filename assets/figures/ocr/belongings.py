"""What belongs to a drawing on a scanned page beside its ink: frame, axes, titles and keys, small pieces around it."""

from dataclasses import dataclass

from assets.figures.geometry import Box, area, components, distance, grow, height, inside, overlap, union, width
from assets.figures.ocr.photos import LEAST, NEAR, POINT, Mask
from assets.figures.ocr.rules import Rules

BESIDE = 14 * POINT  # symbols of a legend, arrow heads
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


def is_text_box(box: Box, lines: list[TextLine]) -> bool:
    """Whether a box is a ground or a frame of paragraphs, of a table or of a caption rather than a picture."""
    held = [line for line in lines if inside(line.box, box) > 0.9]
    if any(line.label for line in held):
        return True
    wordy = [line for line in held if line.letters >= WORDY]
    return len(wordy) >= 3 and sum(area(line.box) for line in held) > 0.2 * area(box)


def with_frames(pictures: list[Box], rules: Rules, lines: list[TextLine]) -> list[Box]:
    """Frames: without paragraphs in it a frame is the edge of one picture, and what shares it with a caption is one."""
    for frame in rules.frames:
        held = [p for p in pictures if inside(p, grow(frame, 3)) > 0.9]
        others = [p for p in pictures if p not in held]
        if not is_text_box(frame, lines):
            pictures = [*others, frame]
        elif held and sum(line.label for line in lines if inside(line.box, frame) > 0.9) == 1:
            hull = union(held)
            if not any(overlap(line.box, hull) > 0 for line in lines if line.label):
                pictures = [*others, hull]
    return pictures


def with_axes(pictures: list[Box], rules: Rules, long: list[Box]) -> list[Box]:
    """Plots with their axes: lines that cross one another, and the pictures that lie between them."""
    for group in components(rules.lines, 4.0):
        box = union(rules.lines[i] for i in group)
        if min(width(box), height(box)) < LEAST or any(inside(line, box) > 0.5 for line in long):
            continue
        held = [p for p in pictures if inside(p, grow(box, 3)) > 0.5]
        if held:
            pictures = [p for p in pictures if p not in held] + [union([box, *held])]
    return pictures


def with_rules(pictures: list[Box], rules: Rules, long: list[Box]) -> list[Box]:
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


def with_legends(pictures: list[Box], tones: Mask, lines: list[TextLine]) -> list[Box]:
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
