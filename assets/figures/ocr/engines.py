"""Which way up a page is, and which engine reads it."""

import numpy as np
from numpy.typing import NDArray

from assets.figures.geometry import Box, height, union, width
from assets.figures.ocr import rapid, tesseract
from assets.figures.ocr.page_image import PageImage
from assets.figures.ocr.words import CJK, Word

EAST_ASIAN = ("Han", "HanS", "HanT", "Japanese", "Korean", "Hangul")
GOOD = 0.8  # mean score of Tesseract on a page in a language that it knows
POOR = 0.6  # and below this a line may be in another script
TRIED = 10  # poor lines of a page that RapidOCR is asked about
INSTALL = "pip install 'pathcorpus[ocr]'"


class OcrMissing(Exception):
    """No engine that is fit for a page is installed; the message says what to install."""


def set_upright(image: PageImage, page: int) -> tuple[PageImage, str]:
    """The page the right way up, and its script as Tesseract names it, "" when that is not known. Raises OcrMissing."""
    program = tesseract.find_tesseract()
    if program:
        found = tesseract.orientation(program, image.grey, image.dpi)
        if found is None:
            return image, ""
        upright = image.turned(found.turn)
        if found.turn and found.script != "Latin":
            # the script is told from upright letters only
            found = tesseract.orientation(program, upright.grey, image.dpi) or found
        return upright, found.script
    if rapid.find_rapidocr():
        return image.turned(_turn(image.grey)), ""
    raise OcrMissing(
        f"page {page} has no text layer: {INSTALL} to read it, or for English books the Debian package tesseract-ocr"
    )


def read_words(grey: NDArray[np.uint8], dpi: int, script: str, page: int) -> tuple[list[Word], str]:
    """Words of an upright page, boxes in pixels, and the engine with its version.

    Tesseract reads what is not Chinese; when lines of its page turn out to be, RapidOCR reads the page again. Raises
    OcrMissing for a page in Chinese without RapidOCR.
    """
    program, models = tesseract.find_tesseract(), rapid.find_rapidocr()
    chinese = script in EAST_ASIAN
    if program and not (chinese and models):
        words = tesseract.read_words(program, grey, dpi)
        if chinese and _score(words) < GOOD:
            raise OcrMissing(f"page {page} has no text layer and is not in English: {INSTALL} to read it")
        if not models or not _has_chinese(grey, words):
            return words, tesseract.version(program)
    return rapid.read_words(grey), rapid.version()


def read_letters(crops: list[NDArray[np.uint8]]) -> list[tuple[str, float]]:
    """Text and score of pictures of single letters, black on white; ("", 0.0) where nothing is read."""
    program = tesseract.find_tesseract()
    if program:
        return tesseract.read_column(program, crops)
    return [rapid.read_line(crop) for crop in crops]


def _score(words: list[Word]) -> float:
    letters = sum(len(w.text) for w in words)
    return sum(w.score * len(w.text) for w in words) / letters if letters else 1.0


def _has_chinese(grey: NDArray[np.uint8], words: list[Word]) -> bool:
    """Whether RapidOCR finds Chinese in two of the lines on which Tesseract did badly, or in most of them."""
    rows: dict[tuple[int, ...], list[Word]] = {}
    for word in words:
        rows.setdefault(word.row, []).append(word)
    poor = [row for row in rows.values() if _score(row) < POOR and sum(len(w.text) for w in row) >= 3]
    poor.sort(key=lambda row: -sum(len(w.text) for w in row))
    seen = 0
    for row in poor[:TRIED]:
        x0, y0, x1, y1 = (int(v) for v in union(w.box for w in row))
        if x1 - x0 < 2 * (y1 - y0):
            continue
        text, score = rapid.read_line(grey[max(0, y0 - 3) : y1 + 3, max(0, x0 - 3) : x1 + 3])
        seen += score > 0.7 and len(CJK.findall(text)) >= 2
    return seen >= 2 or (seen == 1 and len(poor) <= 2)


def _turn(grey: NDArray[np.uint8]) -> int:
    """Quarter turns by the shape of the lines that are found, then by which way their text reads better."""
    shrink = max(1, round(max(grey.shape) / 1000))
    boxes = rapid.find_lines(np.ascontiguousarray(grey[::shrink, ::shrink]))
    boxes = [b for b in boxes if max(width(b), height(b)) > 3 * min(width(b), height(b))]
    if not boxes:
        return 0
    upright = 2 * sum(width(b) > height(b) for b in boxes) >= len(boxes)
    longest = sorted(boxes, key=lambda b: -max(width(b), height(b)))[:6]
    scores = {turn: sum(_reads(grey, box, shrink, turn) for box in longest) for turn in ((0, 2) if upright else (1, 3))}
    return max(scores, key=lambda t: (scores[t], -t))


def _reads(grey: NDArray[np.uint8], box: Box, shrink: int, turn: int) -> float:
    """How well a line reads after a turn."""
    x0, y0, x1, y1 = (int(v) * shrink for v in box)
    return rapid.read_line(np.ascontiguousarray(np.rot90(grey[y0:y1, x0:x1], -turn)))[1]
