"""Pictures in a column of a Parquet file, fetched by row. Reading on is cheap; going back reads the row group again."""

import re
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from assets.errors import RowFault, one_line

CELL = re.compile(r"(.+)\[(\d{1,15})\]", re.DOTALL)


def cell(column: str, row: int) -> str:
    """How a cell is named: column and 1-based row."""
    return f"{column}[{row}]"


class Cells:
    """Keeps the file open that was used last."""

    def __init__(self) -> None:
        self._file: pq.ParquetFile | None = None
        self._path: Path | None = None
        self._column, self._row, self._group = "", 0, -1
        self._cells: Iterator[object] = iter(())

    def close(self) -> None:
        if self._file:
            self._file.close()
        self._file, self._path = None, None

    def read(self, path: Path, member: str) -> bytes:
        """The bytes in a cell, alone or in a struct as `datasets` writes them. Raises RowFault when there are none."""
        named = CELL.fullmatch(member)
        if not named:
            raise RowFault("no-picture", f"{member} names no cell of {path}")
        try:
            value = self._cell(path, named.group(1), int(named.group(2)))
        except (pa.ArrowException, OSError, KeyError, IndexError, StopIteration) as error:
            self.close()
            raise RowFault("damaged", f"{member} in {path} cannot be read: {one_line(error, 120)}") from error
        data = value.get("bytes") if isinstance(value, dict) else value
        if not isinstance(data, bytes) or not data:
            raise RowFault("no-picture", f"{member} in {path} holds no picture")
        return data

    def _cell(self, path: Path, column: str, row: int) -> object:
        if self._file is None or path != self._path:
            self.close()
            self._file = pq.ParquetFile(path, buffer_size=1 << 20, pre_buffer=False)
            self._path, self._group = path, -1
        metadata = self._file.metadata
        group, first = 0, 1
        while row >= first + metadata.row_group(group).num_rows:
            first, group = first + metadata.row_group(group).num_rows, group + 1
        if (column, group) != (self._column, self._group) or row < self._row:
            self._cells, self._row = _each_cell(self._file, group, column), first
            self._column, self._group = column, group
        while True:
            value = next(self._cells)
            self._row += 1
            if self._row > row:
                return value


def _each_cell(file: pq.ParquetFile, group: int, column: str) -> Iterator[object]:
    for batch in file.iter_batches(8, row_groups=[group], columns=[column]):
        for scalar in batch.column(0):
            yield scalar.as_py()
