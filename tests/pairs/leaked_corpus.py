"""A small corpus one of whose pictures, captions and slides are in test sets made beside it.

Of the pictures, figure 1's is drawn as tissue, so that crops of it can be told by keypoints.
"""

import csv
import hashlib
import io
import json
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image as Pillow
from PIL import ImageOps

from assets.pairs.duplicates.station import hash_book
from assets.records import Failure, Figure, Image, Page, Pair, PairKind, Panel, Reference
from assets.schema import content_hash
from assets.store import Home, open_home, pack_of, read_rows
from tests.builders import kinds_of, put, small_corpus

QUESTION = "Which growth pattern do the tumour cells show along the invasive front of this resected specimen?"
OPTIONS = ("single files of cells", "solid nests with comedonecrosis", "tubules lined by one layer", "lakes of mucin")
SHORT = "Is the muscularis mucosae breached?"


@lru_cache(maxsize=64)
def tissue(seed: int, size: tuple[int, int] = (480, 360)) -> Pillow.Image:
    """Pink ground with a few hundred nuclei and strands, all from the seed."""
    rng = np.random.default_rng(seed)
    ground = rng.normal(0, 1, (size[1] // 12, size[0] // 12, 3))
    low = Pillow.fromarray(np.uint8(np.clip(205 + 22 * ground, 0, 255))).resize(size, Pillow.Resampling.BICUBIC)
    picture = np.asarray(low, np.float32).copy()
    rows, columns = np.mgrid[-10:11, -10:11]
    for _ in range(220):
        x, y = rng.integers(10, size[0] - 10), rng.integers(10, size[1] - 10)
        a, b, turn = rng.uniform(3, 9), rng.uniform(2, 6), rng.uniform(0, np.pi)
        u, v = columns * np.cos(turn) + rows * np.sin(turn), rows * np.cos(turn) - columns * np.sin(turn)
        nucleus = (u / a) ** 2 + (v / b) ** 2 < 1
        picture[y - 10 : y + 11, x - 10 : x + 11][nucleus] = np.array([90, 50, 130]) + rng.normal(0, 14, 3)
    return Pillow.fromarray(np.uint8(np.clip(picture, 0, 255)))


def encoded(picture: Pillow.Image, form: str = "PNG", **settings: int) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, form, **settings)
    return buffer.getvalue()


def altered(seed: int) -> dict[str, bytes]:
    """The picture of a seed as test sets may have it: names to bytes."""
    whole = tissue(seed)
    width, height = whole.size
    return {
        "same": encoded(whole),
        "rejpeg": encoded(whole, "JPEG", quality=60),
        "half": encoded(whole.resize((width // 2, height // 2), Pillow.Resampling.LANCZOS)),
        "mirrored": encoded(ImageOps.mirror(whole), "JPEG", quality=80),
        "crop": encoded(whole.crop((width // 5, height // 5, width, height)), "JPEG", quality=80),
        "mirrored_crop": encoded(ImageOps.mirror(whole.crop((0, 0, 4 * width // 5, 4 * height // 5)))),
    }


def corpus(root: Path, *, texts: dict[int, str] | None = None, slides: dict[int, str] | None = None) -> Home:
    """Two books; atlas-1 shows tissue(figure number), with `texts` as captions and `slides` as ids of its figures."""
    home = small_corpus(open_home(root), books=2)
    pack = pack_of(home, "atlas-1")
    pairs = read_rows(home.station("pairs", "atlas-1") / "pairs.parquet", Pair)
    images, changed = [], []
    for pair in pairs:
        number = int(pair.label.split("-")[1].rstrip("AB")) - 1
        data = encoded(tissue(number)) if pair.panel_id is None else pack.read(pair.image).data
        size = (480, 360) if pair.panel_id is None else (96, 72)
        name = hashlib.sha256(data).hexdigest()
        images.append(Image(sha256=name, media_type="image/png", width=size[0], height=size[1], data=data))
        text = (texts or {}).get(number, pair.text)
        changed.append(
            replace(pair, image=name, text=text, slide_or_patient_id=(slides or {}).get(number),
                    content_hash=content_hash([pair.content_hash, name, text]))
        )  # fmt: skip
    folder = home.station("figures", "atlas-1")
    tables = {"pages": Page, "figures": Figure, "panels": Panel, "references": Reference, "failures": Failure}
    put(home, "figures", "atlas-1",
        {name: (read_rows(folder / f"{name}.parquet", record), record) for name, record in tables.items()},
        images)  # fmt: skip
    put(home, "pairs", "atlas-1", {"pairs": (changed, Pair)})
    put(home, "kinds", "atlas-1", {"kinds": (kinds_of(changed), PairKind)})
    for book in home.books():
        hash_book(home, book)
    return home


def image_folder(path: Path, pictures: dict[str, bytes]) -> Path:
    """A classification set of one class with these pictures."""
    for name, data in pictures.items():
        (path / "tumor").mkdir(parents=True, exist_ok=True)
        (path / "tumor" / f"{name}.png").write_bytes(data)
    return path


def pathmmu(path: Path, asked: dict[str, tuple[str, ...]]) -> Path:
    """PathMMU without pictures: question to options."""
    entries = [
        {"No": number, "img": f"{number}.jpg", "question": question, "answer": "A",
         "options": [f"{chr(65 + place)}) {option}" for place, option in enumerate(options)]}
        for number, (question, options) in enumerate(asked.items())
    ]  # fmt: skip
    (path / "images").mkdir(parents=True)
    lists = {"val": [], "test": entries, "test_tiny": []}
    subsets = ("PubMed", "SocialPath", "EduContent", "Atlas", "PathCLS")
    empty: dict[str, list] = {"val": [], "test": [], "test_tiny": []}
    data = {subset: lists if subset == "Atlas" else empty for subset in subsets}
    (path / "data.json").write_text(json.dumps(data), encoding="utf-8")
    return path


def wsi_vqa(path: Path, splits: dict[str, list[str]]) -> Path:
    """WSI-VQA with one question a patient: split to patients."""
    path.mkdir(parents=True)
    for split, patients in splits.items():
        entries = [{"Id": patient, "Question": f"what is the grade of {n}?", "Choice": ["low", "high"], "Answer": "low"}
                   for n, patient in enumerate(patients)]  # fmt: skip
        (path / f"WsiVQA_{split}.json").write_text(json.dumps(entries), encoding="utf-8")
    return path


def slidebench(path: Path, slides: list[str]) -> Path:
    columns = ("ID", "Slide", "Tumor", "Broad Category", "Narrow Category", "Question", "A", "B", "C", "D", "Answer")
    path.mkdir(parents=True)
    with (path / "SlideBench-VQA-TCGA.csv").open("w", newline="", encoding="utf-8") as file:
        rows = [(n, slide, "BRCA", "Microscopy", "Grading", f"grade of {n}?", "low", "high", "", "", "A")
                for n, slide in enumerate(slides)]  # fmt: skip
        csv.writer(file).writerows([columns, *rows])
    return path
