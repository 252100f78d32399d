"""How a page places its rasters: matrix, colour space, and which object of the file each one is."""

from dataclasses import dataclass
from typing import Any

import pymupdf

from assets.figures.geometry import Box

mupdf = pymupdf.mupdf


@dataclass(frozen=True)
class Placed:
    """A raster on the unrotated page. `matrix` maps the unit square to points, `profile` names its colour space."""

    box: Box
    matrix: tuple[float, float, float, float, float, float]
    width: int
    height: int
    profile: str
    image: Any  # MuPDF's handle, held so that the picture stays in memory


def read_placed(page: pymupdf.Page) -> list[Placed]:
    """All rasters in drawing order, as `page.get_image_info()` counts them."""
    text = page.get_textpage(flags=pymupdf.TEXT_PRESERVE_IMAGES)
    images = [block.i_image() for block in text.this if block.m_internal.type != mupdf.FZ_STEXT_BLOCK_TEXT]
    return [
        Placed(tuple(info["bbox"]), tuple(info["transform"]), info["width"], info["height"], info["cs-name"], image)
        for info, image in zip(text.extractIMGINFO(), images, strict=True)
    ]


def find_xref(page: pymupdf.Page, placed: Placed) -> int | None:
    """The object that holds the raster; None for one that stands in the page's own stream.

    MuPDF loads an object once as long as somebody holds it, so that the picture at an xref is the very one in memory.
    `get_image_info(xrefs=True)` decodes and hashes every picture of the page instead.
    """
    document = mupdf.PdfDocument(page.parent.this)
    for xref, _, wide, high, *_ in page.get_images():
        if (wide, high) == (placed.width, placed.height):
            loaded = mupdf.pdf_load_image(document, mupdf.pdf_new_indirect(document, xref, 0))
            if loaded.m_internal_value() == placed.image.m_internal_value():
                return int(xref)
    return None
