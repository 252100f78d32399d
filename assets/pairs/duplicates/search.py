"""What the pictures of a book meet: among themselves, and in all books of the ledger.

Proposals come from equal pixels, near hashes in all eight turns, shared keypoints and equal captions; what hashes do
not decide is verified on keypoints, for at most VERIFIED pairs a book (about a millisecond each, and reading the
pictures whose keypoints are not kept). Pictures of one figure are not compared: its pairs are kept together anyway.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from assets.pairs.duplicates import captions
from assets.pairs.duplicates.clusters import CLOSE, FAR, UNDECIDED, UNSEEN, Candidate, judge
from assets.pairs.duplicates.columns import Columns
from assets.pairs.duplicates.hashes import TURNS, Hashes, turned
from assets.pairs.duplicates.index import DRAWING, TRIMMED, WHOLE, Index, read_columns, read_pictures
from assets.pairs.duplicates.join import Matches, hamming, match, self_join
from assets.pairs.duplicates.looking import Looking
from assets.pairs.duplicates.verify import Features
from assets.pairs.duplicates.votes import TABLES, stacked, votes
from assets.records import Edge
from assets.store import Home

VERIFIED = 40_000
Side = Mapping[str, NDArray] | Columns  # columns of index.PICTURES, a row a picture
Name = Callable[[NDArray[np.int64]], list[str]]


@dataclass(frozen=True)
class Met:
    """Edges of a book's pictures; and book -> picture -> row of its pair, for the pictures of other books in them."""

    edges: list[Edge]
    pairs: dict[str, dict[str, int]]

    @property
    def unseen(self) -> int:
        """Candidates for which the budget did not suffice."""
        return sum(edge.rule == UNSEEN for edge in self.edges)


def search(home: Home, book: str, index: Index) -> Met:
    """Judge all that the pictures of `book` meet. What was no more than proposed by votes or caption goes."""
    new = read_pictures(home, book)
    names = [f"{book}/{name}" for name in new.names]
    live = index.live(but=book)
    stored = {name: index.tables["pictures"][name][live] for name in ("whole", "trimmed", "good", "pixels", "caption")}
    with Looking(home, book) as look:
        look.fetch(names)
        features = [look.kept(name) for name in names]
        within = [*propose_within(new.columns, names), *votes_within(features, names)]
        against = [
            *propose(stored, new.columns, lambda rows: index.names(live[rows]), names),
            *votes_against(index, live, features, names),
        ]
        figures, texts = _figures_and_texts(home, book, {n for one in [*within, *against] for n in (one.a, one.b)})
        pairs = index.pairs_of({one.a for one in against})
        texts |= _texts_of(home, pairs)
        look.fetch({one.a for one in against})
        candidates = [*against, *(one for one in within if one.equal or not figures[one.a] & figures[one.b])]
        row_of = {name: row for row, name in enumerate(names)}

        def near(a: str, b: str) -> bool:
            (one, i), (other, j) = (
                (new.columns, row_of[name]) if name in row_of else (index.tables["pictures"], index.row_of(name))
                for name in (a, b)
            )
            bits, _, poor = distance(one, i, other, j)
            return bits <= CLOSE and not poor

        drawn = {name for name, row in row_of.items() if new.columns["good"][row] & DRAWING}
        good = index.tables["pictures"]["good"]
        drawn |= {one.a for one in against if good[index.row_of(one.a)] & DRAWING}
        candidates = [replace(one, drawn=one.a in drawn and one.b in drawn) for one in candidates]
        edges = judge([_with_caption(one, texts) for one in candidates], look, near, VERIFIED)
    told = [e for e in edges if e.rule != UNDECIDED or (e.distance is not None and e.distance <= FAR)]
    return Met(told, pairs)


def propose(stored: Side, new: Side, stored_name: Name, new_names: list[str]) -> list[Candidate]:
    """Pictures of `stored` that those of `new` may show: equal pixels, near hashes, equal captions."""
    order = np.argsort(stored["pixels"], kind="stable")
    at = np.searchsorted(stored["pixels"], new["pixels"], sorter=order)
    there = np.flatnonzero(at < len(order))
    same = there[stored["pixels"][order[at[there]]] == new["pixels"][there]]
    equal = zip(stored_name(order[at[same]]), same.tolist(), strict=True)
    held, asked = Views.of(stored), Views.of(new)
    near = match(held.hashes, asked.hashes, FAR)
    return [
        *(Candidate(a, new_names[b], 0, equal=True) for a, b in equal),
        *_near(near, stored_name(held.owner[near.stored]), [new_names[b] for b in asked.owner[near.query]]),
        *_same_caption(stored, new, stored_name, new_names),
    ]


def propose_within(new: Side, names: list[str]) -> list[Candidate]:
    """The same among the pictures of one book."""
    first: dict[int, int] = {}
    equal = [(first.setdefault(pixels, row), row) for row, pixels in enumerate(new["pixels"].tolist())]
    views = Views.of(new)
    near = self_join(views.hashes, FAR)
    return [
        *(Candidate(names[a], names[b], 0, equal=True) for a, b in equal if a != b),
        *_near(near, [names[a] for a in views.owner[near.stored]], [names[b] for b in views.owner[near.query]]),
        *_same_caption(new, new, lambda rows: [names[row] for row in rows], names),
    ]


