"""The chapters drawn on their pages: text stream, chapter heads, running heads, and a record of what went where."""

from dataclasses import dataclass, field
from typing import Any

import pymupdf

from assets.textbooks.sample.content import Chapter, Sentence
from assets.textbooks.sample.flow import Box, Item, Plan, arrange, take
from assets.textbooks.sample.plates import Block, draw_block, make_block
from assets.textbooks.sample.sheet import Sheet
from assets.textbooks.sample.style import Style
from assets.textbooks.sample.typeset import Token, break_lines, font_name, tokens


@dataclass
class Press:
    """The book while it is being set: document, style, and what the gold file needs to know."""

    doc: pymupdf.Document
    style: Style
    cited: list[Sentence] = field(default_factory=list)  # a tag is an index into this list
    cited_page: dict[int, int] = field(default_factory=dict)
    placed: dict[str, dict[str, Any]] = field(default_factory=dict)
    openings: list[tuple[Chapter, int, list[tuple[str, int]]]] = field(default_factory=list)

    def new_sheet(self) -> Sheet:
        width, height = self.style.page
        return Sheet(self.doc.new_page(width=width, height=height), len(self.doc))

    def frame(self, number: int) -> Box:
        """Text area (x0, y0, x1, y1) of a page: the inner margin is at the spine."""
        top, bottom, inner, outer = self.style.margins
        width, height = self.style.page
        left, right = (inner, outer) if number % 2 else (outer, inner)
        return left, top, width - right, height - bottom


def column_width(style: Style) -> float:
    return (style.page[0] - style.margins[2] - style.margins[3] - style.gutter) / 2


def stream(press: Press, chapter: Chapter) -> list[Item]:
    """All text of a chapter broken to the column width."""
    style, width = press.style, column_width(press.style)
    chinese = chapter.language == "zh"
    justify = style.justify and not chinese
    items: list[Item] = []
    for section in chapter.sections:
        if items:
            items.append(Item(style.leading * 0.9, "space"))
        size = style.body_size + 1.6
        heading = break_lines(tokens(section.heading, style.heading, "b"), size, width, hyphenate=False)
        items += [Item(style.leading * 1.12, "heading", line, heading=section.heading) for line in heading]
        items.append(Item(style.leading * 0.25, "space"))
        for place, paragraph in enumerate(section.paragraphs):
            if place and not style.indent:
                items.append(Item(style.leading * 0.5, "space"))
            indent = style.body_size * 2 if chinese else style.indent if place else 0.0
            words = paragraph_tokens(press, paragraph)
            lines = break_lines(words, style.body_size, width, justify, indent, hyphenate=justify)
            items += [
                Item(style.leading, "line", line, first=row == 0, last=row == len(lines) - 1)
                for row, line in enumerate(lines)
            ]
    return items


def paragraph_tokens(press: Press, paragraph: list[Sentence]) -> list[Token]:
    words: list[Token] = []
    for sentence in paragraph:
        tag = -1
        if sentence.cites:
            tag = len(press.cited)
            press.cited.append(sentence)
        fresh = tokens(sentence.text, press.style.body, tag=tag)
        if not fresh[-1].pieces[-1][1].startswith("china"):
            fresh[-1].space = True
        words += fresh
    return words


def set_chapter(press: Press, chapter: Chapter) -> None:
    """Set one chapter on as many pages as it needs; fills `press.placed` and `press.cited_page`."""
    style = press.style
    items = stream(press, chapter)
    column = column_width(style)
    cited = {figure.key: first_cited(press, items, figure.key) for figure in chapter.figures}
    first = len(press.doc) + 1

    def choices(at: int) -> list[tuple[Block, int]]:
        blocks = [make_block(figure, style, column, column * 2 + style.gutter, at) for figure in chapter.figures]
        return [(block, cited[block.figure.key]) for block in blocks]

    def frame(offset: int) -> Box:
        x0, y0, x1, y1 = press.frame(first + offset)
        return x0, y0 + (0 if offset else head_height(style)), x1, y1

    section = chapter.sections[0].heading
    headings: list[tuple[str, int]] = []
    press.openings.append((chapter, first, headings))
    for offset, plan in enumerate(arrange(items, choices, frame, style, [style.seed, 5, chapter.number])):
        sheet = press.new_sheet()
        if offset == 0:
            chapter_head(sheet, chapter, style, press.frame(sheet.number))
        section = draw_page(press, sheet, plan, items, headings, section)
        furniture(press, sheet, chapter, section, offset == 0)
        sheet.flush()


