"""Which graphics belong to which caption: one minimum-cost assignment per page.

Cost of a caption and an atom: the white between them, how little they share in width (or height for a caption at the
side), whether text stands between, and whether the caption is on the side that the book favours.
"""

from collections import Counter
from dataclasses import replace

import numpy as np
from scipy.optimize import linear_sum_assignment

from assets.figures.bodies import LABEL_NEAR, Atom, Scene
from assets.figures.captions import Caption
from assets.figures.gathering import Body, complete, gather
from assets.figures.geometry import (
    area,
    grow,
    inside,
    overlap,
    union,
    width,
    x_gap,
    x_share,
    y_gap,
    y_share,
)

NO_BODY = 2.0  # cost of leaving a caption without a body
NO_TABLE = 0.6  # tables often have no graphics: they take only what touches them
LEVEL = 5.0  # points by which a caption at the side may miss the edge of its figure
NARROW = 1.0  # weight of the width that a caption of several lines leaves free above or below a figure
SHORT_REACH, SHORT_ASIDE = 15.0, 150.0  # points from a short caption down and across to a figure in mid-column
PICTURE = 3000.0  # square points: smallest picture that text may keep from its caption
FULL_LINE, LEGEND = 0.8, 6  # of the longest line; most full lines of text that may stand between picture and caption
SURE = 0.5  # cost of a caption that stands level at the side of its figure, with nothing between


def bind(scene: Scene, captions: list[Caption], favoured: dict[str, float]) -> tuple[list[Body], list[Caption]]:
    """Bodies of a page's captions, and the figure captions that found none.

    `favoured` gives each side (below, above, left, right) its share among the book's figures, {} when not known yet.
    """
    seeds = [atom for atom in scene.atoms if atom.solid]
    heads = [caption for caption in captions if caption.tail_of is None]
    bodies: list[Body] = []
    if seeds and heads:
        matrix = np.full((len(heads), len(seeds) + len(heads)), 1e6)
        sides: dict[tuple[int, int], str] = {}
        for i, caption in enumerate(heads):
            for j, atom in enumerate(seeds):
                matrix[i, j], sides[i, j] = cost_of(caption, atom, scene, captions, favoured)
            matrix[i, len(seeds) + i] = NO_TABLE if caption.table else NO_BODY
        for i, j in zip(*linear_sum_assignment(matrix), strict=True):
            if j < len(seeds):
                cost = float(matrix[i, j])
                bodies.append(Body(heads[i], seeds[j].box, [seeds[j]], "caption-" + sides[i, j], cost))
    gather(bodies, scene, captions)
    if rest := _rest(_without(heads, bodies), bodies, scene, captions, favoured):
        bodies += rest
        gather(bodies, scene, captions)
    for body in bodies:
        complete(body, bodies, scene)
    for body in bodies:
        # panel letters at the edge, which no graphic reaches
        near = [
            o.box
            for o in scene.letters
            if inside(o.box, grow(body.box, LABEL_NEAR)) > 0.9 and x_gap(o.box, body.box) < 0
        ]
        body.box = union([body.box, *near])
    return [body for body in bodies if not body.caption.table], _without(heads, bodies)


def _without(heads: list[Caption], bodies: list[Body]) -> list[Caption]:
    """The captions of figures that have no body."""
    bound = {id(body.caption) for body in bodies}
    return [caption for caption in heads if id(caption) not in bound and not caption.table]


def parted(scene: Scene, captions: list[Caption]) -> tuple[Scene, list[Body]]:
    """The scene with atoms taken apart where a caption then finds a body at its side that it had not, and the bodies.

    Figures whose captions stand beside them may follow one another as closely as the panels of one figure.
    """
    bodies, without = bind(scene, captions, {})
    for atom in [atom for atom in scene.atoms if atom.parts]:
        if not without:
            break
        finer = replace(scene, atoms=[a for a in scene.atoms if a is not atom] + atom.parts)
        found, left = bind(finer, captions, {})
        lost = {id(caption) for caption in without}
        won = [body for body in found if id(body.caption) in lost]
        if len(left) < len(without) and all(_beside(body, found) for body in won):
            scene, bodies, without = finer, found, left
    return scene, bodies


def _beside(body: Body, others: list[Body]) -> bool:
    """Whether caption and body stand level side by side, and so do those of the figures over and under it."""
    column = [other for other in others if x_share(other.box, body.box) > 0.5]
    return body.cost < SURE and all(other.rule in ("caption-left", "caption-right") for other in column)


def sides(bodies: list[Body]) -> dict[str, float]:
    """Share of each side among bodies, sure ones counting more."""
    count: Counter[str] = Counter()
    for body in bodies:
        count[body.rule.removeprefix("caption-")] += 1 / (1 + max(0.0, body.cost))  # type: ignore[assignment]
    total = sum(count.values())
    return {side: value / total for side, value in count.items()} if total else {}


