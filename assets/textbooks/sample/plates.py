"""Figures with their captions as blocks: grid of panels, caption side, size, drawing, and the gold entry."""

import io
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import pymupdf
from PIL import Image, ImageDraw, ImageFont

from assets.textbooks.sample import drawings
from assets.textbooks.sample.content import Figure, Panel, label
from assets.textbooks.sample.pictures import draw
from assets.textbooks.sample.sheet import Sheet
from assets.textbooks.sample.style import Style
from assets.textbooks.sample.typeset import Line, Token, break_lines, font_name, tokens

Box = tuple[float, float, float, float]
CAPTION_GAP = 6.0


@dataclass
class Block:
    """A figure ready to be placed. `grid` is (rows, columns) of panels of `cell` points, caption at `side`."""

    figure: Figure
    span: bool
    width: float
    height: float
    grid: tuple[int, int]
    cell: tuple[float, float]
    side: str
    caption: list[Line]
    caption_width: float
    style: Style

    @property
    def body(self) -> tuple[float, float]:
        """Width and height of all panels together."""
        rows, columns = self.grid
        gap = self.style.panel_gap
        return columns * self.cell[0] + (columns - 1) * gap, rows * self.cell[1] + (rows - 1) * gap


def caption_parts(figure: Figure, style: Style) -> list[tuple[str, str, str]]:
    """(text before, mark, text) of the caption in order; the mark may be set bold."""
    if not figure.panels[0].letter:
        return [("", "", figure.caption)]
    marks = [(style.mark.format(panel.letter).strip(), panel.caption) for panel in figure.panels]
    return [("", "", figure.caption)] + [("", mark, text) for mark, text in marks]


def caption_text(figure: Figure, style: Style) -> str:
    return " ".join(f"{mark} {text}".strip() for _, mark, text in caption_parts(figure, style))


def caption_tokens(figure: Figure, style: Style) -> list[Token]:
    words: list[Token] = []
    for _, mark, text in caption_parts(figure, style):
        if words:
            words[-1].space = True
        if mark:
            words.append(Token([(mark, font_name(style.caption, "b" if style.mark_bold else "r"))], True))
        words += tokens(text, style.caption)
    return words


def caption_lines(figure: Figure, style: Style, width: float) -> list[Line]:
    """Label in bold, then the caption, broken to `width` points."""
    end = "" if figure.language == "zh" else style.label_end
    first = label(figure, style) + end
    name = font_name(style.caption, "b")
    chinese = figure.language == "zh"
    pieces = [(first[0], font_name("zh", "r")), (first[1:], name)] if chinese else [(first, name)]
    words = caption_tokens(figure, style)
    justify = style.justify and figure.language == "en"
    size = style.caption_size
    if style.label_own_line:
        return break_lines([Token(pieces, False)], size, width) + break_lines(words, size, width, justify)
    pieces[-1] = (pieces[-1][0] + ("\u00a0" if end else "\u00a0\u00a0"), name)
    return break_lines([Token(pieces, True), *words], size, width, justify)


def caption_height(lines: list[Line], style: Style) -> float:
    return len(lines) * style.caption_size * 1.2


def make_block(figure: Figure, style: Style, column: float, full: float, variant: int) -> Block:
    """Choose grid and caption side of a figure for columns of `column` and a page of `full` points width.

    `variant` numbers the layouts that are tried for a chapter.
    """
    rng = np.random.default_rng([style.seed, 3, zlib.crc32(figure.key.encode()), variant])
    others = [side for side in ("below", "above", "left", "right") if side != style.side]
    side = style.side if rng.random() < 0.55 else str(rng.choice(others))
    count = len(figure.panels)
    family = figure.panels[0].picture["family"]
    aspect = drawings.ASPECT.get(family) or float(rng.uniform(0.68, 0.8))
    flat = family == "steps"
    if count == 3 or flat:
        side = side if side in ("below", "above") else "below"
    beside = side in ("left", "right")
    stacked = count == 2 and not beside and rng.random() < 0.3
    span = beside or flat or (count > 1 and not stacked)
    width = full if span else column
    pile = stacked or (beside and rng.random() < 0.4)
    grid = {1: (1, 1), 2: (2, 1) if pile else (1, 2), 3: (1, 3), 4: (2, 2)}[count]
    share = {1: 0.6, 2: 0.5 if pile else 0.68}.get(count, 0.62) if beside else 1.0
    if count == 2 and beside and pile:
        aspect = float(rng.uniform(0.6, 0.66))
    if count == 3:
        aspect = float(rng.uniform(0.82, 1.0))
    inner = (width * share - style.panel_gap * (grid[1] - 1)) / grid[1]
    cell = (inner, inner * aspect)
    body = inner * grid[1] + style.panel_gap * (grid[1] - 1), cell[1] * grid[0] + style.panel_gap * (grid[0] - 1)
    caption_width = width - body[0] - 10 if beside else width
    lines = caption_lines(figure, style, caption_width)
    tall = caption_height(lines, style)
    height = max(body[1], tall) if beside else body[1] + CAPTION_GAP + tall
    return Block(figure, span, width, height, grid, cell, side, lines, caption_width, style)


