"""Where a picture begins inside a uniform border, with or without letters and words printed in the border."""

import numpy as np
from numpy.typing import NDArray

TOLERANCE = 14  # grey levels; JPEG noise beside an edge stays below
PLAIN = 0.6  # share of a line that is border: a line of print covers less than the rest
EDGE_PLAIN = 0.9  # the outermost line itself, where nothing is printed
LARGEST = 0.45  # share of a side that a border may take: what remains is the picture
ENDS = 3  # so many lines in a row that are no border end it: a rule or a bold word does not


def content_box(grey: NDArray[np.uint8]) -> tuple[int, int, int, int] | None:
    """(left, top, right, bottom) of what the border surrounds; the whole picture where there is none; None if blank.

    Rows go first, then columns within them, and the rows once more within those, so that a border of four sides needs
    no common colour. A picture is blank when hardly a pixel differs from its middle grey.
    """
    if not grey.size or _blank(grey):
        return None
    height, width = grey.shape
    left, top, right, bottom = 0, 0, width, height
    for _ in range(2):
        inner = grey[top:bottom, left:right]
        above, below = _depth(inner), _depth(inner[::-1])
        top, bottom = top + above, bottom - below
        inner = grey[top:bottom, left:right].T
        before, after = _depth(inner), _depth(inner[::-1])
        left, right = left + before, right - after
        if not (above or below or before or after):
            break
    return left, top, right, bottom


def _blank(grey: NDArray[np.uint8]) -> bool:
    sparse = grey[:: max(1, grey.shape[0] // 128), :: max(1, grey.shape[1] // 128)].astype(np.int16)
    return bool(np.mean(np.abs(sparse - int(np.median(sparse))) > TOLERANCE) < 0.002)


def _depth(lines: NDArray[np.uint8]) -> int:
    """How many lines from the first on are border."""
    first = lines[0]
    colour = int(np.median(first))
    if np.mean(np.abs(first.astype(np.int16) - colour) <= TOLERANCE) < EDGE_PLAIN:
        return 0
    most = int(len(lines) * LARGEST)
    depth, block = 0, 64
    for start in range(0, most, block):
        part = lines[start : min(start + block + ENDS, most)].astype(np.int16)
        plain = np.mean(np.abs(part - colour) <= TOLERANCE, axis=1) >= PLAIN
        for offset in range(min(block, len(part))):
            if plain[offset]:
                depth = start + offset + 1
            elif not plain[offset : offset + ENDS].any():
                return depth
    return depth
