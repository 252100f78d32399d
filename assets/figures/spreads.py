"""What belongs together across the ends of columns and pages: captions that run over, captions that face their plate.

`run_over` finds where an unfinished caption goes on; `bind_across` gives captions without a picture on their own page
the pictures without a caption on a neighbouring one.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

from assets.figures.binding import REACH, Body
from assets.figures.bodies import Atom, Scene
from assets.figures.captions import Caption
from assets.figures.geometry import Box, area, distance, height, inside, union, width, x_share, y_share
from assets.figures.labels import opening_label
from assets.figures.layout import PageLayout
from assets.figures.lines import Line
from assets.figures.page_text import by_rows
from assets.figures.reading import Style
from assets.figures.sentences import stopped
from assets.figures.subcaptions import divide

LARGE = 0.03  # of the page: smallest picture that can be a plate without a caption
FULL = 0.75  # of a caption's width: a last line this long goes on
OVERLEAF = 0.3  # cost of a plate that one has to turn a page for
UNEVEN = 0.4  # cost of a page that has other than one picture for each caption
BUSY = 0.5  # cost of a page that has figures with captions of their own
MARK = re.compile(r"^[(（\[]?\s*(?:continued|cont['’]?d?\.?|续|續)\s*[)）\]]?\.?$", re.I)


# -------------------------------------------------------------------------------------------- captions that run over
def run_over(captions: Mapping[int, list[Caption]], layout: Callable[[int], PageLayout], style: Style) -> list[Caption]:
    """The rest of captions that break off at the end of a column or page, as captions with `tail_of` set.

    `captions` are the selected ones by page, `layout(page)` gives a page without its running heads; pages are the keys
    of `captions`. The rest stands at the head of the next column, or at the head or foot of the next page, in the type
    of the caption and not in that of the text, or behind "(continued)".
    """
    tails: list[Caption] = []
    for page in sorted(captions):
        for caption in captions[page]:
            if not caption.table:
                tails += _rest_of(caption, captions, layout, style)
    return tails


def _rest_of(
    caption: Caption, captions: Mapping[int, list[Caption]], layout: Callable[[int], PageLayout], style: Style
) -> list[Caption]:
    page = layout(caption.page)
    taken = {id(line) for other in captions[caption.page] for line in other.lines}
    if not _at_end(caption, page, taken):
        return []
    here = [line for line in page.lines if line.upright and id(line) not in taken]
    closed = stopped(caption.lines[-1].text) and not _label_alone(caption)
    found = _column_head(caption, here, page, style)
    if found and (not closed or _next_letter(caption, found)):
        tail = Caption(caption.page, caption.label, found, caption.score, caption.signature, tail_of=caption)
        return [tail]
    if caption.page + 1 not in captions:
        return []
    following = layout(caption.page + 1)
    taken = {id(line) for other in captions[caption.page + 1] for line in other.lines}
    free = [line for line in following.lines if line.upright and id(line) not in taken]
    found = _page_rest(caption, free, style)
    if not found or (closed and not MARK.match(found[0].text) and not _next_letter(caption, found)):
        return []
    return [Caption(caption.page + 1, caption.label, found, caption.score, caption.signature, tail_of=caption)]


def _label_alone(caption: Caption) -> bool:
    return len(caption.lines) == 1 and caption.label is not None and caption.label.delimiter == "end"


def _next_letter(caption: Caption, block: list[Line]) -> bool:
    """Whether `block` begins with the panel after the last one of the caption."""
    parts = divide(" ".join(line.text for line in caption.lines)).parts
    match = re.match(r"[(（\[]?\s*([A-Za-z])\s*[)）\].:：,、．]", block[0].text)
    return bool(parts) and match is not None and ord(match.group(1).upper()) == ord(max(parts)) + 1


def _at_end(caption: Caption, page: PageLayout, taken: set[int]) -> bool:
    """Whether nothing but other captions stands below a caption whose last line is full."""
    last = caption.lines[-1]
    if len(caption.lines) > 1 and width(last.box) < FULL * width(caption.box):
        return False
    below = [line for line in page.lines if line.upright and id(line) not in taken and line.box[1] > last.box[1] + 2
             and x_share(line.box, caption.box) > 0.2]  # fmt: skip
    pictures = [r for r in page.rasters if r.box[1] > last.box[3] - 2 and x_share(r.box, caption.box) > 0.2]
    return not below and not pictures


def _column_head(caption: Caption, lines: list[Line], page: PageLayout, style: Style) -> list[Line]:
    """The rest of a caption at the head of the column to its right."""
    right = [line for line in lines if line.box[0] > caption.box[2] - 2 and line.box[1] < caption.box[1]]
    top = min(right, key=lambda line: (round(line.box[1]), line.box[0]), default=None)
    if top is None or not _same_type(top, caption, style) or opening_label(top.text):
        return []
    over = [r.box for r in page.rasters if r.box[3] <= top.box[1] + 2 and x_share(r.box, top.box) > 0.3]
    if any(top.box[1] - box[3] < 25 and height(box) > 25 for box in over):
        return []  # it stands under a picture of its own
    return _block(top, lines)


def _page_rest(caption: Caption, lines: list[Line], style: Style) -> list[Line]:
    """The rest of a caption on the next page: at the head or the foot, or behind a line "(continued)"."""
    own = [line for line in lines if _same_type(line, caption, style)]
    for line in own:
        if MARK.match(line.text):
            below = [o for o in own if 0 < o.box[1] - line.box[1] < 3 * line.size and x_share(o.box, line.box) > 0.2]
            if below:
                return [line, *_block(min(below, key=lambda o: o.box[1]), own)]
    ordered = sorted(lines, key=lambda line: (round(line.box[1]), line.box[0]))
    if not ordered:
        return []
    for edge in (ordered[0], ordered[-1]):
        if _same_type(edge, caption, style) and edge in own:
            block = _block(edge, own) if edge is ordered[0] else _block_up(edge, own)
            if not opening_label(block[0].text) and not _heading(block):
                return block
    return []


def _same_type(line: Line, caption: Caption, style: Style) -> bool:
    """Set like the caption's last lines and unlike the text."""
    font, size = caption.lines[-1].style
    alike = abs(line.size - size) < 0.3 and (_label_alone(caption) or any(run.font == font for run in line.runs))
    return alike and not (line.style[0] == style.font and abs(line.size - style.size) < 0.3)


