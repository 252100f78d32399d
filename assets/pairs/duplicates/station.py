"""The hashes station: every picture of a book or source is decoded once and fingerprinted, whatever comes later.

Writes hashes/<book>/hashes.parquet and keypoints.parquet. Keypoints of a picture take 5.8 kB, so a source of more than
KEYPOINTS_MOST pictures gets none: its crops are sought by hash and caption alone, and its pictures are read again when
one has to be verified. Pictures are hashed PART at a time into hashing/<book>/, from where a killed run goes on.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pyarrow.parquet as pq
from PIL import Image as Pillow

from assets.errors import BadInput, one_line
from assets.pairs.duplicates.hashes import Fingerprint, Rgb, decode, fingerprint
from assets.pairs.duplicates.verify import features
from assets.pictures.reader import pictures_of
from assets.records import Image, Keypoints, PictureHash
from assets.schema import content_hash
from assets.sources import source_hash
from assets.store import Home, Outcome, each_row, publish, write_rows
from assets.tables import finished

R = TypeVar("R")
UNREADABLE = (OSError, ValueError, SyntaxError, Pillow.DecompressionBombError)  # Pillow's ways of refusing
KEYPOINTS_MOST = 20_000
PART = 2_000  # pictures
HASHES, KEYPOINTS = "hashes.parquet", "keypoints.parquet"


def hash_book(home: Home, book: str) -> Outcome:
    """Fingerprint the pictures of a book's or source's pairs. Raises BadInput when one cannot be read.

    A changed caption alone does not run it again. counts: pictures, bordered, blank, keypoints (pictures with them).
    """
    upstream = finished(home.station("pairs", book), book, "pairs")
    names = list(dict.fromkeys(pq.read_table(upstream / "pairs.parquet", columns=["image"])["image"].to_pylist()))
    code = source_hash(__name__)
    waiting = home.station("hashing", book)

    def build(scratch: Path) -> dict[str, int]:
        with pictures_of(home, book) as read:
            described = len(names) <= KEYPOINTS_MOST
            parts = [
                _part(waiting, code, book, names[start : start + PART], read, described)
                for start in range(0, len(names), PART)
            ]
        counts = {"pictures": len(names), "bordered": 0, "blank": 0, "keypoints": len(names) * described}

        def counted() -> Iterator[PictureHash]:
            for row in _rows(parts, HASHES, PictureHash):
                counts["bordered"] += row.trimmed is not None
                counts["blank"] += row.blank
                yield row

        write_rows(scratch / HASHES, counted(), PictureHash)
        write_rows(scratch / KEYPOINTS, _rows(parts, KEYPOINTS, Keypoints), Keypoints)
        return counts

    inputs = {"code": code, "images": content_hash(names)}
    outcome = publish(home.station("hashes", book), station="hashes", book=book, inputs=inputs, build=build)
    shutil.rmtree(waiting, ignore_errors=True)
    return outcome


def _part(waiting: Path, code: str, book: str, names: list[str], read: Callable[[str], Image], described: bool) -> Path:
    """The folder with the tables of these pictures, made now unless a run that was cut off has left it."""
    folder = waiting / content_hash([code, names, described])[:16]
    if not (folder / HASHES).exists():
        hashes, keypoints = [], []
        for name in names:
            rgb = decoded(read(name), book)
            hashes.append(hash_row(name, rgb, fingerprint(rgb)))
            if described:
                keypoints.append(features(rgb).row(name))
        write_rows(folder / KEYPOINTS, keypoints, Keypoints)
        write_rows(folder / HASHES, hashes, PictureHash)  # last: it says that the part is whole
    return folder


def _rows(parts: list[Path], name: str, record: type[R]) -> Iterator[R]:
    for part in parts:
        yield from each_row(part / name, record)


def hash_row(name: str, rgb: Rgb, found: Fingerprint) -> PictureHash:
    return PictureHash(
        image=name, pixels=found.pixels, width=rgb.shape[1], height=rgb.shape[0],
        whole=found.whole.hash, whole_quality=found.whole.quality,
        trimmed=found.trimmed.hash if found.trimmed else None,
        trimmed_quality=found.trimmed.quality if found.trimmed else 0,
        blank=found.blank, drawing=found.drawing,
    )  # fmt: skip


def decoded(image: Image, where: str) -> Rgb:
    """Pixels of a picture, (height, width, 3). Raises BadInput, naming the book or source, when they cannot be read."""
    try:
        return decode(image.data)
    except UNREADABLE as error:
        raise BadInput(
            f"picture {image.sha256} of {where} cannot be decoded ({one_line(error, 120)}); mend or remove it there"
        ) from error
