"""PathMMU: data.json (subset -> split -> list of questions) and images/.

    {"PubMed": {"val": [...], "test": [...], "test_tiny": [{"No": 1, "img": "x.jpg", "question": "...",
     "options": ["A) ...", "B) ..."], "answer": "A) ...", "explanation": "...", ...}]}, ...}

The score named ALL is over `test` and `test_tiny`, two disjoint lists; `val` is apart. Layout and sizes:
PathMMU-Benchmark/PathMMU, arXiv 2401.16355.
"""

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from assets.errors import BadInput, RowFault
from assets.testsets.files import need_file, need_folder, need_keys, read_json
from assets.testsets.item import LETTERS, Problem, TestItem, optional_text, text_in
from assets.testsets.pictures import picture_file
from assets.testsets.rows import Row, read_rows

SUBSETS = ("PubMed", "SocialPath", "EduContent", "Atlas", "PathCLS")
SPLITS = ("val", "test", "test_tiny")
ALL = ("test", "test_tiny")
WHERE = "PathMMU is gated on Hugging Face (CC-BY-ND-4.0): apply there, and name the folder with data.json and images/"
NO_PICTURE = {
    "PathCLS": "PathCLS is rebuilt from 9 public sets",
    "SocialPath": "SocialPath comes from tweets",
    "Atlas": "Atlas comes from ARCH books_set",
}


def read_pathmmu(path: Path, name: str) -> Iterator[TestItem | Problem]:
    """Items of all subsets and splits. An item whose picture is not in images/ is given without it, and a problem.

    Raises BadInput when data.json or images/ is missing, or data.json has another shape.
    """
    table = need_file(path / "data.json", WHERE)
    need_folder(path / "images", WHERE + " (an empty folder reads the questions alone)")
    data = read_json(table)
    if not isinstance(data, dict) or not any(subset in data for subset in SUBSETS):
        raise BadInput(f"{table} has none of the subsets {', '.join(SUBSETS)} at its top; is it PathMMU's data.json?")
    lists = {f"{subset}/{split}": rows for subset in data for split, rows in _lists(table, subset, data[subset])}
    need_keys(table, [entry for rows in lists.values() for entry in rows], ("img", "question", "options", "answer"))

    def item_of(row: Row, entry: dict[str, Any]) -> TestItem:
        image, question = text_in(entry.get("img"), "img"), text_in(entry.get("question"), "question")
        options = options_without_letters(entry.get("options"))
        subset, _, split = row.part.rpartition("/")
        return TestItem(
            subset=subset,
            split=split,
            question=question,
            options=options,
            answer=_answer(text_in(entry.get("answer"), "answer"), options),
            explanation=optional_text(entry.get("explanation"), "explanation"),
            image=picture_file(path / "images", image),
            image_name=image,
        )

    def no_picture(row: Row, item: TestItem) -> str:
        why = NO_PICTURE.get(item.subset, "get images/ anew")
        return f"images/{item.image_name} is missing or no file name; {why}"

    return read_rows(name, chain(_absent(table, lists), _rows(table, lists)), item_of, no_picture)


def _lists(table: Path, subset: str, splits: Any) -> list[tuple[str, list[Any]]]:
    if not isinstance(splits, dict) or not all(isinstance(rows, list) for rows in splits.values()):
        raise BadInput(
            f"{table} has no lists by split ({', '.join(SPLITS)}) under {subset}; is it PathMMU's data.json?"
        )
    return list(splits.items())


def _absent(table: Path, lists: dict[str, list[Any]]) -> Iterator[Row]:
    for part in (f"{subset}/{split}" for subset in SUBSETS for split in SPLITS):
        if part not in lists:
            fault = RowFault("no-list", f"data.json has no list {part}: sums over it would be too small")
            yield Row(table, 0, fault)


def _rows(table: Path, lists: dict[str, list[Any]]) -> Iterator[Row]:
    return (Row(table, number, entry, part) for part, rows in lists.items() for number, entry in enumerate(rows, 1))


def options_without_letters(lettered: Any) -> list[str]:
    """ "A) CD20 (L26) positive" gives "CD20 (L26) positive": only the letter in front goes, later brackets stay.

    Raises RowFault when the letters are not A, B, C, ... in this order: the answer's letter would name another option.
    """
    if not isinstance(lettered, list) or not 2 <= len(lettered) <= len(LETTERS):
        raise RowFault("bad-options", f"options is no list of 2 to {len(LETTERS)} texts")
    options = []
    for letter, option in zip(LETTERS, lettered, strict=False):
        text = text_in(option, f"option {letter}")
        front = re.match(r"\(?([A-Z])\)\s*", text)
        if front and front[1] != letter:
            raise RowFault("bad-options", f"option {letter} is lettered {front[1]}")
        options.append(text_in(text[front.end() :] if front else text, f"option {letter}"))
    return options


def _answer(text: str, options: list[str]) -> str:
    """The letter in front of the answer, as the reference scorer reads it; without one, that of the same option."""
    front = re.match(r"\(?([A-Z])(?:\)|$)", text)
    if front and front[1] in LETTERS[: len(options)]:
        return front[1]
    if text in options:
        return LETTERS[options.index(text)]
    raise RowFault("bad-answer", "the answer is none of the options")
