"""The ledger: duplicate clusters and the split of each, decided once when a book arrives and never again.

A book's pairs are grouped (a figure with its panels; equal pictures), each group joins the cluster that it meets in
earlier books or founds a new one. New clusters are dealt to splits in the order of a salted hash, so that the result
depends on neither file order nor chance, and each book feeds every split in the same shares. Later books inherit; a
group that bridges two splits is quarantined. Files: ledger/<book>/clusters.parquet and splits.parquet (only clusters
that this book founded; the ledger is the union over books).
"""

from collections import Counter, defaultdict
from hashlib import sha256
from io import BytesIO
from pathlib import Path

from PIL import Image as Pillow

from assets.records import COT_KINDS, Cluster, Pair, Split
from assets.schema import stable_id
from assets.sources import source_hash
from assets.store import Home, Outcome, locked, pack_of, publish, read_rows, state_of, write_rows
from assets.tables import finished, read_clusters, read_splits

SALT = "pathcorpus-split-1"  # changing it would move every pair of every corpus
SHARES = {("train", "sft"): 0.6, ("train", "rl"): 0.25, ("validation", "sft"): 0.15}


def pixel_hash(data: bytes) -> str:
    """SHA-256 over size and RGB bytes of a decoded picture."""
    with Pillow.open(BytesIO(data)) as picture:
        rgb = picture.convert("RGB")
        return sha256(f"{rgb.width}x{rgb.height}:".encode() + rgb.tobytes()).hexdigest()


def groups_of(pairs: list[Pair], pixels: dict[str, str]) -> list[list[Pair]]:
    """Pairs joined by a common figure or equal pixels (union-find), each group in the order of `pairs`."""
    parent: dict[str, str] = {}

    def find(node: str) -> str:
        while parent.setdefault(node, node) != node:
            node = parent[node]
        return node

    for pair in pairs:
        a, b = find("figure:" + pair.figure_id), find("pixels:" + pixels[pair.image])
        parent[max(a, b)] = min(a, b)
    groups: dict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        groups[find("figure:" + pair.figure_id)].append(pair)
    return list(groups.values())


def deal(clusters: list[str]) -> dict[str, tuple[str, str]]:
    """Deal new clusters to (split, purpose) by SHARES, in salted-hash order, always to the one furthest behind."""
    dealt: dict[str, tuple[str, str]] = {}
    counts: Counter[tuple[str, str]] = Counter()
    for number, cluster in enumerate(sorted(clusters, key=lambda c: stable_id(SALT, c)), 1):
        lane = max(SHARES, key=lambda one: SHARES[one] * number - counts[one])
        counts[lane] += 1
        dealt[cluster] = lane
    return dealt


def assign(
    pairs: list[Pair], pixels: dict[str, str], earlier: dict[str, Cluster], own: dict[str, Cluster],
    splits: dict[str, Split], book: str,
) -> tuple[list[Cluster], list[Split]]:  # fmt: skip
    """Clusters of a book's pairs and the splits of the clusters that it founds.

    `earlier`: clusters of all other books; `own`: what this book's previous run decided, which stands unless a picture
    that is new in the group lies in another split; `splits`: of all clusters known so far; `pixels`: picture name to
    pixel hash.
    """
    # A cluster without a split was cut off while its book was published: as if it had not been there.
    first_with = {c.pixels: c for c in earlier.values() if c.duplicate_of is None and c.cluster_id in splits}
    clusters: list[Cluster] = []
    founded: dict[str, tuple[str, str] | None] = {}
    usable: dict[str, bool] = {}
    for group in groups_of(pairs, pixels):
        known = {own[p.pair_id].cluster_id for p in group if p.pair_id in own and own[p.pair_id].cluster_id in splits}
        met = known | {first_with[pixels[p.image]].cluster_id for p in group if pixels[p.image] in first_with}
        lanes = {(splits[c].split, splits[c].purpose) for c in met}
        if len(lanes) == 1:
            cluster = min(known or met)
        elif lanes:
            cluster = stable_id("quarantine", group[0].pair_id)
            founded[cluster] = ("quarantine", "sft")
        else:
            cluster = stable_id("cluster", group[0].pair_id)
            founded[cluster] = None
            usable[cluster] = any(p.image_kind in COT_KINDS for p in group)
        seen: dict[str, str] = {}
        for pair in group:
            same = pixels[pair.image]
            copy_of = first_with[same].pair_id if same in first_with else seen.get(same)
            seen.setdefault(same, pair.pair_id)
            evidence = f"equal pixels with pair {copy_of}" if copy_of else f"figure {pair.figure_id}"
            clusters.append(
                Cluster(pair_id=pair.pair_id, cluster_id=cluster, book=book, pixels=same, duplicate_of=copy_of,
                        evidence=evidence)
            )  # fmt: skip
    new = [c for c, lane in founded.items() if lane is None]
    # Dealt apart, so that charts and drawings do not use up a small book's share of the RL or validation split.
    lanes_of = deal([c for c in new if usable[c]]) | deal([c for c in new if not usable[c]])
    rows = [
        Split(cluster_id=cluster, split=lane[0], purpose=lane[1], book=book)
        for cluster, lane in ((c, decided or lanes_of[c]) for c, decided in founded.items())
    ]
    standing = [row for row in splits.values() if row.book == book]  # others may have joined what we no longer hold
    kept = {row.cluster_id: row for row in [*rows, *standing]}
    return clusters, [kept[name] for name in sorted(kept)]


def split_book(home: Home, book: str) -> Outcome:
    """Write ledger/<book>/. Only this book's pairs decide whether it runs again; other books never move it."""
    upstream = finished(home.station("pairs", book), book, "pairs")
    folder = home.station("ledger", book)

    def build(scratch: Path) -> dict[str, int]:
        pairs = read_rows(upstream / "pairs.parquet", Pair)
        pack = pack_of(home, book)
        pixels = {name: pixel_hash(pack.read(name).data) for name in sorted({pair.image for pair in pairs})}
        earlier: dict[str, Cluster] = {}
        for other in home.books():
            earlier |= read_clusters(home, other) if other != book else {}
        clusters, splits = assign(pairs, pixels, earlier, read_clusters(home, book), read_splits(home), book)
        write_rows(scratch / "clusters.parquet", clusters, Cluster)
        write_rows(scratch / "splits.parquet", splits, Split)
        lanes = Counter(row.split if row.split != "train" else row.purpose for row in splits)
        return {
            "clusters": len({row.cluster_id for row in clusters}),
            "duplicates": sum(row.duplicate_of is not None for row in clusters),
            **lanes,
        }

    inputs = {"code": source_hash(__name__), "pairs": state_of(upstream)}
    with locked(home, "ledger"):
        return publish(folder, station="ledger", book=book, inputs=inputs, build=build)
