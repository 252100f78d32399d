"""Books for benchmarks/pairs.py: of drawn pictures, or of random hashes where no picture is ever looked at."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from assets.records import Image, Keypoints, Pair, PictureHash, Textbook, pair_id
from assets.schema import content_hash
from assets.store import PACK, Home, publish, write_pack, write_rows

SPOTS = 64


@dataclass(frozen=True)
class Print:
    """A picture that is a random hash: `bits` (32 bytes), its pixels' name, and 64 random keypoints."""

    bits: bytes
    pixels: str = field(default="")

    @property
    def name(self) -> str:
        return self.pixels or hashlib.sha256(self.bits).hexdigest()


def register(home: Home, book: str) -> None:
    row = Textbook(
        book=book, sha256=content_hash(book), file_name=f"{book}.pdf", title=book, edition=None, language="en",
        licence=None, rights=None, pages=1, added_at=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    write_rows(home.library / book / "textbook.parquet", [row], Textbook)


def drawn_book(home: Home, book: str, pictures: Sequence[bytes]) -> list[str]:
    """A book of encoded pictures, a figure each, as the figures and pairs stations leave it; the pictures' names."""
    register(home, book)
    names = [hashlib.sha256(data).hexdigest() for data in pictures]

    def build(scratch: Path) -> dict[str, int]:
        write_pack(scratch / PACK, (
            Image(sha256=name, media_type="image/jpeg", width=0, height=0, data=data)
            for name, data in zip(names, pictures, strict=True)
        ))  # fmt: skip
        return {}

    publish(home.station("figures", book), station="figures", book=book, inputs={"names": names}, build=build)
    _pairs(home, book, [(str(number), name) for number, name in enumerate(names)])
    return names


def printed_book(home: Home, book: str, figures: Sequence[Sequence[Print]], seed: int) -> None:
    """A book of random hashes, each figure with its panels, as the pairs and hashes stations would leave it."""
    register(home, book)
    rng = np.random.default_rng([31, seed])
    _pairs(home, book, [(str(number), one.name) for number, panels in enumerate(figures) for one in panels])
    prints = {one.name: one for panels in figures for one in panels}.values()

    def build(scratch: Path) -> dict[str, int]:
        write_rows(scratch / "hashes.parquet", (
            PictureHash(image=one.name, pixels=one.name, width=400, height=300, whole=one.bits, whole_quality=100,
                        trimmed=None, trimmed_quality=0, blank=False, drawing=False) for one in prints
        ), PictureHash)  # fmt: skip
        spots = rng.integers(0, 256, (len(prints), SPOTS * 32), np.uint8)
        write_rows(scratch / "keypoints.parquet", (
            Keypoints(image=one.name, width=400, height=300, points=bytes(4 * SPOTS), descriptors=row.tobytes())
            for one, row in zip(prints, spots, strict=True)
        ), Keypoints)  # fmt: skip
        return {}

    names = [one.name for one in prints]
    publish(home.station("hashes", book), station="hashes", book=book, inputs={"names": names}, build=build)


def _pairs(home: Home, book: str, pictures: Sequence[tuple[str, str]]) -> None:
    """pairs.parquet of (figure, picture)s."""
    rows = [
        Pair(
            pair_id=pair_id("textbook", f"{book}-{figure}", str(number)), source="textbook", book=book,
            figure_id=f"{book}-{figure}", panel_id=str(number), label=figure, image=name, text="", context=[],
            reference_ids=[], language="en", image_kind="he", image_kind_score=0.9, image_kind_evidence="",
            organ_system="skin", organ_system_score=0.9, organ_system_evidence="", licence=None,
            slide_or_patient_id=None, content_hash=name,
        ) for number, (figure, name) in enumerate(pictures)
    ]  # fmt: skip

    def build(scratch: Path) -> dict[str, int]:
        write_rows(scratch / "pairs.parquet", rows, Pair)
        return {"pairs": len(rows)}

    names = [list(one) for one in pictures]
    publish(home.station("pairs", book), station="pairs", book=book, inputs={"pairs": names}, build=build)
