"""Boxes of the unrotated page as shapes over the page's upright picture, in points of that picture."""

import math
from dataclasses import dataclass

from assets.figures.geometry import Box, turned
from assets.records import Figure, Panel


@dataclass(frozen=True)
class Frame:
    """An unrotated page of width x height points, shown after clockwise quarter turns."""

    page_width: float
    page_height: float
    turn: int

    @property
    def width(self) -> float:
        return self.page_height if self.turn % 2 else self.page_width

    @property
    def height(self) -> float:
        return self.page_width if self.turn % 2 else self.page_height

    @property
    def letter(self) -> float:
        """Size of the writing on boxes: readable whatever the size of the page."""
        return round(max(self.width, self.height) / 80, 2)

    def shown(self, box: list[float]) -> Box:
        x0, y0, x1, y1 = turned((box[0], box[1], box[2], box[3]), self.turn, self.page_width, self.page_height)
        return round(x0, 2), round(y0, 2), round(x1, 2), round(y1, 2)


@dataclass(frozen=True)
class Shape:
    """A rectangle; `kind` is body, caption or panel. `tag` is written at (tag_x, tag_y), the base line."""

    kind: str
    figure_id: str
    low: bool
    x: float
    y: float
    width: float
    height: float
    tag: str
    tag_x: float
    tag_y: float
    title: str


def shapes_of(page: int, figures: list[tuple[Figure, list[Panel], bool]], frame: Frame) -> list[Shape]:
    """Bodies first, then panels, then captions: what lies inside another box is drawn after it."""
    bodies, panels, captions = [], [], []
    for figure, parts, low in figures:
        score = shown_score(figure.score)
        if figure.page == page:
            title = f"{figure.label}: body, score {score}, {figure.rule}, {figure.method}"
            bodies.append(_shape("body", figure, low, figure.bbox, f"{figure.label} · {score}", title, frame))
            for part in parts:
                title = f"{figure.label}: panel {part.letter}"
                panels.append(_shape("panel", figure, low, part.bbox, part.letter, title, frame))
        if figure.caption_page == page:
            where = "" if figure.page == page else f", body on page {figure.page}"
            tag = f"caption of {figure.label}{where}"
            captions.append(_shape("caption", figure, low, figure.caption_bbox, tag, tag, frame))
    return bodies + panels + captions


def shown_score(score: float) -> str:
    """Two decimals, rounded down: 0.899 must not look like the 0.90 that it misses."""
    return f"{math.floor(score * 100 + 1e-9) / 100:.2f}"


def _shape(kind: str, figure: Figure, low: bool, box: list[float], tag: str, title: str, frame: Frame) -> Shape:
    x0, y0, x1, y1 = frame.shown(box)
    size = frame.letter
    above, below = y0 - 0.35 * size if y0 > 1.5 * size else y0 + 1.1 * size, y1 + size
    headed = figure.caption_page == figure.page and frame.shown(figure.caption_bbox)[3] <= frame.shown(figure.bbox)[1]
    if kind == "panel":  # inside, at the corner where letters are printed least often
        tag_x, tag_y = x1 - 0.4 * size, y0 + 1.1 * size
    elif kind == "caption":  # caption and body carry their tags on the sides that do not face each other
        tag_x, tag_y = x1, above if headed else below
    else:
        tag_x, tag_y = x0, below if headed else above
    return Shape(kind, figure.figure_id, low, x0, y0, round(max(0.0, x1 - x0), 2), round(max(0.0, y1 - y0), 2), tag,
                 round(tag_x, 2), round(tag_y, 2), title)  # fmt: skip
