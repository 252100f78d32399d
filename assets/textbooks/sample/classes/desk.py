"""The desk at which a book of layout classes is set: pages, running text, and the gold of what was placed."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pymupdf

from assets.textbooks.sample.content import Chapter
from assets.textbooks.sample.flow import Box
from assets.textbooks.sample.layout import Press, chapter_head, furniture, head_height, paragraph_tokens
from assets.textbooks.sample.sheet import Sheet
from assets.textbooks.sample.style import Style
from assets.textbooks.sample.typeset import Token, break_lines, break_some, tokens


@dataclass
class Passage:
    """A heading or what is left of a paragraph."""

    words: list[Token]
    heading: str = ""
    begun: bool = False


@dataclass
class Desk:
    """`kind` names the class that is being drawn, `pages_left` the pages that the chapter's figures still take."""

    press: Press
    columns: int
    rng: np.random.Generator
    gold: list[dict[str, Any]] = field(default_factory=list)
    kind: str = ""
    chapter: Chapter | None = None
    section: str = ""
    opening: bool = False
    pages_left: int = 0
    queue: list[Passage] = field(default_factory=list)
    art: bytes = b""  # a strip of a picture beside the running heads of the chapter

    @property
    def style(self) -> Style:
        return self.press.style

    @property
    def doc(self) -> pymupdf.Document:
        return self.press.doc

    @property
    def chinese(self) -> bool:
        return self.chapter is not None and self.chapter.language == "zh"

    @property
    def next_page(self) -> int:
        return len(self.doc) + 1

    def begin(self, chapter: Chapter, pages: int) -> None:
        self.chapter, self.section, self.opening, self.pages_left = chapter, chapter.sections[0].heading, True, pages
        self.queue = []
        for section in chapter.sections:
            self.queue.append(Passage(tokens(section.heading, self.style.heading, "b"), section.heading))
            self.queue += [Passage(paragraph_tokens(self.press, paragraph)) for paragraph in section.paragraphs]

    def page(self, bare: bool = False, landscape: bool = False) -> tuple[Sheet, Box]:
        """A new page with its running head, and the area that is free on it; `bare` pages have none."""
        assert self.chapter is not None  # noqa: S101 - a page is asked for inside a chapter only
        if landscape:
            self.opening, self.pages_left = False, self.pages_left - 1
            width, height = self.style.page
            sheet = Sheet(self.doc.new_page(width=height, height=width), len(self.doc))
            return sheet, (60.0, 50.0, height - 60.0, width - 50.0)
        sheet = self.press.new_sheet()
        x0, y0, x1, y1 = self.press.frame(sheet.number)
        if self.opening:
            headings: list[tuple[str, int]] = []
            self.press.openings.append((self.chapter, sheet.number, headings))
            chapter_head(sheet, self.chapter, self.style, (x0, y0, x1, y1))
            y0 += head_height(self.style)
        if not bare:
            furniture(self.press, sheet, self.chapter, self.section, self.opening)
            if self.art and not self.opening:
                spot = (x0, y0 - 48, x0 + 54, y0 - 36) if sheet.number % 2 else (x1 - 54, y0 - 48, x1, y0 - 36)
                sheet.draw(lambda page: page.insert_image(pymupdf.Rect(spot), stream=self.art, keep_proportion=False))
        self.opening = False
        self.pages_left -= 1
        return sheet, (x0, y0, x1, y1)

    # ------------------------------------------------------------------------------------------------------- text
    def split(self, box: Box) -> list[Box]:
        """The columns of an area."""
        if self.columns == 1:
            return [box]
        wide = (box[2] - box[0] - self.style.gutter) / 2
        return [(box[0], box[1], box[0] + wide, box[3]), (box[2] - wide, box[1], box[2], box[3])]

    def text(self, sheet: Sheet, frames: list[Box]) -> None:
        """Pour the chapter's text into `frames`, but leave enough of it for the pages that follow."""
        frames = [frame for frame in frames if frame[3] - frame[1] > 3 * self.style.leading]
        room = sum(height * width for height, width in ((f[3] - f[1], f[2] - f[0]) for f in frames))
        rest = self.rest()
        if not frames or not rest:
            return
        share = min(1.0, 1.15 * rest / (self.pages_left + 1) / room) if self.pages_left else 1.0
        for x0, y0, x1, y1 in frames:
            self.pour(sheet, (x0, y0, x1, y0 + (y1 - y0) * share + 2))

    def rest(self) -> float:
        """Points² that the text still to be set will take."""
        return sum(
            sum(token.width(self.style.body_size) * 1.06 for token in passage.words) * self.style.leading
            for passage in self.queue
        )

    def pour(self, sheet: Sheet, frame: Box) -> float:
        """Set text into one frame; returns where it ends."""
        style, (x0, y, x1, y1) = self.style, frame
        size = style.body_size
        while self.queue:
            passage = self.queue[0]
            if passage.heading:
                lines = break_lines(passage.words, size + 1.6, x1 - x0, hyphenate=False)
                if y + style.leading * (1.2 * len(lines) + 2.5) > y1:
                    break
                y += style.leading * 0.6 if y > frame[1] else 0
                for line in lines:
                    sheet.line(x0, y + size * 1.05, line, size + 1.6, style.ink)
                    y += style.leading * 1.12
                y += style.leading * 0.25
                self.section = passage.heading
                if self.press.openings and (passage.heading, sheet.number) not in self.press.openings[-1][2]:
                    self.press.openings[-1][2].append((passage.heading, sheet.number))
                self.queue.pop(0)
                continue
            room = int((y1 - y + 0.01) / style.leading)
            indent = 0.0 if passage.begun else 2 * size if self.chinese else style.indent or size
            justify = style.justify and not self.chinese
            set_, rest = break_some(passage.words, size, x1 - x0, justify, indent, justify, most=max(room, 1))
            if room < 1 or (room == 1 and rest and not passage.begun):
                break
            for line in set_:
                sheet.line(x0, y + size * 0.92, line, size)
                for tag in line.tags:
                    self.press.cited_page.setdefault(tag, sheet.number)
                y += style.leading
            if rest:
                passage.words, passage.begun = rest, True
                break
            self.queue.pop(0)
        return y

    def finish(self) -> None:
        """Pages of text alone until the chapter's text is set."""
        self.pages_left = 0
        while self.queue:
            sheet, box = self.page()
            before = self.rest()
            for frame in self.split(box):
                self.pour(sheet, frame)
            sheet.flush()
            if self.rest() >= before:
                raise RuntimeError(f"page {sheet.number} takes no text")
