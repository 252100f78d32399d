"""Scanned pages for the tests of OCR: pages typeset with pymupdf, then kept as a picture only."""

import importlib.util
import io
import os
import shutil

import numpy as np
import pymupdf
import pytest
from PIL import Image

PAPER = (250, 249, 244)
ENGLISH = (
    "The follicles are lined by cuboidal cells and filled with colloid that stains evenly. Between them lie "
    "capillaries and a few parafollicular cells, which are hard to see without special stains (Fig. 3A). In older "
    "patients the stroma grows denser and the colloid thicker, while the epithelium becomes low. "
)
CHINESE = (
    "基底细胞癌是人类最常见的恶性肿瘤，约百分之八十发生于头颈部，与长期日光照射有关。癌巢与间质之间常有收缩裂隙，"
    "诊断时应注意与毛母细胞瘤鉴别。鳞状细胞癌多发生在光化性角化病的基础上，癌细胞呈不规则巢状浸润真皮，胞质丰富。"
)


def needs(engine: str) -> pytest.MarkDecorator:
    """Skips a test where `engine` is missing; where PATHCORPUS_REQUIRE_OCR is set the test runs and fails."""
    installed = {
        "tesseract": shutil.which("tesseract") is not None,
        "rapidocr": all(importlib.util.find_spec(name) for name in ("rapidocr", "onnxruntime")),
    }[engine]
    required = os.environ.get("PATHCORPUS_REQUIRE_OCR") == "1"
    return pytest.mark.skipif(not installed and not required, reason=f"{engine} is not installed")


def typeset(draw) -> pymupdf.Document:
    """One page of 595 x 842 points on which `draw(page)` has drawn."""
    document = pymupdf.open()
    draw(document.new_page(width=595, height=842))
    return document


def scanned(document: pymupdf.Document, dpi: int = 200, skew: float = 0.0, turn: int = 0) -> pymupdf.Page:
    """The first page as a scanner gives it: noisy JPEG on off-white paper, lying `skew` degrees clockwise and stored
    with `turn` more quarter turns counter-clockwise.
    """
    pixmap = document[0].get_pixmap(dpi=dpi, colorspace=pymupdf.csRGB)
    picture = Image.frombytes("RGB", (pixmap.width, pixmap.height), pixmap.samples)
    picture = picture.rotate(-skew, Image.Resampling.BICUBIC, fillcolor=(255, 255, 255))
    values = (
        np.asarray(picture, dtype=np.float32) * (np.array(PAPER) / 255) * np.linspace(1, 0.96, picture.width)[:, None]
    )
    values += np.random.default_rng(1).normal(0, 3, values.shape)
    picture = Image.fromarray(np.clip(values, 0, 255).astype(np.uint8)).rotate(90 * turn, expand=True)
    data = io.BytesIO()
    picture.save(data, "JPEG", quality=80)
    stored = pymupdf.open()
    size = (595, 842) if turn % 2 == 0 else (842, 595)
    page = stored.new_page(width=size[0], height=size[1])
    page.insert_image(page.rect, stream=data.getvalue(), keep_proportion=False)
    return page


def write(page: pymupdf.Page, box, text: str, size: float = 10, font: str = "tiro") -> None:
    left = page.insert_textbox(pymupdf.Rect(box), text, fontsize=size, fontname=font)
    assert left >= 0, "the text does not fit its box"


def stain(width: int, height: int, seed: int = 0, ground=(246, 226, 238)) -> bytes:
    """A pale picture with darker nuclei, as haematoxylin and eosin give it."""
    rng = np.random.default_rng(seed)
    values = np.full((height, width, 3), ground, dtype=np.float32) + rng.normal(0, 4, (height, width, 1))
    y, x = np.mgrid[0:height, 0:width]
    for cx, cy, r in zip(rng.uniform(0, width, 90), rng.uniform(0, height, 90), rng.uniform(4, 9, 90), strict=True):
        values[(x - cx) ** 2 + (y - cy) ** 2 < r * r] = (120, 80, 160)
    out = io.BytesIO()
    Image.fromarray(np.clip(values, 0, 255).astype(np.uint8)).save(out, "PNG")
    return out.getvalue()


def share(a, b) -> float:
    """Intersection over union."""
    w, h = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    inner = max(0, w) * max(0, h)
    return inner / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - inner)
