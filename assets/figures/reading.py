"""From lines to paragraphs: the type of the book, what goes on with what, hyphens at line ends."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from assets.figures.geometry import width
from assets.figures.layout import PageLayout
from assets.figures.lines import Line
from assets.figures.order import Block
from assets.figures.sentences import ended

CJK = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")


@dataclass(frozen=True)
class Style:
    """What most letters of the book look like. `gap` is the usual white between two lines, in points."""

    font: str
    size: float
    gap: float


def body_style(pages: Iterable[PageLayout]) -> Style:
    """The most frequent font and size, weighted by letters, and the median gap between lines set in it."""
    letters: Counter[tuple[str, float]] = Counter()
    pages = list(pages)
    for page in pages:
        for line in page.lines:
            for run in line.runs:
                letters[run.font, run.size] += len(run.text.strip())
    if not letters:
        return Style("", 10.0, 2.0)
    (font, size), _ = letters.most_common(1)[0]
    gaps = []
    for page in pages:
        lines = [line for line in page.lines if line.style == (font, size)]
        for a, b in zip(lines, lines[1:], strict=False):
            if abs(a.box[0] - b.box[0]) < 2 and 0 < b.box[1] - a.box[1] < 2.5 * size:
                gaps.append(b.box[1] - a.box[3])
    gaps.sort()
    return Style(font, size, gaps[len(gaps) // 2] if gaps else 0.2 * size)


def paragraphs(ordered: list[Block], style: Style) -> list[Block]:
    """Join single-line text blocks that follow one another into paragraphs; captions stay whole.

    A caption that interrupts an unfinished sentence is moved behind the paragraph, so that sentences stay in one piece.
    """
    made: list[Block] = []
    waiting: list[Block] = []
    for block in ordered:
        if block.kind != "text":
            unfinished = made and made[-1].kind == "text" and not ended(made[-1].lines[-1].text)
            (waiting if unfinished and not _heading_like(made[-1], style) else made).append(block)
            continue
        if made and made[-1].kind == "text" and _continues(made[-1], block.lines[0], style):
            made[-1] = Block(made[-1].lines + block.lines)
            continue
        if waiting:
            made += waiting
            waiting = []
        made.append(block)
    return made + waiting


def _heading_like(block: Block, style: Style) -> bool:
    return all(line.bold or line.size > style.size + 0.9 for line in block.lines)


def _continues(before: Block, line: Line, style: Style) -> bool:
    """Whether `line` goes on with the paragraph `before`."""
    last, size = before.lines[-1], style.size
    if abs(last.size - line.size) > 1 or (last.bold != line.bold and _heading_like(before, style) != line.bold):
        return False
    if last.bold and not line.bold and _heading_like(before, style) and last.text[-1:] not in ",;-":
        return False
    below = line.box[1] - last.box[3]
    closed = ended(last.text)
    if below < -size or below > 6 * size:  # next column, or across a figure
        return not closed and not _heading_like(before, style) and abs(last.size - line.size) <= 0.5
    if below > style.gap + 0.4 * size:
        return False
    left = min(item.box[0] for item in before.lines[1:]) if len(before.lines) > 1 else last.box[0]
    short = last.box[2] < before.box[2] - 0.25 * width(before.box)
    indented = line.box[0] - left > 0.7 * size
    return not (closed and (indented or short))


def joined(texts: list[str], words: frozenset[str]) -> str:
    """Lines of one paragraph as one string. `words` are the words of the book, lower case, for hyphens at line ends."""
    out = ""
    for text in texts:
        text = re.sub(r"\s+", " ", text).strip()
        if not out or not text:
            out += text
        elif re.search(r"[A-Za-z\u00c0-\u024f]-$", out) and text[:1].islower():
            head = re.search(r"([^\W\d_]+)-$", out)
            tail = re.match(r"[^\W\d_]+", text)
            first, second = (head.group(1) if head else ""), (tail.group() if tail else "")
            keep = f"{first}-{second}".lower() in words and (first + second).lower() not in words
            out = (out if keep else out[:-1]) + text
        elif out.endswith(("-", "\u2013", "/")) or (CJK.match(out[-1]) and CJK.match(text[0])):
            out += text
        else:
            out += " " + text
    return out


def vocabulary(pages: Iterable[PageLayout]) -> frozenset[str]:
    """Words and hyphenated compounds that stand inside a line somewhere in the book, lower case."""
    words: set[str] = set()
    for page in pages:
        for line in page.lines:
            found = re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", line.text.lower())
            words.update(found[:-1] if line.text.endswith("-") else found)
    return frozenset(words)
