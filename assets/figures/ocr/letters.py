"""Panel letters that page reading misses: single letters that stand alone at pictures or are printed on them.

Candidates are found by shape and read together. Only single letters are kept, with or without a bracket.
"""

import re
from collections import Counter
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import find_objects, label

from assets.figures.geometry import Box, distance, grow, height, overlap, width
from assets.figures.ocr.words import Word

LETTER = re.compile(r"^[(\[]?([A-Za-z])[)\].]?$")
LEAST, MOST = 4.5, 26.0  # points: height of a panel letter
CORNER = 0.25  # panel letters stand in the outer quarter of their picture
LIKELY = 0.6
MAX_ASKED = 40
INKY = (0.12, 0.8)  # share of its box that a letter fills

Reader = Callable[[list[NDArray[np.uint8]]], list[tuple[str, float]]]


def find_letters(
    grey: NDArray[np.uint8], scale: float, pictures: list[Box], marks: list[Box], known: list[Box], read: Reader
) -> list[Word]:
    """Letters that are not in `known` text boxes; all boxes in pixels of `grey`, of which `scale` make a point.

    `marks` are small shapes on paper.
    """
    spots = [(box, _cut(grey, box)) for box in _at_pictures(marks, pictures, scale)]
    for picture in pictures:
        spots += _on_picture(grey, picture, scale)
    spots = [(box, crop) for box, crop in spots if not any(overlap(box, k) > 0 for k in known)][:MAX_ASKED]
    words = []
    for row, ((box, _), (text, score)) in enumerate(zip(spots, read([crop for _, crop in spots]), strict=True)):
        text = re.sub(r"^\(?@\)?$", "(a)", re.sub(r"^\(?©\)?$", "(c)", text))
        if LETTER.match(text) and score >= LIKELY:
            words.append(Word(text, box, score, (-1, row)))
    return words


def _at_pictures(marks: list[Box], pictures: list[Box], scale: float) -> list[Box]:
    """Marks of a letter's size near a picture that stand alone."""
    return [
        m for m in marks
        if LEAST * scale <= height(m) <= MOST * scale and 0.2 < width(m) / height(m) < 2.5
        and any(distance(m, p) < 30 * scale for p in pictures)
        and not any(o is not m and distance(m, o) < height(m) for o in marks)
    ]  # fmt: skip


def _cut(grey: NDArray[np.uint8], box: Box) -> NDArray[np.uint8]:
    x0, y0, x1, y1 = (int(v) for v in grow(box, 2))
    return grey[max(0, y0) : y1, max(0, x0) : x1]


def _on_picture(grey: NDArray[np.uint8], picture: Box, scale: float) -> list[tuple[Box, NDArray[np.uint8]]]:
    """Shapes of one light or dark tone near the corners of a picture that stand clear of what is around them."""
    x0, y0, x1, y1 = (int(v) for v in picture)
    part = grey[max(0, y0) : y1, max(0, x0) : x1]
    if min(part.shape, default=0) < 40:
        return []
    found: list[tuple[Box, NDArray[np.uint8]]] = []
    for tone in (part > 235, part < 40):
        regions, _ = label(tone)
        for number, where in enumerate(find_objects(regions), 1):
            rows, columns = where
            high, wide = rows.stop - rows.start, columns.stop - columns.start
            if not LEAST * scale <= high <= MOST * scale or not 0.15 < wide / high < 1.4:
                continue
            shape = regions[where] == number
            middle = ((rows.start + rows.stop) / 2 / part.shape[0], (columns.start + columns.stop) / 2 / part.shape[1])
            cornered = all(m < CORNER or m > 1 - CORNER for m in middle)
            around = tone[max(0, rows.start - 3) : rows.stop + 3, max(0, columns.start - 3) : columns.stop + 3]
            alone = around.sum() < 1.15 * shape.sum()
            if cornered and alone and INKY[0] < shape.mean() < INKY[1]:
                left, top = float(x0 + columns.start), float(y0 + rows.start)
                crop = np.pad(np.where(shape, 0, 255).astype(np.uint8), 4, constant_values=255)
                found.append(((left, top, left + wide, top + high), crop))
    return found


def in_a_run(found: list[Word], known: list[Word]) -> list[Word]:
    """Of letters found by shape those in the form of most (bracketed or not, capitals or not) with a neighbour in the
    alphabet, among themselves or the `known` words that stand alone.
    """
    letters = [word for word in (*found, *known) if LETTER.match(word.text)]
    forms = Counter(_form(word.text) for word in letters)
    usual = forms.most_common(1)[0][0] if forms else ""
    names = {_name(word.text) for word in letters if _form(word.text) == usual}
    return [
        word for word in found
        if _form(word.text) == usual and any(chr(ord(_name(word.text)) + by) in names for by in (-1, 1))
    ]  # fmt: skip


def _name(text: str) -> str:
    return re.sub(r"[^A-Z]", "", text.upper())


def _form(text: str) -> str:
    """The letter's print with every letter made alike: "(a)" for "(c)", "A" for "D"."""
    return re.sub("[A-Z]", "A", re.sub("[a-z]", "a", text))