def cost_of(
    caption: Caption, atom: Atom, scene: Scene, captions: list[Caption], favoured: dict[str, float]
) -> tuple[float, str]:
    """What it costs to give `atom` to `caption`, and the side on which the caption then stands."""
    c, a = caption.box, atom.box
    across, down = x_gap(c, a), y_gap(c, a)
    short = len(caption.lines) <= 2 and 0 <= down < SHORT_REACH and across < SHORT_ASIDE  # at the left of its column
    if down >= across or short:
        side = "below" if c[1] + c[3] > a[1] + a[3] else "above"
        gap, share = down, x_share(c, a)
        if x_gap(c, a) > 0 and not short:
            return 1e6, side
        corridor = (max(c[0], a[0]), min(c[3], a[3]), min(c[2], a[2]), max(c[1], a[1]))
        centred = abs((c[0] + c[2]) - (a[0] + a[2])) / 2 / max(width(c), width(a))
        centred += NARROW * max(0.0, 1 - width(c) / width(a)) * (len(caption.lines) >= 3)
    else:
        side = "left" if c[0] < a[0] else "right"
        gap, share = across, y_share(c, a)
        if y_gap(c, a) > 0:
            return 1e6, side
        corridor = (min(c[2], a[2]), max(c[1], a[1]), max(c[0], a[0]), min(c[3], a[3]))
        centred = 0.0 if min(abs(c[1] - a[1]), abs(c[3] - a[3])) < LEVEL else 0.3
    if gap < -6 and inside(c, a) > 0.5:
        gap = 0.0  # a caption printed on its picture
    gap = max(0.0, gap)
    cost = 1.6 * gap / (gap + 80) + 0.5 * (1 - share) + 0.3 * centred - 0.25 * min(1.0, area(a) / 40_000)
    wanted = favoured or ({"above": 1.0} if caption.table else {})
    if caption.table:
        cost += 0.0 if side == "above" else 1.0
    elif wanted:
        cost += 0.7 * (max(wanted.values()) - wanted.get(side, 0.0))
    else:
        cost += {"below": 0.0, "above": 0.15, "left": 0.2, "right": 0.2}[side]
    if area(corridor) > 0 and gap > 1:
        inner = (corridor[0] + 1, corridor[1] + 1, corridor[2] - 1, corridor[3] - 1)
        blockers = [w for w in scene.walls if w != c and overlap(w, inner) > 0]
        cost += 0.8 * min(4, len(blockers))
        cost += 1.5 * any(o is not caption and overlap(o.box, inner) > 0 for o in captions)
        cost += 0.5 * any(o is not atom and o.solid and overlap(o.box, inner) > 0.5 * area(inner) for o in scene.atoms)
    return cost, side


def _rest(
    left: list[Caption], bodies: list[Body], scene: Scene, captions: list[Caption], favoured: dict[str, float]
) -> list[Body]:
    """Bodies for captions that text keeps from their picture (a legend, the lines under single panels).

    A caption without a picture and a picture without a caption explain each other, however many lines stand between
    them, if the picture is the next thing but text on the side where this book's pictures stand.
    """
    above = favoured.get("below", 0.0) >= favoured.get("above", 0.0)  # the picture, when the caption is below it
    taken = [body.box for body in bodies]
    free = [a for a in scene.atoms
            if a.solid and area(a.box) >= PICTURE and not any(inside(a.box, box) > 0.5 for box in taken)]  # fmt: skip
    things = [*taken, *(caption.box for caption in captions), *(atom.box for atom in scene.atoms)]
    full = FULL_LINE * max((width(wall) for wall in scene.text), default=0.0)
    lines = [wall for wall in scene.text if width(wall) >= full]
    near: list[tuple[float, int, int]] = []
    for i, caption in enumerate(left):
        for j, atom in enumerate(free):
            top, bottom = (atom.box, caption.box) if above else (caption.box, atom.box)
            between = (max(top[0], bottom[0]), top[3], min(top[2], bottom[2]), bottom[1])
            if x_share(top, bottom) < 0.5 or between[3] < between[1]:
                continue
            foreign = any(overlap(thing, between) > 0 for thing in things if thing not in (top, bottom))
            if not foreign and sum(overlap(line, between) > 0 for line in lines) <= LEGEND:
                near.append((between[3] - between[1], i, j))
    found: dict[int, Body] = {}
    used: set[int] = set()
    for _, i, j in sorted(near):
        if i not in found and j not in used:
            cost, side = cost_of(left[i], free[j], scene, captions, favoured)
            found[i] = Body(left[i], free[j].box, [free[j]], "caption-" + side, cost)
            used.add(j)
    return list(found.values())
