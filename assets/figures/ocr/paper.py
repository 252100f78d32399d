"""How far every spot of a scanned page is from the colour of its paper."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from assets.figures.ocr.page_image import PageImage

SEEN_AT = 100.0  # dpi: pictures and strokes are told apart at this scale
BLOCK = 16  # pixels of a block whose lightest spot is taken for paper
FAIR = 0.06  # share of the blocks that paper takes at least: margins alone take more
OFF = 40  # grey levels: a block this far from the usual paper is a picture's


def distance_from_paper(image: PageImage) -> NDArray[np.float32]:
    """The largest difference of a colour channel from the paper, 0..255, on the page at 100 dpi.

    Paper is a quadratic surface for each channel, fitted to the lightest spots of small blocks: a scan's light falls
    off towards its edges, and old paper is not white.
    """
    shrink = SEEN_AT / 72 / image.scale
    size = round(image.rgb.shape[1] * shrink), round(image.rgb.shape[0] * shrink)
    seen = np.asarray(Image.fromarray(image.rgb).resize(size, Image.Resampling.BOX), dtype=np.float32)
    high, wide = seen.shape[:2]
    rows, columns = high // BLOCK, wide // BLOCK
    if rows < 4 or columns < 4:
        return np.asarray(np.abs(seen - np.percentile(seen, 95, axis=(0, 1))).max(axis=2), dtype=np.float32)
    blocks = seen[: rows * BLOCK, : columns * BLOCK].reshape(rows, BLOCK, columns, BLOCK, 3)
    light = np.percentile(blocks, 80, axis=(1, 3)).reshape(-1, 3)
    y, x = (v.ravel() for v in np.mgrid[0:rows, 0:columns].astype(np.float64))
    y, x = (y + 0.5) / rows * 2 - 1, (x + 0.5) / columns * 2 - 1
    fine_y, fine_x = np.linspace(-1, 1, high)[:, None], np.linspace(-1, 1, wide)[None, :]
    kept = _like_paper(light)
    away = np.zeros((high, wide), dtype=np.float32)
    for channel in range(3):
        weights = _fitted(light[:, channel], kept, _terms(y, x))
        a, b, c, d, e, f = weights
        surface = a + b * fine_x + c * fine_y + d * fine_x**2 + e * fine_y**2 + f * fine_x * fine_y
        away = np.maximum(away, np.abs(surface - seen[..., channel]))
    return away


def _fitted(values: NDArray[np.floating], kept: NDArray[np.bool_], terms: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights of the surface through the paper: a plane, then a quadratic, refitted without blocks that lie below it.

    What lies below is a picture's; pictures are rarely lighter than their paper.
    """
    weights = np.zeros(terms.shape[1])
    use = kept
    for count, below in ((3, 8.0), (3, 5.0), (3, 4.0), (6, 4.0), (6, 3.0), (6, 3.0)):
        weights[:] = 0
        weights[:count], *_ = np.linalg.lstsq(terms[use, :count], values[use], rcond=None)
        error = values - terms @ weights
        following = kept & (error > -below) & (error < 3 * below)
        if following.sum() < max(12, 0.02 * len(values)):
            break
        use = following
    return weights


def _like_paper(light: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Which blocks show paper: those near the lightest tone that a fair part of the page has."""
    tone = light.min(axis=1)
    levels = np.bincount(np.clip(tone, 0, 255).astype(int), minlength=256).astype(float)
    near = np.convolve(levels, np.ones(9), "same") >= FAIR * len(tone)
    usual = float(np.flatnonzero(near)[-1]) if near.any() else float(tone.max())
    return np.asarray(np.abs(tone - usual) < OFF)


def _terms(y: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.stack([np.ones_like(x), x, y, x**2, y**2, x * y], axis=1)