def _heading(block: list[Line]) -> bool:
    return all(line.bold for line in block) and len(block) < 3


def _block(first: Line, lines: list[Line]) -> list[Line]:
    """`first` and the lines that follow it closely in the same size."""
    block = [first]
    for line in sorted(lines, key=lambda item: (round(item.box[1]), item.box[0])):
        box = union(item.box for item in block)
        gap = line.box[1] - block[-1].box[3]
        beside = y_share(line.box, block[-1].box) > 0.6 and line.box[0] > block[-1].box[2]
        close = line.box[1] > block[-1].box[1] + 1 and gap < 0.5 * line.size and x_share(line.box, box) > 0.3
        if (
            line is not first
            and abs(line.size - first.size) < 0.3
            and (close or beside)
            and not opening_label(line.text)
        ):
            block.append(line)
    return block


def _block_up(last: Line, lines: list[Line]) -> list[Line]:
    """`last` and the lines that lead to it closely in the same size."""
    block = [last]
    for line in sorted(lines, key=lambda item: -item.box[1]):
        gap = block[0].box[1] - line.box[3]
        above = line.box[1] < block[0].box[1] - 1 and gap < 0.5 * line.size and x_share(line.box, block[0].box) > 0.3
        if line is not last and above and abs(line.size - last.size) < 0.3:
            block.insert(0, line)
    return block


def printed_with_tails(caption: Caption, tails: Iterable[Caption]) -> list[Line]:
    """The lines of a caption and of its rest, without "(continued)" and a repeated label."""
    lines = by_rows(caption.lines)
    for tail in tails:
        if tail.tail_of is caption:
            lines += [line for line in by_rows(tail.lines) if not _repeats(line)]
    return lines


def adopt(without: list[Caption], selected: list[Caption]) -> list[Caption]:
    """Captions that say "continued" and found no picture end the caption before them; returns the others."""
    left = []
    for caption in without:
        label = caption.label
        before = [c for c in selected if c.label and label and c.label.number == label.number and c.page < caption.page]
        if label and label.continued and before:
            caption.tail_of = before[-1]
        else:
            left.append(caption)
    return left


