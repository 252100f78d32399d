"""Figures that are drawings and no pictures: bar chart, survival curves, a scheme of steps; all vectors with text."""

from typing import Any

from assets.textbooks.sample.sheet import Sheet
from assets.textbooks.sample.style import Style
from assets.textbooks.sample.typeset import font_name, unit_width

Box = tuple[float, float, float, float]
SERIES = ((0.16, 0.36, 0.62), (0.72, 0.24, 0.20), (0.20, 0.52, 0.32), (0.55, 0.42, 0.14))
GREY = (0.35, 0.35, 0.35)
# Height of the drawing as a share of its width
ASPECT = {"bars": 0.62, "curves": 0.66, "steps": 0.22}


def paint(sheet: Sheet, box: Box, recipe: dict[str, Any], style: Style) -> None:
    """Draw one recipe of family bars, curves or steps into `box`; raises KeyError for another family."""
    {"bars": bars, "curves": curves, "steps": steps}[recipe["family"]](sheet, box, recipe, style)


def axes(sheet: Sheet, box: Box, top: float, unit: str, style: Style, marks: int = 4) -> Box:
    """Two axes with ticks up to `top`; returns the plotting area."""
    x0, y0, x1, y1 = box
    plot = (x0 + 26, y0 + 14, x1 - 4, y1 - 16)
    name = font_name("sans", "r")
    sheet.draw(lambda page: page.draw_rect(box, color=(0.7, 0.7, 0.7), fill=(0.985, 0.985, 0.97), width=0.4))
    for step in range(marks + 1):
        y = plot[3] - (plot[3] - plot[1]) * step / marks
        sheet.rule(plot[0], y, plot[2], (0.82, 0.82, 0.82), 0.3)
        sheet.right(plot[0] - 3, y + 2, f"{top * step / marks:g}", name, 6.5, GREY)
    sheet.draw(lambda page: page.draw_polyline([plot[:2], (plot[0], plot[3]), plot[2:]], color=(0, 0, 0), width=0.8))
    sheet.text(x0 + 4, y0 + 9, unit, name, 6.5, GREY)
    return plot


def bars(sheet: Sheet, box: Box, recipe: dict[str, Any], style: Style) -> None:
    values, labels = recipe["values"], recipe["labels"]
    top = next(limit for limit in (20, 40, 60, 80, 100) if max(values) <= limit)
    x0, y0, x1, y1 = axes(sheet, box, top, recipe["axis"], style)
    slot = (x1 - x0) / len(values)
    name = font_name("sans", "r")
    fill = style.ink if any(style.ink) else SERIES[0]
    for place, (value, text) in enumerate(zip(values, labels, strict=True)):
        left, high = x0 + slot * (place + 0.2), y1 - (y1 - y0) * value / top
        bar = (left, high, left + slot * 0.6, y1)
        sheet.draw(lambda page, bar=bar: page.draw_rect(bar, color=None, fill=fill))  # type: ignore[misc]
        sheet.centre(left + slot * 0.3, high - 2, f"{value}", name, 6.5)
        size = min(6.5, slot * 0.96 / unit_width(text, name))
        sheet.centre(left + slot * 0.3, y1 + 9, text, name, size)


def curves(sheet: Sheet, box: Box, recipe: dict[str, Any], style: Style) -> None:
    x0, y0, x1, y1 = axes(sheet, box, 1.0, "Survival", style, marks=5)
    name = font_name("sans", "r")
    for place, (values, text) in enumerate(zip(recipe["values"], recipe["labels"], strict=True)):
        points, level, width = [(x0, y0)], 1.0, (x1 - x0) / len(values)
        for year, value in enumerate(values, 1):
            x = x0 + width * year
            points += [(x - width / 2, y1 - (y1 - y0) * level), (x - width / 2, y1 - (y1 - y0) * value)]
            points.append((x, y1 - (y1 - y0) * value))
            level = value
        colour = SERIES[place % len(SERIES)]
        sheet.draw(lambda page, points=points, colour=colour: page.draw_polyline(points, color=colour, width=1.2))  # type: ignore[misc]
        y = y1 - 10 - 10 * (len(recipe["values"]) - 1 - place)
        sheet.rule(x0 + 8, y - 2, x0 + 24, colour, 1.4)
        sheet.text(x0 + 28, y, text, name, 7)
    for year in range(len(recipe["values"][0]) + 1):
        sheet.centre(x0 + (x1 - x0) * year / len(recipe["values"][0]), y1 + 8, str(year), name, 6.5, GREY)
    sheet.right(x1, y1 + 15, recipe["axis"], name, 6.5, GREY)


def steps(sheet: Sheet, box: Box, recipe: dict[str, Any], style: Style) -> None:
    """Boxes from left to right that darken, arrows with a gene above each."""
    x0, y0, x1, y1 = box
    labels, genes = recipe["labels"], recipe["arrows"]
    sheet.draw(lambda page: page.draw_rect(box, color=(0.7, 0.7, 0.7), fill=(0.985, 0.985, 0.97), width=0.4))
    gap = (x1 - x0) * 0.085
    wide = (x1 - x0 - 16 - gap * (len(labels) - 1)) / len(labels)
    middle, half = (y0 + y1) / 2, (y1 - y0) * 0.24
    name, slanted = font_name("sans", "r"), font_name("sans", "i")
    for place, text in enumerate(labels):
        left = x0 + 8 + place * (wide + gap)
        tint = (0.98 - 0.03 * place, 0.88 - 0.13 * place, 0.86 - 0.12 * place)
        card = (left, middle - half, left + wide, middle + half)
        sheet.draw(lambda page, card=card, tint=tint: page.draw_rect(card, color=GREY, fill=tint, width=0.6))  # type: ignore[misc]
        words = text.split(" ")
        for row, word in enumerate(words):
            sheet.centre(left + wide / 2, middle + 3 + 10 * (row - (len(words) - 1) / 2), word, name, 8)
        if place < len(genes):
            start, end = left + wide + 3, left + wide + gap - 3
            sheet.rule(start, middle, end, (0, 0, 0), 1.0)
            head = [(end - 5, middle - 3), (end, middle), (end - 5, middle + 3)]
            sheet.draw(lambda page, head=head: page.draw_polyline(head, color=(0, 0, 0), width=1.0))  # type: ignore[misc]
            sheet.centre((start + end) / 2, middle - 6, genes[place], slanted, 7.5)
