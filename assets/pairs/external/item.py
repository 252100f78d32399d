"""What a reader of an external source gives, and the checks that every item has to pass.

Readers give `Read`s: what was found in one row (an Item, or the Problem that kept it from being one), and the Cursor
behind that row. Who stores what was found together with its cursor goes on there after a crash.
"""

import json
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from assets.errors import RowFault, one_line
from assets.records import Problem
from assets.schema import content_hash

T = TypeVar("T")
RAW_CHARS = 2000  # of a bad row are kept for the person who mends it


@dataclass(frozen=True)
class Cursor:
    """A place between two rows of a source. Give a reader the last one that was stored, and it goes on behind it."""

    file: str  # path below the source's folder
    size: int  # bytes of that file: one of another size is another file
    offset: int = 0  # bytes; of Parquet files: rows
    row: int = 0  # rows read so far
    line: int = 1  # the line that begins at `offset`


@dataclass(frozen=True)
class Read(Generic[T]):
    """What was found, and the place from which to read on."""

    found: T
    after: Cursor


@dataclass(frozen=True)
class Row:
    """One row of a source's file: its values by column, or the fault that kept it from being read."""

    file: str
    row: int
    line: int | None
    after: Cursor
    raw: str
    values: dict[str, Any] = field(default_factory=dict)
    fault: RowFault | None = None


def problem_of(source: str, row: Row, fault: RowFault) -> Problem:
    raw = row.raw[:RAW_CHARS].encode("utf-8", "backslashreplace").decode()
    return Problem(
        source=source, file=row.file, line=row.line, row=row.row, reason=fault.reason, detail=one_line(fault), raw=raw
    )


def text_in(row: Row, name: str) -> str | None:
    """The text in a column, without blanks at its ends; None when there is none. Numbers are taken as written.

    Raises RowFault for anything else, and for text that is no Unicode (half a surrogate pair, bytes that are no UTF-8).
    """
    value = row.values.get(name)
    if value is None or value != value:  # NaN stands for nothing
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise RowFault("no-text", f"{name} holds {type(value).__name__} where a text is expected")
    text = str(value).strip()
    if not is_unicode(text):
        raise RowFault("not-utf8", f"{name} holds bytes or half characters that are no UTF-8 text")
    return text or None


def needed(row: Row, name: str) -> str:
    """As `text_in`, for a column that an item cannot do without."""
    text = text_in(row, name)
    if text is None:
        raise RowFault("no-text" if name in row.values else "no-column", f"{name} is empty or missing")
    return text


def facts_json(values: dict[str, Any]) -> str:
    """The values as a JSON object in a fixed order. Raises RowFault when they are no Unicode."""
    plain = {name: None if value != value else value for name, value in values.items()}
    text = json.dumps(plain, ensure_ascii=False, sort_keys=True, default=str)
    if not is_unicode(text):
        raise RowFault("not-utf8", "the row holds bytes or half characters that are no UTF-8 text")
    return text


def key_of(figure: str, text: str) -> str:
    """Names a picture with one of its texts where the source does not: rows may be sorted or left out meanwhile."""
    return f"{figure}#{content_hash(text)[:12]}"


def is_unicode(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
