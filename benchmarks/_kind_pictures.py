"""Generated pictures of all six kinds for benchmarks/pairs_kinds.py: the sample textbook's recipes, and what is other.

Tissue, cells and signals are drawn by the sample textbook's painters with another chance, size, light and compression
each time. `other` are charts, gels, radiology-like grey pictures, schemes and people-like photographs, drawn here.
"""

import tomllib
from collections.abc import Iterator
from importlib import resources
from io import BytesIO

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from assets.textbooks.sample.pictures import draw

KINDS = ("he", "gross", "cytology", "ihc", "fish", "other")
OTHERS = ("bars", "curves", "gel", "radiograph", "scheme", "person")


def recipes() -> dict[str, list[tuple[str, dict]]]:
    """Kind to (name, recipe) of the sample textbook's figures. Every recipe has a name."""
    found: dict[str, list[tuple[str, dict]]] = {kind: [] for kind in KINDS}
    folder = resources.files("assets.textbooks.sample") / "chapters"
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if not entry.name[0].isdigit():
            continue
        for figure in tomllib.loads(entry.read_text(encoding="utf-8"))["figure"]:
            for number, part in enumerate(figure.get("panel", [figure])):
                if part["picture"]["family"] in KINDS:
                    found[part["picture"]["family"]].append((f"{figure['id']}-{number}", part["picture"]))
    found["other"] = [(f"{name}-{number}", {"other": name, "seed": number}) for name in OTHERS for number in range(4)]
    return found


def pictures(each: int, seed: int) -> Iterator[tuple[str, str, bytes]]:
    """(kind, name of its recipe, encoded picture): `each` of every kind, its recipes in turn."""
    for place, (kind, choices) in enumerate(recipes().items()):
        for number in range(each):
            name, recipe = choices[number % len(choices)]
            rng = np.random.default_rng([seed, place, number])
            shape = (int(rng.uniform(180, 300)), int(rng.uniform(240, 400)))
            if "other" in recipe:
                image = _other(recipe["other"], shape, np.random.default_rng([recipe["seed"], seed, number]))
            else:
                image = Image.fromarray(draw(recipe, shape, rng))
            yield kind, f"{kind}-{name}", _printed(image, rng)


def _printed(image: Image.Image, rng: np.random.Generator) -> bytes:
    """As a lamp, a printer and a JPEG leave it."""
    image = ImageEnhance.Brightness(image).enhance(rng.uniform(0.85, 1.1))
    image = ImageEnhance.Color(image).enhance(rng.uniform(0.7, 1.2))
    red, green, blue = (int(v) for v in rng.uniform(-10, 10, 3))
    shifted = np.clip(np.asarray(image, dtype=np.int16) + (red, green, blue), 0, 255).astype(np.uint8)
    buffer = BytesIO()
    Image.fromarray(shifted).save(buffer, "JPEG", quality=int(rng.uniform(60, 92)))
    return buffer.getvalue()


def _other(name: str, shape: tuple[int, int], rng: np.random.Generator) -> Image.Image:
    return {"bars": _bars, "curves": _curves, "gel": _gel, "radiograph": _radiograph, "scheme": _scheme,
            "person": _person}[name](shape, rng)  # fmt: skip


def _colours(rng: np.random.Generator, count: int) -> list[tuple[int, int, int]]:
    return [tuple(int(v) for v in rng.uniform(20, 220, 3)) for _ in range(count)]  # type: ignore[misc]


def _bars(shape: tuple[int, int], rng: np.random.Generator) -> Image.Image:
    image = Image.new("RGB", shape[::-1], "white")
    pen = ImageDraw.Draw(image)
    count = int(rng.integers(3, 9))
    slot = (shape[1] - 40) / count
    for place, colour in enumerate(_colours(rng, count)):
        x, top = 30 + place * slot, rng.uniform(15, shape[0] - 40)
        pen.rectangle((x, top, x + 0.7 * slot, shape[0] - 20), fill=colour, outline="black")
    pen.line((28, 10, 28, shape[0] - 20, shape[1] - 6, shape[0] - 20), fill="black", width=2)
    return image


def _curves(shape: tuple[int, int], rng: np.random.Generator) -> Image.Image:
    image = Image.new("RGB", shape[::-1], "white")
    pen = ImageDraw.Draw(image)
    for colour in _colours(rng, int(rng.integers(2, 6))):
        steps = np.cumsum(rng.uniform(0, 1, 20))
        heights = 15 + (shape[0] - 45) * steps / steps[-1] * rng.uniform(0.4, 1)
        pen.line([(30 + i * (shape[1] - 45) / 19, h) for i, h in enumerate(heights)], fill=colour, width=2)
    pen.line((28, 10, 28, shape[0] - 20, shape[1] - 6, shape[0] - 20), fill="black", width=2)
    return image