def _repeats(line: Line) -> bool:
    label = opening_label(line.text)
    return bool(MARK.match(line.text)) or (label is not None and label.continued and not label.rest.strip(" .:"))


# ------------------------------------------------------------------------------------------- captions and their plates
@dataclass
class Plate:
    """Pictures of a page that no caption of that page took, in reading order; `boxes` are their places."""

    page: int
    atoms: list[Atom]
    boxes: list[Box]
    busy: bool


def bind_across(
    without: list[Caption], bodies: Mapping[int, list[Body]], scene: Callable[[int], Scene], sizes: Mapping[int, Box]
) -> list[tuple[int, Body]]:
    """Bodies for captions whose picture stands on the page before or after, with the page of the picture.

    `without` are captions that found no body on their own page, `bodies` those found by page (every readable page is a
    key), `sizes` the pages' frames. One page takes part once: captions and pictures are paired in reading order.
    """
    waiting: dict[int, list[Caption]] = {}
    for caption in without:
        waiting.setdefault(caption.page, []).append(caption)
    plates = {
        page: plate
        for page in sorted({p + step for p in waiting for step in (-1, 1)})
        if page in bodies and (plate := _plate(page, bodies[page], scene(page), sizes[page]))
    }
    options = sorted(
        (_price(captions, plates[other], page), page, other)
        for page, captions in waiting.items()
        for other in (page + 1, page - 1)
        if other in plates
    )
    found: list[tuple[int, Body]] = []
    used: set[int] = set()
    for _, page, other in options:
        if page not in waiting or other in used:
            continue
        used.add(other)
        found += [(other, body) for body in _share_out(_in_order(waiting.pop(page)), plates[other])]
    return found


def _plate(page: int, bodies: list[Body], scene: Scene, frame: Box) -> Plate | None:
    taken = [body.box for body in bodies]
    free = [
        atom for atom in scene.atoms
        if atom.solid and area(atom.box) >= LARGE * area(frame)
        and not any(inside(atom.box, box) > 0.5 for box in taken)
    ]  # fmt: skip
    if not free:
        return None
    free.sort(key=lambda atom: (round(atom.box[1] / 20), atom.box[0]))
    return Plate(page, free, [atom.box for atom in free], bool(bodies))


def _price(captions: list[Caption], plate: Plate, page: int) -> float:
    """Facing pages (left even, right odd) come first, then a page overleaf; an own number of pictures is a sign."""
    facing = plate.page // 2 == page // 2
    return OVERLEAF * (not facing) + UNEVEN * (len(plate.boxes) != len(captions)) + BUSY * plate.busy


def _in_order(captions: list[Caption]) -> list[Caption]:
    return sorted(captions, key=lambda caption: (round(caption.box[1] / 6), caption.box[0]))


def _share_out(captions: list[Caption], plate: Plate) -> list[Body]:
    """The pictures of a plate among its captions, both in reading order, cut where the white is widest."""
    atoms = plate.atoms
    count = min(len(captions), len(atoms))
    wanted = [max(1, len(divide(" ".join(line.text for line in c.lines)).parts)) for c in captions]
    best: tuple[float, tuple[int, ...]] = (-1e9, ())
    for cuts in combinations(range(1, len(atoms)), count - 1):
        edges = (0, *cuts, len(atoms))
        white = sum(min(distance(a.box, b.box) for a in atoms[:cut] for b in atoms[cut:]) for cut in cuts)
        odd = sum(abs(b - a - n) for a, b, n in zip(edges, edges[1:], wanted, strict=False))
        best = max(best, (white - 8 * odd, edges))
    made = []
    for caption, start, end in zip(captions, best[1], best[1][1:], strict=False):
        own = _linked(atoms[start:end]) if count == 1 else atoms[start:end]
        made.append(Body(caption, union(a.box for a in own), list(own), "caption-facing", 1.0))
    return made


def _linked(atoms: list[Atom]) -> list[Atom]:
    """The largest picture and those that stand with it."""
    group = [max(atoms, key=lambda atom: area(atom.box))]
    for atom in sorted(atoms, key=lambda item: min(distance(item.box, o.box) for o in group)):
        if atom not in group and min(distance(atom.box, o.box) for o in group) < REACH:
            group.append(atom)
    return group
