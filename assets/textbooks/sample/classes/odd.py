"""Pages that are stored in an odd way: rotated, set sideways, cropped, reaching off the paper, in scrambled order."""

import re

import pymupdf

from assets.textbooks.sample.classes.block import Setting, enter, make
from assets.textbooks.sample.classes.desk import Desk
from assets.textbooks.sample.classes.legend import legend
from assets.textbooks.sample.classes.pages import WHITE, on_page, set_figure
from assets.textbooks.sample.classes.painters import bare
from assets.textbooks.sample.content import Figure
from assets.textbooks.sample.flow import Box
from assets.textbooks.sample.sheet import Sheet
from assets.textbooks.sample.typeset import font_name

LIGATURES = (("ffi", "\ufb03"), ("ffl", "\ufb04"), ("ff", "\ufb00"), ("fi", "\ufb01"), ("fl", "\ufb02"))


def wrapped(doc: pymupdf.Document, page: pymupdf.Page, matrix: str) -> None:
    """Put a transformation in front of all that is drawn on a page so far."""
    first, last = doc.get_new_xref(), doc.get_new_xref()
    for xref, operators in ((first, f"q {matrix} cm"), (last, "Q")):
        doc.update_object(xref, "<<>>")
        doc.update_stream(xref, operators.encode())
    streams = " ".join(f"{number} 0 R" for number in [first, *page.get_contents(), last])
    doc.xref_set_key(page.xref, "Contents", f"[{streams}]")


def turn(desk: Desk, sheet: Sheet, clockwise: bool, rotated: bool) -> None:
    """Lay a finished landscape page on its side; with `rotated` a viewer turns it upright again.

    `clockwise`: the head of the plate is at the right edge of the unrotated page.
    """
    doc, page = desk.doc, sheet.page
    wide, high = page.rect.width, page.rect.height
    matrix = f"0 -1 1 0 0 {wide:g}" if clockwise else f"0 1 -1 0 {high:g} 0"
    wrapped(doc, page, matrix)
    doc.xref_set_key(page.xref, "MediaBox", f"[0 0 {high:g} {wide:g}]")
    if rotated:
        doc.xref_set_key(page.xref, "Rotate", "270" if clockwise else "90")


def turned(box: list[float], wide: float, high: float, clockwise: bool) -> list[float]:
    """A box of the landscape page of `wide` by `high` points on the page after `turn`, upper left origin."""
    x0, y0, x1, y1 = box
    return [high - y1, x0, high - y0, x1] if clockwise else [y0, wide - x1, y1, wide - x0]


def landscape(desk: Desk, figures: list[Figure], rotated: bool) -> None:
    figure = figures[0]
    sheet, box = desk.page(landscape=True)
    wide, high = sheet.page.rect.width, sheet.page.rect.height
    setting = Setting(str(desk.rng.choice(["below", "below", "right"])))
    if rotated:
        entry, _, _ = set_figure(desk, sheet, box, figure, setting, span=True)
    else:
        block = make(desk, figure, box[2] - box[0], box[3] - box[1], setting)
        entry = block.draw(sheet, box[0], box[1])
    sheet.flush()
    clockwise = bool(desk.rng.random() < 0.4)
    turn(desk, sheet, clockwise, rotated)
    for thing in (entry, *entry["panels"]):
        thing["bbox"] = turned(thing["bbox"], wide, high, clockwise)
    if not rotated:
        page = desk.doc[sheet.number - 1]
        upright = Sheet(page, sheet.number)
        upright.centre(high / 2, 30, str(sheet.number), font_name("sans", "b"), 9)
        upright.flush()


def rotated_page(desk: Desk, figures: list[Figure]) -> None:
    landscape(desk, figures, rotated=True)


def sideways_plate(desk: Desk, figures: list[Figure]) -> None:
    landscape(desk, figures, rotated=False)


