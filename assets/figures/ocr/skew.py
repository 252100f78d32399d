"""By how much a page lies askew on the scanner, and the way back from the straightened page to the one stored."""

import math

import numpy as np
from PIL import Image
from scipy.ndimage import grey_closing

from assets.figures.geometry import Box
from assets.figures.ocr.page_image import PageImage

LIMIT = 5.0  # degrees
SEEN_AT = 75.0  # dpi
SURE = 1.15  # how much sharper the rows of text must be than they are at other angles
TRIVIAL = 0.06  # degrees: less moves the end of a line by less than half a point


def find_skew(image: PageImage) -> float:
    """The angle in degrees by which text lines fall to the right, at most 5; 0.0 where the page does not tell.

    Projection profile: turned by the right angle, the rows of a page are either text or white (Postl 1986). Only small
    dark strokes count, so that pictures have no say.
    """
    grey = Image.fromarray(image.grey)
    shrink = SEEN_AT / 72 / image.scale
    small = grey.resize((round(grey.width * shrink), round(grey.height * shrink)), Image.Resampling.BOX)
    values = np.asarray(small)
    strokes = grey_closing(values, size=(7, 7)).astype(np.int16) - values
    ink = Image.fromarray(np.clip(2 * strokes - 30, 0, 255).astype(np.uint8))

    def sharpness(degrees: float) -> float:
        rows = np.asarray(ink.rotate(degrees, Image.Resampling.BILINEAR), dtype=np.float32).sum(axis=1)
        return float(np.square(np.diff(rows)).sum())

    coarse = {angle: sharpness(angle) for angle in np.arange(-LIMIT, LIMIT + 0.1, 0.5)}
    best = max(coarse, key=lambda a: coarse[a])
    if coarse[best] < SURE * (float(np.median(list(coarse.values()))) + 1):
        return 0.0
    for step in (0.25, 0.1, 0.04):
        best = max((best - step, best, best + step), key=sharpness)
    return 0.0 if abs(best) < TRIVIAL else round(float(best), 3)


def skewed(box: Box, degrees: float, frame_width: float, frame_height: float) -> Box:
    """The box around `box` of the straightened page where it lies on the page as stored (same frame, in points)."""
    if degrees == 0:
        return box
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    middle_x, middle_y = frame_width / 2, frame_height / 2
    corners = [(x - middle_x, y - middle_y) for x in (box[0], box[2]) for y in (box[1], box[3])]
    xs = [middle_x + x * cos - y * sin for x, y in corners]
    ys = [middle_y + x * sin + y * cos for x, y in corners]
    return min(xs), min(ys), max(xs), max(ys)
