"""An extraction as files in a folder and back: {pages,figures,panels,references,failures,images}.parquet, a sheet."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from assets import store
from assets.figures.extract import Extraction
from assets.figures.gather import Rows
from assets.figures.sheet import write_sheet
from assets.records import Failure, Figure, Image, Page, Panel, Reference

TABLES = {"pages": Page, "figures": Figure, "panels": Panel, "references": Reference, "failures": Failure}


def write_extraction(folder: Path, rows: Rows, images: Iterable[Image], title: str) -> None:
    """The tables, the image pack in the order of `images`, and contact-sheet.jpg under `title`."""
    for name, record in TABLES.items():
        store.write_rows(folder / f"{name}.parquet", getattr(rows, name), record)
    store.write_pack(folder / store.PACK, images)
    write_sheet(folder / "contact-sheet.jpg", rows.figures, store.ImagePack(folder / store.PACK), title)


def read_extraction(folder: Path) -> Extraction:
    """What `write_extraction` wrote, pictures in the pack's order. Raises BadInput when a file is damaged."""
    rows: dict[str, Any] = {
        name: store.read_rows(folder / f"{name}.parquet", record) for name, record in TABLES.items()
    }
    return Extraction(**rows, images=store.read_rows(folder / store.PACK, Image))
