"""A book of generated pictures of all six kinds whose captions name them, as the pairs station leaves it behind.

home = pictured(open_home(tmp_path), "atlas", eight_of_each())
"""

import hashlib
import io
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw

from assets.pairs.labelled import labelled_pair
from assets.pairs.picture import picture_facts
from assets.records import Cluster, Image, Pair, Split, Textbook, figure_id
from assets.schema import content_hash
from assets.store import Home, write_pack, write_rows
from assets.textbooks.sample.pictures import draw
from assets.textbooks.sample.pictures.architecture import PATTERNS
from tests.builders import put

NAMING = {
    "he": "Nests of tumour cells in a dense stroma. The nuclei are large (H&E, ×200).",
    "ihc": "HER2 immunohistochemistry: complete membranous staining of the tumour cells.",
    "cytology": "Fine-needle aspirate with cohesive clusters of cells (Papanicolaou stain).",
    "fish": "FISH with a break-apart probe: separate red and green signals.",
    "gross": "Cut surface of the resected tumour, which is grey-white and firm.",
    "other": "Kaplan-Meier curves of the two groups.",
}
STAINED = {"family": "cytology", "stain": "pap", "ratio": 0.6, "groups": 3, "loose": 0.3}


@dataclass(frozen=True)
class Shown:
    """What one figure shows, and what is printed below it."""

    kind: str
    caption: str
    seed: int = 0


def painted(kind: str, seed: int) -> bytes:
    """An encoded picture of a kind; `person` and `radiograph` are others."""
    rng = np.random.default_rng([seed, sum(map(ord, kind))])
    shape = (120, 160)
    recipes = {
        "he": {"family": "he", "pattern": _pattern(seed), "cell": 60 + seed % 7},
        "ihc": {"family": "ihc", "pattern": _pattern(seed), "cell": 60 + seed % 5},
        "cytology": STAINED | {"cell": 100 + 8 * (seed % 4), "atypia": 0.1 * (seed % 5)},
        "fish": {"family": "fish", "signals": ("amplified", "normal", "break_apart")[seed % 3], "nucleus": 200},
        "gross": {"family": "gross", "organ": ("breast", "colon", "kidney")[seed % 3], "bench": "blue", "lesion": 0.4,
                  "rough": 0.2},
    }  # fmt: skip
    if kind in recipes:
        image = Pillow.fromarray(draw(recipes[kind], shape, rng))
    else:
        image = {"other": _chart, "person": _person, "radiograph": _radiograph}[kind](shape, rng)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def _pattern(seed: int) -> str:
    names = sorted(PATTERNS)
    return names[seed % len(names)]


def _chart(shape: tuple[int, int], rng: np.random.Generator) -> Pillow.Image:
    image = Pillow.new("RGB", shape[::-1], "white")
    pen = ImageDraw.Draw(image)
    for place in range(5):
        colour = tuple(int(v) for v in rng.uniform(20, 220, 3))
        pen.rectangle((20 + 26 * place, int(rng.uniform(10, 80)), 38 + 26 * place, 110), fill=colour)
    pen.line((16, 6, 16, 110, 156, 110), fill="black", width=2)
    return image


def _person(shape: tuple[int, int], rng: np.random.Generator) -> Pillow.Image:
    wall = np.linspace(0.8, 1.1, shape[1])[None, :, None] * np.array([150, 170, 190])
    image = Pillow.fromarray(np.broadcast_to(wall, (*shape, 3)).clip(0, 255).astype(np.uint8).copy())
    pen = ImageDraw.Draw(image)
    skin = tuple(int(v) for v in np.array([215, 160, 130]) + rng.uniform(-25, 25, 3))
    pen.ellipse((50, 10, 110, 95), fill=skin)
    pen.rectangle((25, 92, 135, 120), fill=(60, 90, 140))
    pen.ellipse((70, 70, 90, 78), fill=(170, 80, 85))
    noisy = np.asarray(image, dtype=float) + rng.normal(0, 4, (*shape, 1))
    return Pillow.fromarray(noisy.clip(0, 255).astype(np.uint8))


def _radiograph(shape: tuple[int, int], rng: np.random.Generator) -> Pillow.Image:
    y, x = np.mgrid[: shape[0], : shape[1]]
    body = 150 * np.exp(-(((x - 80) / 55) ** 2 + ((y - 60) / 45) ** 2))
    return Pillow.fromarray((body + rng.uniform(0, 40, shape)).astype(np.uint8)).convert("RGB")


def eight_of_each() -> list[Shown]:
    """What teaches a classifier all six kinds."""
    return [Shown(kind, caption, seed) for kind, caption in NAMING.items() for seed in range(8)]


def pictured(home: Home, book: str, shown: list[Shown]) -> Home:
    """Register `book` and publish its pictures, pairs and a ledger in which every figure is a training cluster."""
    textbook = Textbook(
        book=book, sha256=content_hash(book), file_name=f"{book}.pdf", title="Atlas", edition=None, language="en",
        licence="CC-BY-4.0", rights=None, pages=1, added_at=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    write_rows(home.library / book / "textbook.parquet", [textbook], Textbook)
    images, pairs = [], []
    for number, one in enumerate(shown):
        data = painted(one.kind, one.seed)
        sha256 = _sha256(data)
        images.append(Image(sha256=sha256, media_type="image/png", width=160, height=120, data=data))
        label = f"Fig. 1-{number + 1}"
        figure = figure_id(book, label, 0)
        pairs.append(
            labelled_pair(
                picture_facts(data), [("caption", one.caption)], [], source="textbook", book=book, figure=figure,
                part=None, panel=None, label=label, image=sha256, text=one.caption, cites={}, language=None,
                licence="CC-BY-4.0", slide_or_patient_id=None,
            )
        )  # fmt: skip
    home.station("figures", book).mkdir(parents=True, exist_ok=True)
    write_pack(home.station("figures", book) / "images.parquet", images)
    put(home, "pairs", book, {"pairs": (pairs, Pair)})
    clusters = [Cluster(pair_id=p.pair_id, cluster_id=p.pair_id, book=book, pixels=p.image, duplicate_of=None,
                        evidence="") for p in pairs]  # fmt: skip
    splits = [Split(cluster_id=p.pair_id, split="train", purpose="sft", book=book) for p in pairs]
    put(home, "ledger", book, {"clusters": (clusters, Cluster), "splits": (splits, Split)})
    return home


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
