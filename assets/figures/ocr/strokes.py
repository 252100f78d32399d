"""How thick the strokes of a word are: what tells bold type on a scan."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from assets.figures.ocr.words import Word


def with_strokes(words: list[Word], grey: NDArray[np.uint8]) -> list[Word]:
    """`words` (boxes in pixels) with the mean thickness of their strokes in pixels."""
    return [replace(word, stroke=_thickness(grey, word)) for word in words]


def _thickness(grey: NDArray[np.uint8], word: Word) -> float:
    """Twice the ink's area over the length of its outline.

    Both are taken from grey levels (area: sum of darkness, outline: total variation), which is finer than a pixel.
    """
    x0, y0, x1, y1 = (int(v) for v in word.box)
    part = grey[max(0, y0 - 2) : y1 + 2, max(0, x0 - 2) : x1 + 2].astype(np.float32)
    if part.size == 0:
        return 0.0
    ground, dark = np.percentile(part, (90, 2))
    if ground - dark < 40:
        return 0.0
    ink = np.clip((ground - part) / (ground - dark), 0, 1)
    ink[ink < 0.15] = 0
    down, across = np.diff(ink, axis=0)[:, :-1], np.diff(ink, axis=1)[:-1]
    outline = float(np.hypot(down, across).sum())
    return 2 * float(ink.sum()) / outline if outline else 0.0
