"""One page being drawn: runs of text, rasters and vector drawings in the order of the content stream."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pymupdf

from assets.textbooks.sample.typeset import Line, font, unit_width

Colour = tuple[float, float, float]
BLACK: Colour = (0.0, 0.0, 0.0)


@dataclass
class Sheet:
    """`number` is the 1-based page. Text is collected and written in as few runs as its colours allow."""

    page: pymupdf.Page
    number: int
    runs: list[tuple[float, float, str, str, float]] = field(default_factory=list)
    colour: Colour = BLACK

    def text(self, x: float, y: float, text: str, name: str, size: float, colour: Colour = BLACK) -> None:
        """Draw `text` with its baseline starting at (x, y)."""
        if colour != self.colour:
            self.flush()
            self.colour = colour
        self.runs.append((x, y, text, name, size))

    def right(self, x: float, y: float, text: str, name: str, size: float, colour: Colour = BLACK) -> None:
        self.text(x - unit_width(text, name) * size, y, text, name, size, colour)

    def centre(self, x: float, y: float, text: str, name: str, size: float, colour: Colour = BLACK) -> None:
        self.text(x - unit_width(text, name) * size / 2, y, text, name, size, colour)

    def line(self, x: float, y: float, line: Line, size: float, colour: Colour = BLACK) -> None:
        for offset, text, name in line.pieces:
            self.text(x + offset, y, text, name, size, colour)

    def draw(self, paint: Callable[[pymupdf.Page], object]) -> None:
        self.flush()
        paint(self.page)

    def rule(self, x0: float, y: float, x1: float, colour: Colour = BLACK, width: float = 0.6) -> None:
        self.draw(lambda page: page.draw_line((x0, y), (x1, y), color=colour, width=width))

    def flush(self) -> None:
        if not self.runs:
            return
        writer = pymupdf.TextWriter(self.page.rect, color=self.colour)
        for x, y, text, name, size in self.runs:
            writer.append((x, y), text, font=font(name), fontsize=size)
        writer.write_text(self.page)
        self.runs.clear()
