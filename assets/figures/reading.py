"""From lines to paragraphs: the type of the book, what goes on with what, hyphens at line ends."""

import re
from dataclasses import dataclass
from itertools import zip_longest

from assets.figures.geometry import Box, union, width, x_gap
from assets.figures.lines import Line
from assets.figures.order import Block
from assets.figures.sentences import ended, stopped

LONGEST_WORD = 100  # letters: as far as a word is looked for before a hyphen at a line's end
GOES_ON = re.compile(r"[a-zß-ÿ]{2}|[\u3400-\u9fff]")  # how a line begins that goes on behind ";" or ":"
NOTE = re.compile(r"(?:\d{1,3}|[*†‡§¶]{1,2})$")  # the sign of a footnote, raised in smaller type
# How Chinese headings and items of a list begin: 4.3.1, 第2节, 一、, （1）, 1）, ①
ITEM = re.compile(
    r"\d{1,2}(?:[.．]\d{1,2}){1,3}[\s\u3400-\u9fff]|第[\d一二三四五六七八九十]{1,3}[章节節]|[一二三四五六七八九十]{1,3}[、．.]"
    r"|[（(][\d一二三四五六七八九十]{1,2}[）)]|\d{1,2}[）)、]|[\u2460-\u2473]"
)
CJK = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")


@dataclass(frozen=True)
class Style:
    """What most letters of the book look like. `gap` is the usual white between two lines, in points.

    `chinese` is the type of most Chinese letters of a book that sets most of its text in another.
    """

    font: str
    size: float
    gap: float
    chinese: tuple[str, float] | None = None

    @property
    def types(self) -> tuple[tuple[str, float], ...]:
        """Family and size of the running text, of each script."""
        return ((self.font, self.size), *([self.chinese] if self.chinese else []))


@dataclass
class _Open:
    """A paragraph that may go on. `edges` are those of its lines in the last column, but for the paragraph's first."""

    block: Block
    edges: Box
    heading: bool

    def add(self, line: Line, style: Style) -> None:
        alone = len(self.block.lines) == 1 or x_gap(line.box, self.block.lines[-1].box) >= 0
        self.edges = line.box if alone else union((self.edges, line.box))
        self.block.lines.append(line)
        self.block.box = union((self.block.box, line.box))
        self.heading = self.heading and _heading_like(line, style)


def paragraphs(ordered: list[Block], style: Style) -> list[Block]:
    """Join single-line text blocks that follow one another into paragraphs; captions stay whole.

    A caption that interrupts an unfinished sentence is moved behind the paragraph, so that sentences stay in one piece.
    """
    made: list[Block] = []
    waiting: list[Block] = []
    last: _Open | None = None  # while the last block made is text
    torn: _Open | None = None  # a paragraph that notes in smaller type, or program code, interrupt
    closing = _closing_chinese([block.lines[0] for block in ordered if block.kind == "text"])
    for block in ordered:
        if block.kind != "text":
            if last and not last.heading and not ended(last.block.lines[-1].text):
                waiting.append(block)
            else:
                made.append(block)
                last = None
            continue
        first, *more = block.lines
        if last and id(last.block.lines[-1]) not in closing and _continues(last, first, style):
            last.add(first, style)
        elif torn and last and _resumes(torn, last, first, style):
            last, torn = torn, None
            last.add(first, style)
        else:
            made += [*waiting, Block([first])]
            waiting = []
            torn = _interrupted(last, torn, first, style)
            last = _Open(made[-1], first.box, _heading_like(first, style))
        for line in more:
            last.add(line, style)
    return made + waiting


def _closing_chinese(lines: list[Line]) -> set[int]:
    """Ids of the lines after which a Chinese paragraph ends though no stop says so: headings, and heads of lists.

    Chinese breaks between any two characters, so a line that ends well before its column's right edge ends a
    paragraph when the next line is indented or begins an item, or when it is an item itself.
    """
    band = 4 * max((1.0, *(line.size for line in lines)))
    edges: dict[int, float] = {}  # how far lines reach to the right that begin near a place
    for line in lines:
        for near in (-1, 0, 1):
            place = round(line.box[0] / band) + near
            edges[place] = max(edges.get(place, 0.0), line.box[2])
    closing = set()
    for line, following, third in zip_longest(lines, lines[1:], lines[2:]):
        if following is None or not CJK.search(line.text) or ended(line.text) or not _under(line, following):
            continue
        short = line.box[2] < edges[round(line.box[0] / band)] - 3 * line.size
        indent = 0.7 * line.size
        indented = following.box[0] - line.box[0] > indent or (
            third is not None and _under(following, third) and following.box[0] - third.box[0] > indent
        )
        item = ITEM.match(line.text) or ITEM.match(following.text)
        if short and (item or (indented and CJK.search(following.text))):
            closing.add(id(line))
    return closing


