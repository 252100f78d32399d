"""Generated slides, their fields, and the eleven ways in which a figure comes back: for benchmarks/pairs.py."""

from collections.abc import Iterator
from io import BytesIO

import cv2
import numpy as np
from PIL import Image, ImageDraw

from assets.textbooks.sample.pictures import draw
from assets.textbooks.sample.pictures.architecture import PATTERNS

WIDTH, HEIGHT, FIELDS = 400, 300, 3
GLASS = 8.0  # grey levels of deviation; a lamp and sensor noise alone give at most 4, the palest tissue 16
ORIGINAL = "original"
EDITS = ("rejpeg", "half", "half_rejpeg", "brighter", "darker", "grey", "mirror", "crop10", "crop20", "border_label")


def fields(slide: int) -> dict[int, np.ndarray]:
    """Place -> field, (300, 400, 3): up to three neighbours of one slide, side by side without overlap.

    A wide slide of a growth that lines a cavity has fields of bare glass; nobody prints those, and they are left out.
    """
    rng = np.random.default_rng([7, slide])
    names = sorted(PATTERNS)
    recipe = {
        "family": "ihc" if slide % 4 == 3 else "he",
        "pattern": names[slide % len(names)],
        "cell": float(rng.uniform(18, 40)),
        "atypia": float(rng.uniform(0.05, 0.7)),
        "lymphocytes": float(rng.uniform(0, 0.5)),
    }
    # Lengths of a recipe are for 740 pixels; a slide is three fields wide.
    recipe["cell"] *= 740 / (WIDTH * FIELDS) * 0.9
    whole = draw(recipe, (HEIGHT, WIDTH * FIELDS), rng)
    cut = {n: np.ascontiguousarray(whole[:, WIDTH * n : WIDTH * (n + 1)]) for n in range(FIELDS)}
    return {n: field for n, field in cut.items() if field.std() > GLASS}


def versions(field: np.ndarray, seed: int) -> Iterator[tuple[str, bytes]]:
    """(name of the edit, encoded picture) of a field, the original first."""
    rng = np.random.default_rng([11, seed])
    picture = Image.fromarray(field)
    half = picture.resize((WIDTH // 2, HEIGHT // 2), Image.Resampling.LANCZOS)
    yield ORIGINAL, encoded(picture, 92)
    yield "rejpeg", encoded(picture, 40)
    yield "half", encoded(half, 92)
    yield "half_rejpeg", encoded(half, 50)
    yield "brighter", encoded(picture.point(lambda level: min(255, round(level * 1.25))), 85)
    yield "darker", encoded(picture.point(lambda level: round(level * 0.75)), 85)
    yield "grey", encoded(picture.convert("L").convert("RGB"), 85)
    yield "mirror", encoded(picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT), 85)
    for share in (0.1, 0.2):
        yield f"crop{share * 100:.0f}", encoded(Image.fromarray(cropped(field, share, rng)), 85)
    yield "border_label", encoded(framed(picture, rng), 85)


def cropped(field: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """A part with each side shorter by `share`, at a random place, enlarged to the old size as a layout would."""
    height, width = (round(side * (1 - share)) for side in field.shape[:2])
    top, left = rng.integers(0, field.shape[0] - height + 1), rng.integers(0, field.shape[1] - width + 1)
    part = field[top : top + height, left : left + width]
    return cv2.resize(part, field.shape[1::-1], interpolation=cv2.INTER_CUBIC)


def framed(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """The picture on white or black paper of uneven margins, with a letter and a line of print in them."""
    left, top, right, bottom = (int(n) for n in rng.integers(8, 40, 4))
    paper, ink = (250, 15) if rng.random() < 0.8 else (5, 240)
    page = Image.new("RGB", (picture.width + left + right, picture.height + top + bottom + 24), (paper,) * 3)
    page.paste(picture, (left, top))
    pen = ImageDraw.Draw(page)
    pen.text((left, top + picture.height + 4), f"Figure {rng.integers(1, 30)}.{rng.integers(1, 40)}", fill=(ink,) * 3)
    pen.text((2, 1), "ABCDEF"[int(rng.integers(6))], fill=(ink,) * 3)
    return page


def encoded(picture: Image.Image, quality: int) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()
