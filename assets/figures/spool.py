"""Frames on disk, one per page: what one stage hands to the next, so that no stage holds a whole book in memory.

A frame is (page, length, CRC-32) and a pickle; a later frame of a page replaces an earlier one. A frame is flushed
before the next page is begun, so a process that dies loses the page it was at and no other. Only the processes of one
extraction read each other's frames: what leaves the sandbox is Parquet.
"""

import pickle
import struct
import zlib
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Generic, TypeVar

T = TypeVar("T")
HEAD = struct.Struct("<QQI")
RECENT = 64  # pages whose frames stay in memory: short books are unpickled once


class Spool(Generic[T]):
    """All frames of the files `<name>-*.spool` in a folder, by page; files are read in the order of their names."""

    def __init__(self, folder: Path, name: str) -> None:
        self._places: dict[int, tuple[Path, int, int, int]] = {}
        self._recent: OrderedDict[int, T] = OrderedDict()
        for path in sorted(folder.glob(f"{name}-*.spool")):
            self._places.update((page, (path, offset, length, crc)) for page, offset, length, crc in _frames(path))

    def __contains__(self, page: int) -> bool:
        return page in self._places

    def pages(self) -> list[int]:
        """Pages that have a frame, in order."""
        return sorted(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, page: int) -> T:
        """The last frame of `page`. Raises KeyError when there is none, OSError when the file was damaged since."""
        if page in self._recent:
            self._recent.move_to_end(page)
            return self._recent[page]
        value = self._recent[page] = self._read(page)
        if len(self._recent) > RECENT:
            self._recent.popitem(last=False)
        return value

    def _read(self, page: int) -> T:
        path, offset, length, crc = self._places[page]
        with path.open("rb") as file:
            file.seek(offset)
            data = file.read(length)
        if zlib.crc32(data) != crc:
            raise OSError(f"{path} is damaged at byte {offset}")
        value: T = pickle.loads(data)
        return value

    def __iter__(self) -> Iterator[tuple[int, T]]:
        """(page, frame) in page order; none is kept in memory behind the next."""
        for page in self.pages():
            yield page, self._read(page)

    def frames(self) -> Iterator[T]:
        """The frames alone, as `__iter__` gives them."""
        return (frame for _, frame in self)


class SpoolWriter(Generic[T]):
    """Appends frames to `<name>-<part>.spool`, behind the last whole frame."""

    def __init__(self, folder: Path, name: str, part: int = 0) -> None:
        path = folder / f"{name}-{part:06d}.spool"
        self._file: BinaryIO = path.open("ab")
        self._file.truncate(_whole(path))

    def append(self, page: int, value: T) -> None:
        data = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
        self._file.write(HEAD.pack(page, len(data), zlib.crc32(data)) + data)
        self._file.flush()

    def __enter__(self) -> "SpoolWriter[T]":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def clear(folder: Path, *names: str) -> None:
    """Remove all files of these spools."""
    for name in names:
        for path in folder.glob(f"{name}-*.spool"):
            path.unlink()


def _frames(path: Path) -> Iterator[tuple[int, int, int, int]]:
    """(page, offset, length, crc) of the whole frames of a file; its writer may have died within the last one."""
    size = path.stat().st_size
    with path.open("rb") as file:
        while len(head := file.read(HEAD.size)) == HEAD.size:
            page, length, crc = HEAD.unpack(head)
            if file.tell() + length > size:
                return
            yield page, file.tell(), length, crc
            file.seek(length, 1)


def _whole(path: Path) -> int:
    return max((offset + length for _, offset, length, _ in _frames(path)), default=0)
