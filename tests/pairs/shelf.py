"""Books made of given pictures, as the figures and pairs stations leave them behind: for the duplicates and the ledger.

shelve(home, "atlas", [Drawn(picture, caption="Villi (H&E)."), …])      # a figure each, in this order
run(home, "atlas")                                                      # hashes and ledger
"""

import hashlib
import io
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from PIL import Image as Pillow

from assets.pairs.duplicates.station import hash_book
from assets.pairs.ledger import split_book
from assets.records import Cluster, Edge, Image, Pair, Split, Textbook, pair_id
from assets.schema import content_hash
from assets.store import Home, Outcome, read_rows, write_rows
from assets.tables import read_clusters
from assets.textbooks.sample.pictures import draw
from tests.builders import put

WIDTH, HEIGHT = 360, 280
RECIPES = [
    {"family": "he", "pattern": "glands", "cell": 22, "atypia": 0.2},
    {"family": "he", "pattern": "nests", "cell": 26, "atypia": 0.6, "lymphocytes": 0.3},
    {"family": "ihc", "pattern": "infiltrating", "cell": 24, "atypia": 0.4},
]


@dataclass(frozen=True)
class Drawn:
    """A picture of a book. Those of one `figure` (default: a figure of its own) are its panels."""

    picture: Pillow.Image | bytes
    caption: str = ""
    figure: str | None = None
    slide: str | None = None
    kind: str = "he"


def slides(count: int = 3) -> list[Pillow.Image]:
    """Three neighbouring fields without overlap of each of `count` slides."""
    fields = []
    for seed in range(count):
        slide = draw(RECIPES[seed % 3], (HEIGHT, WIDTH * 3), np.random.default_rng(seed))
        fields += [Pillow.fromarray(slide[:, WIDTH * n : WIDTH * (n + 1)]) for n in range(3)]
    return fields


def jpeg(picture: Pillow.Image, quality: int = 88) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def shelve(home: Home, book: str, drawn: list[Drawn]) -> None:
    """Register a book and publish its pictures and pairs."""
    textbook = Textbook(
        book=book, sha256=content_hash(book), file_name=f"{book}.pdf", title=book, edition=None, language="en",
        licence=None, rights=None, pages=1, added_at=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    write_rows(home.library / book / "textbook.parquet", [textbook], Textbook)
    images, pairs = [], []
    for number, one in enumerate(drawn):
        data = one.picture if isinstance(one.picture, bytes) else jpeg(one.picture)
        name = hashlib.sha256(data).hexdigest()
        images.append(Image(sha256=name, media_type="image/jpeg", width=0, height=0, data=data))
        figure = f"{book}-{one.figure or number}"
        pairs.append(Pair(
            pair_id=pair_id("textbook", figure, str(number)), source="textbook", book=book, figure_id=figure,
            panel_id=str(number) if one.figure else None, label=f"Fig. {number}", image=name, text=one.caption,
            context=[], reference_ids=[], language="en", image_kind=one.kind, image_kind_score=0.9,
            image_kind_evidence="", organ_system="skin", organ_system_score=0.9, organ_system_evidence="",
            licence=None, slide_or_patient_id=one.slide, content_hash=content_hash([name, one.caption]),
        ))  # fmt: skip
    put(home, "figures", book, {}, images)
    put(home, "pairs", book, {"pairs": (pairs, Pair)})


def run(home: Home, book: str) -> Outcome:
    """Hash the pictures of a book and put it into the ledger."""
    hash_book(home, book)
    return split_book(home, book)


def rows(home: Home, book: str) -> list[Cluster]:
    """The book's rows of the ledger, in the order of its pictures."""
    return list(read_clusters(home, book).values())


def edges(home: Home, book: str) -> list[Edge]:
    return read_rows(home.station("ledger", book) / "edges.parquet", Edge)


def lanes(home: Home) -> dict[str, tuple[str, str]]:
    """pair to (split, purpose) over all books."""
    splits = {}
    for path in home.corpus("ledger").glob("*/splits.parquet"):
        splits |= {row.cluster_id: (row.split, row.purpose) for row in read_rows(path, Split)}
    books = [path.parent.name for path in home.corpus("ledger").glob("*/clusters.parquet")]
    return {row.pair_id: splits[row.cluster_id] for book in books for row in rows(home, book)}
