"""The journal: every reply that was paid for, so that it is never paid again.

One SQLite segment per run (`<folder>/<run>.sqlite`, WAL, synchronous=FULL), one writer per segment. An intent row is
committed before a request is sent, its result row before the worker takes the next request. All segments of the folder
are read together. The guarantee: after a kill at most the calls in flight are paid again, a journalled reply never.
Bodies and attributes are stored as given; the API key is in neither.
"""

import contextlib
import json
import sqlite3
import uuid
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from assets.errors import BadInput, one_line

_TABLES = """
create table if not exists intent
    (key text not null, tag text not null, sent_at text not null, attributes text not null);
create table if not exists result (key text primary key, body text not null, received_at text not null);
"""


class Journal:
    """Use as a context manager; the segment file is made with the first intent."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._segment: sqlite3.Connection | None = None
        self._mine: dict[str, str] = {}
        self._earlier: list[sqlite3.Connection] = []

    def __enter__(self) -> "Journal":
        self._folder.mkdir(parents=True, exist_ok=True)
        for path in sorted(self._folder.glob("*.sqlite")):
            try:
                segment = sqlite3.connect(path)
                # A segment of a killed run has its last rows in the WAL; reading it this way brings them in.
                segment.execute("select count(*) from result").fetchone()
            except sqlite3.OperationalError as error:
                segment.close()
                if "no such table" in str(error):
                    continue  # killed while the segment was being made: it never held a reply
                raise BadInput(
                    f"{path} cannot be read ({one_line(error)}); close other programs that use it"
                ) from error
            except sqlite3.DatabaseError as error:
                raise BadInput(f"{path} is damaged ({one_line(error)}); restore it or move it away, "
                               "in which case its replies are paid again") from error  # fmt: skip
            self._earlier.append(segment)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._segment is not None:
            with contextlib.suppress(sqlite3.OperationalError):  # a busy reader only delays the checkpoint
                self._segment.execute("pragma wal_checkpoint(truncate)")
        for segment in [*self._earlier, *([self._segment] if self._segment else [])]:
            segment.close()

    def find(self, key: str) -> str | None:
        """The body journalled under this key by any run, None when there is none."""
        if key in self._mine:
            return self._mine[key]
        for segment in self._earlier:
            row = segment.execute("select body from result where key = ?", (key,)).fetchone()
            if row:
                return str(row[0])
        return None

    def intend(self, key: str, tag: str, attributes: dict[str, Any]) -> None:
        """Commit to disk that this request is about to be sent."""
        self._write(
            "insert into intent values (?, ?, ?, ?)", (key, tag, _now(), json.dumps(attributes, sort_keys=True))
        )

    def store(self, key: str, body: str) -> None:
        """Commit a reply to disk. Raises sqlite3.IntegrityError for a second one: no paid reply is ever replaced."""
        self._write("insert into result values (?, ?, ?)", (key, body, _now()))
        self._mine[key] = body

    def _write(self, statement: str, row: tuple[str, ...]) -> None:
        if self._segment is None:
            name = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:8]}.sqlite"
            self._segment = sqlite3.connect(self._folder / name, isolation_level=None)
            self._segment.execute("pragma journal_mode=wal")
            self._segment.execute("pragma synchronous=full")
            self._segment.executescript(_TABLES)
        self._segment.execute(statement, row)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
