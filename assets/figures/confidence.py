"""How sure a figure is: evidence from page and book, and the share of figures with such evidence that are right.

The score is a logistic model of the evidence (Platt 1999), fitted by `benchmarks/_fit_confidence.py` on generated
books with gold, as they are and with parts of them gone. `benchmarks/figures_quality.py` claims its reliability on
books that took no part in the fit.
"""

import math
import re
from dataclasses import astuple, dataclass, replace

from assets.figures.binding import cost_of
from assets.figures.bodies import Scene
from assets.figures.captions import Caption
from assets.figures.gathering import Body
from assets.figures.geometry import area, distance, grow, overlap
from assets.figures.sentences import ended
from assets.records import Figure, Reference, normalise_label

FAR = 75.0  # points within which graphics that no caption took throw doubt on a body


@dataclass(frozen=True)
class Evidence:
    """Every value grows with trust and lies in 0..1 unless said otherwise.

    caption: evidence that the line opens a caption; near: closeness of caption and body; clear: how much worse the next
    best body or caption would have been; compact: share of the body that its graphics cover; undisturbed: no text of
    the page runs into the body; alone: no graphics nearby were left over; closed: the caption ends as a sentence does;
    usual: share of the book's captions on this side; native: text layer, not OCR; cited: the text cites the figure;
    in_order: its number follows those around it.
    """

    caption: float
    near: float
    clear: float
    compact: float
    undisturbed: float
    alone: float
    closed: float
    usual: float
    native: float
    cited: float = 0.0
    in_order: float = 0.0


# Intercept, then one weight for every field of Evidence, in their order.
WEIGHTS = (-1.906, 0.563, 2.209, 0.197, 0.0, 0.0, 0.0, 0.511, 0.178, 0.0, 0.0, 1.53)


def evidence_of(
    body: Body, page: int, scene: Scene, bodies: list[Body], captions: list[Caption], favoured: dict[str, float],
    method: str,
) -> Evidence:  # fmt: skip
    """What the page of a body says of it; `bodies` and `captions` are those of this page."""
    taken = {atom.box for other in bodies for atom in other.atoms}  # the scene may be another copy than theirs
    left_over = [atom for atom in scene.atoms if atom.solid and atom.box not in taken]
    rivals = [cost_of(body.caption, atom, scene, captions, favoured)[0] for atom in left_over]
    if body.caption.page != page:  # across pages there is no distance to compare
        rivals = [body.cost for _ in left_over]
    rivals += [cost_of(caption, atom, scene, captions, favoured)[0]
               for caption in captions if caption is not body.caption for atom in body.atoms[:1]]  # fmt: skip
    covered = sum(area(atom.box) for atom in body.atoms) / max(1.0, area(body.box))
    text = sum(overlap(wall, grow(body.box, -2)) for wall in scene.walls) / max(1.0, area(body.box))
    near = min((distance(atom.box, body.box) for atom in left_over), default=FAR)
    return Evidence(
        caption=body.caption.score,
        near=math.exp(-max(0.0, body.cost)),
        clear=1 - math.exp(-max(0.0, min(rivals, default=5.0) - body.cost)),
        compact=min(1.0, covered),
        undisturbed=math.exp(-20 * text),
        alone=min(1.0, near / FAR),
        closed=float(ended(body.caption.lines[-1].text)),
        usual=favoured.get(body.rule.removeprefix("caption-"), 0.0),
        native=float(method == "native"),
    )


def scores_of(figures: list[Figure], seen: list[Evidence | float], references: list[Reference]) -> list[float]:
    """The confidence in each figure; a score that a second reader gave stays as it is."""
    known = in_context(figures, seen, references)
    return [found if isinstance(found, float) else round(confidence(found), 3) for found in known]


def in_context(
    figures: list[Figure], seen: list[Evidence | float], references: list[Reference]
) -> list[Evidence | float]:
    """The evidence with what the book adds: the text's citations and the order of the numbers.

    `figures` are in book order, `seen` goes with them.
    """
    cited = {reference.figure_id for reference in references}
    numbers = [_number(figure.label) for figure in figures]
    known: list[Evidence | float] = []
    for at, (figure, evidence) in enumerate(zip(figures, seen, strict=True)):
        if isinstance(evidence, Evidence):
            series, last = numbers[at]
            near = [n for s, n in (*numbers[max(0, at - 2) : at], *numbers[at + 1 : at + 3]) if s == series]
            in_order = any(abs(n - last) <= 1 for n in near) or (last == 1 and not near)
            evidence = replace(evidence, cited=float(figure.figure_id in cited), in_order=float(in_order))
        known.append(evidence)
    return known


def _number(label: str) -> tuple[str, int]:
    """Chapter or series, and the count within it: Fig. 7-26 gives ("7", 26)."""
    number = normalise_label(label)
    match = re.search(r"^(.*?)(\d+)[a-z]?$", number)
    return (match.group(1), int(match.group(2))) if match else (number, 0)


def confidence(evidence: Evidence) -> float:
    """The share of figures with this evidence whose label, box (IoU >= 0.8) and caption are right, 0..1."""
    linear = WEIGHTS[0] + sum(w * value for w, value in zip(WEIGHTS[1:], astuple(evidence), strict=True))
    return 1 / (1 + math.exp(-linear))


# Share of panels told apart in a way whose letter and box are right, by the same measurement.
PANEL_RULES = {"rasters": 0.99, "letters": 0.98, "gutters": 0.93, "second-reader": 1.0}


def panel_score(rule: str, figure: float) -> float:
    """The confidence in a panel of a figure whose own score is `figure`."""
    return round(PANEL_RULES[rule] * figure, 3)
