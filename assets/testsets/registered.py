"""The registered test sets of a corpus home: add, remove, and their items read again (tables.read_testsets lists them).

A test set is one row, testsets/<name>/testset.parquet, and the problems met while it was read; nothing of the set is
copied. Its files are read when it is added and when something has to be compared with it.
"""

import os
import shutil
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from assets.errors import BadInput
from assets.records import BOOK_KEY, TestSet
from assets.schema import content_hash
from assets.store import Home, locked, write_rows
from assets.tables import read_testsets
from assets.testsets.item import Problem, TestItem
from assets.testsets.registry import read_testset

POLICIES = ("drop", "flag")


def add(
    home: Home, form: str, path: Path, *, name: str | None = None, policy: str = "drop"
) -> tuple[TestSet, list[Problem]]:
    """Read a test set once and register it; one of the given name is replaced. Returns what could not be used, too.

    Raises BadInput for an unknown form, an invalid name or policy, missing files, a set without items for scoring, and
    when no name is given and another set has the form's.
    """
    path = path.absolute()
    for known in read_testsets(home) if name is None else ():
        if known.testset == form and known.path != str(path):
            raise BadInput(f"the test set {form} is the one in {known.path}; give --name, {form} to replace it")
    name = name or form
    if not BOOK_KEY.match(name):
        raise BadInput(f"invalid name {name[:80]!r}: 1 to 64 of a-z, 0-9, - and _, beginning with a letter or digit")
    if policy not in POLICIES:
        raise BadInput(
            f"there is no policy {policy!r}; choose drop (leave such pairs out) or flag (keep and show them)"
        )
    found = list(read_testset(form, path, name))
    items = [one for one in found if isinstance(one, TestItem) and one.held_out]
    problems = [one for one in found if isinstance(one, Problem)]
    if not items:
        why = f"; {len(problems)} rows cannot be used, the first: {problems[0].detail}" if problems else ""
        raise BadInput(f"{path} holds no item for scoring (a split other than train){why}")
    row = TestSet(
        testset=name,
        form=form,
        path=str(path),
        policy=policy,
        items=len(items),
        pictures=sum(item.image is not None for item in items),
        problems=len(problems),
        digest=_digest(items),
        added_at=datetime.now(UTC),
    )
    with locked(home, "testsets"):
        write_rows(home.station("testsets", name) / "testset.parquet", [row], TestSet)
    return row, problems


def remove(home: Home, name: str) -> None:
    """Forget a test set. Its own files are not touched. Raises BadInput when there is none of this name."""
    with locked(home, "testsets"):
        known = [row.testset for row in read_testsets(home)]
        if name not in known:
            raise BadInput(f"there is no test set {name[:80]!r} (registered: {', '.join(known) or 'none'})")
        (home.station("testsets", name) / "testset.parquet").unlink()
        for station in ("testsets", "testset_pictures"):
            shutil.rmtree(home.station(station, name), ignore_errors=True)


def scored_items(row: TestSet) -> list[TestItem]:
    """The set's items for scoring, read from its files.

    Raises BadInput when the files are gone or say something else than when the set was added.
    """
    again = f"add it again (`pathcorpus testset add {row.form} PATH --name {row.testset}`) or remove it"
    try:
        found = list(read_testset(row.form, Path(row.path), row.testset))
    except BadInput as error:
        raise BadInput(f"the test set {row.testset} cannot be read again ({error}); {again}") from error
    items = [one for one in found if isinstance(one, TestItem) and one.held_out]
    if _digest(items) != row.digest:
        raise BadInput(f"the test set {row.testset} in {row.path} has changed since it was added; {again}")
    return items


def reasons(problems: list[Problem]) -> dict[str, int]:
    """Problems counted by reason, the most frequent first."""
    return dict(Counter(problem.reason for problem in problems).most_common())


def _digest(items: list[TestItem]) -> str:
    return content_hash(sorted([item.item_id, _size(item)] for item in items))


def _size(item: TestItem) -> int:
    """Bytes of the file that holds the item's picture, so that one that was put right is looked at; 0 without any."""
    try:
        return os.stat(item.image.path).st_size if item.image else 0
    except OSError:
        return 0
