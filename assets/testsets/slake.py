"""SLAKE: train.json, validate.json and test.json (English and Chinese questions) and imgs/.

[{"img_name": "xmlab1/source.jpg", "question": "...", "answer": "...", "q_lang": "en", "qid": 0, ...}, ...]
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from assets.testsets.files import json_lists, need_folder
from assets.testsets.item import Problem, TestItem, text_in
from assets.testsets.pictures import picture_file
from assets.testsets.rows import Row, read_rows

NEEDED = ("img_name", "question", "answer", "q_lang")
WHERE = "name the folder with SLAKE's train.json, validate.json or test.json and its imgs/ (med-vqa.com/slake)"


def read_slake(path: Path, name: str) -> Iterator[TestItem | Problem]:
    """Items of one list, or of all lists in the folder; the list's file name is the split, the language the subset.

    Raises BadInput when there is no list, imgs/ is missing beside it, or a key is missing in all of its entries.
    """
    lists = json_lists(path, NEEDED, WHERE)
    images = need_folder(lists[0][0].parent / "imgs", WHERE + " (an empty folder reads the questions alone)")

    def item_of(row: Row, entry: dict[str, Any]) -> TestItem:
        image, question, answer, language = (text_in(entry.get(key), key) for key in NEEDED)
        return TestItem(
            subset=language,
            split=row.file.stem,
            question=question,
            answer=answer,
            image=picture_file(images, image),
            image_name=image,
        )

    rows = (Row(table, number, entry) for table, entries in lists for number, entry in enumerate(entries, 1))
    return read_rows(name, rows, item_of, lambda row, item: f"imgs/{item.image_name} is missing or no file name")