def first_cited(press: Press, items: list[Item], key: str) -> int:
    """Number of the first item of a chapter that cites a figure."""
    for at, item in enumerate(items):
        if any(key == cite for tag in item.line.tags for cite, _ in press.cited[tag].cites):
            return at
    return len(items)


def draw_page(
    press: Press, sheet: Sheet, plan: Plan, items: list[Item], headings: list[tuple[str, int]], section: str
) -> str:
    """Draw floats and text in reading order: wide figures above, each column downwards, wide figures below.

    Returns the section the page ends in and adds the headings on it to `headings`.
    """
    style, box, cursor = press.style, plan.box, plan.cursor
    middle = (box[0] + box[2]) / 2

    def place(block: Block, x: float, y: float) -> None:
        press.placed[block.figure.key] = draw_block(sheet, block, x, y)

    for entry in [entry for entry in plan.floats if entry[0].span and entry[2] < plan.columns[0][0]]:
        place(*entry)
    for side, (top, bottom) in enumerate(plan.columns):
        x = box[0] if side == 0 else middle + style.gutter / 2
        own = [entry for entry in plan.floats if not entry[0].span and (entry[1] > middle) == bool(side)]
        for entry in [entry for entry in own if entry[2] < top]:
            place(*entry)
        end = take(items, cursor, bottom - top)
        y = top
        while cursor < end and items[cursor].kind == "space":
            cursor += 1
        for item in items[cursor:end]:
            if item.kind == "heading":
                sheet.line(x, y + style.body_size * 1.05, item.line, style.body_size + 1.6, style.ink)
                if not headings or headings[-1][0] != item.heading:
                    headings.append((item.heading, sheet.number))
                section = item.heading
            elif item.kind == "line":
                sheet.line(x, y + style.body_size * 0.92, item.line, style.body_size)
                for tag in item.line.tags:
                    press.cited_page.setdefault(tag, sheet.number)
            y += item.height
        cursor = end
        for entry in [entry for entry in own if entry[2] >= top]:
            place(*entry)
    for entry in [entry for entry in plan.floats if entry[0].span and entry[2] >= plan.columns[0][0]]:
        place(*entry)
    return section


def chapter_head(sheet: Sheet, chapter: Chapter, style: Style, box: Box) -> None:
    """Number and title over both columns."""
    x0, y0, x1, _ = box
    chinese = chapter.language == "zh"
    name = font_name("zh" if chinese else style.heading, "b")
    number = f"第{chapter.number}章" if chinese else f"CHAPTER {chapter.number}"
    sheet.text(x0, y0 + 12, number, font_name("zh", "r") if chinese else font_name("sans", "r"), 11, style.ink)
    sheet.text(x0, y0 + 44, chapter.title, name, 26 if len(chapter.title) < 26 else 21, style.ink)
    sheet.rule(x0, y0 + 58, x1, style.ink, 1.6)


def head_height(style: Style) -> float:
    return 58 + style.leading * 2.4


def furniture(press: Press, sheet: Sheet, chapter: Chapter, section: str, opening: bool) -> None:
    """Running head and page number."""
    style = press.style
    x0, y0, x1, y1 = press.frame(sheet.number)
    odd = bool(sheet.number % 2)
    chinese = chapter.language == "zh"
    title = f"第{chapter.number}章 {chapter.title}" if chinese else f"Chapter {chapter.number}  {chapter.title}"
    text = section if odd else title
    name = font_name("zh", "r") if chinese else font_name("sans", "r")
    bold = font_name("sans", "b")
    head = y0 - 20
    folio = str(sheet.number)
    if opening or not style.folio_in_head:
        sheet.centre((x0 + x1) / 2, y1 + 30, folio, bold, 9)
    if opening:
        return
    shift = 26 if style.folio_in_head else 0
    if odd:
        sheet.right(x1 - shift, head, text, name, 8, (0.25, 0.25, 0.25))
        if shift:
            sheet.right(x1, head, folio, bold, 9)
    else:
        sheet.text(x0 + shift, head, text, name, 8, (0.25, 0.25, 0.25))
        if shift:
            sheet.text(x0, head, folio, bold, 9)
    if style.head_rule:
        sheet.rule(x0, head + 6, x1, (0.3, 0.3, 0.3), 0.5)
