"""Classification sets as class folders: FOLDER/CLASS/**/picture. The options are the classes, the answer is one."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from assets.errors import BadInput, RowFault
from assets.testsets.files import need_folder
from assets.testsets.item import Problem, TestItem
from assets.testsets.pictures import ENDINGS, Picture, is_picture, pictures_below
from assets.testsets.rows import Row, read_rows

WHERE = "name the folder whose folders are the classes"


def read_image_folder(path: Path, name: str) -> Iterator[TestItem | Problem]:
    """One item a picture. A file that is no picture, and a class without any, are problems.

    Raises BadInput when there is no folder, or it holds no class folders.
    """
    need_folder(path, WHERE)
    classes = sorted(folder for folder in path.iterdir() if folder.is_dir() and not folder.name.startswith("."))
    if not classes:
        raise BadInput(f"{path} holds no class folders; {WHERE}")
    names = [folder.name for folder in classes]

    def item_of(row: Row, values: dict[str, Any]) -> TestItem:
        return TestItem(
            options=names,
            answer=values["class"],
            image=Picture(str(row.file)),
            image_name=row.file.relative_to(path).as_posix(),
            slide_or_patient_id=row.file.stem,
        )

    return read_rows(name, _rows(path, classes), item_of)


def _rows(path: Path, classes: list[Path]) -> Iterator[Row]:
    for file in sorted(path.iterdir()):
        if is_picture(file):
            yield Row(file, 0, RowFault("no-class", f"{file.name} lies in no class folder, so its class is unknown"))
    for folder in classes:
        found = 0
        for file in pictures_below(folder):
            if is_picture(file):
                found += 1
                yield Row(file, 0, {"class": folder.name})
            else:
                yield Row(file, 0, RowFault("no-picture", f"{file.name} ends in none of {' '.join(ENDINGS)}"))
        if not found:
            yield Row(folder, 0, RowFault("empty-class", f"the class {folder.name} holds no picture"))
