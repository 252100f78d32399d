"""From dataclass to Arrow: the mechanism behind records.py.

A record is a frozen dataclass whose fields are made with `column(doc)`. The Arrow schema, its column documentation and
the conversion in both directions are derived from it, so that no column is stated twice. Content hashes live here too,
because they are defined over the same plain values.
"""

import dataclasses
import hashlib
import json
import types
import typing
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypeVar

import pyarrow as pa

R = TypeVar("R")

SCALARS: dict[Any, pa.DataType] = {
    str: pa.string(),
    int: pa.int64(),
    float: pa.float64(),
    bool: pa.bool_(),
    bytes: pa.binary(),
    datetime: pa.timestamp("us", tz="UTC"),
}
_SCHEMAS: dict[type, pa.Schema] = {}


def column(doc: str, *, arrow: pa.DataType | None = None, default: Any = dataclasses.MISSING) -> Any:
    """A dataclass field with its documentation (meaning, unit) and, where the hint is not enough, its Arrow type."""
    metadata = {"doc": doc, "arrow": arrow}
    if isinstance(default, list | dict):
        return dataclasses.field(metadata=metadata, default_factory=lambda: type(default)(default))
    return dataclasses.field(metadata=metadata, default=default)


def _arrow_type(hint: Any) -> tuple[pa.DataType, bool]:
    """Arrow type and nullability of a type hint: scalars, `X | None` and `list[X]`."""
    if isinstance(hint, types.UnionType):
        inner = [a for a in typing.get_args(hint) if a is not type(None)]
        return _arrow_type(inner[0])[0], True
    if typing.get_origin(hint) is list:
        return pa.list_(_arrow_type(typing.get_args(hint)[0])[0]), False
    return SCALARS[hint], False


def schema_of(record: type) -> pa.Schema:
    """Arrow schema of a record type; each field's metadata carries its documentation under the key `doc`."""
    if record in _SCHEMAS:
        return _SCHEMAS[record]
    hints = typing.get_type_hints(record)
    fields = []
    for field in dataclasses.fields(record):
        nullable = isinstance(hints[field.name], types.UnionType)
        arrow = field.metadata.get("arrow") or _arrow_type(hints[field.name])[0]
        fields.append(pa.field(field.name, arrow, nullable=nullable, metadata={"doc": field.metadata["doc"]}))
    _SCHEMAS[record] = pa.schema(fields, metadata={"record": record.__name__})
    return _SCHEMAS[record]


def to_table(rows: Iterable[R], record: type[R]) -> pa.Table:
    """Rows of one record type as an Arrow table with that record's schema, in the order given."""
    names = schema_of(record).names
    return pa.Table.from_pylist(
        [{name: getattr(row, name) for name in names} for row in rows], schema=schema_of(record)
    )


def from_table(table: pa.Table, record: type[R]) -> list[R]:
    """The inverse of `to_table`; columns that the record does not know are ignored, missing ones take their default.

    Raises KeyError when a column without a default is missing.
    """
    has_default = {f.name for f in dataclasses.fields(record) if f.default is not dataclasses.MISSING}  # type: ignore[arg-type]
    there = set(table.column_names)
    names = [name for name in schema_of(record).names if name in there or name not in has_default]
    return [record(**row) for row in table.select(names).to_pylist()]


def canonical_json(value: Any) -> bytes:
    """JSON with sorted keys, NFC text and LF line ends, UTF-8: equal values give equal bytes."""

    def plain(item: Any) -> Any:
        if isinstance(item, str):
            return unicodedata.normalize("NFC", item.replace("\r\n", "\n").replace("\r", "\n"))
        if isinstance(item, dict):
            return {plain(k): plain(v) for k, v in item.items()}
        if isinstance(item, list | tuple):
            return [plain(v) for v in item]
        return item

    return json.dumps(plain(value), sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def content_hash(value: Any) -> str:
    """SHA-256 (64 hex digits) of `canonical_json(value)`: names the present state of a thing."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


def stable_id(*parts: Any) -> str:
    """20 hex digits (80 bits of BLAKE2b) over the parts: names a thing, whatever its present state."""
    return hashlib.blake2b(canonical_json(parts), digest_size=10).hexdigest()
