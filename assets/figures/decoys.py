"""Decorations that pages share: logos, bars, page backgrounds, icons at the edge. None of them is a figure."""

from collections import Counter

from assets.figures.geometry import Box, area, as_boxes, height, width
from assets.figures.layout import Drawing, PageLayout, Raster
from assets.figures.shapes import MOST_RULES, met_at, place

Place = tuple[int, ...]


def fixed_places(page: PageLayout) -> set[Place]:
    """Where a decoration may stand: in the outer eighth, small, or nearly as large as the page.

    Pictures in between may share a place by the typesetter's grid, and so do the sides of an outline, which as
    hairlines have no area.
    """
    top, bottom = page.frame[3] / 8, page.frame[3] * 7 / 8
    items: list[Raster | Drawing] = [*page.rasters, *page.drawings]
    sides = _sides(page)
    return {
        place(item)
        for item in items
        if item.box[3] < top
        or item.box[1] > bottom
        or (not 0.02 < area(item.box) / area(page.frame) < 0.8 and item.box not in sides)
    }


def _sides(page: PageLayout) -> set[Box]:
    """Long rules between the outer eighths that end at other lines at both ends: they are part of a drawing.

    Rules between columns and around pages reach into the outer eighths.
    """
    top, bottom = page.frame[3] / 8, page.frame[3] * 7 / 8
    long = [
        d.box for d in page.drawings
        if d.thin and max(width(d.box), height(d.box)) > page.frame[3] / 8 and top < d.box[1] and d.box[3] < bottom
    ]  # fmt: skip
    if not long or len(long) > MOST_RULES:  # a page with more is ruled paper, and no two pages of a book are
        return set(long)
    lines = as_boxes([d.box for d in page.drawings])
    return {rule for rule in long if met_at(rule, lines) == 2}


def decoys_among(seen: Counter[Place], pages: int) -> set[Place]:
    """Places that hold the same thing on at least three pages and a tenth of the book."""
    least = max(3, pages / 10)
    return {key for key, count in seen.items() if count >= least}
