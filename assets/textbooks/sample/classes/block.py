"""A figure with its caption as one block: measured, then drawn, and entered in the gold."""

from dataclasses import dataclass, field
from typing import Any

from assets.textbooks.sample import drawings
from assets.textbooks.sample.classes.desk import Desk
from assets.textbooks.sample.classes.legend import Legend, legend
from assets.textbooks.sample.classes.painters import Painter, plain
from assets.textbooks.sample.content import Figure, Panel, label
from assets.textbooks.sample.flow import Box
from assets.textbooks.sample.sheet import Sheet

GAP = 6.0
GRIDS = {1: [(1, 1)], 2: [(1, 2), (2, 1)], 3: [(1, 3), (3, 1)], 4: [(2, 2)], 6: [(3, 2), (2, 3)], 8: [(4, 2), (2, 4)]}


@dataclass
class Setting:
    """How a figure is set. `letters` restricts it to some of its panels (a continued figure)."""

    side: str = "below"
    form: str = "before"
    paint: Painter = plain
    letters: str = ""
    lead: str | None = None
    continued: str = ""
    own_line: bool | None = None
    grid: tuple[int, int] | None = None
    aspect: float = 0.0
    beside: float = 0.6  # share of the width for the picture of a caption at the side
    gap: float = GAP
    below_panels: float = 0.0  # points kept free under each panel


@dataclass
class Block:
    """`cell` is the size of one panel, `legend` the caption or None when it stands elsewhere."""

    desk: Desk
    figure: Figure
    setting: Setting
    width: float
    grid: tuple[int, int]
    cell: tuple[float, float]
    legend: Legend | None
    panels: list[Panel] = field(default_factory=list)

    @property
    def between(self) -> tuple[float, float]:
        """Points between columns and between rows of panels."""
        gap = self.desk.style.panel_gap
        return gap, gap + self.setting.below_panels

    @property
    def body(self) -> tuple[float, float]:
        rows, columns = self.grid
        across, down = self.between
        high = rows * self.cell[1] + (rows - 1) * down + self.setting.below_panels
        return columns * self.cell[0] + (columns - 1) * across, high

    @property
    def height(self) -> float:
        caption = self.legend.height if self.legend else 0.0
        if self.setting.side in ("left", "right"):
            return max(self.body[1], caption)
        return self.body[1] + (caption + self.setting.gap if self.legend else 0.0)

    def draw(self, sheet: Sheet, x: float, y: float) -> dict[str, Any]:
        """Draw picture and caption with the upper left corner at (x, y); returns the gold entry."""
        side, gap = self.setting.side, self.setting.gap
        wide, high = self.body
        left, top = x + max(0.0, self.width - wide) / 2, y
        if side in ("left", "right"):
            left = x + self.width - wide if side == "left" else x
        if self.legend and side == "above":
            self.legend.draw(sheet, x, y)
            top = y + self.legend.height + gap
        boxes = self.boxes(left, top)
        found = [
            self.setting.paint(self.desk, sheet, box, self.figure, panel)
            for box, panel in zip(boxes, self.panels, strict=True)
        ]
        if self.legend and side == "below":
            self.legend.draw(sheet, x, top + high + gap)
        elif self.legend and side in ("left", "right"):
            self.legend.draw(sheet, x if side == "left" else x + wide + gap + 4, y)
        whole = (left, top, left + wide, top + high)
        return enter(self.desk, sheet, self.figure, whole, boxes, self.panels, self.legend, side, found)

    def boxes(self, left: float, top: float) -> list[Box]:
        out = []
        for place in range(len(self.panels)):
            row, column = divmod(place, self.grid[1])
            x0 = left + column * (self.cell[0] + self.between[0])
            y0 = top + row * (self.cell[1] + self.between[1])
            out.append((x0, y0, x0 + self.cell[0], y0 + self.cell[1]))
        return out


def make(desk: Desk, figure: Figure, width: float, room: float, setting: Setting, captioned: bool = True) -> Block:
    """Measure a block of at most `width` by `room` points; the picture gives way until it fits."""
    rng, style = desk.rng, desk.style
    panels = [panel for panel in figure.panels if not setting.letters or panel.letter in setting.letters]
    beside = setting.side in ("left", "right")
    choices = GRIDS.get(len(panels)) or [(1, len(panels))]
    grid = setting.grid or choices[int(rng.integers(len(choices)))]
    share = setting.beside if beside else 1.0
    caption_width = width * (1 - share) - setting.gap - 4 if beside else width
    text = (
        legend(
            figure,
            style,
            caption_width,
            setting.form,
            setting.letters,
            setting.lead,
            setting.own_line,
            setting.continued,
        )
        if captioned
        else None
    )
    family = panels[0].picture["family"]
    aspect = setting.aspect or drawings.ASPECT.get(family) or float(rng.uniform(0.66, 0.86))
    if family == "table":
        aspect = 16.0 * (len(panels[0].picture["rows"]) + 1) / width
    inner = (width * share - style.panel_gap * (grid[1] - 1)) / grid[1]
    high = room - (text.height + setting.gap if text and not beside else 0.0)
    tallest = (high - grid[0] * setting.below_panels - (grid[0] - 1) * style.panel_gap) / grid[0]
    if not setting.aspect and family not in drawings.ASPECT and family != "table":
        aspect = max(aspect, min(1.05, tallest / inner))
    if inner * aspect > tallest:
        if tallest / inner < 0.55 * aspect:
            inner = tallest / (0.72 * aspect)
            aspect = 0.72 * aspect
        else:
            aspect = tallest / inner
    return Block(desk, figure, setting, width, grid, (inner, inner * aspect), text, panels)


def enter(
    desk: Desk,
    sheet: Sheet,
    figure: Figure,
    whole: Box,
    boxes: list[Box],
    panels: list[Panel],
    text: Legend | None,
    side: str,
    found: list[dict[str, Any]],
) -> dict[str, Any]:
    """Make the gold entry of a figure and keep it at the desk."""
    entry: dict[str, Any] = {
        "key": figure.key,
        "page": sheet.number,
        "label": label(figure, desk.style),
        "bbox": list(whole),
        "caption": text.text if text else "",
        "caption_side": side,
        "image_kind": figure.kind,
        "organ_system": figure.organ,
        "panels": [
            {"label": panel.letter, "bbox": list(box), "caption": panel.caption, "image_kind": panel.kind}
            for panel, box in zip(panels, boxes, strict=True)
            if panel.letter
        ],
        "references": [],
        "scanned": False,
        "class": desk.kind,
        "language": figure.language,
        "chapter": desk.chapter.number if desk.chapter else 0,
    }
    if len(found) == 1 and found[0]:
        entry["pixels"] = found[0]
    for panel, pixels in zip(entry["panels"], found, strict=False):
        if pixels:
            panel["pixels"] = pixels
    desk.gold.append(entry)
    return entry
