"""Retrieval sets: pictures with captions. captions.json as ARCH has it, or a CSV with the columns image and caption.

{"0": {"uuid": "…", "caption": "…", ...}, ...}      pictures are images/UUID.png (or .jpg)
image,caption                                       pictures lie beside the CSV, or in images/ beside it
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from assets.errors import BadInput
from assets.testsets.files import csv_columns, csv_rows, need_columns, need_file, need_keys, read_json
from assets.testsets.item import Problem, TestItem, text_in
from assets.testsets.pictures import Picture, by_stem, picture_file
from assets.testsets.rows import Row, read_rows

WHERE = "name captions.json or a CSV with the columns image and caption; the usual sets are ARCH books_set, pubmed_set"


def read_retrieval(path: Path, name: str) -> Iterator[TestItem | Problem]:
    """One item a caption, the caption being its answer. A folder is read by its captions.json.

    Raises BadInput when the file is missing or has another shape.
    """
    table = need_file(path / "captions.json" if path.is_dir() else path, WHERE)
    images = table.parent / "images"
    if table.suffix.lower() == ".csv":
        need_columns(table, csv_columns(table), ("image", "caption"))

        def beside(image: str) -> Picture | None:
            return picture_file(table.parent, image) or picture_file(images, image)

        return _read(name, csv_rows(table), "image", beside)
    entries = read_json(table)
    if not isinstance(entries, dict):
        raise BadInput(f'{table} holds no object {{"0": {{uuid, caption}}, ...}} at its top; is it captions.json?')
    need_keys(table, list(entries.values()), ("uuid", "caption"))
    stems = by_stem(images) if images.is_dir() else {}
    rows = (Row(table, number, entry) for number, entry in enumerate(entries.values(), 1))
    return _read(name, rows, "uuid", stems.get)


def _read(
    name: str, rows: Iterator[Row], key: str, picture_of: Callable[[str], Picture | None]
) -> Iterator[TestItem | Problem]:
    def item_of(row: Row, entry: dict[str, Any]) -> TestItem:
        image, caption = text_in(entry.get(key), key), text_in(entry.get("caption"), "caption")
        return TestItem(answer=caption, image=picture_of(image), image_name=image)

    def no_picture(row: Row, item: TestItem) -> str:
        return f"there is no picture {item.image_name} beside {row.file.name} or in {row.file.parent / 'images'}"

    return read_rows(name, rows, item_of, no_picture)
