"""What lies on one page: text lines, rasters and vector drawings, read once, without decoding a picture.

All boxes are in the page's reading frame: the unrotated page turned by quarter turns until most of its text is upright
(landscape pages of a portrait book are stored sideways). `PageLayout.on_page` leads back to the unrotated page.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pymupdf

from assets.figures.geometry import Box, clip, grow, height, skewed, turned, width
from assets.figures.lines import Line, joined_pieces, read_line

TEXT_FLAGS = pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_MEDIABOX_CLIP
# A page with more paths than this is a map or a plot; beyond it single paths add nothing to a box.
MAX_PATHS = 20_000


class Raster(NamedTuple):
    """A picture placed on the page. `number` is its place in the page's drawing order of pictures."""

    box: Box
    number: int
    width: int
    height: int


class Drawing(NamedTuple):
    """A vector path. `plain` says that it is a single rectangle or line, `frame` that it is a box, rounded or not."""

    box: Box
    stroked: bool
    filled: bool
    plain: bool
    frame: bool

    @property
    def thin(self) -> bool:
        return width(self.box) < 3 or height(self.box) < 3


@dataclass(slots=True)
class PageLayout:
    """One page. `turn` is the number of clockwise quarter turns from the unrotated page to the reading frame.

    On a scanned page `rasters` are the pictures found on it, `placed` what the PDF holds (the scan), and the frame is
    straightened: on the page its text runs off by `skew` degrees. `hidden` is the share of letters that are not
    painted: what lies so over a picture of the page is the text layer of a searchable scan.
    """

    page: int
    width: float
    height: float
    turn: int
    lines: list[Line]
    rasters: list[Raster]
    drawings: list[Drawing]
    margins: list[Line] = field(default_factory=list)
    placed: list[Raster] | None = None
    skew: float = 0.0
    hidden: float = 0.0

    @property
    def frame(self) -> Box:
        """The page's box in the reading frame."""
        return (0, 0, self.height, self.width) if self.turn % 2 else (0, 0, self.width, self.height)

    def on_page(self, box: Box) -> Box:
        """`box` of the reading frame on the unrotated page, in points, rounded to 1/100."""
        askew = skewed(box, self.skew, self.frame[2], self.frame[3])
        x0, y0, x1, y1 = turned(askew, -self.turn, self.frame[2], self.frame[3])
        return round(x0, 2), round(y0, 2), round(x1, 2), round(y1, 2)

    def in_frame(self, box: Box) -> Box:
        """A box of the unrotated page in the reading frame."""
        return turned(box, self.turn, self.width, self.height)


def read_layout(page: pymupdf.Page) -> PageLayout:
    """Read one page; sets its rotation to 0 in memory. Raises what pymupdf raises on a damaged page."""
    page.set_rotation(0)
    w, h = page.rect.width, page.rect.height
    raw = [line for block in page.get_text("dict", flags=TEXT_FLAGS)["blocks"] for line in block.get("lines", [])]
    turn = _upright_turn(raw)
    drawings, dark = _drawings(page, turn, w, h)
    frame = (0.0, 0.0, h, w) if turn % 2 else (0.0, 0.0, w, h)
    rasters = []
    for number, info in enumerate(page.get_image_info()):
        box = clip(turned(tuple(info["bbox"]), turn, w, h), frame)
        if width(box) >= 4 and height(box) >= 4:
            rasters.append(Raster(box, number, info["width"], info["height"]))
    pieces = [piece for line in raw if (piece := read_line(line, turn, w, h, dark + [r.box for r in rasters]))]
    return PageLayout(page.number + 1, w, h, turn, joined_pieces(pieces), rasters, drawings, hidden=_hidden(raw))


def _hidden(raw: list[dict[str, Any]]) -> float:
    """Share of letters set without paint (text rendering mode 3, ISO 32000-1 9.3.6)."""
    letters = [(len(span["text"].strip()), span["alpha"]) for line in raw for span in line["spans"]]
    return sum(count for count, alpha in letters if not alpha) / max(1, sum(count for count, _ in letters))


def _upright_turn(raw: list[dict[str, Any]]) -> int:
    """Quarter turns that make most letters upright; dir is (cos, sin) with y downwards."""
    count: Counter[int] = Counter()
    for line in raw:
        cos, sin = line["dir"]
        turn = 0 if cos > 0.9 else 2 if cos < -0.9 else 3 if sin > 0.9 else 1 if sin < -0.9 else None
        if turn is not None:
            count[turn] += sum(len(span["text"].strip()) for span in line["spans"])
    return max(count, key=lambda t: (count[t], -t)) if count else 0


def _drawings(page: pymupdf.Page, turn: int, w: float, h: float) -> tuple[list[Drawing], list[Box]]:
    """Visible paths, cut to their clip; and the boxes of fills that are not white (white text on them is visible)."""
    scissors: dict[int, Box] = {}
    whole: Box = (0.0, 0.0, w, h)
    found: list[Drawing] = []
    dark: list[Box] = []
    for path in page.get_cdrawings(extended=True):
        level = path.get("level", 0)
        if path["type"] == "clip":
            scissors[level] = tuple(path["scissor"])
            continue
        if path["type"] == "group" or "rect" not in path:
            continue
        box = clip(tuple(path["rect"]), clip(scissors.get(level - 1, whole), whole))
        if box[2] < box[0] or box[3] < box[1]:
            continue
        fill, stroke = path.get("fill"), path.get("color")
        paints_fill = "f" in path["type"] and fill is not None and min(fill) < 0.97 and path.get("fill_opacity", 1) > 0
        paints_stroke = "s" in path["type"] and stroke is not None and min(stroke) < 0.97
        if not paints_fill and not paints_stroke:
            continue
        box = turned(grow(box, path.get("width", 0) / 2) if paints_stroke else box, turn, w, h)
        if paints_fill:
            dark.append(box)
        found.append(Drawing(box, paints_stroke, paints_fill, len(path["items"]) <= 1, _is_box(path["items"])))
        if len(found) >= MAX_PATHS:
            break
    return found, dark


def _is_box(items: list[tuple[Any, ...]]) -> bool:
    """Whether a path is a rectangle, drawn as one or as four straight sides with or without rounded corners."""
    if len(items) == 1:
        return bool(items[0][0] in ("re", "qu"))
    kinds = Counter(item[0] for item in items)
    straight = all(min(abs(i[1][0] - i[2][0]), abs(i[1][1] - i[2][1])) < 0.5 for i in items if i[0] == "l")
    return straight and 3 <= kinds["l"] <= 8 and kinds["c"] <= 8 and kinds["l"] + kinds["c"] == len(items)
