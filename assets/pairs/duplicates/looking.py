"""Looking at pictures: their keypoints as the hashes station kept them, or taken anew where it kept none.

Mirror images are never kept: they are taken of the book at hand, whose pictures are near.
"""

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from types import TracebackType

from assets.pairs.duplicates.drawings import same_ink
from assets.pairs.duplicates.station import KEYPOINTS, decoded
from assets.pairs.duplicates.verify import Agreement, Features, agreement, features
from assets.pictures.reader import pictures_of
from assets.records import Image, Keypoints
from assets.store import Home, each_row


class Looking:
    """Keypoints of named pictures ("book/sha256"). Use it as a context: it keeps image packs open."""

    def __init__(self, home: Home, book: str) -> None:
        self._home, self._book = home, book
        self._kept: dict[str, Features] = {}
        self._mirrored: dict[str, Features] = {}
        self._packs = ExitStack()
        self._readers: dict[str, Callable[[str], Image]] = {}

    def __enter__(self) -> "Looking":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._packs.close()

    def fetch(self, names: Iterable[str]) -> None:
        """Read what is kept of these pictures, each book's table once."""
        by_book: dict[str, set[str]] = {}
        for name in set(names) - self._kept.keys():
            book, image = name.split("/")
            by_book.setdefault(book, set()).add(image)
        for book, images in by_book.items():
            for row in each_row(self._home.station("hashes", book) / KEYPOINTS, Keypoints):
                if row.image in images:
                    self._kept[f"{book}/{row.image}"] = Features.of(row)

    def kept(self, name: str) -> Features | None:
        """What was fetched of a picture, if anything is kept of it."""
        return self._kept.get(name)

    def agreement(self, a: str, b: str, mirrored: bool) -> Agreement:
        """How far picture a agrees with b, or with b's mirror image; one of them is of the book at hand."""
        if not mirrored:
            return agreement(self._features(a), self._features(b))
        own, other = (a, b) if a.startswith(f"{self._book}/") else (b, a)
        if own not in self._mirrored:
            self._mirrored[own] = features(decoded(self._read(own), self._book), mirrored=True)
        return agreement(self._features(other), self._mirrored[own])

    def same_ink(self, a: str, b: str, turn: int) -> float:
        """How far the ink of two drawings lies in the same places, b in TURNS[turn]."""
        one, other = (decoded(self._read(name), name.split("/")[0]) for name in (a, b))
        return same_ink(one, other, turn)

    def _features(self, name: str) -> Features:
        if name not in self._kept:
            self._kept[name] = features(decoded(self._read(name), name.split("/")[0]))
        return self._kept[name]

    def _read(self, name: str) -> Image:
        book, image = name.split("/")
        if book not in self._readers:
            self._readers[book] = self._packs.enter_context(pictures_of(self._home, book))
        return self._readers[book](image)
