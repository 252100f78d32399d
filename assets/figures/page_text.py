"""A page's text: body, headings and captions in reading order, one paragraph a line, and where the captions are in it.

A sentence that runs over the page's end belongs to the page on which it begins, so that every citing sentence is whole.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from assets.figures.captions import Caption, halves
from assets.figures.gathering import Body
from assets.figures.geometry import Box, grow, inside, x_gap
from assets.figures.layout import PageLayout
from assets.figures.lines import Line
from assets.figures.order import Block, in_order
from assets.figures.paragraphs import Paragraph
from assets.figures.reading import Style, is_code, joined, latin_length, paragraphs
from assets.figures.ruled import ruled_tables
from assets.figures.sentences import ended, sentences, stopped

PLATES = 6  # pages on which the rest of a sentence is looked for: pages without text may lie between
NOTES = 40  # paragraphs in another type, cells of a table among them, that may stand before it
GOES_ON = re.compile(r"[a-zß-ÿ(\[±≥≤<>\d\u3400-\u9fff（［，、；：]")

Title = tuple[int, str]  # type size in points, text


def arrange_page(page: PageLayout, captions: list[Caption], bodies: list[Body], style: Style) -> list[Block]:
    """Lines, captions and figures of one page in reading order. Labels inside figure bodies are left out.

    Captions of tables, tables with rules row by row, and what stands between a picture and its caption (a legend) are
    blocks of the kind "note": no sentence goes through them.
    """
    in_caption = {id(line) for caption in captions for line in caption.lines}
    blocks = [Block(list(c.lines), "note" if c.table else "caption") for c in captions]
    blocks += [Block([], "figure", body.box) for body in bodies]
    drawn = [grow(body.box, 1) for body in bodies]
    lines = [
        line for line in page.lines
        if id(line) not in in_caption and line.upright and not any(inside(line.box, box) > 0.5 for box in drawn)
    ]  # fmt: skip
    for between in filter(None, (_between(body, page.page) for body in bodies)):
        held = [line for line in lines if inside(line.box, between) > 0.9]
        lines = [line for line in lines if inside(line.box, between) <= 0.9]
        blocks += [Block(held, "note")] if held else []
    for table in ruled_tables(page.drawings, lines):
        held = [line for line in lines if inside(line.box, table) > 0.6]
        lines = [line for line in lines if inside(line.box, table) <= 0.6]
        blocks.append(Block(held, "table"))
    blocks += [Block([line]) for line in lines]
    ordered: list[Block] = []
    for block in in_order(blocks, max(6.0, 0.6 * style.size)):
        ordered += [Block(row, "note") for row in rows_of(block.lines)] if block.kind == "table" else [block]
    return ordered


def _between(body: Body, page: int) -> Box | None:
    """The strip from a picture to the caption over or under it on the same page."""
    if body.caption.page != page:
        return None
    upper, lower = sorted((body.box, body.caption.box), key=lambda box: box[1])
    strip = (min(upper[0], lower[0]) - 1, upper[3] - 1, max(upper[2], lower[2]) + 1, lower[1] + 1)
    return strip if strip[3] > strip[1] and x_gap(upper, lower) < 0 else None


def compose(ordered: list[Block], style: Style, words: frozenset[str]) -> list[Paragraph]:
    """Paragraphs of one page from its blocks in reading order; captions are paragraphs of their own."""
    made = []
    for block in paragraphs([b for b in ordered if b.kind != "figure"], style):
        lines = by_rows(block.lines) if block.kind in ("caption", "note") else block.lines
        parts = halves(lines) if block.kind == "caption" else [lines]
        text = " ".join(joined([line.text for line in part], words) for part in parts)
        text = unicodedata.normalize("NFC", text)
        size = max(line.size for line in lines)
        heading = block.kind == "text" and _is_heading(block, text, style)
        code = block.kind == "text" and all(is_code(line, style) for line in block.lines)
        made.append(Paragraph("heading" if heading else "note" if code else block.kind, text, size))
    return made


def by_rows(lines: list[Line]) -> list[Line]:
    """Lines of a caption from the top, pieces of one row from the left."""
    return [line for row in rows_of(lines) for line in row]


def rows_of(lines: list[Line]) -> list[list[Line]]:
    """Rows from the top, each from the left."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda item: (item.box[1] + item.box[3]) / 2):
        middle = (line.box[1] + line.box[3]) / 2
        if rows and middle < rows[-1][0].box[3] - 0.25 * line.size:
            rows[-1].append(line)
        else:
            rows.append([line])
    return [sorted(row, key=lambda item: item.box[0]) for row in rows]


