"""The pixels of a box on a page: embedded bytes unchanged, a decoded picture, or a rendering at native resolution.

A stored picture is used when it alone covers the box, nothing is drawn over it and the page shows it as it is. Where a
page must be rendered, panels are cut out of the rendering of their figure.
"""

import hashlib
import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pymupdf
from numpy.typing import NDArray
from PIL import Image as Pillow

from assets.figures.geometry import Box, area, grow, height, inside, overlap, turned, width
from assets.figures.layout import PageLayout, Raster
from assets.figures.painted import PaintOrder
from assets.figures.placed import Placed, find_xref, read_placed
from assets.figures.png import Pixels, png
from assets.figures.stored import PREVIEW, Stored, is_srgb, read_stored
from assets.records import Image

COVERS = 0.95
MAX_DPI = 600.0
VECTOR_DPI = 300.0  # drawings have no resolution of their own
MAX_PIXELS = 50_000_000
MAX_RENDERED = 0.98 * MAX_PIXELS  # the edges of a rendering are rounded to whole pixels
UPRIGHT = 1e-3
SQUARE = 0.02  # a picture whose pixels are further from square on the page is rendered before it is cut
DIFFERENCE = 12.0  # grey levels by which a stored picture may differ from what the page shows, on average
GUTTER_DPI, GUTTER_PIXELS = 200.0, 1600
PixelBox = tuple[int, int, int, int]


@dataclass(frozen=True)
class Picture:
    image: Image
    dpi: float
    pixels: str


