"""The pictures whose kind the words name, over all books and sources: what teaches a network of image kinds."""

from collections import defaultdict
from dataclasses import dataclass
from hashlib import sha256
from zlib import crc32

import pyarrow.parquet as pq

from assets.errors import BadInput
from assets.schema import content_hash
from assets.store import Home, sealed
from assets.tables import named_kind

COLUMNS = ["pair_id", "figure_id", "image", "image_kind", "image_kind_score"]


@dataclass(frozen=True)
class Named:
    """One labelled picture; `key` is the book or source that holds it."""

    key: str
    pair: str
    figure: str
    image: str
    kind: str


def fold_of(figure: str, folds: int) -> int:
    """The fold of a figure by its id, for ever the same."""
    return crc32(figure.encode()) % folds


def named_pictures(home: Home, most: int, folds: int) -> list[Named]:
    """At most `most` of each kind, chosen by the hash of their pair, in the order of pairs.

    Kinds that a fold's network would not see are left out. Raises BadInput when fewer than two kinds are left.
    """
    found: dict[str, list[Named]] = defaultdict(list)
    for key in home.holdings():
        if not sealed(home.station("pairs", key)):
            continue
        for batch in pq.ParquetFile(home.station("pairs", key) / "pairs.parquet").iter_batches(columns=COLUMNS):
            for row in batch.to_pylist():
                if kind := named_kind(row["image_kind"], row["image_kind_score"]):
                    found[kind].append(Named(key, row["pair_id"], row["figure_id"], row["image"], kind))
    kept = {kind: rows for kind, rows in found.items() if _in_every_training_set(rows, folds)}
    if len(kept) < 2:
        named = ", ".join(f"{kind} {len(rows)}" for kind, rows in sorted(found.items())) or "none"
        raise BadInput(
            f"a network needs pictures of two kinds in every one of {folds} folds, and captions name {named}; add books"
        )
    chosen = [sorted(rows, key=lambda row: sha256(row.pair.encode()).digest())[:most] for rows in kept.values()]
    return sorted((row for rows in chosen for row in rows), key=lambda row: row.pair)


def learnt_from(named: list[Named]) -> dict[str, str]:
    """Book or source to the hash of what it taught."""
    taught: dict[str, list[list[str]]] = defaultdict(list)
    for row in named:
        taught[row.key].append([row.pair, row.image, row.kind])
    return {key: content_hash(rows) for key, rows in sorted(taught.items())}


def _in_every_training_set(rows: list[Named], folds: int) -> bool:
    seen = {fold_of(row.figure, folds) for row in rows}
    return all(seen - {fold} for fold in range(folds))
