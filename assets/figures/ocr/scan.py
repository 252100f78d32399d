"""One scanned page read: the steps in their order."""

from dataclasses import dataclass, replace

import numpy as np
import pymupdf
from numpy.typing import NDArray
from PIL import Image

from assets.figures.geometry import Box, inside
from assets.figures.labels import opening_label
from assets.figures.lines import Line
from assets.figures.ocr.belongings import TextLine, with_bits
from assets.figures.ocr.engines import OcrMissing, read_letters, read_words, set_upright
from assets.figures.ocr.layer import layer_words
from assets.figures.ocr.letters import find_letters, in_a_run
from assets.figures.ocr.page_image import PageImage, render
from assets.figures.ocr.paper import distance_from_paper
from assets.figures.ocr.photos import photographs, tone_mask
from assets.figures.ocr.pictures import find_pictures
from assets.figures.ocr.repair import repaired
from assets.figures.ocr.skew import find_skew, skewed
from assets.figures.ocr.strokes import with_strokes
from assets.figures.ocr.words import Word, text_lines, without_columns

__all__ = ["OcrMissing", "Scan", "read_layer", "read_scan"]

LEAST_SCORE = 0.45  # lines below are noise


@dataclass(frozen=True)
class Scan:
    """A scanned page as it was read. All boxes are in points of the reading frame, straightened.

    The reading frame is the unrotated page turned clockwise by `turn` quarter turns. On it the text ran off by `skew`
    degrees, which the boxes do not show: `as_stored` leads back. `scores` (0..1) go with `lines`, `confidence` is their
    mean, long lines counting more.
    """

    lines: list[Line]
    scores: tuple[float, ...]
    pictures: list[Box]
    frames: list[Box]
    rules: list[Box]
    turn: int
    skew: float
    width: float
    height: float
    engine: str
    confidence: float

    def as_stored(self, box: Box) -> Box:
        """The box around `box` in the reading frame of the page as stored, askew as it is."""
        return skewed(box, self.skew, self.width, self.height)


def read_scan(page: pymupdf.Page) -> Scan:
    """Read a page that has no text layer; sets its rotation to 0 in memory.

    Raises OcrMissing when no engine that is fit for the page's script is installed, TesseractFailed when Tesseract
    fails or takes too long, and what pymupdf raises on a damaged page.
    """
    image, script = set_upright(render(page), page.number + 1)
    seen = _Seen(image.straightened(find_skew(image)))
    words, engine = read_words(_without(seen.image, seen.photos), seen.image.dpi, script, page.number + 1)
    return _composed(seen, words, engine)


def read_layer(page: pymupdf.Page) -> Scan:
    """A searchable scan: the words of its invisible text layer, and the pictures on its picture.

    Raises what pymupdf raises on a damaged page.
    """
    image = render(page)
    seen = _Seen(image.straightened(find_skew(image)))
    return _composed(seen, layer_words(page, seen.image), "text layer")


class _Seen:
    """A straightened page and what stands out from its paper, in a coarser raster."""

    def __init__(self, image: PageImage) -> None:
        self.image = image
        self.away = distance_from_paper(image)
        self.tones = tone_mask(self.away)
        self.photos = photographs(self.away, self.tones)


def _composed(page: _Seen, words: list[Word], engine: str) -> Scan:
    image = page.image
    words = with_strokes([word for row in _rows(without_columns(words)) if _is_text(row) for word in row], image.grey)
    seen = image.rgb.shape[1] / page.away.shape[1]
    regions = find_pictures(page.away, page.tones, page.photos, _seen_lines(words, image, seen))
    pictures, marks = ([_scaled(box, seen) for box in boxes] for boxes in (regions.pictures, regions.marks))
    letters = find_letters(image.grey, image.scale, pictures, marks, [w.box for w in words], read_letters)
    words += in_a_run(letters, [row[0] for row in _rows(words) if len(row) == 1])
    text = [_scaled(word.box, 1 / seen) for word in words]
    pictures = [_scaled(box, seen) for box in with_bits(regions.pictures, regions.bits, text)]
    lines, scores = text_lines([_in_points(word, image) for word in words])
    lines = [_repaired(line) for line in lines]
    weights = [len(line.text) for line in lines]
    return Scan(
        lines, tuple(scores), [image.points(box) for box in pictures],
        [image.points(_scaled(box, seen)) for box in regions.frames],
        [image.points(_scaled(box, seen)) for box in regions.rules],
        image.turn, image.skew, image.width, image.height, engine,
        float(np.average(scores, weights=weights)) if lines else 0.0,
    )  # fmt: skip


def _without(image: PageImage, photos: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """The page in grey with its photographs painted over, so that no text is read into them."""
    grey = image.grey.copy()
    mask = Image.fromarray(photos).resize((grey.shape[1], grey.shape[0]), Image.Resampling.NEAREST)
    grey[np.asarray(mask)] = np.percentile(grey[::8, ::8], 85)
    return grey


def _rows(words: list[Word]) -> list[list[Word]]:
    rows: dict[tuple[int, ...], list[Word]] = {}
    for word in words:
        rows.setdefault(word.row, []).append(word)
    return list(rows.values())


def _repaired(line: Line) -> Line:
    text = repaired(line.text)
    if text == line.text:
        return line
    first = line.runs[0]
    if len(line.runs) == 1:
        return Line(line.box, text, (first._replace(text=text),), line.upright)
    runs = tuple(run._replace(text=repaired(run.text)) for run in line.runs)
    if "".join(run.text for run in runs).strip() != text:  # the repair spans two runs: the first takes the line
        runs = (first._replace(text=text),)
    return Line(line.box, text, runs, line.upright)


def _is_text(row: list[Word]) -> bool:
    """Whether a line that was read is text, not part of a drawing: it reads well and is mostly letters and digits."""
    letters = sum(len(word.text) for word in row)
    score = sum(word.score * len(word.text) for word in row) / letters
    named = sum(c.isalnum() for word in row for c in word.text)
    return score >= LEAST_SCORE and named >= 0.4 * letters


def _in_points(word: Word, image: PageImage) -> Word:
    return replace(word, box=image.points(word.box), stroke=word.stroke / image.scale)


def _seen_lines(words: list[Word], image: PageImage, seen: float) -> list[TextLine]:
    """Lines with their words in the pixels in which pictures are looked for."""
    by = image.scale / seen
    lines, _ = text_lines([_in_points(word, image) for word in words])
    boxes = [_scaled(word.box, 1 / seen) for word in words]
    out = []
    for line in lines:
        box = _scaled(line.box, by)
        own = [b for b in boxes if inside(b, box) > 0.9]
        label = opening_label(repaired(line.text)) is not None
        out.append(TextLine(box, own, sum(c.isalnum() for c in line.text), label, line.size))
    return out


def _scaled(box: Box, by: float) -> Box:
    return box[0] * by, box[1] * by, box[2] * by, box[3] * by
