"""What lies on one page: text lines, rasters and vector drawings, read once, without decoding a picture.

All boxes are in the page's reading frame: the unrotated page turned by quarter turns until most of its text is upright
(landscape pages of a portrait book are stored sideways). `PageLayout.on_page` leads back to the unrotated page.
"""

import math
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

import pymupdf

from assets.figures.geometry import Box, clip, grow, height, skewed, turned, union, width
from assets.figures.labels import VERBS, opening_label
from assets.figures.lines import Line, joined_pieces, read_line

TEXT_FLAGS = pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_MEDIABOX_CLIP
# A page with more paths than this is a map or a plot; beyond it single paths add nothing to a box.
MAX_PATHS = 20_000
THICK = 3.0  # points: a line this wide is looked at for how it ends
LONG = 40  # letters: a line of this length is one of a text, not a label in a picture


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
    rasters = _rasters(page, turn)
    pieces = [piece for line in raw if (piece := read_line(line, turn, w, h, dark + [r.box for r in rasters]))]
    return PageLayout(page.number + 1, w, h, turn, joined_pieces(pieces), rasters, drawings, hidden=_hidden(raw))


def _hidden(raw: list[dict[str, Any]]) -> float:
    """Share of letters set without paint (text rendering mode 3, ISO 32000-1 9.3.6)."""
    letters = [(len(span["text"].strip()), span["alpha"]) for line in raw for span in line["spans"]]
    return sum(count for count, alpha in letters if not alpha) / max(1, sum(count for count, _ in letters))


def _upright_turn(raw: list[dict[str, Any]]) -> int:
    """Quarter turns that make most letters upright; dir is (cos, sin) with y downwards.

    A picture that lies on its side may hold more letters than the caption under it: where no text runs along with most
    letters, and no caption does, the captions decide.
    """
    letters: Counter[int] = Counter()
    text: Counter[int] = Counter()
    captions: Counter[int] = Counter()
    for line in raw:
        cos, sin = line["dir"]
        turn = 0 if cos > 0.9 else 2 if cos < -0.9 else 3 if sin > 0.9 else 1 if sin < -0.9 else None
        if turn is not None:
            printed = "".join(span["text"] for span in line["spans"]).strip()
            label = opening_label(printed)
            letters[turn] += sum(len(span["text"].strip()) for span in line["spans"])
            captions[turn] += label is not None and not VERBS.match(label.rest)
            text[turn] += label is None and len(printed) > LONG
    usual = max(letters, key=lambda t: (letters[t], -t)) if letters else 0
    told = max(captions, key=lambda t: (captions[t], letters[t], -t)) if captions else 0
    return told if captions[told] and not captions[usual] and text[usual] < 3 else usual


def _rasters(page: pymupdf.Page, turn: int) -> list[Raster]:
    """Pictures of at least 4 points, cut to the page and to the clip path that they are painted through (a cropped
    photograph is stored whole).
    """
    w, h = page.rect.width, page.rect.height
    found = []
    placed = page.get_textpage(flags=pymupdf.TEXT_PRESERVE_IMAGES | pymupdf.TEXT_CLIP).extractIMGINFO()
    for number, info in enumerate(placed):
        box = turned(clip(tuple(info["bbox"]), (0.0, 0.0, w, h)), turn, w, h)
        if width(box) >= 4 and height(box) >= 4:
            found.append(Raster(box, number, info["width"], info["height"]))
    return found


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
        fill, stroke = path.get("fill"), path.get("color")
        paints_fill = "f" in path["type"] and fill is not None and min(fill) < 0.97 and path.get("fill_opacity", 1) > 0
        paints_stroke = "s" in path["type"] and stroke is not None and min(stroke) < 0.97
        if not paints_fill and not paints_stroke:
            continue
        painted = _stroked(path) if paints_stroke else tuple(path["rect"])
        box = clip(painted, clip(scissors.get(level - 1, whole), whole))
        if box[2] < box[0] or box[3] < box[1]:
            continue
        box = turned(box, turn, w, h)
        if paints_fill:
            dark.append(box)
        found.append(Drawing(box, paints_stroke, paints_fill, len(path["items"]) <= 1, _is_box(path["items"])))
        if len(found) >= MAX_PATHS:
            break
    return found, dark


def _stroked(path: dict[str, Any]) -> Box:
    """What a stroke covers: half its width around the path, but a straight line with butt caps ends where it ends.

    Bars of charts are drawn as lines as thick as the bar (ISO 32000-1 8.4.3.3).
    """
    half, items = path.get("width", 0) / 2, path["items"]
    if half < THICK / 2 or any(path.get("lineCap", (0,))) or path.get("closePath"):
        return grow(tuple(path["rect"]), half)
    if items[0][0] != "l" or any(a[0] != "l" or b[0] != "l" or a[2] == b[1] for a, b in pairwise(items)):
        return grow(tuple(path["rect"]), half)  # it has joins
    boxes = []
    for _, (x0, y0), (x1, y1) in items:
        length = math.hypot(x1 - x0, y1 - y0) or 1.0
        across, down = half * abs(y1 - y0) / length, half * abs(x1 - x0) / length
        boxes.append((min(x0, x1) - across, min(y0, y1) - down, max(x0, x1) + across, max(y0, y1) + down))
    return union(boxes)


def _is_box(items: list[tuple[Any, ...]]) -> bool:
    """Whether a path is a rectangle, drawn as one or as four straight sides with or without rounded corners."""
    if len(items) == 1:
        return bool(items[0][0] in ("re", "qu"))
    kinds = Counter(item[0] for item in items)
    straight = all(min(abs(i[1][0] - i[2][0]), abs(i[1][1] - i[2][1])) < 0.5 for i in items if i[0] == "l")
    return straight and 3 <= kinds["l"] <= 8 and kinds["c"] <= 8 and kinds["l"] + kinds["c"] == len(items)
