"""What has been read of a source, in parts, so that a run that was killed goes on behind the last whole one.

    readings/<source>/<state>/part-000001/   items.parquet (Reading), problems.parquet, cursor.json
    readings/<source>/<state>/whole.json     counts; only when the source was read to its end

`state` names the files that were read and the code that read them. A part is a folder that is renamed into its place,
so it is there whole or not at all. When the state changes (slides have been fetched, the table has a new edition), the
source is read anew, and what the earlier reading says of a row's picture is taken from there when the row is the same.
"""

import hashlib
import json
import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, fields
from itertools import islice
from pathlib import Path
from typing import TypeVar

import pyarrow.parquet as pq

from assets.errors import RowFault, one_line
from assets.pairs.external.item import RAW_CHARS, Cursor, Read
from assets.pairs.picture import picture_facts
from assets.pictures.places import Places
from assets.pictures.shown import opened
from assets.records import Item, Problem, Reading
from assets.store import each_row, write_json, write_rows

R = TypeVar("R")
PART_ROWS = 2000  # a run that is killed loses as many at most
WHOLE, CURSOR = "whole.json", "cursor.json"
ITEMS, PROBLEMS = "items.parquet", "problems.parquet"
SAID = [field.name for field in fields(Item)]


def parts_of(folder: Path) -> list[Path]:
    return sorted(folder.glob("part-*"))


def counts_of(folder: Path) -> dict[str, int] | None:
    """Rows, items and problems by reason, once a source was read to its end."""
    path = folder / WHOLE
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def cursor_of(folder: Path) -> Cursor | None:
    """The place behind all that has been stored."""
    parts = parts_of(folder)
    return Cursor(**json.loads((parts[-1] / CURSOR).read_text(encoding="utf-8"))) if parts else None


def store(folder: Path, source: str, reads: Iterable[Read[Reading | Problem]]) -> None:
    """Store what is read behind `cursor_of(folder)`, part by part, and say at the end that the source is whole."""
    for leftover in folder.glob(".tmp-*"):
        shutil.rmtree(leftover)
    waiting = iter(reads)
    while part := list(islice(waiting, PART_ROWS)):
        name = f"part-{len(parts_of(folder)) + 1:06}"
        scratch = folder / f".tmp-{name}"
        scratch.mkdir(parents=True)
        write_rows(scratch / ITEMS, [read.found for read in part if isinstance(read.found, Reading)], Reading)
        write_rows(scratch / PROBLEMS, [read.found for read in part if isinstance(read.found, Problem)], Problem)
        write_json(scratch / CURSOR, asdict(part[-1].after))
        os.rename(scratch, folder / name)
    counts = Counter(problem.reason for problem in each(folder, PROBLEMS, Problem))
    items = sum(pq.read_metadata(part / ITEMS).num_rows for part in parts_of(folder))
    write_json(folder / WHOLE, {"rows": items + counts.total(), "items": items, **dict(sorted(counts.items()))})


def each(folder: Path, table: str, record: type[R]) -> Iterator[R]:
    """The rows of all parts."""
    for part in parts_of(folder):
        yield from each_row(part / table, record)


def look(
    source: str, reads: Iterable[Read[Item | Problem]], places: Places, earlier: Iterator[Reading]
) -> Iterator[Read[Reading | Problem]]:
    """Every item with what its picture says; problems go through, and pictures that fail become more of them.

    `earlier` are readings in the same order, whose pictures need not be read again. Raises BadInput when pictures
    cannot be read at all (no OpenSlide).
    """
    known = next(earlier, None)
    for read in reads:
        item = read.found
        if isinstance(item, Problem):
            yield Read(item, read.after)
            continue
        while known and (known.file, known.row) < (item.file, item.row):
            known = next(earlier, None)
        if known and all(getattr(known, name) == getattr(item, name) for name in SAID):
            yield Read(known, read.after)
            continue
        try:
            yield Read(_reading(item, places.read(item.uri, item.member)), read.after)
        except RowFault as fault:
            yield Read(_problem(source, item, fault), read.after)


def _reading(item: Item, data: bytes) -> Reading:
    """Raises RowFault for bytes that are no picture, or too large a one."""
    with opened(data):
        facts = picture_facts(data)
    said = {name: getattr(item, name) for name in SAID}
    return Reading(**said, image=hashlib.sha256(data).hexdigest(), size=len(data), picture=json.dumps(asdict(facts)))


def _problem(source: str, item: Item, fault: RowFault) -> Problem:
    return Problem(
        source=source, file=item.file, line=item.line, row=item.row, reason=fault.reason,
        detail=f"{item.member}: {one_line(fault)}", raw=f"{item.key}: {item.text}"[:RAW_CHARS],
    )  # fmt: skip