class PagePixels:
    """Everything needed to cut pictures out of one page; what is looked up, decoded or rendered once is kept."""

    def __init__(self, document: pymupdf.Document, page: pymupdf.Page, layout: PageLayout) -> None:
        self.document, self.page, self.layout = document, page, layout
        self._stored: tuple[Raster, Stored | None] | None = None  # the last one asked for, as is the rendering
        self._rendering: tuple[float, PixelBox, Pixels] | None = None

    def cut(self, box: Box) -> Picture:
        """The picture of `box` (reading frame). Raises what pymupdf raises when the page cannot be rendered."""
        rasters = self._rasters(box)
        raster, stored = self._covering(box, rasters)
        if raster and stored:
            placed = self._placements[raster.number]
            dpi = 72 * stored.width / self._shape(placed)[0]
            if area(raster.box) > area(box) / COVERS:
                part = _part(stored.pixels, self._frame_box(placed), box)
                return Picture(_png_image(part), round(dpi, 1), "decoded")
            if stored.jpeg is None:
                return Picture(_png_image(stored.pixels), round(dpi, 1), "decoded")
            return Picture(_image(stored.jpeg, "image/jpeg", stored.width, stored.height), round(dpi, 1), "embedded")
        dpi = self._dpi(box, rasters)
        return Picture(_png_image(self._rendered(box, dpi / 72)), round(dpi, 1), "rendered")

    def grey(self, box: Box) -> NDArray[np.uint8]:
        """The box as the page shows it, grey levels at 200 dpi (at most 1600 pixels across), for finding gutters."""
        zoom = min(GUTTER_DPI / 72, GUTTER_PIXELS / max(width(box), height(box)))
        return np.asarray(Pillow.fromarray(self._drawn(box, zoom)[1]).convert("L"))

    def _rasters(self, box: Box) -> list[Raster]:
        placed = self.layout.rasters if self.layout.placed is None else self.layout.placed
        return [r for r in placed if overlap(r.box, box) > 0.02 * area(box)]

    # ---------------------------------------------------------------------------------------------------- one raster
    def _covering(self, box: Box, rasters: list[Raster]) -> tuple[Raster | None, Stored | None]:
        """The last raster in the box, when it covers it and its stored pixels are what the page shows."""
        raster = max(rasters, key=lambda r: r.number, default=None)
        if self.layout.skew or raster is None or overlap(raster.box, box) < COVERS * area(box):
            return None, None
        if area(raster.box) > area(box) / COVERS and not self._can_be_parted(raster, box):
            return None, None
        if self._stored is None or self._stored[0] != raster:
            self._stored = raster, self._shown(raster)
        return self._stored

    def _can_be_parted(self, raster: Raster, box: Box) -> bool:
        """Whether the box is a part of the raster, whose pixels are square on the page."""
        placed = self._placed(raster)
        if placed is None or inside(box, grow(raster.box, 0.5)) < 1:
            return False
        whole = self._frame_box(placed)
        return abs(placed.width * height(whole) / (placed.height * max(1e-6, width(whole))) - 1) < SQUARE

    def _shown(self, raster: Raster) -> Stored | None:
        """The raster as it is stored; None when the page does not show it so (turned, cut, painted over, damaged)."""
        placed = self._placed(raster)
        if placed is None or raster.width * raster.height > MAX_PIXELS:
            return None
        a, b, c, d = self._shape(placed)
        if abs(b) + abs(c) > UPRIGHT * (abs(a) + abs(d)) or a <= 0 or d <= 0:
            return None
        profile = self._profile(placed.profile)
        if profile is None or self._painted.over(self.layout.on_page(raster.box)):
            return None
        xref = find_xref(self.page, placed)
        stored = read_stored(self.document, xref, profile) if xref else None
        return stored if stored and self._looks_like(stored, raster.box) else None

    def _profile(self, name: str) -> str | None:
        """Colour space that the page gives to a raster's; None where the page's own (DefaultRGB, an output intent)
        takes the place of a device's.
        """
        default = {
            "DeviceGray": pymupdf.mupdf.fz_default_gray,
            "DeviceRGB": pymupdf.mupdf.fz_default_rgb,
            "DeviceCMYK": pymupdf.mupdf.fz_default_cmyk,
        }.get(name)
        if default is None:
            return name
        own = pymupdf.mupdf.fz_colorspace_name(default(self._default_spaces))
        return name if own == name or is_srgb(own) else None

    @cached_property
    def _default_spaces(self) -> pymupdf.mupdf.FzDefaultColorspaces:
        page = pymupdf.mupdf.pdf_page_from_fz_page(self.page.this)
        return pymupdf.mupdf.pdf_load_default_colorspaces(pymupdf.mupdf.PdfDocument(self.document.this), page)

    @cached_property
    def _painted(self) -> PaintOrder:
        return PaintOrder(self.page)

    def _looks_like(self, stored: Stored, box: Box) -> bool:
        """Whether the page shows this picture in this box: guards against clips, overlays and odd colour spaces."""
        shown = Pillow.fromarray(self._drawn(box, PREVIEW / max(1.0, width(box), height(box)))[1])
        size = max(4, shown.width // 8), max(4, shown.height // 8)
        small = [p.resize(size, Pillow.Resampling.BOX) for p in (shown, stored.preview)]
        a, b = (np.asarray(p, dtype=int)[1:-1, 1:-1] for p in small)
        return float(np.abs(a - b).mean()) < DIFFERENCE

    # ------------------------------------------------------------------------------------------------------ placements
    @cached_property
    def _placements(self) -> list[Placed]:
        return read_placed(self.page)

    def _placed(self, raster: Raster) -> Placed | None:
        """How the raster is placed; None when a damaged page no longer lists the pictures that it listed at first."""
        placed = self._placements[raster.number] if raster.number < len(self._placements) else None
        return placed if placed and (placed.width, placed.height) == (raster.width, raster.height) else None

    def _shape(self, placed: Placed) -> tuple[float, float, float, float]:
        """The matrix of a raster without its shift, in the reading frame."""
        a, b, c, d, _, _ = placed.matrix
        for _ in range(self.layout.turn % 4):
            a, b, c, d = -b, a, -d, c
        return a, b, c, d

    def _frame_box(self, placed: Placed) -> Box:
        """The whole raster in the reading frame, beyond the page's edge too."""
        return turned(placed.box, self.layout.turn, self.layout.width, self.layout.height)

    # -------------------------------------------------------------------------------------------------------- rendering
    def _dpi(self, box: Box, rasters: list[Raster]) -> float:
        """Resolution at which no raster in the box loses pixels, within limits."""
        telling = [r for r in rasters if overlap(r.box, box) > 0.05 * area(box)]
        native = [72 * math.sqrt(r.width * r.height / max(1.0, self._full_area(r))) for r in telling]
        dpi = min(MAX_DPI, max(72.0, *native) if native else VECTOR_DPI)
        return min(dpi, 72 * math.sqrt(MAX_RENDERED / max(1.0, area(box))))

    def _full_area(self, raster: Raster) -> float:
        """Points² that the whole raster would cover, beyond the page's edge too."""
        placed = self._placed(raster)
        return area(placed.box if placed else raster.box)

    def _rendered(self, box: Box, zoom: float) -> Pixels:
        """The box at `zoom` pixels a point; a part of the last rendering where that holds it."""
        left, top, right, bottom = (self._clip(box) * self._matrix(zoom)).round()
        if self._rendering is not None and self._rendering[0] == zoom:
            _, (x0, y0, x1, y1), pixels = self._rendering
            if x0 <= left < right <= x1 and y0 <= top < bottom <= y1:
                return pixels[top - y0 : bottom - y0, left - x0 : right - x0]
        self._rendering = zoom, *self._drawn(box, zoom)
        return self._rendering[2]

    def _drawn(self, box: Box, zoom: float) -> tuple[PixelBox, Pixels]:
        """Render: the pixels, and where they lie, counted from the page's origin."""
        pixmap = self._content.get_pixmap(self._matrix(zoom), pymupdf.csRGB, alpha=0, clip=self._clip(box))
        pixels = np.frombuffer(pixmap.samples, dtype=np.uint8).reshape(pixmap.height, pixmap.width, 3)
        if not pixels.size:
            raise pymupdf.mupdf.FzErrorArgument(f"nothing of the page lies in {box}")
        return (pixmap.x, pixmap.y, pixmap.x + pixmap.width, pixmap.y + pixmap.height), pixels

    @cached_property
    def _content(self) -> pymupdf.DisplayList:
        return self.page.get_displaylist(annots=0)

    def _clip(self, box: Box) -> pymupdf.Rect:
        return pymupdf.Rect(self.layout.on_page(box)) & self._content.rect

    def _matrix(self, zoom: float) -> pymupdf.Matrix:
        return pymupdf.Matrix(zoom, zoom).prerotate(90 * self.layout.turn)


def _part(pixels: Pixels, whole: Box, box: Box) -> Pixels:
    """The pixels of `box` out of those of `whole`."""
    high, wide, _ = pixels.shape
    sx, sy = wide / width(whole), high / height(whole)
    left, right = math.floor((box[0] - whole[0]) * sx + 1e-3), math.ceil((box[2] - whole[0]) * sx - 1e-3)
    top, bottom = math.floor((box[1] - whole[1]) * sy + 1e-3), math.ceil((box[3] - whole[1]) * sy - 1e-3)
    return pixels[max(0, top) : bottom, max(0, left) : right]


def _png_image(pixels: Pixels) -> Image:
    high, wide, _ = pixels.shape
    return _image(png(pixels), "image/png", wide, high)


def _image(data: bytes, media_type: str, wide: int, high: int) -> Image:
    name = hashlib.sha256(data).hexdigest()
    return Image(sha256=name, media_type=media_type, width=wide, height=high, data=data)
