"""From the rows of a set's files to items and problems: the one loop that every reader shares.

A reader says which rows there are, what item a row holds, and why a picture may be missing.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from assets.errors import RowFault
from assets.testsets.item import Ids, Problem, TestItem


@dataclass(frozen=True)
class Row:
    """A row of a file: `values` as they were read, or the RowFault that says why they were not.

    number: 1-based, 0 where a fault is the whole file's. part: the list within the file, e.g. Atlas/test.
    """

    file: Path
    number: int
    values: Any
    part: str = ""

    def __str__(self) -> str:
        return " ".join([*filter(None, [self.part]), *([f"row {self.number}"] if self.number else [])])


def read_rows(
    testset: str,
    rows: Iterable[Row],
    item_of: Callable[[Row, dict[str, Any]], TestItem],
    no_picture: Callable[[Row, TestItem], str] = lambda row, item: "its picture is missing",
) -> Iterator[TestItem | Problem]:
    """One item or problem a row; an item whose picture is named and not at hand is given, and a problem behind it.

    `item_of` may raise RowFault. What it leaves out is filled in here: the set's name and the item's id.
    """
    ids = Ids()
    for row in rows:
        try:
            item = item_of(row, _object_in(row))
        except RowFault as fault:
            yield _problem(row, fault.reason, str(fault))
            continue
        item = replace(item, testset=testset, item_id=ids.item_id(testset, item))
        yield item
        if item.image is None and item.image_name is not None:
            yield _problem(row, "no-picture", no_picture(row, item), item.item_id)


def _object_in(row: Row) -> dict[str, Any]:
    if isinstance(row.values, RowFault):
        raise row.values
    if not isinstance(row.values, dict):
        raise RowFault("bad-json", f"it is a JSON {type(row.values).__name__} where an object is expected")
    return row.values


def _problem(row: Row, reason: str, detail: str, item_id: str | None = None) -> Problem:
    where = f"{row}: " if str(row) else ""
    return Problem(file=str(row.file), row=row.number, reason=reason, detail=where + detail, item_id=item_id)
