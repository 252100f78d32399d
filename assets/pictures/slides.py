"""Regions of whole-slide images, cut with OpenSlide, which is installed only where slides are used.

A region's bytes are its pixels as a PPM file: the same pixels give the same bytes, whatever encoder is installed.
"""

import re
from pathlib import Path
from typing import Any

from PIL import Image as Pillow

from assets.errors import BadInput, RowFault, one_line

REGION = re.compile(r"region=(\d{1,7}),(\d{1,7}),(\d{1,4}),(\d{1,4})")
ENDINGS = (".svs", ".tif", ".tiff", ".ndpi", ".mrxs", ".scn")


def region(x: int, y: int, width: int, height: int) -> str:
    """How a region of a slide is named: its left upper corner and size in pixels of level 0."""
    return f"region={x},{y},{width},{height}"


def need_openslide() -> Any:
    """The module. Raises BadInput, which says how to get it, when it is not installed."""
    try:
        import openslide
    except ImportError as error:
        raise BadInput(
            "pictures are cut out of slides with OpenSlide, which is not installed; "
            "run `pip install 'pathcorpus[slides]'`"
        ) from error
    return openslide


class Slides:
    """Keeps the slide open that was used last: sources list a slide's regions one after the other."""

    def __init__(self) -> None:
        self._path: Path | None = None
        self._slide: Any = None

    def close(self) -> None:
        if self._slide is not None:
            self._slide.close()
        self._path, self._slide = None, None

    def read(self, path: Path, member: str) -> bytes:
        """The pixels of a region on white, as PPM. Raises RowFault when the slide or the region is none."""
        openslide = need_openslide()
        numbers = REGION.fullmatch(member)
        if not numbers:
            raise RowFault("bad-region", f"{member} names no region of a slide")
        x, y, width, height = (int(number) for number in numbers.groups())
        try:
            if path != self._path:
                self.close()
                self._slide, self._path = openslide.OpenSlide(path), path
            across, down = self._slide.dimensions
            if x + width > across or y + height > down:
                raise RowFault("bad-region", f"{member} lies outside of {path}, which has {across} x {down} pixels")
            pixels = self._slide.read_region((x, y), 0, (width, height))
        except (openslide.OpenSlideError, OSError) as error:
            self.close()
            raise RowFault("damaged", f"{path} cannot be read as a slide: {one_line(error, 120)}") from error
        paper = Pillow.new("RGBA", pixels.size, "white")
        paper.alpha_composite(pixels)
        return b"P6\n%d %d\n255\n" % paper.size + paper.convert("RGB").tobytes()
