"""Drawings of few strokes, pictures behind a clip, and text near them: outlines, nodes, thick bars, axis titles."""

from typing import Any

import pymupdf

from assets.textbooks.sample.classes.block import Setting, make
from assets.textbooks.sample.classes.desk import Desk
from assets.textbooks.sample.classes.pages import on_page, set_figure
from assets.textbooks.sample.classes.painters import encoded, picture
from assets.textbooks.sample.content import Figure, Panel
from assets.textbooks.sample.flow import Box
from assets.textbooks.sample.sheet import Sheet
from assets.textbooks.sample.typeset import break_lines, font_name, tokens

INK = (0.1, 0.1, 0.1)
TINTS = ((0.55, 0.70, 0.88), (0.90, 0.70, 0.55), (0.62, 0.82, 0.62))
STAGES = ("Fix", "Cut", "Stain", "Mount", "Read", "Sign", "File", "Keep", "Check")
LEADS = ("The next picture shows it:", "It looks like this:", "A second field of the slide:", "For comparison:")
COMMANDS = ("open slide.tif", "level 2", "find tissue", "tile 256", "stain normalise", "save tiles", "count cells")


def strokes(sheet: Sheet, *lines: tuple[float, float, float, float], width: float = 0.5, ink: Any = INK) -> None:
    """Straight lines with butt caps, a path each."""
    for x0, y0, x1, y1 in lines:
        sheet.draw(lambda page, a=(x0, y0), b=(x1, y1): page.draw_line(a, b, color=ink, width=width, lineCap=0))  # type: ignore[misc]


def outlines(desk: Desk, sheet: Sheet, box: Box, figure: Figure, panel: Panel) -> dict[str, Any]:
    """A row of narrow boxes, each drawn as four lines, or of tubes: two long lines and an arc at either end."""
    x0, y0, x1, y1 = box
    count = int((x1 - x0) / float(desk.rng.uniform(46, 57))) + 1
    gap = 0.0 if desk.rng.random() < 0.5 else float(desk.rng.uniform(4, 8))
    wide = (x1 - x0 - gap * (count - 1)) / count
    tubes = bool(desk.rng.random() < 0.4)
    for place in range(count):
        left = x0 + place * (wide + gap)
        right, bend = left + wide, wide / 3 if tubes else 0.0
        strokes(sheet, (left, y0 + bend, left, y1 - bend), (right, y0 + bend, right, y1 - bend))
        for edge, y in ((y0, y0 + bend), (y1, y1 - bend)):
            if not tubes:
                strokes(sheet, (left, edge, right, edge))
                continue
            points = (left, y), (left, edge - (y - edge) / 3), (right, edge - (y - edge) / 3), (right, y)
            sheet.draw(lambda page, points=points: page.draw_bezier(*points, color=INK, width=0.5))  # type: ignore[misc]
        sheet.centre((left + right) / 2, (y0 + y1) / 2, STAGES[place % len(STAGES)], font_name("sans", "r"), 7.5)
    return {}


def nodes(desk: Desk, sheet: Sheet, box: Box, figure: Figure, panel: Panel) -> dict[str, Any]:
    """One low row of filled nodes with arrows between them."""
    x0, y0, x1, y1 = box
    count = int(desk.rng.integers(2, 5))
    wide = (x1 - x0) / (count + 0.6 * (count - 1))
    tint, round_, middle = TINTS[int(desk.rng.integers(3))], bool(desk.rng.random() < 0.5), (y0 + y1) / 2
    for place in range(count):
        left = x0 + 1.6 * wide * place
        card = pymupdf.Rect(left, y0, left + wide, y1)
        paint = pymupdf.Page.draw_oval if round_ else pymupdf.Page.draw_rect
        outline = INK if desk.rng.random() < 0.5 else None
        sheet.draw(lambda page, p=paint, card=card, ink=outline: p(page, card, color=ink, fill=tint, width=0.5))  # type: ignore[misc]
        sheet.centre(left + wide / 2, middle + 2.5, STAGES[place], font_name("sans", "r"), 7.5)
        if place + 1 < count:
            end = left + 1.6 * wide
            strokes(sheet, (left + wide, middle, end - 2, middle))
            head = [(end - 3, middle - 2), (end, middle), (end - 3, middle + 2)]
            sheet.draw(lambda page, head=head: page.draw_polyline([*head, head[0]], color=None, fill=INK))  # type: ignore[misc]
    return {}


def thick_bars(desk: Desk, sheet: Sheet, box: Box, figure: Figure, panel: Panel) -> dict[str, Any]:
    """A bar chart whose bars are lines as thick as the bar."""
    x0, y0, x1, y1 = box
    count = int(desk.rng.integers(2, 5))
    slot, tall = (x1 - x0) / count, int(desk.rng.integers(count))
    for place in range(count):
        x = x0 + slot * (place + 0.5)
        top = y0 if place == tall else y0 + (y1 - y0) * float(desk.rng.uniform(0.1, 0.6))
        strokes(sheet, (x, y1, x, top), width=0.8 * slot, ink=TINTS[place % 3])
    strokes(sheet, (x0, y1, x1, y1), width=0.8)
    return {}


