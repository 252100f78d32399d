"""The reader of a registered source, and the state of the files that it reads."""

import json
from collections.abc import Iterator
from pathlib import Path

from assets.pairs.external.item import Cursor, Read
from assets.pairs.external.layouts import Layout
from assets.pairs.external.pathgen import read_pathgen, slides_below
from assets.pairs.external.table import read_tables, tables_at
from assets.pictures.places import ARCHIVES, Places, places_of
from assets.records import Item, Problem, Source
from assets.schema import content_hash


def reads_of(row: Source, places: Places, after: Cursor | None) -> Iterator[Read[Item | Problem]]:
    """Items and problems of a source, behind `after`. Raises BadInput when its files are gone or of another shape."""
    if row.kind == "pathgen":
        return read_pathgen(row.source, Path(row.path), Path(row.images), after)
    layout = Layout(**json.loads(row.layout))
    return read_tables(row.source, Path(row.path), layout, Path(row.images), places, after)


def state_of_files(row: Source) -> str:
    """Hash over what a source is read from: its tables, and the archives, slides or folder of its pictures.

    Sizes and times, not contents: these are terabytes. A picture that comes into a subfolder is not seen. Raises
    BadInput when something is gone.
    """
    tables = tables_at(Path(row.path))
    images = Path(row.images)
    if row.kind == "pathgen":
        lying = sorted(slides_below(images).values())
    else:
        lying = [] if tables[0].suffix.lower() in ARCHIVES else places_of(images)
    files = [[str(path), path.stat().st_size, path.stat().st_mtime_ns] for path in (*tables, *lying)]
    return content_hash([row.kind, row.layout, files])
