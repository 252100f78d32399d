"""The registered external sources: add, get, list, edit, remove.

A source is one row, library/<source>/source.parquet; what it names stays where it is. Its name is made as a book's key
and never equals one, since the folders of both lie side by side in every station.
"""

import json
import shutil
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

from assets.errors import BadInput
from assets.pairs.external.layouts import KINDS, Layout, layout_of
from assets.pairs.external.readers import reads_of
from assets.pairs.external.table import tables_at
from assets.pictures.places import Places, places_of
from assets.records import BOOK_KEY, Source
from assets.store import Home, locked, read_rows, write_rows

RESERVED = ("textbook",)  # what the pairs of all books name as their source
OF_A_SOURCE = ("readings", "pairs", "hashes", "kinds", "decontamination", "report")  # but for the ledger, which stays


def get(home: Home, source: str) -> Source:
    """The registered row. Raises BadInput when there is none of this name."""
    path = home.library / source / "source.parquet"
    if not BOOK_KEY.match(source) or not path.exists():
        known = ", ".join(home.sources()[:10]) or "none"
        raise BadInput(f"no source {source!r} (registered: {known}); see `pathcorpus source list`")
    return read_rows(path, Source, mend=f"delete {path.parent} and add the source again")[0]


def list_sources(home: Home) -> list[Source]:
    return [get(home, source) for source in home.sources()]


def add(
    home: Home, kind: str, path: Path, *, name: str | None = None, images: Path | None = None,
    layout: Path | None = None, licence: str | None = None, title: str | None = None, rights: str | None = None,
) -> Source:  # fmt: skip
    """Register a source after a look at its first row; nothing is copied, no picture is read.

    `layout` is a TOML file that says which columns hold what (see docs/sources.md). Raises BadInput for an unknown
    kind, an invalid or taken name, and files that are not there or of another shape.
    """
    if kind not in KINDS:
        raise BadInput(f"no reader {kind!r}; choose one of {', '.join(KINDS)}")
    if layout and kind not in ("generic", "pathcap"):
        raise BadInput(f"the columns of {kind} are known; give --layout to `pathcorpus source add generic`")
    said = layout_of(layout) if layout else KINDS[kind].layout
    name = name or said.source or (kind if kind != "generic" else path.stem.lower())
    if not BOOK_KEY.match(name) or name in RESERVED:
        raise BadInput(
            f"{name[:80]!r} cannot name a source; give --name, 1 to 64 of a-z, 0-9, - and _, and not {RESERVED[0]}"
        )
    table = _table(kind, path)
    columns = Layout(columns=said.columns, language=said.language)
    row = Source(
        source=name, kind=kind, path=str(table), images=str(_images(kind, table, images, said)),
        layout=json.dumps({name: value for name, value in asdict(columns).items() if value}),
        title=title or name, licence=licence or said.licence, rights=rights, added_at=datetime.now(UTC),
    )  # fmt: skip
    with Places() as places:
        if next(reads_of(row, places, None), None) is None:
            raise BadInput(f"{table} holds no row; give the whole table")
    with locked(home, "library"):
        if name in home.holdings():
            what = "source" if name in home.sources() else "book"
            raise BadInput(f"there is a {what} {name!r} already; choose another --name")
        _write(home, row)
    return row


def edit(
    home: Home, source: str, *, licence: str | None = None, title: str | None = None, rights: str | None = None
) -> Source:
    """Correct what is said of a source; its pairs follow with the next run, no picture is read for it."""
    with locked(home, "library"):
        row = get(home, source)
        row = replace(row, licence=licence or row.licence, title=title or row.title, rights=rights or row.rights)
        _write(home, row)
    return row


def remove(home: Home, source: str) -> None:
    """Take a source out: its row, what was read of it, its pairs and what was made of them; its own files stay.

    The ledger keeps its clusters, ids and hashes alone: a split is decided once and for ever, so a source that comes
    back finds its pairs where they were, and no other pair moves.
    """
    get(home, source)
    with locked(home, f"source-{source}"), locked(home, "library"):
        (home.library / source / "source.parquet").unlink()
        for folder in (home.library / source, *(home.station(station, source) for station in OF_A_SOURCE)):
            if folder.exists():
                shutil.rmtree(folder)


def _write(home: Home, row: Source) -> None:
    write_rows(home.library / row.source / "source.parquet", [row], Source)


def _table(kind: str, path: Path) -> Path:
    """The table, or the folder of tables, absolute."""
    known = KINDS[kind]
    table = path / known.table if known.table and path.is_dir() else path
    if not table.exists():
        raise BadInput(f"{table} does not exist; {known.get}")
    tables_at(table)
    return table.absolute()


def _images(kind: str, table: Path, given: Path | None, said: Layout) -> Path:
    """Where the pictures lie: as given, as the layout says, else beside the table, in archives or in a known folder."""
    beside = table if table.is_dir() else table.parent
    if given or said.images:
        images = (given or beside / str(said.images)).absolute()
        if not images.exists():
            raise BadInput(f"{images} does not exist; name the folder or archive in which the pictures lie")
        return images
    if kind != "pathgen" and places_of(beside) == [beside]:
        return next((beside / name for name in KINDS[kind].folders if (beside / name).is_dir()), beside)
    return beside
