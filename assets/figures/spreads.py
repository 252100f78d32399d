"""Captions without a picture on their page, and pictures without a caption on the page before or after."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from assets.figures.bodies import Atom, Scene
from assets.figures.captions import Caption
from assets.figures.gathering import REACH, Body
from assets.figures.geometry import Box, area, distance, inside, union
from assets.figures.subcaptions import divide

LARGE = 0.03  # of the page: smallest picture that can be a plate without a caption
OVERLEAF = 0.3  # cost of a plate that one has to turn a page for
UNEVEN = 0.4  # cost of a page that has other than one picture for each caption
ODD = 8.0  # points of white that a picture more or less than a caption has panels outweighs
BUSY = 0.5  # cost of a page that has figures with captions of their own


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
    wanted = [max(1, len(divide(" ".join(line.text for line in c.lines)).parts)) for c in captions[:count]]
    made = []
    for caption, (start, end) in zip(captions, _parted(atoms, wanted), strict=False):
        own = _linked(atoms[start:end]) if count == 1 else atoms[start:end]
        made.append(Body(caption, union(a.box for a in own), list(own), "caption-facing", 1.0))
    return made


def _parted(atoms: list[Atom], wanted: list[int]) -> list[tuple[int, int]]:
    """`atoms` as consecutive groups, one for each number in `wanted`: the white between the groups, less ODD for every
    atom more or less than wanted, is greatest.
    """
    white = [0.0] + [
        min(distance(a.box, b.box) for a in atoms[:cut] for b in atoms[cut:]) for cut in range(1, len(atoms))
    ]
    best: dict[int, tuple[float, tuple[int, ...]]] = {0: (0.0, (0,))}  # by the end of the last group: worth, edges
    for place, number in enumerate(wanted):
        left = len(wanted) - place - 1
        ends = range(place + 1, len(atoms) - left + 1) if left else range(len(atoms), len(atoms) + 1)
        best = {
            end: max(
                (worth + white[start] - ODD * abs(end - start - number), (*edges, end))
                for start, (worth, edges) in best.items()
                if start < end
            )
            for end in ends
        }
    edges = best[len(atoms)][1]
    return list(zip(edges, edges[1:], strict=False))


def _linked(atoms: list[Atom]) -> list[Atom]:
    """The largest picture and those that stand with it."""
    group = [max(atoms, key=lambda atom: area(atom.box))]
    for atom in sorted(atoms, key=lambda item: min(distance(item.box, o.box) for o in group)):
        if atom not in group and min(distance(atom.box, o.box) for o in group) < REACH:
            group.append(atom)
    return group
