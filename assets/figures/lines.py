"""Lines of text as a reader sees them, made from the pieces that MuPDF finds."""

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pymupdf

from assets.figures.geometry import Box, area, inside, overlap, turned, union, width, x_gap, y_share

WHITE = 0xFFFFFF
ENUMERATOR = re.compile(r"^(?:\(?\d{1,3}[.)\]]?|\(?[a-z][.)]|[\u2022\u25aa\u25cf\u2013*-])$")


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of one line in one style."""

    text: str
    size: float
    font: str
    bold: bool
    italic: bool


@dataclass(frozen=True)
class Line:
    """One line of text of one column. `upright` is False for text that runs up or down the page."""

    box: Box
    text: str
    runs: tuple[Run, ...]
    upright: bool

    @property
    def size(self) -> float:
        return self.style[1]

    @cached_property
    def style(self) -> tuple[str, float]:
        """Font family and size of most of its letters."""
        count: Counter[tuple[str, float]] = Counter()
        for run in self.runs:
            count[run.font, run.size] += len(run.text.strip())
        return count.most_common(1)[0][0]

    @cached_property
    def bold(self) -> bool:
        letters = sum(len(run.text.strip()) for run in self.runs)
        return sum(len(run.text.strip()) for run in self.runs if run.bold) > 0.7 * letters


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
    runs = tuple(_run(span) for span, _ in spans)
    text = "".join(run.text for run in runs)
    upright = {0: cos > 0.9, 1: sin < -0.9, 2: cos < -0.9, 3: sin > 0.9}[turn]
    return Line(union(box for span, box in spans if span["text"].strip()), text.strip(), runs, upright)


def _run(span: dict[str, Any]) -> Run:
    name = span["font"].split("+")[-1]
    low = name.lower()
    bold = bool(span["flags"] & pymupdf.TEXT_FONT_BOLD) or any(k in low for k in ("bold", "black", "heavy", "semibold"))
    italic = bool(span["flags"] & pymupdf.TEXT_FONT_ITALIC) or "italic" in low or "oblique" in low
    family = low.replace(",", "-").split("-")[0]
    return Run(span["text"].replace("\u00ad", "-"), round(span["size"] * 2) / 2, family, bold, italic)


def joined_pieces(pieces: list[Line]) -> list[Line]:
    """Pieces of one baseline with no more than a word gap between them become one line; drops exact overprints."""
    pieces.sort(key=lambda p: (round(p.box[1]), p.box[0]))
    lines: list[Line] = []
    for piece in pieces:
        if not piece.upright:
            lines.append(piece)
            continue
        for i in range(len(lines) - 1, max(-1, len(lines) - 12), -1):
            last = lines[i]
            if not last.upright or y_share(last.box, piece.box) < 0.6:
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


def _closed_up(lines: list[Line]) -> list[Line]:
    """Join the pieces of a justified line that wide word spaces tore apart.

    Neighbours on a baseline are one line when a line right above or below runs through under their gap, and no further
    than the row reaches: there is no gutter between them.
    """
    out: list[Line] = []
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda item: item.box[0]):
        row = next((r for r in rows if _neighbours(r[-1], line)), None) if line.upright else None
        if row is None:
            rows.append([line])
        else:
            row.append(line)
    for row in rows:
        made = row[0]
        for piece in row[1:]:
            if _bridged(made, piece, row, lines):
                space = Run(" ", piece.size, piece.style[0], False, False)
                runs = (*made.runs, space, *piece.runs)
                made = Line(union((made.box, piece.box)), f"{made.text} {piece.text}", runs, True)
            else:
                out.append(made)
                made = piece
        out.append(made)
    return sorted(out, key=lambda item: (round(item.box[1]), item.box[0]))


def _neighbours(a: Line, b: Line) -> bool:
    """Whether `b` may go on with `a` after a wide space."""
    close = 0 < x_gap(a.box, b.box) < 5 * b.size and a.box[0] < b.box[0]
    return a.upright and close and y_share(a.box, b.box) > 0.6 and abs(a.size - b.size) <= 0.6


def _bridged(a: Line, b: Line, row: list[Line], lines: list[Line]) -> bool:
    size, start, end = b.size, row[0].box[0], row[-1].box[2]
    if ENUMERATOR.match(a.text) and x_gap(a.box, b.box) < 3 * size:
        return True
    near = [o for o in lines if o.upright and o not in row and abs(o.size - size) <= 0.6
            and 0.5 * size < abs(o.box[1] - b.box[1]) < 2.8 * size]  # fmt: skip
    gutter = any(abs(o.box[0] - b.box[0]) < 2 for o in near)
    return any(
        start - 2 * size < o.box[0] < a.box[2] - size and b.box[0] + size < o.box[2] < end + 2 * size
        and (not gutter or abs(o.box[1] - b.box[1]) < 1.7 * size)
        for o in near
    )  # fmt: skip
