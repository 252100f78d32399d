"""Tables of text and rules: as figures, and as what stands in the way of figures."""

from typing import Any

from assets.textbooks.sample.flow import Box
from assets.textbooks.sample.sheet import Sheet
from assets.textbooks.sample.style import Style
from assets.textbooks.sample.typeset import font_name, is_cjk, unit_width

TINT = (0.90, 0.93, 0.96)


def draw_table(sheet: Sheet, box: Box, recipe: dict[str, Any], style: Style) -> None:
    """Head and rows in `box` with rules above, below and under the head; every other row is tinted."""
    x0, y0, x1, y1 = box
    rows = [recipe["head"], *recipe["rows"]]
    tall = (y1 - y0) / len(rows)
    first = 0.34
    edges = [
        x0,
        *(x0 + (x1 - x0) * (first + (1 - first) * at / (len(recipe["head"]) - 1)) for at in range(len(recipe["head"]))),
    ]
    for place in range(2, len(rows), 2):
        band = (x0, y0 + tall * place, x1, y0 + tall * (place + 1))
        sheet.draw(lambda page, band=band: page.draw_rect(band, color=None, fill=TINT))  # type: ignore[misc]
    for y, width in ((y0, 1.0), (y0 + tall, 0.6), (y1, 1.0)):
        sheet.rule(x0, y, x1, (0, 0, 0), width)
    for place, row in enumerate(rows):
        for column, cell in enumerate(row):
            name = font_name("zh", "r") if is_cjk(cell) else font_name("sans", "b" if place == 0 else "r")
            room = edges[column + 1] - edges[column] - 8 if column + 1 < len(edges) else 60.0
            size = min(8.5, room / max(unit_width(cell, name), 1e-6))
            sheet.text(edges[column] + 4, y0 + tall * (place + 0.5) + size * 0.35, cell, name, size)
