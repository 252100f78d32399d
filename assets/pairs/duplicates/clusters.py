"""From candidates to clusters: which pairs join, by which rule, and the groups that follow.

Every candidate ends as an Edge, joined or not, so that a page can show why. A pair joins when its pixels are equal,
when hashes of good quality lie close, when keypoints confirm what a farther hash, a caption or the descriptor index
proposed, or when a close hash of poor quality meets a matching caption. Drawings join by equal pixels, or by ink where
a hash proposed them, for charts share templates. A caption alone joins nothing. A hub - a
picture close to many that are not close to each other, as gradients and pale fields are - would chain strangers
together, so its pairs go to the verifier too. Edges and clusters do not depend on the order of anything.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Protocol

from assets.pairs.duplicates.drawings import SAME
from assets.pairs.duplicates.hashes import TURNS
from assets.pairs.duplicates.join import INVERSE
from assets.pairs.duplicates.verify import INLIERS, Agreement
from assets.records import Edge

CLOSE, FAR = 31, 60  # bits of 256: below the first a link, up to the second a question
GOOD = 50  # PDQ quality
CAPTION = 0.9  # similarity that supports a hash of poor quality
SAME_VIEW = 0.5  # share of both pictures that the other shows: .64 of a crop by a fifth of each side, less of a detail
MIRRORED = 4  # from this place on TURNS are mirrored
HUB = 3  # neighbours from which on a picture can be a hub
HUB_SHARE = 0.5  # of its neighbours' pairs that must be close too
HUB_LOOK = 40  # neighbours looked at
EQUAL, HASH, VERIFIED, SUPPORTED, DRAWN = "equal pixels", "hash", "keypoints", "hash and caption", "ink"
UNDECIDED, UNSEEN = "not confirmed", "over the budget"


class Look(Protocol):
    """Looking at two pictures, which costs more than comparing hashes."""

    def agreement(self, a: str, b: str, mirrored: bool) -> Agreement:
        """How far a agrees with b, or with b's mirror image."""

    def same_ink(self, a: str, b: str, turn: int) -> float:
        """How far the ink of two drawings lies in the same places, b in TURNS[turn]: -1..1."""


@dataclass(frozen=True)
class Candidate:
    """A pair to be judged, neither of them blank.

    `distance` in bits, `poor` when it comes from hashes of poor quality; `turn` (place in TURNS) in which b was asked;
    `caption`: similarity; `votes` from the descriptor index; `equal`: the pixels are; `drawn`: both are drawings.
    """

    a: str
    b: str
    distance: int | None = None
    turn: int = 0
    caption: float | None = None
    votes: int | None = None
    equal: bool = False
    poor: bool = False
    drawn: bool = False

    @property
    def close(self) -> bool:
        return self.distance is not None and self.distance <= CLOSE


def merged(candidates: Iterable[Candidate]) -> list[Candidate]:
    """One candidate a pair, a < b, with the least distance, the best caption and the most votes of all proposals."""
    best: dict[tuple[str, str], Candidate] = {}
    for one in candidates:
        if one.a == one.b:
            continue
        key = min(one.a, one.b), max(one.a, one.b)
        if key != (one.a, one.b):
            one = replace(one, turn=INVERSE.get(one.turn, one.turn))
        old = best.get(key, Candidate(*key))
        if _rank(one) < _rank(old):
            old = replace(old, distance=one.distance, turn=one.turn, poor=one.poor)
        caption = max((value for value in (old.caption, one.caption) if value is not None), default=None)
        votes = max((value for value in (old.votes, one.votes) if value is not None), default=None)
        best[key] = replace(
            old, caption=caption, votes=votes, equal=old.equal or one.equal, drawn=old.drawn or one.drawn
        )
    return [best[key] for key in sorted(best)]


def _rank(one: Candidate) -> tuple[bool, bool, int, int, int]:
    """Which proposal says in which turn the two agree: the closest good hash, else the one with the most votes."""
    return (one.distance is None, one.poor, one.distance or 0, -(one.votes or 0), one.turn)


