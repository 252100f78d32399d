"""Words that an engine read, and the lines made of them."""

import re
import statistics
from collections.abc import Iterable
from dataclasses import dataclass

from assets.figures.geometry import Box, height, inside, union, x_gap, y_gap
from assets.figures.lines import Line, Run, joined_pieces

FONT = "ocr"
CJK = re.compile(r"[\u3400-\u9fff]")
# What part of the type size letters take up, of ordinary book faces: x-height, with ascenders, with descenders.
SHAPES = {(False, False): 0.46, (True, False): 0.69, (False, True): 0.67, (True, True): 0.90}
CJK_SHARE = 0.96
TALL = re.compile(r"[A-Zbdfhklt0-9()\[\]/&ß]")
DEEP = re.compile(r"[gjpqyQ()\[\],;/]")
STEP = 0.5  # points
BOLD = 1.25  # how much thicker bold strokes are than those of most words


@dataclass(frozen=True, slots=True)
class Word:
    """One word, or one line of text without spaces to part it. `box` is tight, in points; `score` 0..1.

    `row` names the engine's line, `stroke` is the thickness of its strokes in points (0 where unknown).
    """

    text: str
    box: Box
    score: float
    row: tuple[int, ...]
    stroke: float = 0.0


def type_size(text: str, ink_height: float) -> float:
    """Type size in points from the height of the ink and the letters that are in it."""
    if CJK.search(text):
        return ink_height / CJK_SHARE
    return ink_height / SHAPES[bool(TALL.search(text)), bool(DEEP.search(text))]


def text_lines(words: list[Word]) -> tuple[list[Line], list[float]]:
    """Lines of text with the type size of their paragraph, and the score of each line.

    The words of one of the engine's lines stay together up to gaps that only a gutter has.
    """
    rows: dict[tuple[int, ...], list[Word]] = {}
    for word in words:
        rows.setdefault(word.row, []).append(word)
    pieces = [piece for row in rows.values() for piece in _split(sorted(row, key=lambda w: w.box[0]))]
    sizes = _settled([(_size(piece), _letters(piece)) for piece in pieces], [_box(piece) for piece in pieces])
    usual = _usual_stroke(words)
    lines = joined_pieces([_line(piece, size, usual) for piece, size in zip(pieces, sizes, strict=True)])
    return lines, [_score(line, words) for line in lines]


def without_columns(words: list[Word]) -> list[Word]:
    """`words` without text that runs up the page (titles of axes), which an engine reads as a pile of short scraps.

    Scraps of at most three characters under one another, nearer than lines are set, are taken for such text, unless
    most of them are numbers.
    """
    scraps = [w for w in words if len(w.text) <= 3]
    piled: set[int] = set()
    boxes = [w.box for w in scraps]
    above: dict[int, int] = {}
    for i, a in enumerate(boxes):
        for j, b in enumerate(boxes):
            close = i != j and a[1] < b[1] and b[1] - a[3] < 0.9 * max(height(a), height(b))
            if close and x_gap(a, b) < -0.6 * min(a[2] - a[0], b[2] - b[0]):
                above.setdefault(j, i)
    for last in range(len(scraps)):
        pile = [last]
        while pile[-1] in above and above[pile[-1]] not in pile:
            pile.append(above[pile[-1]])
        numbers = sum(scraps[i].text.strip("-.,").isdigit() for i in pile)
        if len(pile) >= 4 and 2 * numbers < len(pile):
            piled.update(id(scraps[i]) for i in pile)
    return [w for w in words if id(w) not in piled]


def _box(words: Iterable[Word]) -> Box:
    return union(word.box for word in words)


def _letters(words: list[Word]) -> int:
    return sum(len(word.text) for word in words)


def _split(row: list[Word]) -> list[list[Word]]:
    """A row cut at gaps wider than spaces get when a line is justified."""
    size = _size(row)
    pieces = [[row[0]]]
    for word in row[1:]:
        if x_gap(pieces[-1][-1].box, word.box) > 1.1 * size:
            pieces.append([])
        pieces[-1].append(word)
    return pieces


