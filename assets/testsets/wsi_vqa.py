"""WSI-VQA: WsiVQA_train.json, WsiVQA_val.json and WsiVQA_test.json, or one list and splits_0.csv. Slides of TCGA-BRCA.

    [{"Id": "TCGA-XX-XXXX", "Question": "...", "Choice": ["...", ...], "Answer": "..."}, ...]

Choice is missing for open questions, and the answer is a text. splits_0.csv has a column of slides for every split;
patients in several are train, as in the authors' loader (cpystan/WSI-VQA).
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

from assets.errors import RowFault
from assets.testsets.files import csv_columns, csv_rows, json_lists, need_columns, need_file
from assets.testsets.item import Problem, TestItem, answer_among, optional_text, text_in
from assets.testsets.rows import Row, read_rows
from assets.testsets.slides import patient_of

SPLITS = ("train", "val", "test")
SPLITS_FILE = "splits_0.csv"
WHERE = "name the folder with WSI-VQA's JSON lists (WsiVQA_test.json, ...); they come with cpystan/WSI-VQA"


def read_wsi_vqa(path: Path, name: str) -> Iterator[TestItem | Problem]:
    """Items of one list, or of all lists in the folder `path`.

    The split stands in the list's file name, else splits_0.csv beside it says it by patient; there, a patient of no
    split is a problem. Raises BadInput when there is no list, or no way to tell the split.
    """
    lists = json_lists(path, ("Id", "Question", "Answer"), WHERE)
    ledger: dict[str, str] = {}
    faults: list[Row] = []
    for table, _ in lists:
        if _split_in(table) is None:
            where = f"it says the splits of {table.name}, whose name does not; it comes with cpystan/WSI-VQA"
            ledger, faults = _splits(need_file(table.parent / SPLITS_FILE, where))

    def item_of(row: Row, entry: dict[str, Any]) -> TestItem:
        case, question = text_in(entry.get("Id"), "Id"), text_in(entry.get("Question"), "Question")
        split = _split_in(row.file) or ledger.get(patient_of("tcga", case) or "")
        if split is None:
            raise RowFault("no-split", f"{SPLITS_FILE} names no split for {case}")
        options = _options(entry.get("Choice"))
        said = text_in(entry.get("Answer"), "Answer")
        return TestItem(
            subset="closed" if options else "open",
            split=split,
            question=question,
            options=options,
            answer=answer_among(options, said) if options else said,
            slide_or_patient_id=case,
        )

    rows = (Row(table, number, entry) for table, entries in lists for number, entry in enumerate(entries, 1))
    return read_rows(name, chain(faults, rows), item_of)


def _split_in(table: Path) -> str | None:
    found = re.search(r"_(train|val|test)(?=_|\.)", table.name)
    return found[1] if found else None


def _splits(table: Path) -> tuple[dict[str, str], list[Row]]:
    """Split by patient, and the rows that are broken or name none."""
    need_columns(table, csv_columns(table), SPLITS)
    found: dict[str, str] = {}
    faults = []
    for row in csv_rows(table):
        if isinstance(row.values, RowFault):
            faults.append(row)
            continue
        for split in SPLITS:
            patient = patient_of("tcga", row.values[split])
            if patient:
                found[patient] = min(split, found.get(patient, split), key=SPLITS.index)
            elif row.values[split].strip():
                faults.append(replace(row, values=RowFault("bad-slide", f"{split} names no slide of TCGA")))
    return found, faults


def _options(choice: Any) -> list[str]:
    if choice is None or choice == []:
        return []
    if not isinstance(choice, list):
        raise RowFault("bad-options", f"Choice is a JSON {type(choice).__name__} where a list is expected")
    texts = [optional_text(one, "Choice") for one in choice]
    if None in texts:
        raise RowFault("bad-options", "Choice holds an empty option")
    return [text for text in texts if text is not None]
