"""Captions of the class book: the forms in which textbooks name panels, as lines and as the plain text of the gold."""

from dataclasses import dataclass

from assets.textbooks.sample.content import Figure, label
from assets.textbooks.sample.sheet import Sheet
from assets.textbooks.sample.style import Style
from assets.textbooks.sample.typeset import Line, Token, break_lines, font_name, is_cjk, tokens

LEADING = 1.2


@dataclass
class Legend:
    """A caption set to a width. `text` is the whole caption without its label, `parts` the panels' own texts."""

    label: str
    text: str
    parts: dict[str, str]
    lines: list[Line]
    size: float
    width: float

    @property
    def height(self) -> float:
        return len(self.lines) * self.size * LEADING

    def draw(self, sheet: Sheet, x: float, y: float, colour: tuple[float, float, float] = (0, 0, 0)) -> None:
        draw_lines(sheet, self.lines, x, y, self.size, colour)


def draw_lines(
    sheet: Sheet, lines: list[Line], x: float, y: float, size: float, colour: tuple[float, float, float] = (0, 0, 0)
) -> None:
    for row, line in enumerate(lines):
        sheet.line(x, y + size * (0.9 + LEADING * row), line, size, colour)


def label_token(text: str, family: str) -> Token:
    """A label in bold, Chinese characters in the Chinese font."""
    pieces: list[tuple[str, str]] = []
    for char in text:
        name = font_name("zh", "r") if is_cjk(char) else font_name(family, "b")
        if pieces and pieces[-1][1] == name:
            pieces[-1] = (pieces[-1][0] + char, name)
        else:
            pieces.append((char, name))
    return Token(pieces, True)


def wording(
    figure: Figure, style: Style, form: str, letters: str = "", lead: str | None = None
) -> list[tuple[str, str, str]]:
    """(mark before, text, mark behind) of the caption in order, for the panels in `letters` or all.

    Forms: before ("A, text" as the book has it), after ("text (a)."), chinese ("A.…；B.…。"), pairs ("(A, B) text").
    """
    lead = figure.caption if lead is None else lead
    panels = [panel for panel in figure.panels if panel.letter and (not letters or panel.letter in letters)]
    out = [("", lead, "")] if lead else []
    if form == "pairs":
        for first in range(0, len(panels), 2):
            pair = panels[first : first + 2]
            names = ", ".join(panel.letter for panel in pair)
            out.append((f"({names})", " ".join(panel.caption for panel in pair), ""))
        return out
    for place, panel in enumerate(panels):
        shown = panel.letter.lower() if figure.lower else panel.letter
        bare = panel.caption.rstrip(".。")
        if form == "after":
            out.append(("", bare, f"({shown})."))
        elif form == "chinese":
            out.append(
                (
                    f"{shown}．" if style.mark.startswith("(") else f"{shown}.",
                    bare,
                    "；" if place < len(panels) - 1 else "。",
                )
            )
        else:
            out.append((style.mark.format(shown).strip(), panel.caption, ""))
    return out


def legend(
    figure: Figure,
    style: Style,
    width: float,
    form: str = "before",
    letters: str = "",
    lead: str | None = None,
    own_line: bool | None = None,
    continued: str = "",
) -> Legend:
    """Set the caption of a figure to `width` points. `continued` follows the label ("(continued)")."""
    chinese = figure.language == "zh"
    words: list[Token] = []
    parts: list[str] = []
    for before, text, behind in wording(figure, style, form, letters, lead):
        if words and not chinese:
            words[-1].space = True
        if before:
            words.append(Token([(before, font_name(style.caption, "b" if style.mark_bold else "r"))], not chinese))
        words += tokens(text, style.caption)
        if behind:
            glued = behind in "；。"
            words[-1].space = not glued
            words += tokens(behind, style.caption)
        glue = "" if chinese else " "
        parts.append(f"{before}{glue if before else ''}{text}{glue if behind and behind not in '；。' else ''}{behind}")
    name = label(figure, style)
    tail = "" if chinese else style.label_end
    opening = [label_token(name + (f" {continued}" if continued else "") + tail, style.caption)]
    own_line = style.label_own_line if own_line is None else own_line
    justify = style.justify and not chinese
    size = style.caption_size
    if own_line:
        lines = break_lines(opening, size, width) + break_lines(words, size, width, justify)
    else:
        pieces = opening[0].pieces
        pieces[-1] = (pieces[-1][0] + ("\u00a0" if tail else "\u00a0\u00a0"), pieces[-1][1])
        lines = break_lines([*opening, *words], size, width, justify)
    own = {
        panel.letter: panel.caption
        for panel in figure.panels
        if panel.letter and (not letters or panel.letter in letters)
    }
    text = ("" if chinese else " ").join(parts)
    return Legend(name, text.replace("*", ""), own, lines, size, width)
