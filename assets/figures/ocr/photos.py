"""Continuous tone on a scanned page: photographs, micrographs, dark plates, filled areas of charts."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_fill_holes, find_objects, grey_opening, label, uniform_filter

from assets.figures.ocr.paper import SEEN_AT

Mask = NDArray[np.bool_]
Cell = tuple[int, int, int, int]  # x0, y0, x1, y1 in pixels of the page at 100 dpi

POINT = SEEN_AT / 72  # pixels
STROKE = round(6.5 * POINT)  # widest stroke or letter gap of ordinary type
TONE = 9.0  # least distance from paper: pale stains are hardly darker
FLAT = 3.0  # grey levels: a printed tint varies less than a picture
EDGE = 0.07  # of the page's width or height: shadows and borders of a scan are thinner
NEAR = round(9 * POINT)  # parts of one drawing lie at most this far apart
LEAST = round(25 * POINT)  # a picture is at least this wide and high


def tone_mask(away: NDArray[np.float32]) -> Mask:
    """Where no paper shows through for the width of a letter: text vanishes, pictures stay with their edges.

    Grey opening (erosion, then dilation) of the distance from paper removes what is thinner than the window.
    """
    opened = grey_opening(uniform_filter(away, 3), size=(STROKE, STROKE))
    mask = opened > TONE
    regions, count = label(mask)
    kept = np.zeros(count + 1, dtype=bool)
    for number, (rows, columns) in enumerate(find_objects(regions), 1):
        kept[number] = min(rows.stop - rows.start, columns.stop - columns.start) >= STROKE
    return np.asarray(kept[regions])


def is_tint(away: NDArray[np.float32], part: Mask) -> bool:
    """Whether the area `part` has one tone, as the ground of a box or a table has: most of it lies near its median."""
    tones = away[part]
    return bool(tones.size) and float(np.mean(np.abs(tones - np.median(tones)) < 2 * FLAT)) > 0.7


def photographs(away: NDArray[np.float32], tones: Mask) -> Mask:
    """The part of `tones` in which no text of the page can stand: large areas that vary; small holes are closed."""
    out = np.zeros_like(tones)
    regions, _ = label(tones)
    for number, where in enumerate(find_objects(regions), 1):
        rows, columns = where
        if min(rows.stop - rows.start, columns.stop - columns.start) < LEAST:
            continue
        part = regions[where] == number
        if is_tint(away[where], part):
            continue
        filled = binary_fill_holes(part)
        if filled.mean() > 0.8:
            filled = np.ones_like(filled)
        out[where] |= filled
    return out


def without_edges(ink: Mask) -> Mask:
    """`ink` without what a scan shows beyond the paper: runs that touch the edge of the picture and stay near it."""
    out = ink.copy()
    for view in (out, out[:, ::-1], out.T, out.T[:, ::-1]):
        reach = np.argmin(view, axis=1)  # length of the run that starts at the edge
        reach[view.all(axis=1)] = view.shape[1]
        near = (reach > 0) & (reach < EDGE * view.shape[1])
        view[:, : round(EDGE * view.shape[1])][
            near[:, None] & (np.arange(round(EDGE * view.shape[1]))[None, :] < reach[:, None])
        ] = False
    return out
