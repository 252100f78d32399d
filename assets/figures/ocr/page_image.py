"""The picture of a scanned page, upright and straight, and the way from its pixels to points."""

import math
from dataclasses import dataclass

import numpy as np
import pymupdf
from numpy.typing import NDArray
from PIL import Image

from assets.figures.geometry import Box, area

Pixels = NDArray[np.uint8]

LEAST_DPI, MOST_DPI = 200.0, 300.0
MAX_PIXELS = 30_000_000


@dataclass(frozen=True)
class PageImage:
    """`rgb` is H x W x 3. `width` and `height` are the reading frame in points.

    `turn` counts the clockwise quarter turns from the unrotated page; `skew` is the angle in degrees by which the text
    ran off clockwise before it was straightened about the middle of the frame.
    """

    rgb: Pixels
    width: float
    height: float
    turn: int = 0
    skew: float = 0.0

    @property
    def scale(self) -> float:
        """Pixels in a point."""
        return self.rgb.shape[1] / self.width

    @property
    def dpi(self) -> int:
        return round(72 * self.scale)

    @property
    def grey(self) -> Pixels:
        return np.asarray(Image.fromarray(self.rgb).convert("L"))

    def points(self, box: Box) -> Box:
        """A box of pixels in points of the reading frame."""
        x, y = self.width / self.rgb.shape[1], self.height / self.rgb.shape[0]
        return box[0] * x, box[1] * y, box[2] * x, box[3] * y

    def turned(self, quarter_turns: int) -> "PageImage":
        """The page turned clockwise by quarter turns."""
        if quarter_turns % 4 == 0:
            return self
        rgb = np.ascontiguousarray(np.rot90(self.rgb, -quarter_turns))
        size = (self.height, self.width) if quarter_turns % 2 else (self.width, self.height)
        return PageImage(rgb, *size, (self.turn + quarter_turns) % 4, self.skew)

    def straightened(self, degrees: float) -> "PageImage":
        """The page turned back by a small angle about its middle; corners that come in are filled with paper."""
        if degrees == 0:
            return self
        paper = tuple(int(v) for v in np.percentile(self.rgb[::8, ::8].reshape(-1, 3), 85, axis=0))
        turned = Image.fromarray(self.rgb).rotate(degrees, Image.Resampling.BICUBIC, fillcolor=paper)
        return PageImage(np.asarray(turned), self.width, self.height, self.turn, self.skew + degrees)


def render(page: pymupdf.Page) -> PageImage:
    """The unrotated page in colour at the dpi of its largest raster, within 200 to 300 dpi and 30 megapixels."""
    page.set_rotation(0)
    rasters = [(area(tuple(i["bbox"])), i) for i in page.get_image_info()]
    _, largest = max(rasters, key=lambda item: item[0], default=(0.0, None))
    size = abs(page.rect.width * page.rect.height)
    dpi = LEAST_DPI
    if largest:
        dpi = 72 * math.sqrt(largest["width"] * largest["height"] / max(1.0, area(tuple(largest["bbox"]))))
    dpi = min(max(dpi, LEAST_DPI), MOST_DPI, 72 * math.sqrt(MAX_PIXELS / max(1.0, size)))
    pixmap = page.get_pixmap(matrix=pymupdf.Matrix(dpi / 72, dpi / 72), colorspace=pymupdf.csRGB, alpha=False)
    rows = np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.stride)
    rgb = rows[:, : 3 * pixmap.width].reshape(pixmap.height, pixmap.width, 3)
    return PageImage(rgb, page.rect.width, page.rect.height)