def judge(
    candidates: Iterable[Candidate],
    look: Look,
    near: Callable[[str, str], bool],
    budget: int | None = None,
) -> list[Edge]:
    """Edges of all candidates, sorted.

    `look` is asked only where hashes do not decide, with a < b; at most for `budget` pairs, those with the best
    prospects first: the others are kept as over the budget. `near(a, b)` says whether two pictures that were not
    proposed, such as two of earlier books, have close hashes.
    """
    rest = merged(candidates)
    equal = [one for one in rest if one.equal]
    close = [one for one in rest if one.close and not (one.equal or one.poor or one.drawn)]
    hubs = _hubs(close, equal, near)
    edges: list[Edge] = []
    asked: list[Candidate] = []
    told: list[Candidate] = []
    for one in rest:
        if one.equal:
            edges.append(_edge(one, EQUAL))
        elif one.drawn:
            (asked if one.distance is not None and one.distance <= FAR else told).append(one)
        elif one.close and not one.poor and one.a not in hubs and one.b not in hubs:
            edges.append(_edge(one, HASH))
        elif one.close and one.poor and (one.caption or 0.0) >= CAPTION:
            edges.append(_edge(one, SUPPORTED))
        else:
            asked.append(one)
    asked.sort(key=_prospect)
    edges += [_drawn(one, look) if one.drawn else _verified(one, look) for one in asked[:budget]]
    edges += [_edge(one, UNDECIDED) for one in told]
    edges += [_edge(one, UNSEEN) for one in (asked[budget:] if budget is not None else [])]
    return sorted(edges, key=lambda edge: (edge.a, edge.b))


def _edge(one: Candidate, rule: str, found: Agreement | None = None, ink: float | None = None) -> Edge:
    joins = rule not in (UNDECIDED, UNSEEN)
    return Edge(
        a=one.a, b=one.b, rule=rule, joins=joins,
        same_view=joins and (rule != VERIFIED or (found is not None and found.shared >= SAME_VIEW)),
        distance=one.distance, turn=TURNS[one.turn], keypoints=found.spots if found else None,
        ink=None if ink is None else round(ink, 3), shared=round(found.shared, 3) if found else None,
        caption=one.caption, votes=one.votes,
    )  # fmt: skip


def _drawn(one: Candidate, look: Look) -> Edge:
    """Keypoints and captions alone propose no drawings: axes, letters and templates are everywhere."""
    ink = look.same_ink(one.a, one.b, one.turn)
    return _edge(one, DRAWN if ink >= SAME else UNDECIDED, ink=ink)


def _verified(one: Candidate, look: Look) -> Edge:
    known = one.votes is not None or (one.distance is not None and one.distance <= FAR)
    ways = [one.turn >= MIRRORED] if known else [False, True]
    found = max((look.agreement(one.a, one.b, mirrored) for mirrored in ways), key=lambda agreed: agreed.spots)
    return _edge(one, VERIFIED if found.spots >= INLIERS else UNDECIDED, found)


def _prospect(one: Candidate) -> tuple[int, float, int, str, str]:
    return (999 if one.distance is None else one.distance, -(one.caption or 0.0), -(one.votes or 0), one.a, one.b)


def evidence(edge: Edge) -> str:
    """What is known of an edge, as one phrase."""
    known = [
        f"{edge.distance} of 256 bits" if edge.distance is not None else "",
        edge.turn if edge.turn != TURNS[0] else "",
        f"{edge.keypoints} keypoints agree" if edge.keypoints is not None else "",
        f"ink agrees by {edge.ink:.2f}" if edge.ink is not None else "",
        f"captions {edge.caption:.2f} alike" if edge.caption is not None else "",
    ]
    facts = ", ".join(fact for fact in known if fact) if edge.rule != EQUAL else ""
    return f"{edge.rule} ({facts})" if facts else edge.rule


def group(names: Iterable[str], links: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Name -> least name of its cluster, by union-find over the links. KeyError for an unknown name."""
    parent = {name: name for name in names}

    def find(name: str) -> str:
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    for one, other in links:
        a, b = find(one), find(other)
        parent[max(a, b)] = min(a, b)
    return {name: find(name) for name in parent}


def _hubs(close: list[Candidate], equal: list[Candidate], near: Callable[[str, str], bool]) -> set[str]:
    """Pictures whose neighbours are mostly not neighbours of each other; equal pictures and hashes count as one."""
    names = {name for one in [*close, *equal] for name in (one.a, one.b)}
    place = group(names, [(one.a, one.b) for one in [*equal, *(one for one in close if one.distance == 0)]])
    around: dict[str, set[str]] = defaultdict(set)
    for one in close:
        a, b = place[one.a], place[one.b]
        if a != b:
            around[a].add(b)
            around[b].add(a)
    strange = set()
    for name, others in around.items():
        if len(others) < HUB:
            continue
        pairs = list(combinations(sorted(others)[:HUB_LOOK], 2))
        if sum(b in around[a] or near(a, b) for a, b in pairs) < HUB_SHARE * len(pairs):
            strange.add(name)
    return {name for name in names if place[name] in strange}
