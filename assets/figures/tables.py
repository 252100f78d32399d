"""An extraction as files in a folder and back: {pages,figures,panels,references,failures,images}.parquet, a sheet."""

from pathlib import Path
from typing import Any

from assets import store
from assets.figures.extract import Extraction
from assets.figures.sheet import write_sheet
from assets.records import Failure, Figure, Image, Page, Panel, Reference

TABLES = {"pages": Page, "figures": Figure, "panels": Panel, "references": Reference, "failures": Failure}


def write_extraction(folder: Path, found: Extraction, title: str) -> None:
    """The tables, the image pack and contact-sheet.jpg under `title`."""
    for name, record in TABLES.items():
        store.write_rows(folder / f"{name}.parquet", getattr(found, name), record)
    store.write_pack(folder / store.PACK, found.images)
    write_sheet(folder / "contact-sheet.jpg", found.figures, found.images, title)


def read_extraction(folder: Path) -> Extraction:
    """What `write_extraction` wrote; pictures sorted by name, each once. Raises BadInput when a file is damaged."""
    rows: dict[str, Any] = {
        name: store.read_rows(folder / f"{name}.parquet", record) for name, record in TABLES.items()
    }
    return Extraction(**rows, images=store.read_rows(folder / store.PACK, Image))
