"""Ordinary pages: one figure at the head or foot of a page or of a column, text in what is left."""

from typing import Any

from assets.textbooks.sample.classes.block import Block, Setting, make
from assets.textbooks.sample.classes.desk import Desk
from assets.textbooks.sample.content import Figure
from assets.textbooks.sample.flow import Box
from assets.textbooks.sample.sheet import Sheet

WHITE = 14.0  # points between a figure and the text


def text_share(desk: Desk, box: Box) -> float:
    """Share of an area that the chapter's text would take on each page that is left, 0..1."""
    area = (box[2] - box[0]) * (box[3] - box[1])
    return min(1.0, desk.rest() / (desk.pages_left + 1) / area)


def room_for(desk: Desk, box: Box) -> float:
    """Height that a figure may take: more where the chapter has little text left."""
    high = box[3] - box[1]
    return max(0.42 * high, min(0.8 * high, high * (0.97 - 1.25 * text_share(desk, box)) - WHITE))


def wants_span(desk: Desk, box: Box, figure: Figure, setting: Setting) -> bool:
    panels = len([p for p in figure.panels if not setting.letters or p.letter in setting.letters])
    wide = 0.85 if text_share(desk, box) < 0.35 else 0.35
    return panels > 1 or setting.side in ("left", "right") or bool(desk.rng.random() < wide)


def on_page(
    desk: Desk, figure: Figure, setting: Setting, span: bool | None = None, at: str = ""
) -> tuple[Sheet, dict[str, Any], Block, Box]:
    """Set one figure on a page of its own with text; returns the sheet, the gold, the block and its place."""
    sheet, box = desk.page()
    entry, block, where = set_figure(desk, sheet, box, figure, setting, span, at)
    sheet.flush()
    return sheet, entry, block, where


def set_figure(
    desk: Desk, sheet: Sheet, box: Box, figure: Figure, setting: Setting, span: bool | None = None, at: str = ""
) -> tuple[dict[str, Any], Block, Box]:
    """Set one figure and text into `box`."""
    columns = desk.split(box)
    if len(columns) == 1 or (wants_span(desk, box, figure, setting) if span is None else span):
        block = make(desk, figure, box[2] - box[0], room_for(desk, box), setting)
        place = columns
    else:
        side = columns[int(desk.rng.integers(len(columns)))]
        block = make(desk, figure, side[2] - side[0], 0.7 * (box[3] - box[1]), setting)
        place = [side]
    filled = block.height / (box[3] - box[1]) + 1.3 * text_share(desk, box)
    at = at or ("top" if desk.rng.random() < 0.5 or filled < 0.85 else "foot")
    x, high = place[0][0], block.height + WHITE
    y = box[1] if at == "top" else box[3] - block.height
    frames = []
    for column in columns:
        if column not in place:
            frames.append(column)
        elif at == "top":
            frames.append((column[0], column[1] + high, column[2], column[3]))
        else:
            frames.append((column[0], column[1], column[2], column[3] - high))
    if at == "top":
        entry = block.draw(sheet, x, y)
        desk.text(sheet, frames)
    else:
        desk.text(sheet, frames)
        entry = block.draw(sheet, x, y)
    return entry, block, (x, y, x + block.width, y + block.height)
