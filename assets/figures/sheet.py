"""The contact sheet of a book: thumbnails of its figures with label and the start of the caption, one JPEG."""

import io
from pathlib import Path

from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from assets import store
from assets.records import Figure, Image

COLUMNS, CELL, PICTURE, TEXT, SPACE = 5, 260, 200, 62, 18
MOST = 40
PLAIN = str.maketrans({"×": "x", "–": "-", "—": "-", "‐": "-", "\u202f": " ", "\u2002": " ", "µ": "u", "μ": "u"})
INK, SOFT, GROUND, CARD, LINE = "#1c2430", "#667085", "#f4f5f7", "#ffffff", "#dfe3e8"
# Fonts with Chinese, by the names that Linux distributions, macOS and Windows give them.
CHINESE = ("NotoSansCJK-Regular.ttc", "NotoSansSC-Regular.otf", "wqy-microhei.ttc", "wqy-zenhei.ttc", "PingFang.ttc",
           "msyh.ttc", "simhei.ttf", "DroidSansFallbackFull.ttf", "uming.ttc")  # fmt: skip


def write_sheet(path: Path, figures: list[Figure], images: list[Image], title: str) -> int:
    """Write the sheet (JPEG); shows at most 40 figures, spread over the book. Returns how many it shows."""
    if len(figures) > MOST:
        figures = [figures[round(i * (len(figures) - 1) / (MOST - 1))] for i in range(MOST)]
    by_name = {image.sha256: image for image in images}
    columns = min(COLUMNS, max(2, len(figures)))
    rows = max(1, -(-len(figures) // columns))
    head = 56
    cell_height = PICTURE + TEXT + SPACE
    sheet = Pillow.new("RGB", (columns * (CELL + SPACE) + SPACE, head + rows * (cell_height + SPACE)), GROUND)
    draw = ImageDraw.Draw(sheet)
    draw.text((SPACE, 18), title, INK, font=_font(title, 22))
    if not figures:
        draw.text((SPACE, head + 40), "No figures were found.", SOFT, font=_font("", 18))
    for n, figure in enumerate(figures):
        x = SPACE + (n % columns) * (CELL + SPACE)
        y = head + (n // columns) * (cell_height + SPACE)
        draw.rounded_rectangle((x, y, x + CELL, y + cell_height), 8, fill=CARD, outline=LINE)
        thumbnail = _thumbnail(by_name[figure.image])
        sheet.paste(thumbnail, (x + (CELL - thumbnail.width) // 2, y + 9 + (PICTURE - thumbnail.height) // 2))
        heading = f"{figure.label}   page {figure.page}".translate(PLAIN)
        draw.text((x + 10, y + PICTURE + 16), _fitted(draw, heading, 13, CELL - 20), INK, font=_font(heading, 13))
        for k, line in enumerate(_two_lines(draw, figure.caption.translate(PLAIN), 11, CELL - 20)):
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


def _font(text: str, size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own font, or a Chinese one of the system when the text needs it."""
    if any("\u2e80" <= c <= "\uffef" for c in text):
        for name in CHINESE:
            try:
                return ImageFont.truetype(name, size)
            except OSError:
                continue
    return ImageFont.load_default(size)


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