def crop_box(desk: Desk, figures: list[Figure]) -> None:
    """The sheet of the printer around the page: crop marks, a slug line, and an origin off zero."""
    sheet, _, _, _ = on_page(desk, figures[0], Setting(str(desk.rng.choice(["below", "above"]))))
    doc, page = desk.doc, sheet.page
    width, height = desk.style.page
    dx, dy = (round(float(value), 1) for value in desk.rng.uniform(18, 60, 2))
    negative = desk.rng.random() < 0.5
    if negative:
        media, crop = (-dx, -dy, width + dx, height + dy), (0.0, 0.0, width, height)
        x0, y0 = 0.0, 0.0
    else:
        wrapped(doc, page, f"1 0 0 1 {dx} {dy}")
        media, crop = (0.0, 0.0, width + 2 * dx, height + 2 * dy), (dx, dy, dx + width, dy + height)
        x0, y0 = dx, dy
    marks = []
    for x in (x0, x0 + width):
        for y in (y0, y0 + height):
            out_x, out_y = (-1 if x == x0 else 1), (-1 if y == y0 else 1)
            marks.append(
                f"{x + 4 * out_x} {y} m {x + 16 * out_x} {y} l S {x} {y + 4 * out_y} m {x} {y + 16 * out_y} l S"
            )
    xref = doc.get_new_xref()
    doc.update_object(xref, "<<>>")
    doc.update_stream(xref, ("q 0.5 w " + " ".join(marks) + " Q").encode())
    streams = " ".join(f"{number} 0 R" for number in [*page.get_contents(), xref])
    doc.xref_set_key(page.xref, "Contents", f"[{streams}]")
    doc.xref_set_key(page.xref, "MediaBox", "[" + " ".join(f"{value:g}" for value in media) + "]")
    doc.xref_set_key(page.xref, "CropBox", "[" + " ".join(f"{value:g}" for value in crop) + "]")


def off_page(desk: Desk, figures: list[Figure]) -> None:
    """A picture that runs over the outer and the upper edge of the paper, its caption below or beside it."""
    sheet, box = desk.page(bare=True)
    figure, (width, _) = figures[0], desk.style.page
    right = bool(sheet.number % 2)
    beside = desk.rng.random() < 0.4
    wide = width * (0.62 if beside else 0.8)
    high = (box[3] - box[1]) * float(desk.rng.uniform(0.4, 0.52))
    spill = float(desk.rng.uniform(9, 40))
    area: Box = (width - wide, -spill, width + spill, high) if right else (-spill, -spill, wide, high)
    found = [bare(desk, sheet, area, figure, figure.panels[0])]
    if beside:
        x = box[0] if right else area[2] + 10
        caption = legend(figure, desk.style, (area[0] - 10 if right else box[2]) - x)
        caption.draw(sheet, x, box[1])
        bottom = max(high, box[1] + caption.height)
        side = "left" if right else "right"
    else:
        caption = legend(figure, desk.style, wide - (width - box[2] if right else box[0]))
        caption.draw(sheet, max(area[0], box[0]), high + 6)
        bottom, side = high + 6 + caption.height, "below"
    entry = enter(desk, sheet, figure, area, [area], figure.panels, caption, side, found if not found else [{}])
    entry["bbox"] = [max(0.0, area[0]), 0.0, min(width, area[2]), high]
    desk.text(sheet, desk.split((box[0], bottom + WHITE, box[2], box[3])))
    sheet.flush()


class Scrambled(Sheet):
    """A page whose runs of text are written in an order that no reader follows."""

    def flush(self) -> None:
        order = sorted(range(len(self.runs)), key=lambda at: (at * 7919 + self.number * 31) % 1009)
        self.runs = [self.runs[at] for at in order]
        super().flush()


class Ligatures(Sheet):
    """A page set with ligatures and with soft hyphens at its line ends."""

    def text(self, x, y, text, name, size, colour=(0.0, 0.0, 0.0)) -> None:  # type: ignore[no-untyped-def]
        for plain_, glyph in LIGATURES:
            text = text.replace(plain_, glyph)
        super().text(x, y, re.sub(r"(?<=[a-z])-$", "\u00ad", text), name, size, colour)


def scrambled(desk: Desk, figures: list[Figure]) -> None:
    sheet, box = desk.page()
    sheet.flush()
    set_on(desk, Scrambled(sheet.page, sheet.number), box, figures, Setting(own_line=bool(desk.rng.random() < 0.6)))


def ligatures(desk: Desk, figures: list[Figure]) -> None:
    sheet, box = desk.page()
    sheet.flush()
    set_on(desk, Ligatures(sheet.page, sheet.number), box, figures, Setting())


def set_on(desk: Desk, sheet: Sheet, box: Box, figures: list[Figure], setting: Setting) -> None:
    set_figure(desk, sheet, box, figures[0], setting)
    sheet.flush()