def _under(line: Line, following: Line) -> bool:
    return following.box[1] > line.box[1] + 0.5 * line.size and x_gap(line.box, following.box) < 0


def _interrupted(last: _Open | None, torn: _Open | None, line: Line, style: Style) -> _Open | None:
    """The unfinished paragraph that `line`, a note in smaller type or program code, stands in the way of."""
    if not _aside(line, style):
        return None
    if last is None or _aside(last.block.lines[-1], style):
        return torn
    return None if last.heading or ended(last.block.lines[-1].text) else last


def _resumes(torn: _Open, last: _Open, line: Line, style: Style) -> bool:
    """Whether `line`, behind the aside `last`, goes on with `torn`; behind code only a word can that opens none."""
    if _aside(line, style) or abs(torn.block.lines[-1].size - line.size) > 0.5:
        return False
    return bool(_small(last.block.lines[-1], style) or GOES_ON.match(line.text))


def _aside(line: Line, style: Style) -> bool:
    return _small(line, style) or is_code(line, style)


def _small(line: Line, style: Style) -> bool:
    return line.size < style.size - 0.9


def is_code(line: Line, style: Style) -> bool:
    """Whether it is a line of program code in a book that is not itself set in a fixed-pitch font."""
    return line.fixed and line.style[0] != style.font


def _note_begins(line: Line, style: Style) -> bool:
    """Whether a footnote begins with `line`: it opens with a raised sign."""
    first = next(run for run in line.runs if run.text.strip())
    return _small(line, style) and first.size < 0.8 * line.size and bool(NOTE.match(first.text.strip()))


def _heading_like(line: Line, style: Style) -> bool:
    return line.bold or (line.size > style.size + 0.9 and line.style not in style.types)


def _continues(before: _Open, line: Line, style: Style) -> bool:
    """Whether `line` goes on with the paragraph `before`."""
    last, size = before.block.lines[-1], style.size
    if _note_begins(line, style) or _torn_by_code(before, line, style):
        return False
    if abs(last.size - line.size) > 1 or (last.bold != line.bold and before.heading != line.bold):
        return False
    if last.bold and not line.bold and before.heading and last.text[-1:] not in ",;-":
        return False
    below = line.box[1] - last.box[3]
    if below < -size or below > 6 * size or x_gap(line.box, last.box) > 0:  # next column, or across a figure
        return not stopped(last.text) and not before.heading and abs(last.size - line.size) <= 0.5
    if below > style.gap + 0.4 * size:
        return False
    closed = ended(last.text) and (stopped(last.text) or not GOES_ON.match(line.text))
    short = last.box[2] < before.edges[2] - 0.25 * width(before.edges)
    indented = line.box[0] - before.edges[0] > 0.7 * size
    return not (closed and (indented or short))


def _torn_by_code(before: _Open, line: Line, style: Style) -> bool:
    """Whether `line` and the paragraph `before` are code and prose. A long name may fill a line of prose alone: one
    that has the paragraph's left edge and follows a full line.
    """
    last = before.block.lines[-1]
    code, was_code = is_code(line, style), is_code(before.block.lines[0], style)
    if code == was_code:
        return False
    if not code or len(before.block.lines) < 2 or ended(last.text):
        return True
    full = last.box[2] > before.edges[2] - line.size and abs(line.box[0] - before.edges[0]) < 1
    return not full or line.box[1] - last.box[3] > style.gap + 0.2 * style.size


def joined(texts: list[str], words: frozenset[str]) -> str:
    """Lines of one paragraph as one string. `words` are the words of the book, lower case, for hyphens at line ends."""
    out = ""
    for text in texts:
        text = re.sub(r"\s+", " ", text).strip()
        if not out or not text:
            out += text
        elif re.search(r"[A-Za-z\u00c0-\u024f]-$", out[-2:]) and text[:1].islower():
            out = (out if _keeps_hyphen(out[-LONGEST_WORD:], text, words) else out[:-1]) + text
        elif out.endswith(("-", "\u2013", "/")) or CJK.match(out[-1]) or CJK.match(text[0]):
            out += text
        else:
            out += " " + text
    return out


def _keeps_hyphen(out: str, text: str, words: frozenset[str]) -> bool:
    """Whether the hyphen at the end of `out` is the word's own, as in "back-to-" and "back"."""
    head, tail = re.search(r"([^\W\d_]+-)?([^\W\d_]+)-$", out), re.match(r"[^\W\d_]+", text)
    if not head or not tail:
        return False
    first, second = head.group(2).lower(), tail.group().lower()
    if first + second in words:
        return False
    return f"{first}-{second}" in words or (bool(head.group(1)) and first in words and second in words)


def latin_length(text: str) -> int:
    """Length of a text in Latin letters: a Chinese character takes the room of two."""
    return len(text) + len(CJK.findall(text))
