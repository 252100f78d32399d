"""What the page of a book or source shows: counts, samples of its pictures, clusters and hits, as plain values.

A source may have millions of pairs, so tables are read a row group at a time and a sample of each is kept, chosen by
the hash of the pair: the same page for the same tables.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from assets.errors import BadInput
from assets.pairs.kinds import SHOWN
from assets.records import COT_KINDS, IMAGE_KINDS, Cluster, Pair, PairKind, Source, TestHit, Textbook
from assets.store import Home, each_row, read_rows, sealed
from assets.tables import finished, read_hits

EACH = 18  # pictures of a kind, an organ system, the queue
CLUSTERS, HITS = 24, 60  # shown; how many there are is said
SEEN_ALIKE = 5  # pictures of one cluster that are shown


@dataclass(frozen=True)
class Tile:
    """One picture with what is said of it. `key` is the book or source that holds it."""

    key: str
    pair: Pair
    kind: str
    score: float
    evidence: str
    queued: str = ""


@dataclass(frozen=True)
class ClusterView:
    """Pictures that are one for the corpus, the first seen first; `evidence` of each, by pair."""

    cluster_id: str
    tiles: list[Tile]
    evidence: dict[str, str]
    more: int


@dataclass
class Sheet:
    """A sample of at most EACH tiles, and how many there are."""

    name: str
    total: int = 0
    kept: list[tuple[bytes, Tile]] = field(default_factory=list)

    def add(self, tile: Tile) -> None:
        self.total += 1
        self.kept.append((sha256(tile.pair.pair_id.encode()).digest(), tile))
        if len(self.kept) > 20 * EACH:
            self._thin()

    @property
    def tiles(self) -> list[Tile]:
        self._thin()
        return [tile for _, tile in self.kept]

    def _thin(self) -> None:
        self.kept = sorted(self.kept, key=lambda item: item[0])[:EACH]


@dataclass
class HoldingView:
    """A book or source."""

    key: str
    title: str
    what: str
    licence: str | None
    counts: dict[str, int]
    classifier: str
    splits: dict[str, int]
    kinds: dict[str, Sheet]
    organs: dict[str, Sheet]
    queue: Sheet
    table: dict[str, Counter[str]]  # organ system to kinds
    clusters: list[ClusterView] = field(default_factory=list)
    clusters_total: int = 0
    hits: list[tuple[Tile, list[TestHit]]] = field(default_factory=list)


STATIONS = ("pairs", "kinds", "ledger")


def ready(home: Home, key: str) -> bool:
    """Whether a book or source has what its page shows."""
    return all(sealed(home.station(station, key)) for station in STATIONS)


def holding_view(home: Home, key: str) -> HoldingView:
    """Everything on the page of `key`. Raises BadInput when its pairs, image kinds or ledger are not there."""
    pairs, kinds, ledger = (finished(home.station(name, key), key, name) for name in STATIONS)
    title, what, licence = _registered(home, key)
    hits: dict[str, list[TestHit]] = defaultdict(list)
    for hit in read_hits(home, key):
        hits[hit.pair_id].append(hit)
    alike = _alike(ledger / "clusters.parquet")
    wanted = {row.pair_id for rows in alike.values() for row in rows} | set(sorted(hits)[:HITS])
    view = HoldingView(
        key, title, what, licence, {}, "", {}, {kind: Sheet(SHOWN[kind]) for kind in IMAGE_KINDS}, {},
        Sheet("In review"), defaultdict(Counter),
    )  # fmt: skip
    found: dict[str, Tile] = {}
    usable, classifiers = 0, Counter[str]()
    for tile, model in _tiles(key, pairs / "pairs.parquet", kinds / "kinds.parquet"):
        classifiers[model or ""] += 1
        organ = tile.pair.organ_system
        if tile.queued:
            view.queue.add(tile)
        else:
            view.kinds[tile.kind].add(tile)
            usable += tile.kind in COT_KINDS and tile.score >= 0.5
        view.organs.setdefault(organ, Sheet(organ.replace("_", " "))).add(tile)
        view.table[organ]["queued" if tile.queued else tile.kind] += 1
        if tile.pair.pair_id in wanted:
            found[tile.pair.pair_id] = tile
    counted = (sealed(ledger) or {"counts": {}})["counts"]
    view.counts = {
        "pairs": sum(classifiers.values()), "of the five kinds": usable, "waiting for review": view.queue.total,
        "duplicates": counted.get("duplicates", 0), "in a test set": len(hits),
    }  # fmt: skip
    view.splits = {name: counted[name] for name in ("sft", "rl", "validation", "quarantine") if counted.get(name)}
    view.classifier = _named(classifiers)
    view.clusters_total = len(alike)
    view.clusters = [_cluster_view(home, name, rows, found) for name, rows in sorted(alike.items())[:CLUSTERS]]
    view.hits = [(found[pair], hits[pair]) for pair in sorted(hits)[:HITS] if pair in found]
    view.organs = dict(sorted(view.organs.items(), key=lambda item: (item[0] == "other", -item[1].total, item[0])))
    return view


def _registered(home: Home, key: str) -> tuple[str, str, str | None]:
    """Title, what it is, licence."""
    book, source = (home.library / key / name for name in ("textbook.parquet", "source.parquet"))
    if book.exists():
        row = read_rows(book, Textbook)[0]
        return row.title or key, "textbook", row.licence
    if source.exists():
        found = read_rows(source, Source)[0]
        return found.title or key, f"external source, {found.kind}", found.licence
    raise BadInput(f"{key} is no book or source of {home.root}; see `pathcorpus list`")


def _tiles(key: str, pairs: Path, kinds: Path) -> Iterator[tuple[Tile, str | None]]:
    waiting = each_row(kinds, PairKind)
    for pair in each_row(pairs, Pair):
        row = next(waiting, None)
        if row is None or row.pair_id != pair.pair_id:
            raise BadInput(
                f"the image kinds of {key} are those of other pairs; run `pathcorpus run` to make them again"
            )
        yield Tile(key, pair, row.image_kind, row.image_kind_score, row.image_kind_evidence, row.queued), row.model


def _alike(path: Path) -> dict[str, list[Cluster]]:
    """Clusters of which this book or source holds a picture that was seen before."""
    rows: dict[str, list[Cluster]] = defaultdict(list)
    for row in each_row(path, Cluster):
        if row.duplicate_of is not None:
            rows[row.cluster_id].append(row)
    return rows


def _cluster_view(home: Home, name: str, rows: list[Cluster], found: dict[str, Tile]) -> ClusterView:
    tiles: dict[str, Tile] = {}
    evidence: dict[str, str] = {}
    for row in rows[:SEEN_ALIKE]:
        first, key = row.duplicate_of or "", row.duplicate_in or row.book
        if first not in tiles and (tile := found.get(first) or _elsewhere(home, key, first)):
            tiles[first] = tile
        if row.pair_id in found:
            tiles[row.pair_id] = found[row.pair_id]
            evidence[row.pair_id] = row.evidence
    return ClusterView(name, list(tiles.values()), evidence, max(0, len(rows) - SEEN_ALIKE))


def _elsewhere(home: Home, key: str, pair: str) -> Tile | None:
    """The picture that was seen first, where another book or source holds it; None when that is gone."""
    path = home.station("pairs", key) / "pairs.parquet"
    rows = read_rows(path, Pair, filters=[("pair_id", "=", pair)]) if path.exists() else []
    return Tile(key, rows[0], rows[0].image_kind, rows[0].image_kind_score, "") if rows else None


def _named(classifiers: Counter[str]) -> str:
    names = [f"{name} ({count:,})" for name, count in classifiers.most_common() if name]
    alone = classifiers[""]
    return ", ".join([*names, *([f"words and picture facts alone ({alone:,})"] if alone else [])])
