"""One shard: a Parquet file that `datasets`, TRL, verl and pyarrow read as it is, in any order and in little memory.

Pictures are stored uncompressed (zstd gains nothing on JPEG and PNG and costs throughput), texts with zstd level 3.
Row groups hold at most 128 rows and 8 MiB, so that a reader that jumps between groups stays small. Only ids, book and
page have statistics, only columns of few values a dictionary. The schema carries each column's documentation and, under
`huggingface`, the `datasets` features, by which pictures come back decoded. Equal rows give equal bytes under one
pyarrow version.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from assets.records import IMAGE_STRUCT, SHARD_ROWS, ShardRow
from assets.schema import content_hash, schema_of, to_table
from assets.store import atomic

MAX_ROWS = 128
MAX_BYTES = 8 * 1024 * 1024
LEVEL = 3
WITH_STATISTICS = ("row_id", "pair_id", "figure_id", "cluster_id", "book", "page")
WITH_DICTIONARY = (
    "book", "image_kind", "organ_system", "language", "licence", "task", "difficulty", "model", "review", "answer",
    "messages.list.element.role", "prompt.list.element.role",
)  # fmt: skip


def hf_feature(arrow: pa.DataType) -> Any:
    """The `datasets` feature of an Arrow type, in the JSON spelling that all its versions read (`[x]` for a list)."""
    if arrow == IMAGE_STRUCT:
        return {"_type": "Image"}
    if pa.types.is_list(arrow):
        return [hf_feature(arrow.value_type)]
    if pa.types.is_struct(arrow):
        return {field.name: hf_feature(field.type) for field in arrow}
    return {"_type": "Value", "dtype": str(arrow)}


def shard_schema(kind: str) -> pa.Schema:
    """Schema of a kind's record, with its documentation and the `datasets` features in the metadata."""
    # `datasets` uses its metadata only for fields that equal its own, and those are nullable.
    schema = pa.schema([field.with_nullable(True) for field in schema_of(SHARD_ROWS[kind])])
    features = {field.name: hf_feature(field.type) for field in schema}
    info = json.dumps({"info": {"features": features}}, separators=(",", ":"))
    return schema.with_metadata({"record": SHARD_ROWS[kind].__name__, "huggingface": info})


def schema_hash(kind: str) -> str:
    """Changes when a kind's columns or features do; documentation does not count."""
    schema = shard_schema(kind)
    return content_hash([[f.name, str(f.type)] for f in schema] + [(schema.metadata or {})[b"huggingface"].decode()])


def leaves(schema: pa.Schema) -> list[str]:
    """Dotted paths of a schema's columns as Parquet names them, e.g. images.list.element.bytes."""

    def below(path: str, arrow: pa.DataType) -> Iterator[str]:
        if pa.types.is_list(arrow):
            yield from below(f"{path}.list.element", arrow.value_type)
        elif pa.types.is_struct(arrow):
            for field in arrow:
                yield from below(f"{path}.{field.name}", field.type)
        else:
            yield path

    return [leaf for field in schema for leaf in below(field.name, field.type)]


def _bytes_of(row: ShardRow) -> int:
    pictures = getattr(row, "images", None) or [getattr(row, "image", None)]
    texts = [getattr(row, "text", ""), *(m["content"] for m in getattr(row, "messages", getattr(row, "prompt", [])))]
    return 512 + sum(len(p["bytes"]) for p in pictures if p) + sum(len(text.encode()) for text in texts)


def row_groups(rows: Iterable[ShardRow]) -> Iterator[list[ShardRow]]:
    """Cut rows into groups of at most MAX_ROWS rows and MAX_BYTES; a single larger row is a group of its own."""
    group: list[ShardRow] = []
    size = 0
    for row in rows:
        weight = _bytes_of(row)
        if group and (len(group) == MAX_ROWS or size + weight > MAX_BYTES):
            yield group
            group, size = [], 0
        group.append(row)
        size += weight
    if group:
        yield group


def write_shard(path: Path, kind: str, rows: Iterable[ShardRow]) -> int:
    """Write rows in the order given, one row group in memory at a time; returns their number. Atomic."""
    schema = shard_schema(kind)
    columns = leaves(schema)
    count = 0
    with (
        atomic(path) as temporary,
        pq.ParquetWriter(
            temporary,
            schema,
            compression={c: "NONE" if c.endswith(".bytes") else "ZSTD" for c in columns},
            compression_level={c: LEVEL for c in columns if not c.endswith(".bytes")},
            use_dictionary=[c for c in columns if c in WITH_DICTIONARY],
            write_statistics=[c for c in columns if c in WITH_STATISTICS],
            write_page_index=True,
        ) as writer,
    ):
        for group in row_groups(rows):
            table = to_table(group, SHARD_ROWS[kind])
            writer.write_table(pa.Table.from_arrays(table.columns, schema=schema), row_group_size=len(group))
            count += len(group)
    return count
