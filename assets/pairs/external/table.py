"""A source that is one table, or several of one kind: CSV, JSON, JSONL, Parquet, or the shards of a WebDataset."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from assets.errors import BadInput, RowFault
from assets.pairs.external.csv_rows import csv_rows
from assets.pairs.external.files import Rows, read_items, rows_of_files
from assets.pairs.external.item import Cursor, Read, Row, facts_json, key_of, needed, text_in
from assets.pairs.external.json_rows import json_rows, jsonl_rows
from assets.pairs.external.layouts import COLUMNS, Layout
from assets.pairs.external.parquet_rows import Held, parquet_rows
from assets.pairs.external.tar_rows import IMAGE, KEY, tar_rows
from assets.pictures.cells import cell
from assets.pictures.places import Places, places_of
from assets.records import Item, Problem

READERS: dict[str, Rows] = {
    ".csv": csv_rows, ".json": json_rows, ".jsonl": jsonl_rows, ".parquet": parquet_rows, ".tar": tar_rows,
}  # fmt: skip
DEFAULTS = {"text": "caption", "image": "image"}
SHARD_DEFAULTS = {"text": "txt", "image": IMAGE, "key": KEY}


def tables_at(path: Path) -> list[Path]:
    """The table at `path`, or all tables in that folder, sorted. Raises BadInput for none, or several kinds."""
    if path.is_file():
        files = [path]
    elif path.is_dir():
        files = sorted(file for file in path.iterdir() if file.suffix.lower() in READERS and file.is_file())
    else:
        raise BadInput(f"{path} does not exist; give a table or a folder of tables")
    endings = sorted({file.suffix.lower() for file in files})
    if len(endings) != 1 or endings[0] not in READERS:
        found = f"holds tables of several kinds ({', '.join(endings)})" if len(endings) > 1 else "holds no table"
        raise BadInput(f"{path} {found}; give one of {', '.join(READERS)}, or a folder of one kind")
    return files


def read_tables(
    source: str, path: Path, layout: Layout, images: Path, places: Places, after: Cursor | None = None
) -> Iterator[Read[Item | Problem]]:
    """Items and problems of the table or tables at `path`, behind `after`; pictures that are files lie in `images`.

    Raises BadInput when there is no table, or its first row lacks a column that the layout names.
    """
    files = tables_at(path)
    root, ending = files[0].parent, files[0].suffix.lower()
    columns = (SHARD_DEFAULTS if ending == ".tar" else DEFAULTS) | layout.columns
    lying = [] if ending == ".tar" else places_of(images)

    def item_of(row: Row) -> Item:
        return _item(row, layout, columns, lambda: _place(root / row.file, row, columns["image"], lying, places))

    return read_items(source, rows_of_files(root, files, after, READERS[ending]), columns.values(), item_of)


def _item(row: Row, layout: Layout, columns: dict[str, str], place: Callable[[], tuple[str, str]]) -> Item:
    def said(what: str) -> str | None:
        return text_in(row, columns[what]) if what in columns else None

    text = needed(row, columns["text"])
    uri, member = place()
    figure = said("figure") or said("key") or member
    used = {columns[what] for what in COLUMNS if what in columns} | {IMAGE, KEY}
    others = {name: value for name, value in row.values.items() if name not in used and not isinstance(value, Held)}
    return Item(
        file=row.file,
        line=row.line,
        row=row.row,
        key=said("key") or key_of(figure, text),
        figure=figure,
        uri=uri,
        member=member,
        text=text,
        topics=_topics(row.values.get(columns["topics"])) if "topics" in columns else [],
        language=_language(said("language") or layout.language),
        licence=said("licence"),
        slide_or_patient_id=said("slide_or_patient_id"),
        facts=facts_json(others),
    )


def _place(file: Path, row: Row, column: str, lying: list[Path], places: Places) -> tuple[str, str]:
    value = row.values.get(column)
    if isinstance(value, Held):
        return file.absolute().as_uri(), cell(column, row.row)
    if not lying:
        return file.absolute().as_uri(), needed(row, column)
    if isinstance(value, list) and len(value) == 1:
        row = Row(row.file, row.row, row.line, row.after, row.raw, {column: value[0]})
    elif isinstance(value, list):
        raise RowFault("two-pictures", f"{column} names {len(value)} pictures; give one row to each")
    return places.find(lying, needed(row, column))


def _topics(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    topics = [one.strip() for one in values if isinstance(one, str) and one.strip()]
    facts_json({"topics": topics})  # which are Unicode, too
    return topics


def _language(said: str | None) -> str | None:
    tag = (said or "").lower().replace("_", "-").split("-")[0]
    return tag if tag in ("en", "zh") else None