def _noise(shape: tuple[int, int], rng: np.random.Generator, low: float, high: float, blur: float) -> Image.Image:
    noise = Image.fromarray(rng.integers(0, 256, shape, dtype=np.uint8)).filter(ImageFilter.GaussianBlur(blur))
    levels = np.asarray(noise, dtype=float)
    levels = (levels - levels.min()) / max(1.0, np.ptp(levels))
    return Image.fromarray((low + (high - low) * levels).astype(np.uint8))


def _gel(shape: tuple[int, int], rng: np.random.Generator) -> Image.Image:
    image = _noise(shape, rng, 150, 215, 3)
    pen = ImageDraw.Draw(image)
    lanes = int(rng.integers(4, 10))
    for lane in range(lanes):
        x = (lane + 0.2) * shape[1] / lanes
        for y in rng.uniform(10, shape[0] - 20, 3):
            pen.rounded_rectangle(
                (x, y, x + 0.6 * shape[1] / lanes, y + rng.uniform(3, 12)), 3, fill=int(rng.uniform(20, 110))
            )
    return image.filter(ImageFilter.GaussianBlur(1.2)).convert("RGB")


def _radiograph(shape: tuple[int, int], rng: np.random.Generator) -> Image.Image:
    image = Image.new("L", shape[::-1], 8)
    pen = ImageDraw.Draw(image)
    high, wide = shape
    pen.ellipse((0.15 * wide, 0.05 * high, 0.85 * wide, 0.95 * high), fill=int(rng.uniform(90, 150)))
    for _ in range(int(rng.integers(3, 9))):
        x, y, r = rng.uniform(0.25, 0.75) * wide, rng.uniform(0.2, 0.8) * high, rng.uniform(8, 40)
        pen.ellipse((x - r, y - r, x + r, y + r), fill=int(rng.uniform(20, 230)))
    soft = np.asarray(image.filter(ImageFilter.GaussianBlur(3)), dtype=float) + rng.normal(0, 6, shape)
    return Image.fromarray(np.clip(soft, 0, 255).astype(np.uint8)).convert("RGB")


def _scheme(shape: tuple[int, int], rng: np.random.Generator) -> Image.Image:
    image = Image.new("RGB", shape[::-1], "white")
    pen = ImageDraw.Draw(image)
    for colour in _colours(rng, int(rng.integers(3, 7))):
        x, y = rng.uniform(0, shape[1] - 90), rng.uniform(0, shape[0] - 50)
        pale = tuple(int(200 + v / 5) for v in colour)
        pen.rounded_rectangle((x, y, x + 80, y + 40), 8, fill=pale, outline=colour, width=2)
        pen.line((x + 40, y + 40, rng.uniform(0, shape[1]), rng.uniform(0, shape[0])), fill="black", width=2)
    return image


def _person(shape: tuple[int, int], rng: np.random.Generator) -> Image.Image:
    """Skin-coloured shapes with soft shadows before a plain wall: what a clinical photograph has in common with one."""
    tone = np.array([(224, 172, 140), (198, 134, 98), (141, 85, 58), (255, 205, 178)][int(rng.integers(4))])
    image = Image.new("RGB", shape[::-1], tuple(int(v) for v in rng.uniform(90, 235, 3)))
    pen = ImageDraw.Draw(image)
    high, wide = shape
    skin = tuple(int(v) for v in tone)
    pen.ellipse((0.28 * wide, 0.1 * high, 0.72 * wide, 0.85 * high), fill=skin)
    pen.rectangle((0.1 * wide, 0.82 * high, 0.9 * wide, high), fill=tuple(int(v) for v in rng.uniform(20, 200, 3)))
    for x in (0.42, 0.58):
        pen.ellipse((x * wide - 9, 0.4 * high - 5, x * wide + 9, 0.4 * high + 5), fill=(250, 250, 250))
        pen.ellipse((x * wide - 4, 0.4 * high - 4, x * wide + 4, 0.4 * high + 4), fill=(50, 35, 25))
    pen.ellipse((0.43 * wide, 0.66 * high, 0.57 * wide, 0.71 * high), fill=(176, 80, 84))
    shade = np.linspace(0.7, 1.15, wide)[None, :, None] + rng.normal(0, 0.02, (high, wide, 1))
    soft = np.asarray(image.filter(ImageFilter.GaussianBlur(2)), dtype=float) * shade
    return Image.fromarray(np.clip(soft, 0, 255).astype(np.uint8))
