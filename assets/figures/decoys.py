"""Decorations that pages share: logos, bars, page backgrounds, icons at the edge. None of them is a figure."""

from collections import Counter

from assets.figures.geometry import area
from assets.figures.layout import Drawing, PageLayout, Raster
from assets.figures.shapes import place

Place = tuple[int, ...]


def fixed_places(page: PageLayout) -> set[Place]:
    """Where a decoration may stand: in the outer eighth, small, or nearly as large as the page.

    Pictures in between may share a place by the typesetter's grid.
    """
    top, bottom = page.frame[3] / 8, page.frame[3] * 7 / 8
    items: list[Raster | Drawing] = [*page.rasters, *page.drawings]
    return {
        place(item)
        for item in items
        if item.box[3] < top or item.box[1] > bottom or not 0.02 < area(item.box) / area(page.frame) < 0.8
    }


def decoys_among(seen: Counter[Place], pages: int) -> set[Place]:
    """Places that hold the same thing on at least three pages and a tenth of the book."""
    least = max(3, pages / 10)
    return {key for key, count in seen.items() if count >= least}
