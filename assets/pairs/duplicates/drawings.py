"""Charts and drawings: pictures of paper and ink, which share axes, letters and layout with strangers.

Neither a coarse hash nor keypoints tell two charts of one template apart: all nine joins that they made among the 188
figures and panels of 15 open-access articles were charts with other data. So a drawing joins by equal pixels, or when
its ink lies in the same places.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

Rgb = NDArray[np.uint8]  # (height, width, 3)
# Share of one grey level that makes a drawing: paper has no noise, glass has. Of the 188 pictures two thirds have more;
# tissue on glass reaches .25, and .7 where it was brightened until the glass is white.
FLAT = 0.4
INK = 40  # grey levels from the paper
SIDE, PATCH, SHIFT = 320, 40, 4  # pixels: of the shrunk drawing, of its patches, and how far a patch may have moved
BUSY = 0.15  # of the strongest patch's edges: patches with less are empty, or noise
WORST = 10  # percent of the patches: where data differ, a few patches do
SAME = 0.75  # correlation of the edges in all but the worst patches


def is_drawing(grey: NDArray[np.uint8]) -> bool:
    """Whether most of a picture, (height, width), is paper."""
    return _paper(grey)[1] >= FLAT


def same_ink(a: Rgb, b: Rgb, turn: int) -> float:
    """-1..1: correlation of the edges of two drawings without their margins, b in TURNS[turn] of hashes.py.

    It is that of the worst tenth of the patches: a template agrees everywhere but where the data are.
    """
    quarter, mirrored = turn % 4, turn >= 4
    b = np.rot90(b[:, ::-1] if mirrored else b, quarter)
    one, other = (_edges(cv2.cvtColor(np.ascontiguousarray(rgb), cv2.COLOR_RGB2GRAY)) for rgb in (a, b))
    strength = [np.abs(edges).reshape(SIDE // PATCH, PATCH, -1, PATCH).mean(axis=(1, 3)) for edges in (one, other)]
    busy = np.maximum(*strength)
    found = []
    for row, column in np.argwhere(busy > BUSY * busy.max()).tolist():
        top, left = PATCH * row, PATCH * column
        patch = one[top : top + PATCH, left : left + PATCH]
        around = other[max(0, top - SHIFT) : top + PATCH + SHIFT, max(0, left - SHIFT) : left + PATCH + SHIFT]
        matched = cv2.matchTemplate(around, patch, cv2.TM_CCOEFF_NORMED) if patch.any() else np.zeros(1)
        found.append(float(matched.max()))
    return float(np.percentile(found, WORST)) if found else 0.0


def _paper(grey: NDArray) -> tuple[int, float]:
    """The most frequent grey level and the share of pixels that have it."""
    sparse = grey[:: max(1, grey.shape[0] // 200), :: max(1, grey.shape[1] // 200)]
    counts = np.bincount(sparse.ravel(), minlength=256)
    return int(counts.argmax()), float(counts.max() / sparse.size)


def _edges(grey: NDArray) -> NDArray[np.float32]:
    paper, _ = _paper(grey)
    ink = np.abs(grey.astype(np.int16) - paper) > INK
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    inner = grey[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] if len(rows) else grey
    small = cv2.resize(inner, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.Laplacian(cv2.GaussianBlur(small, (0, 0), 1.2).astype(np.float32), cv2.CV_32F), np.float32)