def raster(panel: Panel, style: Style, key: str, cell: tuple[float, float]) -> bytes:
    """The encoded picture of one panel at the resolution of the book, at least 600 pixels wide."""
    wide = int(np.clip(cell[0] / 72 * style.dpi, 600, 1150))
    shape = (int(wide * cell[1] / cell[0]), wide)
    seed = [style.seed, 4, zlib.crc32(f"{key}{panel.letter}".encode())]
    image = Image.fromarray(draw(panel.picture, shape, np.random.default_rng(seed)))
    if panel.letter and style.letters == "raster":
        pen, size = ImageDraw.Draw(image), max(20, wide // 16)
        pen.rectangle([0, 0, size * 1.3, size * 1.3], fill=(255, 255, 255))
        pen.text((size * 0.65, size * 0.65), panel.letter, (0, 0, 0), ImageFont.load_default(size), anchor="mm")
    out = io.BytesIO()
    if panel.picture["family"] in style.png:
        image.save(out, "PNG", compress_level=9)
    else:
        image.save(out, "JPEG", quality=style.quality, optimize=True)
    return out.getvalue()


def draw_panel(sheet: Sheet, box: Box, panel: Panel, block: Block) -> None:
    style = block.style
    if panel.picture["family"] in drawings.ASPECT:
        drawings.paint(sheet, box, panel.picture, style)
        return
    data = raster(panel, style, block.figure.key, block.cell)
    sheet.draw(lambda page: page.insert_image(pymupdf.Rect(box), stream=data, keep_proportion=False))
    if style.frame:
        sheet.draw(lambda page: page.draw_rect(box, color=(0, 0, 0), width=0.5))
    if panel.letter and style.letters == "text":
        corner = (box[0], box[3] - 13, box[0] + 13, box[3])
        sheet.draw(lambda page: page.draw_rect(corner, color=None, fill=(1, 1, 1)))
        sheet.centre(box[0] + 6.5, box[3] - 3.2, panel.letter, font_name("sans", "b"), 9.5)


def draw_block(sheet: Sheet, block: Block, x: float, y: float) -> dict[str, Any]:
    """Draw a block with its upper left corner at (x, y); returns its gold entry without references."""
    style, figure = block.style, block.figure
    wide, high = block.body
    tall = caption_height(block.caption, style)
    left = x + block.width - wide if block.side == "left" else x
    top = y + tall + CAPTION_GAP if block.side == "above" else y
    spots = {
        "below": (x, y + high + CAPTION_GAP), "above": (x, y), "right": (x + wide + 10, y), "left": (x, y),
    }  # fmt: skip
    if block.side == "above":
        draw_caption(sheet, block, *spots["above"])
    panels = []
    for place, panel in enumerate(figure.panels):
        row, column = divmod(place, block.grid[1])
        x0 = left + column * (block.cell[0] + style.panel_gap)
        y0 = top + row * (block.cell[1] + style.panel_gap)
        box = (x0, y0, x0 + block.cell[0], y0 + block.cell[1])
        draw_panel(sheet, box, panel, block)
        panels.append({"label": panel.letter, "bbox": list(box), "caption": panel.caption, "image_kind": panel.kind})
    if block.side != "above":
        draw_caption(sheet, block, *spots[block.side])
    return {
        "page": sheet.number,
        "label": label(figure, style),
        "bbox": [left, top, left + wide, top + high],
        "caption": caption_text(figure, style),
        "caption_side": block.side,
        "image_kind": figure.kind,
        "organ_system": figure.organ,
        "panels": panels if figure.panels[0].letter else [],
        "references": [],
        "scanned": False,
    }


def draw_caption(sheet: Sheet, block: Block, x: float, y: float) -> None:
    size = block.style.caption_size
    for row, line in enumerate(block.caption):
        sheet.line(x, y + size * (0.9 + 1.2 * row), line, size)
