"""PathVQA and Quilt-VQA: Parquet shards with the columns image, question, answer.

image is Hugging Face's Image feature, struct<bytes, path>. Shards are named for their split, as in
test-00000-of-00003.parquet, and read a row group at a time; a picture's bytes are hashed for the item's id and let go.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from assets.errors import BadInput, RowFault, one_line
from assets.testsets.files import need_columns
from assets.testsets.item import Problem, TestItem, optional_text, text_in
from assets.testsets.pictures import Picture, picture_file
from assets.testsets.rows import Row, read_rows

COLUMNS = ("image", "question", "answer")
SUBSET = "answer_type"  # of Quilt-VQA; read where it is there
BATCH = 64  # rows, so that pictures of one batch take some 50 MB at most
WHERE_PATHVQA = "name the folder with PathVQA's Parquet files (flaviagiammarino/path-vqa on Hugging Face)"
WHERE_QUILT = "name the folder with Quilt-VQA's Parquet files"


def read_pathvqa(path: Path, name: str) -> Iterator[TestItem | Problem]:
    """Items of all shards below `path`. Raises BadInput when there is none, or one has not the columns."""
    return _read(path, name, WHERE_PATHVQA)


def read_quilt_vqa(path: Path, name: str) -> Iterator[TestItem | Problem]:
    """As `read_pathvqa`; the subset is the answer type, where the set says it."""
    return _read(path, name, WHERE_QUILT)


def _read(path: Path, name: str, where: str) -> Iterator[TestItem | Problem]:
    shards = sorted(path.rglob("*.parquet")) if path.is_dir() else [path]
    if not shards or not shards[0].is_file():
        raise BadInput(f"{path} {'holds no file *.parquet' if path.is_dir() else 'does not exist'}; {where}")
    for shard in shards:
        schema = _schema(shard)
        need_columns(shard, schema.names, COLUMNS)
        image = schema.field("image").type
        if not pa.types.is_struct(image) or image.get_field_index("bytes") < 0:
            raise BadInput(f"{shard} column image is {image}, not struct<bytes, path>; save it as Hugging Face's Image")
    return read_rows(name, (row for shard in shards for row in _rows(shard)), _item, _no_picture)


def _schema(shard: Path) -> pa.Schema:
    try:
        return pq.read_schema(shard)
    except (OSError, pa.ArrowException) as error:
        raise BadInput(f"{shard} is no Parquet file ({one_line(error, 120)}); get it anew") from error


def _rows(shard: Path) -> Iterator[Row]:
    """Each row of a shard. A broken row group is one fault, and reading goes on behind it."""
    with pq.ParquetFile(shard) as file:
        columns = [*COLUMNS, *([SUBSET] if SUBSET in file.schema_arrow.names else [])]
        before = 0
        for group in range(file.num_row_groups):
            row, before = before, before + file.metadata.row_group(group).num_rows
            try:
                for batch in file.iter_batches(BATCH, row_groups=[group], columns=columns):
                    for values in batch.to_pylist():
                        row += 1
                        yield Row(shard, row, values)
            except (OSError, ValueError, pa.ArrowException) as error:
                said = f"this row and those up to {before} cannot be read ({one_line(error, 80)}); get the file anew"
                yield Row(shard, row + 1, RowFault("bad-parquet", said))


def _item(row: Row, values: dict[str, Any]) -> TestItem:
    question, answer = text_in(values["question"], "question"), text_in(values["answer"], "answer")
    data, path = (values["image"] or {}).get("bytes"), (values["image"] or {}).get("path")
    picture = Picture(str(row.file), row.number - 1) if data else picture_file(row.file.parent, path) if path else None
    return TestItem(
        subset=optional_text(values.get(SUBSET), SUBSET) or "",
        split=row.file.stem.split("-")[0],
        question=question,
        answer=answer,
        image=picture,
        image_name=hashlib.sha256(data).hexdigest() if data else path or "none",
    )


def _no_picture(row: Row, item: TestItem) -> str:
    return "image holds neither bytes nor the path of a file beside the shard"
