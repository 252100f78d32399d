"""Lines of text as a reader sees them, made from the pieces that MuPDF finds."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

import pymupdf

from assets.figures.geometry import BAND, TALL, Bands, Box, area, inside, overlap, turned, union, width, x_gap, y_share
from assets.figures.labels import WORD

WHITE = 0xFFFFFF
WIDE = 5.0  # type sizes: the widest word space of a justified line
REACH = 2.8  # type sizes: lines whose tops are closer may stand right above or below each other
FIGURE_WORD = re.compile(rf"{WORD}\.?$", re.I)  # a label torn apart before its number
NOT_LATIN = re.compile(r"[\s\u2e80-\u9fff\uf900-\uffef]+")
# MuPDF sees no space by its width behind a sign beyond U+20CF. A unit ends with these (degrees, ohm), a word follows.
UNIT_END = re.compile(r"(?<=[\u2103\u2109\u2126])(?=[A-Za-z])")
# Ligatures of TeX fonts whose PDF does not say what its codes mean: they come as the codes of the Cork encoding (1990).
CORK = str.maketrans({0x1B: "ff", 0x1C: "fi", 0x1D: "fl", 0x1E: "ffi", 0x1F: "ffl"})
# Families of fixed pitch by their names: what embeds a part of a font often leaves its flag out.
FIXED_PITCH = re.compile(r"mono(?!type)|courier|cursor|consol|typewriter|menlo|(?:cm|sf|ec|la)(?:sl|vi|it)?tt\d")
ENUMERATOR = re.compile(r"^(?:\(?\d{1,3}[.)\]]?|\(?[a-z][.)]|[\u2022\u25aa\u25cf\u2013*-])$")


class Run(NamedTuple):
    """A stretch of one line in one style."""

    text: str
    size: float
    font: str
    bold: bool
    italic: bool
    fixed: bool = False  # every letter has the same width


@dataclass(frozen=True)
class Line:
    """One line of text of one column. `upright` is False for text that runs up or down the page."""

    box: Box
    text: str
    runs: tuple[Run, ...]
    upright: bool

    def __hash__(self) -> int:
        return hash((self.box, self.text))

    @cached_property
    def size(self) -> float:
        return self.style[1]

    @cached_property
    def style(self) -> tuple[str, float]:
        """Font family and size of most of its letters."""
        if len(self.runs) == 1:
            return self.runs[0].font, self.runs[0].size
        count: Counter[tuple[str, float]] = Counter()
        for run in self.runs:
            count[run.font, run.size] += len(run.text.strip())
        return count.most_common(1)[0][0]

    @cached_property
    def bold(self) -> bool:
        letters = sum(len(run.text.strip()) for run in self.runs)
        return sum(len(run.text.strip()) for run in self.runs if run.bold) > 0.7 * letters

    @cached_property
    def fixed(self) -> bool:
        """Whether it is set in a fixed-pitch font, as program code is; Chinese type always is and does not count."""
        latin = [(len(NOT_LATIN.sub("", run.text)), run.fixed) for run in self.runs]
        letters = sum(count for count, _ in latin)
        own = sum(count for count, fixed in latin if fixed)
        return own > 0.9 * letters and 2 * letters > sum(len(run.text.strip()) for run in self.runs)


def read_line(raw: dict[str, Any], turn: int, w: float, h: float, dark: list[Box]) -> Line | None:
    """One line as MuPDF sees it, without white text on white ground (left over by typesetters)."""
    cos, sin = raw["dir"]
    spans: list[tuple[dict[str, Any], Box]] = []
    for span in raw["spans"]:
        box = turned(tuple(span["bbox"]), turn, w, h)
        if not span["text"].strip() and (not spans or width(box) > 2 * span["size"]):
            continue
        if span["color"] == WHITE and not any(inside(box, d) > 0.5 for d in dark):
            continue
        spans.append((span, box))
    if not any(span["text"].strip() for span, _ in spans):
        return None
    runs = _runs(_run(span) for span, _ in spans)
    text = "".join(run.text for run in runs)
    upright = {0: cos > 0.9, 1: sin < -0.9, 2: cos < -0.9, 3: sin > 0.9}[turn]
    return Line(union(box for span, box in spans if span["text"].strip()), text.strip(), runs, upright)


def _runs(pieces: Iterable[Run]) -> tuple[Run, ...]:
    """Pieces of one style that follow one another as one run; typesetters part a line at every wide space."""
    runs: list[Run] = []
    for piece in pieces:
        if runs and (runs[-1][1:] == piece[1:] or piece.text.isspace()):
            runs[-1] = runs[-1]._replace(text=runs[-1].text + piece.text)
        else:
            runs.append(piece)
    return tuple(runs)


def _run(span: dict[str, Any]) -> Run:
    family, bold, italic, fixed = _face(span["font"], span["flags"])
    text = UNIT_END.sub(" ", span["text"].replace("\u00ad", "-").translate(CORK))
    return Run(text, round(span["size"] * 2) / 2, family, bold, italic, fixed)


@lru_cache(maxsize=4096)
def _face(font: str, flags: int) -> tuple[str, bool, bool, bool]:
    """Family of a font, and whether it is bold, italic, and of fixed pitch."""
    low = font.split("+")[-1].lower()
    bold = bool(flags & pymupdf.TEXT_FONT_BOLD) or any(k in low for k in ("bold", "black", "heavy", "semibold"))
    italic = bool(flags & pymupdf.TEXT_FONT_ITALIC) or "italic" in low or "oblique" in low
    fixed = bool(flags & pymupdf.TEXT_FONT_MONOSPACED) or FIXED_PITCH.search(low) is not None
    return low.replace(",", "-").split("-")[0], bold, italic, fixed


def joined_pieces(pieces: list[Line]) -> list[Line]:
    """Pieces of one baseline with no more than a word gap between them become one line; drops exact overprints."""
    pieces = _by_baseline(pieces)
    lines: list[Line] = []
    for piece in pieces:
        if not piece.upright:
            lines.append(piece)
            continue
        for i in range(len(lines) - 1, max(-1, len(lines) - 12), -1):
            last = lines[i]
            if last.box[3] <= piece.box[1] or not last.upright or y_share(last.box, piece.box) < 0.6:
                continue
            if last.text == piece.text and overlap(last.box, piece.box) > 0.6 * area(piece.box):
                break
            gap = x_gap(last.box, piece.box)
            if -0.3 * piece.size <= gap <= 0.6 * max(last.size, piece.size):
                first, second = (last, piece) if last.box[0] <= piece.box[0] else (piece, last)
                space = " " if gap > 0.12 * piece.size and not first.runs[-1].text.endswith(" ") else ""
                runs = (
                    first.runs
                    + ((Run(space, piece.size, piece.style[0], False, False),) if space else ())
                    + second.runs
                )
                lines[i] = Line(union((last.box, piece.box)), "".join(r.text for r in runs).strip(), runs, True)
                break
        else:
            lines.append(piece)
    return _closed_up(lines)


def _by_baseline(pieces: list[Line]) -> list[Line]:
    """Pieces row by row from the top, each row from the left; fonts of one row differ in the tops of their boxes."""
    rows: list[list[Line]] = []
    middle = float("-inf")
    for piece in sorted(pieces, key=lambda p: p.box[1] + p.box[3]):
        centre = (piece.box[1] + piece.box[3]) / 2
        if centre - middle > 0.25 * piece.size:
            rows.append([])
            middle = centre
        rows[-1].append(piece)
    return [piece for row in rows for piece in sorted(row, key=lambda p: p.box[0])]


def _closed_up(lines: list[Line]) -> list[Line]:
    """Join the pieces of a justified line that wide word spaces tore apart.

    Neighbours on a baseline are one line when a line right above or below runs through under their gap, and no further
    than the row reaches: there is no gutter between them.
    """
    out: list[Line] = []
    index = Bands(line.box for line in lines)
    for row in _rows(lines):
        members = {id(piece) for piece in row}
        made = row[0]
        for piece in row[1:]:
            around = index.near(piece.box[1] - REACH * piece.size, piece.box[1] + REACH * piece.size)
            if _bridged(made, piece, row, [lines[i] for i in around if id(lines[i]) not in members]):
                space = Run(" ", piece.size, piece.style[0], False, False)
                runs = (*made.runs, space, *piece.runs)
                made = Line(union((made.box, piece.box)), f"{made.text} {piece.text}", runs, True)
            else:
                out.append(made)
                made = piece
        out.append(made)
    return sorted(out, key=lambda item: (round(item.box[1]), item.box[0]))


def _rows(lines: list[Line]) -> list[list[Line]]:
    """Lines with those that may go on with them, from the left; a line joins the oldest row whose end it may follow."""
    rows: list[list[Line]] = []
    open_rows: dict[int, set[int]] = {}  # by bands of the page; rows that end too far to the left are dropped
    widest = max((WIDE * line.size for line in lines), default=0.0)
    for line in sorted(lines, key=lambda item: item.box[0]):
        first, last = line.box[1] // BAND, line.box[3] // BAND
        bands = range(int(first), int(last) + 1) if line.upright and last - first < TALL else range(0)
        following = set()
        for band in bands:
            open_rows[band] = {n for n in open_rows.get(band, ()) if rows[n][-1].box[2] > line.box[0] - widest}
            following |= {n for n in open_rows[band] if _neighbours(rows[n][-1], line)}
        row = min(following, default=len(rows))
        if row == len(rows):
            rows.append([])
        rows[row].append(line)
        for band in bands:
            open_rows[band].add(row)
    return rows


def _neighbours(a: Line, b: Line) -> bool:
    """Whether `b` may go on with `a` after a wide space."""
    gap = b.box[0] - a.box[2]
    if not 0 < gap < WIDE * b.size or a.box[0] >= b.box[0]:
        return False
    return a.upright and y_share(a.box, b.box) > 0.6 and abs(a.size - b.size) <= 0.6


def _bridged(a: Line, b: Line, row: list[Line], around: list[Line]) -> bool:
    """Whether one of the lines `around` runs through under the gap between `a` and `b`."""
    size, start, end = b.size, row[0].box[0], row[-1].box[2]
    if ENUMERATOR.match(a.text) and x_gap(a.box, b.box) < 3 * size:
        return True
    if FIGURE_WORD.match(a.text) and b.text[:1].isdigit():
        return True
    near = [o for o in around if 0.5 * size < abs(o.box[1] - b.box[1]) < REACH * size
            and o.upright and abs(o.size - size) <= 0.6]  # fmt: skip
    gutter = any(abs(o.box[0] - b.box[0]) < 2 for o in near)
    return any(
        start - 2 * size < o.box[0] < a.box[2] - size and b.box[0] + size < o.box[2] < end + 2 * size
        and (not gutter or abs(o.box[1] - b.box[1]) < 1.7 * size)
        for o in near
    )  # fmt: skip
