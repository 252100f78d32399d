"""What belongs to a figure beside the picture that its caption took: panels, scales, parts far from one another."""

from collections.abc import Iterator
from dataclasses import dataclass

from assets.figures.bodies import Atom, Scene
from assets.figures.captions import Caption
from assets.figures.geometry import (
    Box,
    area,
    distance,
    grow,
    height,
    inside,
    overlap,
    union,
    width,
    x_gap,
    x_share,
    y_share,
)
from assets.figures.labels import Label

REACH = 75.0  # points: parts of one figure stand at most this far apart
NEAR_REACH = 30.0  # points: and small ones at most this far from the others
LONG = 60.0  # points: length from which a thin part counts as one of its own
CENTRED = 0.05  # of its width: by how much the middle of a figure may miss the middle of its caption
SIGN = 0.04  # of the largest part: what is smaller is no picture of its own
INSET = -2.0  # points that text may reach into a figure's box
FLUSH = 5.0  # points by which the left edges of a caption and its figure may differ


@dataclass
class Body:
    """A caption with its figure body. `rule` names the side on which the caption stands."""

    caption: Caption
    box: Box
    atoms: list[Atom]
    rule: str
    cost: float

    @property
    def label(self) -> Label:
        """The figure's label; bodies of tables, which have none, never leave this module."""
        if self.caption.label is None:
            raise TypeError("the body of a table has no figure label")
        return self.caption.label


def gather(bodies: list[Body], scene: Scene, captions: list[Caption]) -> None:
    """Atoms that no caption took join the nearest body, as long as nothing foreign gets into the common box."""
    taken = {id(atom) for body in bodies for atom in body.atoms}
    walls = scene.walls + [caption.box for caption in captions]
    while True:
        options: list[tuple[float, int, Atom, Body]] = []
        for atom in scene.atoms:
            if id(atom) in taken:
                continue
            for body in bodies:
                far = distance(atom.box, body.box)
                reach = REACH if _large(atom) and _comparable([atom], body) else NEAR_REACH
                if far > reach and not (atom.solid and _centres(atom, body)):
                    continue
                hull = union((atom.box, body.box))
                if any(not _within(wall, atom, body) for wall in _in_the_way(hull, walls)):
                    continue
                if any(overlap(grow(hull, INSET), o.box) > 0 for o in bodies if o is not body):
                    continue
                options.append((far, len(options), atom, body))
        if not options:
            return
        _, _, atom, body = min(options, key=lambda o: o[:2])
        body.atoms.append(atom)
        body.box = union((atom.box, body.box))
        taken.add(id(atom))


def complete(body: Body, bodies: list[Body], scene: Scene) -> None:
    """Atoms that nothing but white and short text parts from a body join it, however far, if all of them together
    stand as the caption does: in the middle over (or under) it, flush with its left edge, or within its width.

    What lies between a caption and the text before it belongs to the figure (Clark and Divvala 2016, PDFFigures 2.0).
    """
    caption = body.caption.box
    taken = {id(atom) for other in bodies for atom in other.atoms}
    foreign = [box for box in (*scene.text, *(o.box for o in bodies if o is not body)) if box != caption]
    beyond = [atom for atom in scene.atoms if id(atom) not in taken
              and (atom.box[3] <= caption[1] + 2 if body.box[3] <= caption[1] + 2 else atom.box[1] >= caption[3] - 2)
              and not any(_in_the_way(union((atom.box, body.box)), foreign))]  # fmt: skip
    within = [atom for atom in beyond if x_share(atom.box, union((caption, body.box))) > 0.9]
    for group in (beyond, within):
        hull = union([body.box, *(atom.box for atom in group)])
        if _comparable(group, body) and not any(_in_the_way(hull, foreign)) and _aligned(hull, body.caption):
            body.atoms += group
            body.box = hull
            return


def _in_the_way(hull: Box, boxes: list[Box]) -> Iterator[Box]:
    """Those that reach into a box more than a line's edge may."""
    core = grow(hull, INSET)
    return (box for box in boxes if overlap(core, box) > 0.15 * area(box))


def _aligned(hull: Box, caption: Caption) -> bool:
    """Whether a caption is set as captions of such a body are: under its middle, or from its left edge and as wide."""
    box = caption.box
    centred = abs((hull[0] + hull[2]) - (box[0] + box[2])) / 2 < CENTRED * width(hull)
    flush = abs(hull[0] - box[0]) < FLUSH and (len(caption.lines) == 1 or width(box) > 0.8 * width(hull))
    return centred or flush or (box[0] <= hull[0] and hull[2] <= box[2])


def _large(atom: Atom) -> bool:
    """Whether an atom can be a part of a figure that stands apart: a picture, or a scale, which is long and thin."""
    return atom.solid or max(width(atom.ink), height(atom.ink)) >= LONG


def _centres(atom: Atom, body: Body) -> bool:
    """Whether an atom in one row with a body makes it stand centred over (or under) its caption, as it did not."""
    hull = union((atom.box, body.box))
    if y_share(atom.box, body.box) < 0.5 or x_gap(body.caption.box, hull) >= 0:
        return False
    middle = (body.caption.box[0] + body.caption.box[2]) / 2
    before, after = (abs((box[0] + box[2]) / 2 - middle) for box in (body.box, hull))
    return after < CENTRED * width(hull) < before


def _comparable(atoms: list[Atom], body: Body) -> bool:
    """Whether atoms are large enough beside the rest of the figure to be pictures of it and no sign beside it."""
    return sum(area(atom.box) for atom in atoms) > SIGN * max(area(part.box) for part in body.atoms)


def _within(wall: Box, atom: Atom, body: Body) -> bool:
    """Text that lies in the atom or the body already cannot be what keeps them apart."""
    return inside(wall, atom.box) > 0.8 or any(inside(wall, a.box) > 0.8 for a in body.atoms)
