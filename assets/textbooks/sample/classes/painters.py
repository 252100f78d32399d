"""Ways to put the picture of one panel on a page: plain JPEG, JPX, masks, four inks, tiles, arrows, vectors.

A painter draws into a box and returns what the gold says of the pixels: `{"sha256": ...}` where the embedded file must
come through unchanged, `{"colours": True}` where the page's own rendering is the measure, else {}.
"""

import hashlib
import io
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pymupdf
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from assets.textbooks.sample import drawings
from assets.textbooks.sample.classes.desk import Desk
from assets.textbooks.sample.classes.ink import cmyk_jpeg, ink_profile
from assets.textbooks.sample.classes.tables import draw_table
from assets.textbooks.sample.content import Figure, Panel
from assets.textbooks.sample.flow import Box
from assets.textbooks.sample.pictures import draw
from assets.textbooks.sample.sheet import Sheet
from assets.textbooks.sample.typeset import font_name

Painter = Callable[[Desk, Sheet, Box, Figure, Panel], dict[str, Any]]
WIDEST = 900  # pixels
QUALITY = 84
COARSE = 0.55


def picture(desk: Desk, figure: Figure, panel: Panel, box: Box, salt: int = 0) -> Image.Image:
    """The picture of a panel at the resolution of the book, without a letter; drawn coarser, which takes a third."""
    wide = int(np.clip((box[2] - box[0]) / 72 * desk.style.dpi, 420, WIDEST))
    tall = max(40, int(wide * (box[3] - box[1]) / (box[2] - box[0])))
    seed = [desk.style.seed, 14, zlib.crc32(f"{figure.key}{panel.letter}".encode()), salt]
    coarse = draw(panel.picture, (int(tall * COARSE), int(wide * COARSE)), np.random.default_rng(seed))
    return Image.fromarray(coarse).resize((wide, tall), Image.Resampling.BICUBIC)


