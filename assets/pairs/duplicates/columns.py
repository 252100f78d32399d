"""Numbers in columns on disk that only grow at their end, and are read through the page cache.

A column is a file of fixed-size cells; a table is a folder of columns of equal length. How many rows are valid is the
caller's knowledge: what was appended and not recorded is written over by the next append.
"""

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Layout = dict[str, tuple[str, int]]  # column name to (dtype, cells a row)


class Columns:
    """The columns of one table, of which the first `rows` rows are valid."""

    def __init__(self, folder: Path, layout: Layout, rows: int) -> None:
        self.folder, self.layout, self.rows = folder, layout, rows

    def whole(self) -> bool:
        """Whether the files hold as many rows as they should."""
        return self.rows == 0 or all(
            self._path(name).exists() and self._path(name).stat().st_size >= self.rows * self._width(name)
            for name in self.layout
        )

    def append(self, rows: dict[str, NDArray]) -> None:
        """Write rows behind the valid ones and flush them to disk; `rows` has an array for every column."""
        self.folder.mkdir(parents=True, exist_ok=True)
        count = {len(array) for array in rows.values()}
        if len(count) != 1 or rows.keys() != self.layout.keys():
            raise ValueError(f"rows of {sorted(self.layout)} are wanted, these are {sorted(rows)} of lengths {count}")
        for name, array in rows.items():
            kind, _ = self.layout[name]
            with open(self._path(name), "r+b" if self._path(name).exists() else "w+b") as file:
                file.seek(self.rows * self._width(name))
                file.write(np.ascontiguousarray(array, kind).tobytes())
                file.flush()
                os.fsync(file.fileno())
        self.rows += count.pop()

    def __getitem__(self, name: str) -> NDArray:
        """A column, (rows,) or (rows, cells), read-only."""
        kind, cells = self.layout[name]
        shape = (self.rows, cells) if cells > 1 else (self.rows,)
        if self.rows == 0:
            return np.zeros(shape, kind)
        return np.asarray(np.memmap(self._path(name), kind, "r", shape=shape))

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.bin"

    def _width(self, name: str) -> int:
        kind, cells = self.layout[name]
        return np.dtype(kind).itemsize * cells
