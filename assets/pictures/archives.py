"""Which zip or tar holds which picture, and the picture's bytes, without unpacking anything.

The members of all archives are listed in a temporary SQLite file, since a list of a million names in memory would be
the largest part of a reader by far.
"""

import sqlite3
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from assets.errors import BadInput, RowFault, one_line
from assets.pictures.zips import STORED, Entry, zip_bytes, zip_entries

SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -8000;
CREATE TABLE members (archive INTEGER, name TEXT, offset INTEGER, method INTEGER, packed INTEGER, size INTEGER,
                      crc INTEGER, of_name INTEGER, of_last INTEGER);
CREATE INDEX by_name ON members (of_name);
CREATE INDEX by_last ON members (of_last);
"""


class Archives:
    """Close it, or use it as a context: its list of members lies in a temporary folder until then."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="pathcorpus-")
        self._base = sqlite3.connect(Path(self._folder.name) / "members.sqlite", isolation_level=None)
        self._base.executescript(SCHEMA)
        self._numbers: dict[Path, int] = {}

    def close(self) -> None:
        self._base.close()
        self._folder.cleanup()

    def find(self, archives: list[Path], name: str) -> tuple[Path, str]:
        """The archive and member of a picture: the member of that name, else the one whose path ends in it.

        Raises RowFault when there is none, or several different ones; BadInput when an archive is damaged.
        """
        numbers = {self._number(path): path for path in archives}
        exact = "SELECT archive, name, crc, size FROM members WHERE of_name = ? AND name = ?"
        ending = "SELECT archive, name, crc, size FROM members WHERE of_last = ? AND substr(name, ?) = ?"
        asked = (exact, (_hash(name), name)), (ending, (_hash(_last(name)), -len(name) - 1, "/" + name))
        for query, values in asked:
            found = [row for row in self._base.execute(query, values) if row[0] in numbers]
            if len({row[2:] for row in found}) > 1:
                raise RowFault("two-pictures", f"several archives hold different pictures named {name}")
            if found:
                return numbers[found[0][0]], found[0][1]
        raise RowFault("no-picture", f"none of {len(archives)} archives beside {archives[0]} holds {name}")

    def read(self, archive: Path, member: str, limit: int) -> bytes:
        """The bytes of a member. Raises RowFault when it is not there, damaged or larger than `limit` bytes."""
        query = (
            "SELECT name, offset, method, packed, size, crc FROM members WHERE of_name = ? AND name = ? AND archive = ?"
        )
        row = self._base.execute(query, (_hash(member), member, self._number(archive))).fetchone()
        if row is None:
            raise RowFault("no-picture", f"{archive} does not hold {member}")
        entry = Entry(*row)
        if entry.size > limit or entry.packed > limit:
            raise RowFault("too-large", f"{member} in {archive} is larger than {limit >> 20} MiB")
        with archive.open("rb") as file:
            try:
                return _tar_bytes(file, entry) if archive.suffix.lower() == ".tar" else zip_bytes(file, entry)
            except ValueError as error:
                raise RowFault("damaged", f"{member} in {archive} cannot be read: {one_line(error, 120)}") from error

    def _number(self, archive: Path) -> int:
        """The archive's number in the list, into which its members are written when it is met first."""
        if archive not in self._numbers:
            number = len(self._numbers)
            entries = _tar_entries(archive) if archive.suffix.lower() == ".tar" else zip_entries(archive)
            rows = ((number, *entry, _hash(entry.name), _hash(_last(entry.name))) for entry in entries)
            self._base.execute("BEGIN")
            self._base.executemany("INSERT INTO members VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
            self._base.execute("COMMIT")
            self._numbers[archive] = number
        return self._numbers[archive]


def _tar_entries(path: Path) -> Iterator[Entry]:
    try:
        with path.open("rb") as file, tarfile.open(fileobj=file, mode="r:") as archive:
            while member := archive.next():
                archive.members.clear()  # type: ignore[attr-defined]  # which tarfile keeps of all it has seen
                if member.isreg() and not member.issparse():
                    yield Entry(member.name, member.offset_data, STORED, member.size, member.size, 0)
            check_tar_end(file, archive)
    except (tarfile.TarError, OSError) as error:
        raise BadInput(f"{path} cannot be used: {one_line(error, 120)}; get the archive again") from error


def check_tar_end(file: BinaryIO, archive: tarfile.TarFile) -> None:
    """Raises tarfile.ReadError when members were given up at a damaged header, which tarfile takes for the end."""
    file.seek(archive.offset)
    if file.read(tarfile.BLOCKSIZE).strip(b"\0"):
        raise tarfile.ReadError(f"a damaged header at byte {archive.offset}")


def _tar_bytes(file: BinaryIO, entry: Entry) -> bytes:
    file.seek(entry.offset)
    data = file.read(entry.size)
    if len(data) != entry.size:
        raise ValueError("it is cut off")
    return data


def _hash(name: str) -> int:
    return zlib.crc32(name.encode("utf-8", "surrogatepass"))


def _last(name: str) -> str:
    return name.rpartition("/")[2]