def _is_heading(block: Block, text: str, style: Style) -> bool:
    if len(text) > 150 or len(block.lines) > 3 or not re.search(r"[^\W\d_]{3}|[\u4e00-\u9fff]{2}", text):
        return False
    larger = all(line.size > style.size + 0.9 and line.style not in style.types for line in block.lines)
    return larger or (all(line.bold for line in block.lines) and not text.endswith((".", ",", ";")))


def stitched(
    pages: Iterable[tuple[int, list[Paragraph]]], words: frozenset[str], begin: Callable[[int], None]
) -> Iterator[tuple[int, list[Paragraph]]]:
    """The pages, given in order, with the end of a sentence that runs over brought back to the page where it begins.

    The next page is the next one with text: plates may lie between. At most PLATES + 1 pages are held at a time;
    `begin(page)` is called before a page is looked at.
    """
    waiting: dict[int, list[Paragraph]] = {}
    for number, own in pages:
        while waiting and min(waiting) < number - PLATES:
            yield _settled(waiting, words, begin)
        waiting[number] = own
    while waiting:
        yield _settled(waiting, words, begin)


def _settled(
    pages: dict[int, list[Paragraph]], words: frozenset[str], begin: Callable[[int], None]
) -> tuple[int, list[Paragraph]]:
    """Take the first page out of `pages`, with the end of its last sentence from those behind it."""
    number = min(pages)
    begin(number)
    own = pages.pop(number)
    first = _last(own)
    if first is None or not _open(first.text):
        return number, own
    for later in sorted(pages):
        texts = [p for p in pages[later] if p.kind != "caption"]
        if texts:
            second = _rest(first, texts)
            if second is not None:
                start, end = next(iter(sentences(second.text)))
                first.text = joined([first.text, second.text[start:end]], words)
                second.text = second.text[end:].strip()
                if not second.text:
                    pages[later].remove(second)
            break
    return number, own


def _last(paragraphs: list[Paragraph]) -> Paragraph | None:
    """The last paragraph in the type of most of the page's text; None when a heading follows it."""
    texts = [p for p in paragraphs if p.kind != "caption"]
    letters: Counter[int] = Counter()
    for paragraph in texts:
        if paragraph.kind == "text":
            letters[round(paragraph.size)] += len(paragraph.text)
    usual = max(letters, key=lambda size: letters[size], default=0)
    for paragraph in reversed(texts):
        if paragraph.kind == "heading":
            return None
        if paragraph.kind == "text" and abs(paragraph.size - usual) <= 1:
            return paragraph
    return None


def _open(text: str) -> bool:
    """Whether the last sentence of a paragraph goes on elsewhere."""
    return latin_length(text) >= 25 and not stopped(text)


def _rest(first: Paragraph, following: list[Paragraph]) -> Paragraph | None:
    """The paragraph that goes on with `first` on a page whose text is `following`: the first in its type.

    A small letter, a bracket, a number or Chinese type tells it; or that nothing closes a long text before it.
    """
    second = next((p for p in following[:NOTES] if p.kind == "text" and abs(p.size - first.size) <= 0.5), None)
    if second is None or any(p.kind == "heading" for p in following[: following.index(second)]):
        return None
    cut = (latin_length(first.text) >= 60 or re.search(r"[-,]$", first.text)) and not ended(first.text)
    return second if cut or GOES_ON.match(second.text) else None


def sections_of(parts: list[Paragraph], before: list[Title]) -> list[Title]:
    """Titles that hold on a page: the last one before it in larger type (its chapter), then those of the page's two
    largest types; as before when the page opens none.
    """
    headings = [(round(p.size), p.text) for p in parts if p.kind == "heading"]
    if not headings:
        return before
    ranked = sorted({size for size, _ in headings}, reverse=True)[:2]
    larger = [title for title in before if title[0] > ranked[0]][-1:]
    return list(dict.fromkeys([*larger, *(title for title in headings if title[0] in ranked)]))[:8]
