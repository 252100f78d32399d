"""Rows of a Parquet file, a few at a time; the bytes of pictures are left in the file."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from assets.errors import BadInput, RowFault, one_line
from assets.pairs.external.item import RAW_CHARS, Cursor, Row

BATCH = 256


def parquet_rows(path: Path, start: Cursor) -> Iterator[Row]:
    """The rows behind `start`, whose offset counts rows. A column of pictures comes as HELD, its bytes unread.

    A row group that is damaged is one problem, which names its rows; reading goes on with the next group.
    """
    with _opened(path) as file:
        inside = {field.name for field in file.schema_arrow if holds_pictures(field.type)}
        columns = [name for name in file.schema_arrow.names if name not in inside]
        row, begins = 0, 0
        for group in range(file.num_row_groups):
            begins, ends = row, row + file.metadata.row_group(group).num_rows
            row = ends
            if ends > start.row:
                yield from _rows_of_group(file, group, begins, columns, inside, start)


class Held:
    """Stands for a picture whose bytes the table itself holds."""


HELD = Held()


def holds_pictures(kind: pa.DataType) -> bool:
    """Bytes, or a struct with bytes as the `datasets` library writes pictures."""
    if pa.types.is_struct(kind):
        return any(field.name == "bytes" and holds_pictures(field.type) for field in kind)
    return pa.types.is_binary(kind) or pa.types.is_large_binary(kind)


def _rows_of_group(
    file: pq.ParquetFile, group: int, begins: int, columns: list[str], inside: set[str], start: Cursor
) -> Iterator[Row]:
    row = begins
    held = dict.fromkeys(inside, HELD)
    try:
        for batch in file.iter_batches(BATCH, row_groups=[group], columns=columns):
            if row + batch.num_rows <= start.row:
                row += batch.num_rows
                continue
            for values in batch.to_pylist():
                row += 1
                if row > start.row:
                    after = Cursor(start.file, start.size, row, row)
                    yield Row(start.file, row, None, after, str(values)[:RAW_CHARS], values | held)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        after = Cursor(start.file, start.size, row + 1, begins + file.metadata.row_group(group).num_rows)
        fault = RowFault("damaged", f"the table is damaged from here to row {after.row} ({one_line(error, 120)})")
        yield Row(start.file, row + 1, None, after, "", fault=fault)


def _opened(path: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path, buffer_size=1 << 20, pre_buffer=False)
    except (pa.ArrowException, OSError) as error:
        raise BadInput(f"{path} is no whole Parquet file ({one_line(error, 120)}); get it again") from error
