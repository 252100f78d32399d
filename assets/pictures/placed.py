"""The pictures of an external source, fetched by name from where placed.parquet says that they lie."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from assets.errors import BadInput, RowFault, one_line
from assets.pictures.places import Places
from assets.pictures.shown import shown
from assets.records import Image

AGAIN = "put it back as it was, or remove the source and add it again"


class PlacedPictures:
    """Random access by SHA-256; in the order of the pairs it is fastest. Holds 16 bytes a pair."""

    def __init__(self, path: Path, places: Places) -> None:
        if not path.exists():
            raise BadInput(f"{path} is missing; run `pathcorpus run` to make it again")
        self._path, self._places = path, places
        try:
            self._file = pq.ParquetFile(path)
            counts = [self._file.metadata.row_group(n).num_rows for n in range(self._file.num_row_groups)]
            batches = self._file.iter_batches(columns=["image"])
            keys = np.array([_key(name) for batch in batches for name in batch[0].to_pylist()], dtype=np.uint64)
        except (pa.ArrowException, OSError, KeyError) as error:
            raise BadInput(f"{path} is damaged ({one_line(error, 120)}); delete it and run `pathcorpus run`") from error
        self._ends = np.cumsum(counts)
        self._order = np.argsort(keys, kind="stable")
        self._keys = keys[self._order]
        self._group, self._rows = -1, pa.table({})

    def read(self, sha256: str) -> Image:
        """Raises BadInput when the source holds no such picture, or it is gone, damaged or changed."""
        uri, member = self._place(sha256)
        try:
            data = self._places.read(uri, member)
            if hashlib.sha256(data).hexdigest() != sha256:
                raise BadInput(f"{member} in {uri} is another picture than it was when its source was read; {AGAIN}")
            return shown(sha256, data)
        except RowFault as fault:
            raise BadInput(f"picture {sha256} is gone: {one_line(fault)}; {AGAIN}") from fault

    def _place(self, sha256: str) -> tuple[str, str]:
        key = _key(sha256)
        at = int(np.searchsorted(self._keys, key))
        while at < len(self._keys) and self._keys[at] == key:
            row = self._row(int(self._order[at]))
            if row["image"] == sha256:
                return row["uri"], row["member"]
            at += 1
        raise BadInput(f"picture {sha256} is not among those of {self._path}; run `pathcorpus run` to make it again")

    def _row(self, number: int) -> dict[str, Any]:
        group = int(np.searchsorted(self._ends, number, side="right"))
        if group != self._group:
            self._rows = self._file.read_row_group(group, columns=["image", "uri", "member"])
            self._group = group
        start = int(self._ends[group]) - self._rows.num_rows
        return {name: self._rows[name][number - start].as_py() for name in ("image", "uri", "member")}


def _key(sha256: str) -> int:
    """The first 64 bits, by which rows are looked up."""
    return int(sha256[:16], 16)
