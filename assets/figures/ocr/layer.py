"""The words of a searchable scan's text layer, as an engine would give them."""

import pymupdf

from assets.figures.geometry import skewed
from assets.figures.ocr.page_image import PageImage
from assets.figures.ocr.rapid import tight
from assets.figures.ocr.words import Word

TRUSTED = 0.9  # score of a word whose own score nobody kept


def layer_words(page: pymupdf.Page, image: PageImage) -> list[Word]:
    """Words with boxes drawn tight around the ink of `image`, in its pixels."""
    grey = image.grey
    words = []
    for x0, y0, x1, y1, text, block, line, _ in page.get_text("words"):
        straight = skewed((x0, y0, x1, y1), -image.skew, image.width, image.height)
        left, top, right, bottom = (value * image.scale for value in straight)
        if text.strip() and right - left > 1 and bottom - top > 1:
            words.append(Word(text.strip(), tight(grey, (left, top, right, bottom)), TRUSTED, (block, line)))
    return words
