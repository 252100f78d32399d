"""SlideBench-VQA of SlideChat: one CSV for TCGA slides, one for BCNB. Whole slides: there are no pictures.

TCGA: ID, Slide, Tumor, Broad Category, Narrow Category, Question, A, B, C, D, Answer
BCNB: Slide (the patient's number), Task, Question, A, B, C, D, Answer
"""

from collections.abc import Iterator
from pathlib import Path

from assets.errors import RowFault
from assets.testsets.files import csv_columns, csv_rows, need_columns, one_file
from assets.testsets.item import Problem, TestItem, answer_among, optional_text, text_in
from assets.testsets.rows import Row, read_rows

OPTIONS = ("A", "B", "C", "D")
ASKED = ("Question", *OPTIONS, "Answer")
WHERE = "name the CSV of SlideBench-VQA ({}); SlideBench comes with SlideChat (uni-medical/SlideChat)"


def read_slidebench_tcga(path: Path, name: str) -> Iterator[TestItem | Problem]:
    """Subsets are "broad/narrow" category. Raises BadInput when the CSV or a column is missing."""
    table = one_file(path, "*TCGA*.csv", WHERE.format("TCGA"))
    return _read(table, name, ("Broad Category", "Narrow Category"))


def read_slidebench_bcnb(path: Path, name: str) -> Iterator[TestItem | Problem]:
    """Subsets are tasks. Raises BadInput when the CSV or a column is missing."""
    return _read(one_file(path, "*BCNB*.csv", WHERE.format("BCNB")), name, ("Task",))


def _read(table: Path, name: str, categories: tuple[str, ...]) -> Iterator[TestItem | Problem]:
    need_columns(table, csv_columns(table), ("Slide", *categories, *ASKED))

    def item_of(row: Row, values: dict[str, str]) -> TestItem:
        subset = "/".join(text_in(values[category], category) for category in categories)
        slide, question = text_in(values["Slide"], "Slide"), text_in(values["Question"], "Question")
        options = _options(values)
        answer = answer_among(options, text_in(values["Answer"], "Answer"))
        if answer not in OPTIONS[: len(options)]:
            raise RowFault("bad-answer", f"the answer is none of the {len(options)} options")
        return TestItem(subset=subset, question=question, options=options, answer=answer, slide_or_patient_id=slide)

    return read_rows(name, csv_rows(table), item_of)


def _options(values: dict[str, str]) -> list[str]:
    """The options that are there: a yes-or-no question leaves C and D empty."""
    texts = [optional_text(values[letter], letter) for letter in OPTIONS]
    options = [text for text in texts if text is not None]
    if len(options) < 2 or texts[: len(options)] != options:
        raise RowFault("bad-options", "there are fewer than two options, or one between others is empty")
    return options
