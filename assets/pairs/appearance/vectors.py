"""The feature vectors of a book's or source's pictures, computed once and kept: appearance/<key>/vectors.parquet.

One row for every pair, in the order of pairs.parquet. A new classifier reads them instead of the pictures, so that
judging a book anew takes no time.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from assets.pairs.appearance.features import VERSION, decoded, features
from assets.pictures.reader import pictures_of
from assets.records import Appearance
from assets.schema import content_hash
from assets.store import Home, Outcome, each_row, publish, write_rows
from assets.tables import finished

ROWS = 5000  # vectors read at a time


def look_at(home: Home, key: str) -> Outcome:
    """Bring appearance/<key>/ up to date. Raises BadInput when the pairs or one of their pictures are missing."""
    pairs = finished(home.station("pairs", key), key, "pairs") / "pairs.parquet"
    named = pq.read_table(pairs, columns=["pair_id", "image"])
    names, images = named["pair_id"], named["image"]

    def rows() -> Iterator[Appearance]:
        seen, vector = "", np.zeros(0, dtype=np.float32)
        with pictures_of(home, key) as read:
            for pair, image in zip(names, images, strict=True):
                if image.as_py() != seen:  # a source's rows of one picture stand side by side
                    seen = image.as_py()
                    vector = features(decoded(read(seen).data))
                yield Appearance(pair_id=pair.as_py(), vector=vector.tolist())

    def build(scratch: Path) -> dict[str, int]:
        write_rows(scratch / "vectors.parquet", rows(), Appearance)
        return {"pictures": len(named)}

    inputs = {"features": VERSION, "pairs": content_hash([names.to_pylist(), images.to_pylist()])}
    return publish(home.station("appearance", key), station="appearance", book=key, inputs=inputs, build=build)


def vectors_of(home: Home, key: str) -> Iterator[tuple[list[str], NDArray[np.float32]]]:
    """Pair ids and their vectors, (rows, features), at most ROWS at a time, in the order of the pairs.

    Raises BadInput when the table is missing or damaged.
    """
    path = look_at(home, key).folder / "vectors.parquet"
    waiting: list[Appearance] = []
    for row in each_row(path, Appearance):
        waiting.append(row)
        if len(waiting) == ROWS:
            yield _stacked(waiting)
            waiting = []
    if waiting:
        yield _stacked(waiting)


def _stacked(rows: list[Appearance]) -> tuple[list[str], NDArray[np.float32]]:
    return [row.pair_id for row in rows], np.array([row.vector for row in rows], dtype=np.float32)