def _size(words: list[Word]) -> float:
    """Median over the words, long ones counting more."""
    sizes = [type_size(w.text, height(w.box)) for w in words for _ in range(max(1, len(w.text) // 2))]
    return statistics.median(sizes)


def _settled(measured: list[tuple[float, int]], boxes: list[Box]) -> list[float]:
    """One size for the lines of a paragraph and for all paragraphs of a page set in the same type.

    Lines under each other with a common edge and about the same size are measured together; then the sizes of the page
    are gathered around the most frequent ones and rounded to half a point.
    """
    group = list(range(len(measured)))

    def root(i: int) -> int:
        while group[i] != i:
            i = group[i]
        return i

    order = sorted(range(len(measured)), key=lambda i: boxes[i][1])
    for place, i in enumerate(order):
        for j in order[place + 1 : place + 40]:
            size = max(measured[i][0], measured[j][0])
            if y_gap(boxes[i], boxes[j]) > 0.9 * size:
                continue
            edge = min(abs(boxes[i][k] - boxes[j][k]) for k in (0, 2)) < 1.5 * size
            alike = abs(measured[i][0] - measured[j][0]) < 0.12 * size
            if edge and alike and x_gap(boxes[i], boxes[j]) < 0 and y_gap(boxes[i], boxes[j]) > -0.4 * size:
                group[root(j)] = root(i)
    members: dict[int, list[int]] = {}
    for i in range(len(measured)):
        members.setdefault(root(i), []).append(i)
    settled = [0.0] * len(measured)
    weights: dict[int, tuple[float, int]] = {}
    for name, indices in members.items():
        spread = [measured[i][0] for i in indices for _ in range(1 + measured[i][1] // 8)]
        weights[name] = (statistics.median(spread), sum(measured[i][1] for i in indices))
    waiting = dict(weights)
    while waiting:
        # the size around which most letters of the page gather
        peak = max(waiting, key=lambda n: sum(w for s, w in waiting.values() if abs(s - waiting[n][0]) < 0.25))
        middle = waiting[peak][0]
        near = [n for n, (s, _) in waiting.items() if abs(s - middle) <= max(0.45, 0.05 * middle)]
        size = max(STEP, round(middle / STEP) * STEP)
        for name in near:
            for i in members[name]:
                settled[i] = size
            del waiting[name]
    return settled


def _usual_stroke(words: list[Word]) -> float:
    """Median thickness of strokes as a share of the type size, over words long enough to tell."""
    shares = [w.stroke / type_size(w.text, height(w.box)) for w in words
              if w.stroke and len(w.text) >= 3 and not CJK.search(w.text) for _ in w.text]  # fmt: skip
    return statistics.median(shares) if shares else 0.0


def _line(piece: list[Word], size: float, usual: float) -> Line:
    runs: list[Run] = []
    marks = _bold(piece, size, usual)
    for n, (word, bold) in enumerate(zip(piece, marks, strict=True)):
        text = word.text + (" " if n < len(piece) - 1 else "")
        if runs and runs[-1].bold == bold:
            runs[-1] = runs[-1]._replace(text=runs[-1].text + text)
        else:
            runs.append(Run(text, size, FONT, bold, False))
    return Line(_box(piece), "".join(run.text for run in runs).strip(), tuple(runs), True)


def _bold(piece: list[Word], size: float, usual: float) -> list[bool]:
    """Which words are bold: those with thick strokes; single letters follow the word before."""
    if not usual:
        return [False] * len(piece)
    thick = [w.stroke / size / usual if len(re.sub(r"\W", "", w.text)) >= 2 else None for w in piece]
    marks: list[bool] = []
    for value in thick:
        marks.append(value > BOLD if value is not None else bool(marks and marks[-1]))
    return marks


def _score(line: Line, words: list[Word]) -> float:
    own = [word for word in words if inside(word.box, line.box) > 0.9]
    letters = sum(len(w.text) for w in own)
    return sum(w.score * len(w.text) for w in own) / letters if letters else 0.0
