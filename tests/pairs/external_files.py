"""Files in the shape of the external sources, made small: pictures, Quilt-1M's table and zips, PathGen's list."""

import csv
import io
import json
import tarfile
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from assets.pairs.external.item import Cursor, Read
from assets.pairs.external.layouts import KINDS, Layout
from assets.pairs.external.readings import look
from assets.pairs.external.table import read_tables
from assets.pictures.places import Places
from assets.records import Item, Problem, Reading
from tests.builders import picture

QUILT_COLUMNS = (
    "", "caption", "image_path", "subset", "split", "pathology", "roi_text", "noisy_text", "corrected_text",
    "med_umls_ids", "magnification", "height", "width",
)  # fmt: skip
WSI = "TCGA-AA-3844-01Z-00-DX1.bf88ce1f-0601-40c8-813e-4e3df51bd2f0"


def jpeg(seed: int) -> bytes:
    return picture(seed, media_type="image/jpeg").data


def quilt_row(number: int, **other: str) -> dict[str, str]:
    row = {
        "": str(number), "caption": f'Nests of "atypical" cells,\nH&E, field {number}', "image_path": f"v_{number}.jpg",
        "subset": "quilt", "split": "train", "pathology": "['Breast pathology', nan]",
        "roi_text": "['nests', \"it's\"]",
        "noisy_text": "so here we see", "corrected_text": "", "med_umls_ids": "[[{'entity': 'nest', 'cui': 'C1'}]]",
        "magnification": "1.0", "height": "72", "width": "96",
    }  # fmt: skip
    return row | other


def write_csv(path: Path, columns: tuple[str, ...], rows: list[dict[str, Any]], mark: bool = False) -> Path:
    with path.open("w", newline="", encoding="utf-8-sig" if mark else "utf-8") as file:
        table = csv.DictWriter(file, columns)
        table.writeheader()
        table.writerows(rows)
    return path


def write_zip(path: Path, files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def write_tar(path: Path, files: list[tuple[str, bytes]]) -> Path:
    with tarfile.open(path, "w") as archive:
        for name, data in files:
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path


def pathgen_entry(x: int, **other: Any) -> dict[str, Any]:
    return {"wsi_id": WSI, "position": [str(x), "80"], "caption": f"Colon, glands {x}.", "file_id": "f-1"} | other


def write_pathgen(folder: Path, entries: list[Any]) -> Path:
    path = folder / "PathGen-1.6M.json"
    path.write_text(json.dumps(entries, indent=2), encoding="utf-8")
    return path


def reads(
    path: Path, layout: Layout, images: Path | None = None, after: Cursor | None = None
) -> list[Read[Item | Problem]]:
    """Items and problems of a table, its pictures beside it unless `images` says where."""
    with Places() as places:
        return list(read_tables("atlas", path, layout, images or path.parent, places, after))


def quilt(folder: Path, after: Cursor | None = None) -> list[Read[Item | Problem]]:
    """Quilt-1M's table in a folder, with the pictures in zips there or in its folder `images`."""
    images = folder / "images" if (folder / "images").is_dir() else folder
    return reads(folder / str(KINDS["quilt"].table), KINDS["quilt"].layout, images, after)


def looked(found: list[Read[Item | Problem]]) -> list[Reading | Problem]:
    """What was found, with the pictures read."""
    with Places() as places:
        return [read.found for read in look("atlas", found, places, iter(()))]


def items(reads: Iterable[Read[Item | Problem]]) -> list[Item]:
    return [read.found for read in reads if isinstance(read.found, Item)]


def found(reads: Iterable[Read[Item | Problem]]) -> list[tuple[str, int | None, int]]:
    """What became of every row: "item" or the problem's reason, its line and its row."""
    return [(r.found.reason if isinstance(r.found, Problem) else "item", r.found.line, r.found.row) for r in reads]
