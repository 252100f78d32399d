"""Rows of a CSV file, one at a time, with the line and byte where each begins.

A quote that is never closed would swallow the rows behind it. So a row that cannot be right (broken quotes, or another
number of fields than the header) is given up with its first line, and reading goes on with the line behind that.
"""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from assets.errors import BadInput, RowFault, one_line
from assets.pairs.external.files import next_line, too_long
from assets.pairs.external.item import RAW_CHARS, Cursor, Row


class _Lines:
    """Decoded lines for csv.reader, which takes them one by one: it has read up to `offset` after each row."""

    def __init__(self, file: BinaryIO, offset: int, line: int) -> None:
        file.seek(offset)
        self._file = file
        self.offset, self.line = offset, line
        self.begin()

    def begin(self) -> None:
        """A row begins here."""
        self.first_line, self.second_line = self.line, (self.offset, self.line)
        self.raw, self.whole = "", True

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        data, taken, whole = next_line(self._file)
        if not data:
            raise StopIteration
        # Bytes that are no UTF-8 become half characters, which every item is checked for: the row is a problem then.
        text = data.decode("utf-8-sig" if self.offset == 0 else "utf-8", "surrogateescape")
        self.whole = self.whole and whole
        self.offset += taken
        self.line += 1
        if self.second_line[1] == self.first_line:
            self.second_line, self.raw = (self.offset, self.line), text[:RAW_CHARS]
        return text


def csv_rows(path: Path, start: Cursor) -> Iterator[Row]:
    """The rows behind `start`; blank lines are none. Raises BadInput when the file has no header."""
    with path.open("rb") as file:
        lines = _Lines(file, 0, 1)
        header = _header(path, lines)
        if start.offset:
            lines = _Lines(file, start.offset, start.line)
        row = start.row
        reader = csv.reader(lines, strict=True)
        while True:
            lines.begin()
            values, fault = None, None
            try:
                values = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                fault = RowFault("bad-csv", f"the row is no CSV ({one_line(error, 80)})")
            if values == []:
                continue
            if not lines.whole:
                fault = too_long()
            elif values is not None and len(values) != len(header):
                fault = RowFault("bad-csv", f"the row has {len(values)} fields where the header has {len(header)}")
            row, begun, raw = row + 1, lines.first_line, lines.raw
            if fault:
                lines = _Lines(file, *lines.second_line)
                reader = csv.reader(lines, strict=True)
            after = Cursor(start.file, start.size, lines.offset, row, lines.line)
            found = {} if fault or values is None else dict(zip(header, values, strict=True))
            yield Row(start.file, row, begun, after, raw, found, fault)


def _header(path: Path, lines: _Lines) -> list[str]:
    try:
        names = [name.strip() for name in next(csv.reader(lines, strict=True), [])]
    except csv.Error as error:
        raise BadInput(f"{path} line 1 is no CSV header ({one_line(error, 80)}); save the table as CSV") from error
    if not names:
        raise BadInput(f"{path} is empty; its first line must name the columns")
    return names
