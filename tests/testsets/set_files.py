"""Test sets in the shape in which their authors publish them, made small."""

import csv
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from assets.records import IMAGE_STRUCT
from assets.testsets.item import Problem, TestItem
from assets.testsets.registry import read_testset
from tests.builders import picture

BARCODE = "TCGA-F7-A50J-01Z-00-DX1.bf88ce1f-0601-40c8-813e-4e3df51bd2f0"
TCGA_COLUMNS = (
    "ID", "Slide", "Tumor", "Broad Category", "Narrow Category", "Question", "A", "B", "C", "D", "Answer",
)  # fmt: skip
BCNB_COLUMNS = ("Slide", "Task", "Question", "A", "B", "C", "D", "Answer")


def jpeg(seed: int) -> bytes:
    return picture(seed, media_type="image/jpeg").data


def write_json(path: Path, value: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
    return path


def write_csv(path: Path, columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> Path:
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        csv.writer(file).writerows([columns, *rows])
    return path


def write_picture(path: Path, seed: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(jpeg(seed))
    return path


def write_parquet(path: Path, rows: list[dict[str, Any]], group: int = 2) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    kinds = {"image": IMAGE_STRUCT, "question": pa.string(), "answer": pa.string(), "answer_type": pa.string()}
    names = [name for name in kinds if any(name in row for row in rows)]
    schema = pa.schema([(name, kinds[name]) for name in names])
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), path, row_group_size=group)
    return path


def pathmmu_entry(number: int, **other: Any) -> dict[str, Any]:
    return {
        "No": number,
        "img": f"{number}.jpg",
        "question": f"Which marker is shown in field {number}?",
        "options": ["A) CD20 (L26) positive", "B) CD3 (polyclonal) positive", "C) S100", "D) none"],
        "answer": "B) CD3 (polyclonal) positive",
        "explanation": "The small cells are brown.",
    } | other


def write_pathmmu(folder: Path, lists: dict[str, dict[str, list[Any]]], pictures: list[int]) -> Path:
    empty: dict[str, dict[str, list[Any]]] = {
        subset: {"val": [], "test": [], "test_tiny": []}
        for subset in ("PubMed", "SocialPath", "EduContent", "Atlas", "PathCLS")
    }
    write_json(folder / "data.json", {subset: empty[subset] | lists.get(subset, {}) for subset in empty})
    (folder / "images").mkdir()
    for number in pictures:
        write_picture(folder / "images" / f"{number}.jpg", number)
    return folder


def read(form: str, path: Path, name: str | None = None) -> tuple[list[TestItem], list[Problem]]:
    found = list(read_testset(form, path, name))
    return [one for one in found if isinstance(one, TestItem)], [one for one in found if isinstance(one, Problem)]
