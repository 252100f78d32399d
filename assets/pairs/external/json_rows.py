"""Rows of a JSONL file (an object a line) and of a JSON file (one list of objects), one at a time.

A list of 1.6 million entries is never held whole: entries are decoded one after the other from a stretch of the file.
A broken entry is given up, and reading goes on where the next one seems to begin.
"""

import codecs
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from assets.errors import BadInput, RowFault, one_line
from assets.pairs.external.files import next_line, too_long
from assets.pairs.external.item import RAW_CHARS, Cursor, Row

BLOCK = 1 << 20  # bytes read at once
MAX_ENTRY = 4 << 20  # characters; an entry that cannot be decoded within as many is broken
DECODER = json.JSONDecoder(strict=False, parse_constant=lambda name: None)  # NaN stands for nothing
CUT_OFF = "cut-off"
BETWEEN = re.compile(r"[\s,]*+")
NEXT_ENTRY = re.compile(r'[,}]\s*(?=\{\s*["}])')  # as an object within the broken one does, too: one problem more


def jsonl_rows(path: Path, start: Cursor) -> Iterator[Row]:
    """The lines behind `start`; blank lines are none."""
    with path.open("rb") as file:
        file.seek(start.offset)
        offset, line, row = start.offset, start.line, start.row
        while True:
            data, taken, whole = next_line(file)
            if not data:
                return
            text = data.decode("utf-8-sig" if offset == 0 else "utf-8", "surrogateescape")
            offset, begun, line = offset + taken, line, line + 1
            if not text.strip():
                continue
            row += 1
            after = Cursor(start.file, start.size, offset, row, line)
            try:
                if not whole:
                    raise too_long()
                values = _object(DECODER.decode(text))
                yield Row(start.file, row, begun, after, text[:RAW_CHARS], values)
            except (ValueError, RecursionError) as error:
                yield Row(start.file, row, begun, after, text[:RAW_CHARS], fault=_fault(error))


def json_rows(path: Path, start: Cursor) -> Iterator[Row]:
    """The entries behind `start`. Raises BadInput when the file holds no list at its top."""
    with path.open("rb") as file:
        text = _Text(file, start.offset, start.line)
        text.skip_blanks()
        if not start.offset:
            if text.ahead[text.at : text.at + 1] != "[":
                raise BadInput(f"{path} holds no JSON list at its top; give a list of objects, or JSONL")
            text.take(text.at + 1)
        row, fault = start.row, None
        while start.offset < start.size:
            text.skip_blanks()
            if text.at_list_end() or (fault and fault.reason == CUT_OFF):
                return
            row, begun = row + 1, text.line
            values, raw, fault = _entry(text)
            after = Cursor(start.file, start.size, text.offset, row, text.line)
            yield Row(start.file, row, begun, after, raw, values, fault)


class _Text:
    """A stretch of a file, decoded; `offset` and `line` are where it has been taken up to."""

    def __init__(self, file: BinaryIO, offset: int, line: int) -> None:
        if offset == 0 and file.read(3) == codecs.BOM_UTF8:
            offset = 3
        file.seek(offset)
        self._file = file
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self.offset, self.line = offset, line
        self.ahead, self.at, self.ended = "", 0, False

    def fill(self) -> bool:
        """Read on; False at the end of the file."""
        if self.ended:
            return False
        data = self._file.read(BLOCK)
        self.ended = not data
        self.ahead, self.at = self.ahead[self.at :] + self._decoder.decode(data, final=self.ended), 0
        return True

    def take(self, end: int) -> str:
        """Take what lies ahead up to `end`; returns how it begins."""
        taken = self.ahead[self.at : end]
        self.at = end
        self.offset += len(taken) if taken.isascii() else len(taken.encode("utf-8", "surrogateescape"))
        self.line += taken.count("\n")
        return taken[:RAW_CHARS]

    def skip_blanks(self) -> None:
        """Take blanks and commas, however many."""
        while True:
            self.take(BETWEEN.match(self.ahead, self.at).end())  # type: ignore[union-attr]  # it matches nothing, too
            if self.at < len(self.ahead) or not self.fill():
                return

    def at_list_end(self) -> bool:
        """At the bracket that closes the list, with nothing but blanks behind it. The end of the file is none."""
        if self.ahead[self.at : self.at + 1] != "]":
            return False
        while not self.ahead[self.at + 1 :].strip():
            if not self.fill():
                return True
        return False


def _entry(text: _Text) -> tuple[dict[str, Any], str, RowFault | None]:
    """The values of the entry that begins here, how it begins, and what is wrong with it; it is taken."""
    while True:
        try:
            value, end = DECODER.raw_decode(text.ahead, text.at)
            break
        except (ValueError, RecursionError) as error:
            if len(text.ahead) - text.at < MAX_ENTRY and text.fill():
                continue
            following = NEXT_ENTRY.search(text.ahead, text.at + 1)
            cut = not following and text.ended
            fault = RowFault(CUT_OFF, "the file ends within the list; get it whole") if cut else _fault(error)
            return {}, text.take(following.end() if following else len(text.ahead)), fault
    raw = text.take(end)
    try:
        return _object(value), raw, None
    except ValueError as error:
        return {}, raw, _fault(error)


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise RowFault("bad-json", f"the row is a JSON {type(value).__name__} where an object is expected")
    return value


def _fault(error: Exception) -> RowFault:
    if isinstance(error, RowFault):
        return error
    said = "it nests too deeply" if isinstance(error, RecursionError) else one_line(error, 80)
    return RowFault("bad-json", f"the row is no JSON ({said})")
