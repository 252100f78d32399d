"""One page as it comes from a flatbed scanner: an image, slightly turned, without a text layer."""

import io
import math
from typing import Any

import numpy as np
import pymupdf
from PIL import Image, ImageFilter

from assets.textbooks.sample.layout import Press
from assets.textbooks.sample.pictures.stains import noise

DPI = 170


def choose_page(press: Press, figures: list[dict[str, Any]], rng: np.random.Generator) -> int:
    """A page with one plain picture that opens no chapter, by preference in an English chapter."""
    openings = {page for _, page, _ in press.openings}
    chinese = [page for chapter, page, _ in press.openings if chapter.language == "zh"]
    stop = {following for _, following, _ in press.openings if chinese and following > chinese[0]}
    by_page: dict[int, list[dict[str, Any]]] = {}
    for figure in figures:
        by_page.setdefault(figure["page"], []).append(figure)
    last = min(stop, default=10**6)
    good = [
        page
        for page, found in by_page.items()
        if page not in openings and not (chinese and chinese[0] <= page < last)
        and not any(figure["image_kind"] == "other" for figure in found)
    ]  # fmt: skip
    fewest = min(len(by_page[page]) for page in good)
    return int(rng.choice(sorted(page for page in good if len(by_page[page]) == fewest)))


def turned(box: list[float], size: tuple[float, float], degrees: float) -> list[float]:
    """Bounding box of a box turned counter-clockwise about the middle of the page."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    middle_x, middle_y = size[0] / 2, size[1] / 2
    xs, ys = [], []
    for x in (box[0], box[2]):
        for y in (box[1], box[3]):
            dx, dy = x - middle_x, y - middle_y
            xs.append(middle_x + dx * cos + dy * sin)
            ys.append(middle_y - dx * sin + dy * cos)
    return [min(xs), min(ys), max(xs), max(ys)]


def scan_page(press: Press, figures: list[dict[str, Any]]) -> int:
    """Replace one page of the document by its scan, turn the boxes of its figures; returns the page number."""
    rng = np.random.default_rng([press.style.seed, 8])
    number = choose_page(press, figures, rng)
    degrees = float(rng.choice([-1, 1]) * rng.uniform(0.35, 0.8))
    page = press.doc[number - 1]
    size = (page.rect.width, page.rect.height)
    pixels = page.get_pixmap(dpi=DPI, colorspace=pymupdf.csRGB)
    image = Image.frombytes("RGB", (pixels.width, pixels.height), pixels.samples)
    image = image.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=(250, 249, 244))
    values = np.asarray(image.filter(ImageFilter.GaussianBlur(0.6)), dtype=np.float32)
    shape = values.shape[:2]
    paper = 0.972 + 0.008 * noise(rng, shape, 300) + 0.006 * noise(rng, shape, 3)
    tint = np.array([1.0, 0.994, 0.97], np.float32)
    values = (values * 0.97 + 6) * paper[..., None] * tint
    values += rng.standard_normal(shape).astype(np.float32)[..., None] * 3
    specks = noise(rng, shape, 2) > 4.3
    values[specks] *= 0.5
    out = io.BytesIO()
    Image.fromarray(np.clip(values, 0, 255).astype(np.uint8)).save(out, "JPEG", quality=72, optimize=True)
    press.doc.delete_page(number - 1)
    fresh = press.doc.new_page(number - 1, width=size[0], height=size[1])
    fresh.insert_image(fresh.rect, stream=out.getvalue(), keep_proportion=False)
    for figure in figures:
        if figure["page"] == number:
            figure["scanned"] = True
            figure["bbox"] = turned(figure["bbox"], size, degrees)
            for panel in figure["panels"]:
                panel["bbox"] = turned(panel["bbox"], size, degrees)
    return number
