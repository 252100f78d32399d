"""Reading the files of test sets: JSON whole, CSV row by row; what is wrong with a file, in one line.

A quote that is never closed would swallow the rows behind it. So a CSV row that cannot be right (broken quotes, or
another number of fields than the header) is given up with its first line, and reading goes on with the next line.
"""

import csv
import json
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from assets.errors import BadInput, RowFault, one_line
from assets.testsets.rows import Row


def need_file(path: Path, where: str) -> Path:
    """The path. Raises BadInput, which says with `where` whence one gets it, when there is no such file."""
    if not path.is_file():
        raise BadInput(f"{path} does not exist; {where}")
    return path


def need_folder(path: Path, where: str) -> Path:
    if not path.is_dir():
        raise BadInput(f"the folder {path} does not exist; {where}")
    return path


def one_file(path: Path, pattern: str, where: str) -> Path:
    """The file at `path`, or the one in that folder that the pattern fits. Raises BadInput for none and for several."""
    if not path.is_dir():
        return need_file(path, where)
    fitting = sorted(path.glob(pattern))
    if len(fitting) > 1:
        raise BadInput(f"{path} holds {len(fitting)} files {pattern} ({fitting[0].name}, ...); name the one to read")
    if not fitting:
        raise BadInput(f"{path} holds no file {pattern}; {where}")
    return fitting[0]


def read_json(path: Path) -> Any:
    """The JSON in a file. Raises BadInput, with the line where there is one, when it is none."""
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is no UTF-8 text at byte {error.start}; get the file anew") from error
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{path} is no JSON ({one_line(error, 120)}); get the file anew") from error


def json_entries(path: Path) -> list[Any]:
    """The entries of a file that holds one JSON list. Raises BadInput when it holds anything else."""
    entries = read_json(path)
    if not isinstance(entries, list):
        raise BadInput(f"{path} holds no JSON list at its top, but {type(entries).__name__}; is it the right file?")
    return entries


def json_lists(path: Path, keys: tuple[str, ...], where: str) -> list[tuple[Path, list[Any]]]:
    """The list at `path`, or all lists *.json in that folder. Raises BadInput as the functions here that it calls."""
    tables = sorted(path.glob("*.json")) if path.is_dir() else [need_file(path, where)]
    if not tables:
        raise BadInput(f"{path} holds no file *.json; {where}")
    lists = [(table, json_entries(table)) for table in tables]
    for table, entries in lists:
        need_keys(table, entries, keys)
    return lists


def need_columns(path: Path, present: list[str], wanted: tuple[str, ...]) -> None:
    """Raises BadInput, which names the file and the columns, when one is missing."""
    missing = [name for name in wanted if name not in present]
    if missing:
        raise BadInput(f"{path} has no column {', '.join(missing)}, only {', '.join(present)}; is it the right file?")


def need_keys(path: Path, entries: list[Any], wanted: tuple[str, ...]) -> None:
    """As `need_columns`, for a list of objects: a key that not one of them has is a wrong file, not a bad row."""
    present = list(dict.fromkeys(key for entry in entries if isinstance(entry, dict) for key in entry))
    if entries:
        need_columns(path, present, wanted)


class _Lines:
    """Lines for csv.reader, which takes them one by one. Those of a row that was given up can be handed back."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._again: deque[str] = deque()
        self.taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._file)
        self.taken.append(line)
        return line

    def give_up_first(self) -> None:
        self._again.extendleft(reversed(self.taken[1:]))


def csv_columns(path: Path) -> list[str]:
    """The header of a CSV file. Raises BadInput when it has none."""
    with _open(path) as file:
        return _header(path, _Lines(file))


def csv_rows(path: Path) -> Iterator[Row]:
    """Each row behind the header, or what is wrong with it; blank lines are none."""
    with _open(path) as file:
        lines = _Lines(file)
        header = _header(path, lines)
        reader, number = csv.reader(lines, strict=True), 0
        while True:
            lines.taken.clear()
            try:
                values = next(reader)
                fault = f"has {len(values)} fields where the header has {len(header)}"
            except StopIteration:
                return
            except csv.Error as error:  # also raised for a field of more than 131,072 characters
                values, fault = None, f"is no CSV ({one_line(error, 80)})"
            if values == []:
                continue
            number += 1
            if values is not None and len(values) == len(header):
                yield Row(path, number, dict(zip(header, values, strict=True)))
                continue
            lines.give_up_first()
            reader = csv.reader(lines, strict=True)
            yield Row(path, number, RowFault("bad-csv", f"it {fault}"))


def _open(path: Path) -> TextIO:
    # Bytes that are no UTF-8 become half characters, which every text is checked for: the row is a problem then.
    return path.open(encoding="utf-8-sig", errors="surrogateescape", newline="")


def _header(path: Path, lines: _Lines) -> list[str]:
    try:
        names = [name.strip() for name in next(csv.reader(lines, strict=True), [])]
    except csv.Error as error:
        raise BadInput(f"{path} line 1 is no CSV header ({one_line(error, 80)}); get the file anew") from error
    if not names:
        raise BadInput(f"{path} is empty; its first line must name the columns")
    return names
