"""The contact sheet of a book: thumbnails of its figures with label and the start of the caption, one JPEG."""

import io
from functools import cache
from pathlib import Path

import pymupdf
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from assets import store
from assets.records import Figure, Image

COLUMNS, CELL, PICTURE, TEXT, SPACE = 5, 260, 200, 62, 18
MOST = 40
INK, SOFT, GROUND, CARD, LINE = "#1c2430", "#667085", "#f4f5f7", "#ffffff", "#dfe3e8"
# Signs that one of the two fonts lacks, and their likes that both have: two hyphens, minus, micro.
LIKES = str.maketrans("\u2010\u2011\u2212\u00b5", "---\u03bc")


def write_sheet(path: Path, figures: list[Figure], images: store.ImagePack, title: str) -> int:
    """Write the sheet (JPEG); shows at most 40 figures, spread over the book. Returns how many it shows."""
    if len(figures) > MOST:
        figures = [figures[round(i * (len(figures) - 1) / (MOST - 1))] for i in range(MOST)]
    columns = min(COLUMNS, max(2, len(figures)))
    rows = max(1, -(-len(figures) // columns))
    head = 56
    cell_height = PICTURE + TEXT + SPACE
    sheet = Pillow.new("RGB", (columns * (CELL + SPACE) + SPACE, head + rows * (cell_height + SPACE)), GROUND)
    draw = ImageDraw.Draw(sheet)
    title = _printable(title)
    draw.text((SPACE, 18), title, INK, font=_font(title, 22))
    if not figures:
        draw.text((SPACE, head + 40), "No figures were found.", SOFT, font=_font("", 18))
    for n, figure in enumerate(figures):
        x = SPACE + (n % columns) * (CELL + SPACE)
        y = head + (n // columns) * (cell_height + SPACE)
        draw.rounded_rectangle((x, y, x + CELL, y + cell_height), 8, fill=CARD, outline=LINE)
        thumbnail = _thumbnail(images.read(figure.image))
        sheet.paste(thumbnail, (x + (CELL - thumbnail.width) // 2, y + 9 + (PICTURE - thumbnail.height) // 2))
        heading = _printable(f"{figure.label}   page {figure.page}")
        draw.text((x + 10, y + PICTURE + 16), _fitted(draw, heading, 13, CELL - 20), INK, font=_font(heading, 13))
        for k, line in enumerate(_two_lines(draw, _printable(figure.caption), 11, CELL - 20)):
            draw.text((x + 10, y + PICTURE + 36 + 15 * k), line, SOFT, font=_font(line, 11))
    out = io.BytesIO()
    sheet.save(out, "JPEG", quality=85, optimize=True)
    store.write_bytes(path, out.getvalue())
    return len(figures)


def _thumbnail(image: Image) -> Pillow.Image:
    opened = Pillow.open(io.BytesIO(image.data))
    opened.draft("RGB", (2 * CELL, 2 * PICTURE))
    picture = opened.convert("RGB")
    picture.thumbnail((CELL - 18, PICTURE - 6), Pillow.Resampling.LANCZOS)
    return picture


@cache
def _face(name: str) -> pymupdf.Font:
    """A font that pymupdf brings along: helv, with Greek and signs such as × and ≥, or cjk."""
    return pymupdf.Font(name)


@cache
def _sized(name: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(io.BytesIO(_face(name).buffer), size)


def _name(text: str) -> str:
    return "cjk" if any("\u2e80" <= c <= "\uffef" for c in text) else "helv"


def _font(text: str, size: int) -> ImageFont.FreeTypeFont:
    return _sized(_name(text), size)


def _printable(text: str) -> str:
    """`text` without characters that its font does not have; any white becomes a space."""
    text = "".join(" " if c.isspace() else c for c in text.translate(LIKES))
    face = _face(_name(text))
    return "".join(c for c in text if face.has_glyph(ord(c)))


def _fitted(draw: ImageDraw.ImageDraw, text: str, size: int, wide: int) -> str:
    """`text` cut with an ellipsis so that it is at most `wide` pixels."""
    font = _font(text, size)
    if draw.textlength(text, font=font) <= wide:
        return text
    while text and draw.textlength(text + "…", font=font) > wide:
        text = text[:-1]
    return text.rstrip() + "…"


def _two_lines(draw: ImageDraw.ImageDraw, text: str, size: int, wide: int) -> list[str]:
    text = text[:160]
    font = _font(text, size)
    if draw.textlength(text, font=font) <= wide:
        return [text]
    cut = len(text)
    while cut > 1 and draw.textlength(text[:cut], font=font) > wide:
        cut -= 1
    space = text.rfind(" ", 0, cut)
    cut = space if space > cut // 2 else cut
    return [text[:cut].rstrip(), _fitted(draw, text[cut:].lstrip(), size, wide)]
