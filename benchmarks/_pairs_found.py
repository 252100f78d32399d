"""Clusters: how many altered pictures come back to their original, and whether strangers stay apart.

Every field is in the first book; every way in which a figure comes back makes a book of its own, added after it. They
go through the stations as any book does: hashes, index, keypoints, verification, ledger.
"""

from collections import Counter, defaultdict
from itertools import combinations
from pathlib import Path

from _altered import EDITS, ORIGINAL, fields, versions
from _claims import claim, progress
from _pairs_home import drawn_book

from assets.pairs.duplicates.station import hash_book
from assets.pairs.ledger import split_book
from assets.records import Edge
from assets.store import open_home, read_rows
from assets.tables import read_clusters

GOALS = {"rejpeg": 0.99, "half": 0.99, "half_rejpeg": 0.99, "grey": 0.99, "mirror": 0.99, "brighter": 0.95,
         "darker": 0.95, "crop10": 0.95, "crop20": 0.95, "border_label": 0.95}  # fmt: skip


def found_and_kept_apart(folder: Path, slides: int, timed: bool) -> bool:
    """Recall by edit and precision over `slides` slides of three fields, each with its ten altered versions."""
    home = open_home(folder / "found")
    pictures: dict[str, list[bytes]] = defaultdict(list)
    field_of: list[int] = []
    for slide in range(slides):
        for place, field in fields(slide).items():
            field_of.append(3 * slide + place)
            for edit, data in versions(field, 3 * slide + place):
                pictures[edit].append(data)
        if slide % 100 == 99:
            progress(f"{slide + 1} of {slides} slides drawn")
    shows: dict[str, int] = {}
    seconds: Counter[str] = Counter()
    for edit in (ORIGINAL, *EDITS):
        book = edit.replace("_", "-")
        names = drawn_book(home, book, pictures.pop(edit))
        shows |= {f"{book}/{name}": field for name, field in zip(names, field_of, strict=True)}
        hashed, split = hash_book(home, book), split_book(home, book)
        seconds += Counter(hashing=hashed.seconds, comparing=split.seconds)
        progress(f"{book}: {hashed.seconds:.0f} s hashing, {split.seconds:.0f} s comparing, {split.counts}")
    count = len(field_of)
    claim("fields with their ten altered versions", count, "fields")
    rows = {edit: list(read_clusters(home, edit.replace("_", "-")).values()) for edit in (ORIGINAL, *EDITS)}
    held = []
    for edit in EDITS:
        together = [a.cluster_id == b.cluster_id for a, b in zip(rows[edit], rows[ORIGINAL], strict=True)]
        held.append(claim(f"found: {edit}", sum(together) / count, "ratio", GOALS[edit]))
    held.append(_precision(rows, field_of))
    ledgers = sorted(home.corpus("ledger").iterdir())
    edges = [edge for ledger in ledgers for edge in read_rows(ledger / "edges.parquet", Edge)]
    by_rule: dict[str, list[bool]] = defaultdict(list)
    for edge in edges:
        if edge.joins:
            by_rule[edge.rule].append(shows[edge.a] == shows[edge.b])
    for rule, right in sorted(by_rule.items()):
        claim(f"pairs joined by {rule}", len(right), "pairs")
        held.append(claim(f"precision of pairs joined by {rule}", sum(right) / len(right), "ratio", 0.999))
    copies = [row for edit in EDITS for row in rows[edit]]
    claim(
        "altered versions that buy no samples", sum(r.duplicate_of is not None for r in copies) / len(copies), "ratio"
    )
    if timed:
        claim("hashing with keypoints, 3,000 pictures", 3000 * seconds["hashing"] / len(shows), "s")
        claim("comparing a book of 3,000 with all before it, mean", 3000 * seconds["comparing"] / len(shows), "s")
        looked = sum(edge.keypoints is not None for edge in edges)
        claim("pairs looked at by keypoints and kept, a picture", looked / len(shows), "pairs")
    return all(held)


def _precision(rows: dict[str, list], field_of: list[int]) -> bool:
    members: dict[str, list[int]] = defaultdict(list)
    for clusters in rows.values():
        for row, field in zip(clusters, field_of, strict=True):
            members[row.cluster_id].append(field)
    pairs = [pair for fields_ in members.values() for pair in combinations(fields_, 2)]
    right = sum(a == b for a, b in pairs)
    mixed = sum(len(set(fields_)) > 1 for fields_ in members.values())
    claim("clusters that hold more than one field", mixed, "clusters")
    return claim("precision of pairs in one cluster", right / max(1, len(pairs)), "ratio", 0.999)