def lettered(image: Image.Image, letter: str) -> Image.Image:
    """`image` with a panel letter on a white field in its corner."""
    pen, size = ImageDraw.Draw(image), max(20, image.width // 16)
    pen.rectangle([0, 0, size * 1.3, size * 1.3], fill=(255, 255, 255))
    pen.text((size * 0.65, size * 0.65), letter, (0, 0, 0), ImageFont.load_default(size), anchor="mm")
    return image


def encoded(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **({"quality": QUALITY} if kind == "JPEG" else {}), **options)
    return out.getvalue()


def put(sheet: Sheet, box: Box, data: bytes, mask: bytes | None = None) -> None:
    rect = pymupdf.Rect(box)
    sheet.draw(lambda page: page.insert_image(rect, stream=data, mask=mask, keep_proportion=False))


def shown(figure: Figure, panel: Panel) -> str:
    return panel.letter.lower() if figure.lower else panel.letter


def print_letter(desk: Desk, sheet: Sheet, box: Box, letter: str) -> None:
    """A panel letter as text on a white field in the lower left corner."""
    corner = (box[0], box[3] - 13, box[0] + 13, box[3])
    sheet.draw(lambda page: page.draw_rect(corner, color=None, fill=(1, 1, 1)))
    sheet.centre(box[0] + 6.5, box[3] - 3.2, letter, font_name("sans", "b"), 9.5)


def plain(desk: Desk, sheet: Sheet, box: Box, figure: Figure, panel: Panel) -> dict[str, Any]:
    """A JPEG, or a drawing of vectors; letters as the book prints them."""
    if panel.picture["family"] == "table":
        draw_table(sheet, box, panel.picture, desk.style)
        return {}
    if panel.picture["family"] in drawings.ASPECT:
        drawings.paint(sheet, box, panel.picture, desk.style)
        return {}
    image, letter = picture(desk, figure, panel, box), shown(figure, panel)
    if letter and desk.style.letters == "raster":
        image = lettered(image, letter)
    data = encoded(image)
    put(sheet, box, data)
    if letter and desk.style.letters == "text":
        print_letter(desk, sheet, box, letter)
        return {}
    return {"sha256": hashlib.sha256(data).hexdigest()}


def bare(desk: Desk, sheet: Sheet, box: Box, figure: Figure, panel: Panel) -> dict[str, Any]:
    """A JPEG without a letter."""
    data = encoded(picture(desk, figure, panel, box))
    put(sheet, box, data)
    return {"sha256": hashlib.sha256(data).hexdigest()}


def jpx(desk: Desk, sheet: Sheet, box: Box, figure: Figure, panel: Panel) -> dict[str, Any]:
    """JPEG 2000."""
    put(sheet, box, encoded(picture(desk, figure, panel, box), "JPEG2000", quality_mode="dB", quality_layers=[38]))
    return {"colours": True}


def cmyk_icc(desk: Desk, sheet: Sheet, box: Box, figure: Figure, panel: Panel) -> dict[str, Any]:
    """Four inks with the profile of the press."""
    put(sheet, box, cmyk_jpeg(picture(desk, figure, panel, box), ink_profile(), QUALITY))
    return {"colours": True}


def cmyk_adobe(desk: Desk, sheet: Sheet, box: Box, figure: Figure, panel: Panel) -> dict[str, Any]:
    """Four inks without a profile, inverted as Adobe's programs write them."""
    put(sheet, box, cmyk_jpeg(picture(desk, figure, panel, box), None, QUALITY))
    return {"colours": True}


def soft_mask(desk: Desk, sheet: Sheet, box: Box, figure: Figure, panel: Panel) -> dict[str, Any]:
    """A specimen cut out of its background by a soft mask."""
    image = picture(desk, figure, panel, box)
    mask = Image.new("L", image.size, 0)
    ImageDraw.Draw(mask).ellipse([2, 2, image.width - 3, image.height - 3], fill=255)
    mask = mask.filter(ImageFilter.GaussianBlur(3))
    put(sheet, box, encoded(image), encoded(mask, "PNG"))
    return {"colours": True}


def stencil(desk: Desk, sheet: Sheet, box: Box, figure: Figure, panel: Panel) -> dict[str, Any]:
    """One bit a pixel through which ink is painted: halftone of an older edition."""
    image = picture(desk, figure, panel, box).convert("L").convert("1")
    sheet.flush()
    page = sheet.page
    xref = page.insert_image(pymupdf.Rect(box), stream=encoded(image, "PNG"), keep_proportion=False)
    desk.doc.xref_set_key(xref, "ColorSpace", "null")
    desk.doc.xref_set_key(xref, "ImageMask", "true")
    last = page.get_contents()[-1]
    colour = "{:.2f} {:.2f} {:.2f} rg ".format(*desk.style.ink).encode()
    desk.doc.update_stream(last, desk.doc.xref_stream(last).replace(b"/fzImg", colour + b"/fzImg", 1))
    return {"colours": True}


def pieces(rows: int, columns: int, kind: str = "JPEG") -> Painter:
    """A painter of one picture cut into abutting pieces."""

    def paint(desk: Desk, sheet: Sheet, box: Box, figure: Figure, panel: Panel) -> dict[str, Any]:
        image = picture(desk, figure, panel, box)
        xs = [round(image.width * at / columns) for at in range(columns + 1)]
        ys = [round(image.height * at / rows) for at in range(rows + 1)]
        wide, high = (box[2] - box[0]) / image.width, (box[3] - box[1]) / image.height
        for row in range(rows):
            for column in range(columns):
                cut = (xs[column], ys[row], xs[column + 1], ys[row + 1])
                at = (box[0] + cut[0] * wide, box[1] + cut[1] * high, box[0] + cut[2] * wide, box[1] + cut[3] * high)
                put(sheet, at, encoded(image.crop(cut), kind))
        return {"colours": True}

    return paint


def inset(desk: Desk, sheet: Sheet, box: Box, figure: Figure, panel: Panel) -> dict[str, Any]:
    """A picture with a smaller one in its corner that shows a detail."""
    bare(desk, sheet, box, figure, panel)
    wide, high = (box[2] - box[0]) * 0.32, (box[3] - box[1]) * 0.32
    spot = (box[2] - wide - 4, box[1] + 4, box[2] - 4, box[1] + 4 + high)
    put(sheet, spot, encoded(picture(desk, figure, panel, spot, salt=1)))
    sheet.draw(lambda page: page.draw_rect(spot, color=(1, 1, 1), width=1.2))
    return {"colours": True}


def montage(desk: Desk, figure: Figure, panels: list[Panel], boxes: list[Box], whole: Box) -> bytes:
    """The panels of a figure as one JPEG with white or black gutters between them and letters in the picture."""
    scale = min(4.0, 1000 / (whole[2] - whole[0]))
    ground = (255, 255, 255) if desk.rng.random() < 0.6 else (0, 0, 0)
    sheet = Image.new("RGB", (round((whole[2] - whole[0]) * scale), round((whole[3] - whole[1]) * scale)), ground)
    for panel, box in zip(panels, boxes, strict=True):
        part = lettered(picture(desk, figure, panel, box), shown(figure, panel))
        left, top, right, bottom = (round((a - b) * scale) for a, b in zip(box, (*whole[:2], *whole[:2]), strict=True))
        sheet.paste(part.resize((right - left, bottom - top), Image.Resampling.BICUBIC), (left, top))
    return encoded(sheet)


def pointed(desk: Desk, sheet: Sheet, box: Box, figure: Figure, panel: Panel) -> dict[str, Any]:
    """A picture with arrows, an asterisk and short capital labels drawn over it: none of them names a panel."""
    plain(desk, sheet, box, figure, panel)
    rng, wide, high = desk.rng, box[2] - box[0], box[3] - box[1]
    for _ in range(int(rng.integers(2, 4))):
        x, y = box[0] + wide * rng.uniform(0.3, 0.7), box[1] + high * rng.uniform(0.25, 0.7)
        shaft = [(x - 22, y - 14), (x, y)]
        head = [(x, y), (x - 8, y - 1.5), (x - 4.5, y - 7)]
        ink = (0, 0, 0) if rng.random() < 0.6 else (1, 1, 1)
        sheet.draw(lambda page, shaft=shaft, ink=ink: page.draw_line(*shaft, color=ink, width=1.6))  # type: ignore[misc]
        sheet.draw(lambda page, head=head, ink=ink: page.draw_polyline([*head, head[0]], color=ink, fill=ink))  # type: ignore[misc]
    for mark in ("*", "T", "N")[: int(rng.integers(1, 4))]:
        x, y = box[0] + wide * rng.uniform(0.15, 0.85), box[1] + high * rng.uniform(0.2, 0.8)
        sheet.text(x, y, mark, font_name("sans", "b"), 14 if mark == "*" else 11)
    return {"colours": True}
