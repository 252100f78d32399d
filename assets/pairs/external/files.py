"""The files of a source in a fixed order, their rows as items, going on behind a cursor; lines with their offsets."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from assets.errors import BadInput, RowFault
from assets.pairs.external.item import Cursor, Read, Row, problem_of
from assets.records import Item, Problem

MAX_LINE = 16 << 20  # bytes; a longer line is no row of a table
Rows = Callable[[Path, Cursor], Iterator[Row]]


def start_of(root: Path, path: Path) -> Cursor:
    """The cursor before the first row of a file below `root`."""
    return Cursor(path.relative_to(root).as_posix(), path.stat().st_size)


def read_items(
    source: str, rows: Iterable[Row], columns: Iterable[str], item_of: Callable[[Row], Item]
) -> Iterator[Read[Item | Problem]]:
    """Every row as an item or a problem; `item_of` raises RowFault for a row that it cannot use.

    Raises BadInput when the first row of a file lacks one of `columns`.
    """
    for row in rows:
        found: Item | Problem
        try:
            if row.fault:
                raise row.fault
            if row.row == 1:
                _need(row, columns)
            found = item_of(row)
        except RowFault as fault:
            found = problem_of(source, row, fault)
        yield Read(found, row.after)


def _need(row: Row, columns: Iterable[str]) -> None:
    for name in columns:
        if name not in row.values:
            present = ", ".join(str(one) for one in [*row.values][:20])
            raise BadInput(f"the first row of {row.file} has no column {name}, only {present}; "
                           "name the right one in the layout's [columns]")  # fmt: skip


def rows_of_files(root: Path, paths: Iterable[Path], after: Cursor | None, rows: Rows) -> Iterator[Row]:
    """The rows of all files by path, behind `after`.

    Raises BadInput when the file of the cursor is gone or has another size, or a file cannot be read.
    """
    starts = {start_of(root, path): path for path in sorted(paths)}
    if after is not None:
        begun = next((start for start in starts if start.file == after.file), None)
        if begun is None or begun.size != after.size:
            raise BadInput(
                f"{root / after.file} {'is gone' if begun is None else 'has changed'} since it was read in part; "
                "put it back, or add the source anew"
            )
        starts = {start: path for start, path in starts.items() if start.file >= after.file}
    for start, path in starts.items():
        try:
            yield from rows(path, after if after and start.file == after.file else start)
        except OSError as error:
            raise BadInput(f"cannot read {path}: {error.strerror or error}; check the file and the disk") from error


def next_line(file: BinaryIO) -> tuple[bytes, int, bool]:
    """The next line, the bytes it takes in the file, and whether it is whole; of one longer than MAX_LINE the start."""
    data = file.readline(MAX_LINE)
    taken, whole = len(data), len(data) < MAX_LINE or data.endswith(b"\n")
    ended = whole
    while not ended:
        rest = file.readline(MAX_LINE)
        taken += len(rest)
        ended = not rest or rest.endswith(b"\n")
    return data, taken, whole


def too_long() -> RowFault:
    return RowFault("too-long", f"the row is longer than {MAX_LINE >> 20} MiB")
