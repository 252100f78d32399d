"""The words of the book: chapters read from chapters/[0-9]*.toml, citations turned into the seed's label style."""

import re
import tomllib
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

from assets.textbooks.sample.style import Style

LETTERS = "ABCDEFGH"
CITATION = re.compile(r"\{(\(?)(\^?)([^{}()]+?)(\)?)\}")
SENTENCE_EN = re.compile(r"(?<=[.?!])\s+(?=[A-Z{*])")
SENTENCE_ZH = re.compile(r"(?<=[。？！])")


@dataclass
class Panel:
    letter: str
    caption: str
    kind: str
    picture: dict[str, Any]


@dataclass
class Figure:
    key: str
    number: str  # "3-2", without the word before it
    language: str
    kind: str
    organ: str
    caption: str  # what all panels share, or the whole caption of a single figure
    panels: list[Panel]  # one without a letter for a single figure


@dataclass
class Sentence:
    text: str
    cites: list[tuple[str, list[str]]]  # figure key and panel letters


@dataclass
class Section:
    heading: str
    paragraphs: list[list[Sentence]]


@dataclass
class Chapter:
    number: int
    title: str
    language: str
    sections: list[Section]
    figures: list[Figure]
    terms: list[str] = field(default_factory=list)


def label(figure: Figure, style: Style) -> str:
    """The label as it stands before the caption: "Fig. 3-2", "FIG. 3.2", "图 6-1"."""
    return f"图 {figure.number}" if figure.language == "zh" else style.label.format(figure.number)


def spread(letters: str) -> list[str]:
    """Panel letters of a citation: "AB" -> A, B; "A-C" -> A, B, C."""
    if "-" in letters:
        first, last = letters.split("-")
        return list(LETTERS[LETTERS.index(first) : LETTERS.index(last) + 1])
    return list(letters)


def cite(match: re.Match[str], figures: dict[str, Figure], style: Style, language: str) -> str:
    """One citation mark as printed: (Fig. 3-2A), Figs. 3-2A and B, Figures 3-1 and 3-4, （图 6-1）."""
    opened, full, body, closed = match.groups()
    keys, _, letters = body.partition(":")
    numbers = [figures[key].number for key in keys.split("+")]
    if language == "zh":
        tail = letters.replace("-", "–") if "-" in letters else "、".join(letters)
        text = "和".join(f"图{'' if len(numbers) > 1 else ' '}{number}" for number in numbers) + tail
        return f"（{text}）" if opened else text
    several = len(numbers) > 1 or len(spread(letters)) > 1
    one, many = ("Figure {}", "Figures ") if full else (style.cite_one, style.cite_many)
    if not several:
        text = one.format(numbers[0] + letters)
    elif len(numbers) > 1:
        text = many + " and ".join(numbers)
    else:
        text = many + numbers[0] + (letters.replace("-", "–") if "-" in letters else " and ".join(letters))
    return f"{opened}{text}{closed}"


def sentences(paragraph: str, figures: dict[str, Figure], style: Style, language: str) -> list[Sentence]:
    """Split a paragraph of the source into printed sentences; *italic* marks stay in the text."""
    pattern = SENTENCE_ZH if language == "zh" else SENTENCE_EN
    found = []
    for source in pattern.split(paragraph.strip()):
        if not source.strip():
            continue
        cites: list[tuple[str, list[str]]] = []
        for match in CITATION.finditer(source):
            keys, _, letters = match.group(3).partition(":")
            cites += [(key, spread(letters)) for key in keys.split("+")]
        text = CITATION.sub(lambda match: cite(match, figures, style, language), source.strip())
        found.append(Sentence(text, cites))
    return found


def load_figures(raw: dict[str, Any], chapter: int, style: Style) -> list[Figure]:
    figures = []
    for ordinal, entry in enumerate(raw["figure"], 1):
        kind = entry["kind"]
        if "panel" in entry:
            panels = [
                Panel(letter, part["caption"], part.get("kind", kind), part["picture"])
                for letter, part in zip(LETTERS, entry["panel"], strict=False)
            ]
        else:
            panels = [Panel("", entry["caption"], kind, entry["picture"])]
        separator = "-" if raw["language"] == "zh" else style.separator
        number, organ = f"{chapter}{separator}{ordinal}", entry.get("organ", raw["organ"])
        figures.append(Figure(entry["id"], number, raw["language"], kind, organ, entry["caption"], panels))
    return figures


def load_chapters(style: Style) -> list[Chapter]:
    """All chapters in order, with labels and citations in the style of the book."""
    folder = resources.files("assets.textbooks.sample") / "chapters"
    entries = [entry for entry in folder.iterdir() if entry.name[0].isdigit() and entry.name.endswith(".toml")]
    files = sorted(entries, key=lambda entry: entry.name)
    raws = [tomllib.loads(entry.read_text(encoding="utf-8")) for entry in files]
    numbers = [style.first_chapter + place for place in range(len(raws))]
    lists = [load_figures(raw, number, style) for raw, number in zip(raws, numbers, strict=True)]
    known = {figure.key: figure for figures in lists for figure in figures}
    chapters = []
    for raw, number, figures in zip(raws, numbers, lists, strict=True):
        sections = [
            Section(
                part["heading"],
                [sentences(block, known, style, raw["language"]) for block in part["text"].strip().split("\n\n")],
            )
            for part in raw["section"]
        ]
        chapters.append(Chapter(number, raw["title"], raw["language"], sections, figures, raw["terms"]))
    return chapters