def votes_against(
    index: Index, live: NDArray[np.int64], features: list[Features | None], names: list[str]
) -> list[Candidate]:
    """Pictures of other books that share spots with new ones."""
    asked = [row for row, found in enumerate(features) if found is not None]
    described = [found for found in features if found is not None]
    table = index.tables["keypoints"]
    keys = [table[f"key{number}"] for number in range(TABLES)]
    found = votes(table["descriptor"], table["picture"], described, keys)
    known = np.isin([owner for _, owner, _ in found], live)
    kept = [one for one, counts in zip(found, known.tolist(), strict=True) if counts]
    held = index.names(np.array([owner for _, owner, _ in kept], np.int64))
    return [Candidate(a, names[asked[row]], votes=count) for a, (row, _, count) in zip(held, kept, strict=True)]


def votes_within(features: list[Features | None], names: list[str]) -> list[Candidate]:
    """Pictures of one book that share spots."""
    kept = [row for row, found in enumerate(features) if found is not None]
    described = [found for found in features if found is not None]
    descriptors, owner = stacked(described)
    found = votes(descriptors, owner, described)
    return [Candidate(names[kept[a]], names[kept[b]], votes=count) for b, a, count in found if a != b]


@dataclass(frozen=True)
class Views:
    """Hashes of good quality, (n, 32), and the row of the picture of each: up to two a picture.

    Those of poor quality would all be close to each other.
    """

    hashes: Hashes
    owner: NDArray[np.int64]

    @classmethod
    def of(cls, side: Side) -> "Views":
        whole, trimmed = (np.flatnonzero(side["good"] & bit) for bit in (WHOLE, TRIMMED))
        hashes = np.concatenate([side["whole"][whole], side["trimmed"][trimmed]])
        return cls(hashes, np.concatenate([whole, trimmed]))


def _near(found: Matches, a: list[str], b: list[str]) -> Iterator[Candidate]:
    for one, other, bits, turn in zip(a, b, found.distance.tolist(), found.turn.tolist(), strict=True):
        if one != other:
            yield Candidate(one, other, bits, turn)


def _same_caption(stored: Side, new: Side, stored_name: Name, new_names: list[str]) -> Iterator[Candidate]:
    """Pictures with one caption, with the distance of their hashes, whatever it is; none for a formula."""
    wanted = np.unique(new["caption"][new["caption"] > 0])
    holders: dict[int, list[int]] = defaultdict(list)
    for row in np.flatnonzero(np.isin(stored["caption"], wanted)).tolist():
        holders[int(stored["caption"][row])].append(row)
    for b, key in enumerate(new["caption"].tolist()):
        rows = holders.get(key, []) if key else []
        if 0 < len(rows) <= captions.COMMON:
            for a, name in zip(rows, stored_name(np.array(rows, np.int64)), strict=True):
                if name != new_names[b]:
                    bits, turn, poor = distance(stored, a, new, b)
                    yield Candidate(name, new_names[b], bits, turn, caption=1.0, poor=poor)


def distance(one: Side, a: int, other: Side, b: int) -> tuple[int, int, bool]:
    """(bits, turn, poor) between the closest views; those of poor quality count only where there are no others."""

    poor = not (one["good"][a] and other["good"][b])
    ours, theirs = _views(one, a, poor), _views(other, b, poor)
    left, right = np.repeat(ours, len(theirs), axis=0), np.tile(theirs, (len(ours), 1))
    bits, turn = min((int(hamming(left, turned(right, turn)).min()), turn) for turn in range(len(TURNS)))
    return bits, turn, poor


def _views(side: Side, row: int, poor: bool) -> Hashes:
    there = WHOLE | TRIMMED * bool(side["trimmed"][row].any()) if poor else int(side["good"][row])
    return np.stack([side[name][row] for name, bit in (("whole", WHOLE), ("trimmed", TRIMMED)) if there & bit])


def _with_caption(one: Candidate, texts: Mapping[str, str]) -> Candidate:
    """With the similarity of the two captions, where both say anything."""
    score = captions.similarity(texts.get(one.a, ""), texts.get(one.b, ""))
    return replace(one, caption=round(score, 3)) if score else one


def _figures_and_texts(home: Home, book: str, wanted: set[str]) -> tuple[dict[str, set[str]], dict[str, str]]:
    """Of each wanted picture of a book: the figures that show it, and its first caption in plain words."""
    table = read_columns(home.station("pairs", book) / "pairs.parquet", ["image", "figure_id", "text"])
    figures: dict[str, set[str]] = defaultdict(set)
    texts: dict[str, str] = {}
    for batch in table.to_batches():
        for image, figure, text in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            name = f"{book}/{image}"
            if name in wanted:
                figures[name].add(figure)
                texts.setdefault(name, captions.plain(text))
    return figures, texts


def _texts_of(home: Home, pairs: Mapping[str, Mapping[str, int]]) -> dict[str, str]:
    """Captions of the pictures of other books in plain words."""
    found: dict[str, str] = {}
    for book, rows in pairs.items():
        texts = read_columns(home.station("pairs", book) / "pairs.parquet", ["text"])["text"].take(list(rows.values()))
        found |= {name: captions.plain(text) for name, text in zip(rows, texts.to_pylist(), strict=True)}
    return found
