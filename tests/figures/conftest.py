"""Small PDFs drawn with pymupdf, one rule of the figures station each."""

import io
from pathlib import Path

import numpy as np
import pymupdf
import pytest
from PIL import Image

from assets.figures.extract import Extraction, extract_pdf

BODY = (
    "The follicles are lined by cuboidal cells and filled with colloid that stains evenly. Between them lie "
    "capillaries and a few parafollicular cells, which are hard to see without special stains. In older patients the "
    "stroma grows denser and the colloid thicker, while the epithelium becomes low. None of this is a sign of disease "
    "by itself, and the pathologist weighs it together with the clinical history and the findings of the laboratory. "
)


def photo(width: int = 300, height: int = 200, seed: int = 0, mode: str = "RGB") -> Image.Image:
    """A picture with detail everywhere, so that no gutter can be mistaken in it."""
    noise = np.random.default_rng(seed).integers(60, 220, (height // 10, width // 10, 3), dtype=np.uint8)
    return Image.fromarray(noise).resize((width, height), Image.Resampling.BICUBIC).convert(mode)


def encoded(picture: Image.Image, kind: str = "JPEG") -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **({"quality": 90} if kind == "JPEG" else {}))
    return out.getvalue()


class Drawn:
    """A PDF under construction: `page()`, then `text`, `image`, `line`; `extract()` runs the station on it."""

    def __init__(self, path: Path) -> None:
        self.path, self.document = path, pymupdf.open()

    def page(self) -> pymupdf.Page:
        return self.document.new_page(width=595, height=842)

    def text(self, page, box, text, size=10, font="tiro", align=pymupdf.TEXT_ALIGN_JUSTIFY) -> None:
        left = page.insert_textbox(pymupdf.Rect(box), text, fontsize=size, fontname=font, align=align)
        assert left >= 0, "the text does not fit its box"

    def body(self, page, box, extra="") -> None:
        """Body text; `extra` is its first sentence."""
        self.text(page, box, extra + " " + BODY)

    def image(self, page, box, picture, kind="JPEG") -> None:
        data = picture if isinstance(picture, bytes) else encoded(picture, kind)
        page.insert_image(pymupdf.Rect(box), stream=data, keep_proportion=False)

    def save(self) -> Path:
        self.document.save(self.path)
        return self.path

    def extract(self) -> Extraction:
        return extract_pdf(self.save(), "drawn")


@pytest.fixture
def drawn(tmp_path: Path) -> Drawn:
    return Drawn(tmp_path / "drawn.pdf")


@pytest.fixture
def make_photo():
    return photo


@pytest.fixture
def encode():
    return encoded