def behind_clip(desk: Desk, sheet: Sheet, box: Box, figure: Figure, panel: Panel) -> dict[str, Any]:
    """A photograph of which only a part is shown, through a clip path."""
    x0, y0, x1, y1 = box
    left, right, up, down = (float(value) for value in desk.rng.uniform(0.05, 0.35, 4))
    wide, high = x1 - x0, y1 - y0
    whole = (x0 - left * wide, y0 - up * high, x1 + right * wide, y1 + down * high)
    data = encoded(picture(desk, figure, panel, whole))
    sheet.flush()
    page = sheet.page
    page.insert_image(pymupdf.Rect(whole), stream=data, keep_proportion=False)
    last = page.get_contents()[-1]
    rect = pymupdf.Rect(box) * page.transformation_matrix
    clip = f"q {rect.x0:g} {rect.y0:g} {rect.width:g} {rect.height:g} re W n "
    desk.doc.update_stream(last, clip.encode() + desk.doc.xref_stream(last) + b" Q")
    return {"colours": True}


def titled_axes(desk: Desk, sheet: Sheet, box: Box, figure: Figure, panel: Panel) -> dict[str, Any]:
    """A plot in a box, with ticks and numbers outside, and the titles of its axes a line further out."""
    x0, y0, x1, y1 = box
    name, size, away = font_name("sans", "r"), 7.5, float(desk.rng.uniform(10, 12.5))
    plot = (x0 + 2 * size + away + 6, y0, x1, y1 - 2 * size - away - 6)
    sheet.draw(lambda page: page.draw_rect(plot, color=INK, width=0.6))
    for step in range(5):
        x, y = (plot[at] + (plot[at + 2] - plot[at]) * (0.06 + 0.22 * step) for at in (0, 1))
        strokes(sheet, (x, plot[3], x, plot[3] + 4), (plot[0], y, plot[0] - 4, y))
        sheet.centre(x, plot[3] + 5 + size, f"{2 * step}", name, size)
        sheet.right(plot[0] - 6, y + 2.5, f"{5 - step}", name, size)
    for _ in range(40):
        at = (float(desk.rng.uniform(plot[0] + 6, plot[2] - 6)), float(desk.rng.uniform(plot[1] + 6, plot[3] - 6)))
        sheet.draw(lambda page, at=at: page.draw_circle(at, 1.4, color=INK, width=0.4))  # type: ignore[misc]
    sheet.centre((plot[0] + plot[2]) / 2, y1 - 1.6, "diameter in mm", name, size)
    middle = (x0 + size, (plot[1] + plot[3]) / 2 + 20)
    sheet.draw(lambda page: page.insert_text(middle, "mitoses", fontsize=size, fontname="helv", rotate=90))
    return {}


def node_row(desk: Desk, figures: list[Figure]) -> None:
    on_page(desk, figures[0], Setting(paint=nodes, aspect=float(desk.rng.uniform(0.045, 0.06))))


def outline_row(desk: Desk, figures: list[Figure]) -> None:
    on_page(desk, figures[0], Setting(paint=outlines, aspect=float(desk.rng.uniform(0.3, 0.5))))


def axis_titles(desk: Desk, figures: list[Figure]) -> None:
    on_page(desk, figures[0], Setting(paint=titled_axes, aspect=float(desk.rng.uniform(0.24, 0.3))), span=True)


def after_lead(desk: Desk, figures: list[Figure]) -> None:
    """A page of short lines at the edge of the text, the last right over the picture in the middle; no paragraphs."""
    sheet, (x0, y0, x1, y1) = desk.page()
    style = desk.style
    first = int(desk.rng.integers(len(LEADS)))
    y, count = y0, int(desk.rng.integers(3, 5))
    for place in range(count):
        for line in break_lines(tokens(LEADS[(first + place) % len(LEADS)], style.body, "r"), style.body_size, x1 - x0):
            sheet.line(x0, y + style.body_size * 0.92, line, style.body_size)
        y += style.leading * (1.0 if place + 1 == count else 2.2)
    block = make(desk, figures[0], 0.6 * (x1 - x0), 0.6 * (y1 - y), Setting())
    block.draw(sheet, x0 + 0.2 * (x1 - x0), y + float(desk.rng.uniform(3, 8)))
    sheet.flush()


def under_listing(desk: Desk, figures: list[Figure]) -> None:
    """A tinted listing of commands across the page, and right under it the figure that it makes."""
    sheet, (x0, y0, x1, y1) = desk.page()
    count = int(desk.rng.integers(4, len(COMMANDS) + 1))
    foot = y0 + 12 * count + 8
    tint = float(desk.rng.uniform(0.8, 0.93))
    sheet.draw(lambda page: page.draw_rect((x0, y0, x1, foot), color=None, fill=(tint,) * 3))
    for place, command in enumerate(COMMANDS[:count]):
        at = (x0 + 8, y0 + 13 + 12 * place)
        sheet.draw(lambda page, at=at, text=command: page.insert_text(at, text, fontsize=9, fontname="cour"))  # type: ignore[misc]
    set_figure(desk, sheet, (x0, foot + float(desk.rng.uniform(3, 9)), x1, y1), figures[0], Setting(), True, "top")
    sheet.flush()
