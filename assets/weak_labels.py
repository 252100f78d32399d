"""Pictures whose kind the words name, over all books and sources: what teaches the classifiers of image kinds."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from zlib import crc32

import pyarrow.parquet as pq

from assets.schema import content_hash
from assets.store import Home, sealed
from assets.tables import named_kind

COLUMNS = ["pair_id", "figure_id", "image", "image_kind", "image_kind_score"]


@dataclass(frozen=True)
class Named:
    """A picture with its weak label; `key` is the book or source that holds it."""

    key: str
    pair: str
    figure: str
    image: str
    kind: str


def all_named(home: Home) -> Iterator[Named]:
    """Every such picture, one book or source after the other."""
    for key in home.holdings():
        folder = home.station("pairs", key)
        if not sealed(folder):
            continue
        for batch in pq.ParquetFile(folder / "pairs.parquet").iter_batches(columns=COLUMNS):
            for row in batch.to_pylist():
                if kind := named_kind(row["image_kind"], row["image_kind_score"]):
                    yield Named(key, row["pair_id"], row["figure_id"], row["image"], kind)


def some(rows: Iterable[Named], most: int) -> list[Named]:
    """At most `most` of them, chosen by the hash of their pair: the same whatever comes first."""
    return sorted(rows, key=lambda row: sha256(row.pair.encode()).digest())[:most]


def in_order(found: dict[str, list[Named]], most: int) -> list[Named]:
    """At most `most` of each kind, by pair id."""
    return sorted((row for rows in found.values() for row in some(rows, most)), key=lambda row: row.pair)


def learnt_from(named: Iterable[Named]) -> dict[str, str]:
    """Book or source to the hash of what it taught: its pairs, their pictures and the kinds that the words name."""
    taught: dict[str, list[list[str]]] = defaultdict(list)
    for row in named:
        taught[row.key].append([row.pair, row.image, row.kind])
    return {key: content_hash(rows) for key, rows in sorted(taught.items())}


def fold_of(figure: str, folds: int) -> int:
    """The fold of a figure, 0 to folds - 1, by its id: the same in every corpus and for ever."""
    return crc32(figure.encode()) % folds
