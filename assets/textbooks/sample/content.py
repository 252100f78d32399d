"""The words of the book: chapters read from chapters/[0-9]*.toml, citations turned into the seed's label style."""

import re
import tomllib
from dataclasses import dataclass, field
from importlib import resources
from importlib.resources.abc import Traversable
from itertools import groupby
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
    words: tuple[str, str, str] | None = None  # label, one cited, several cited, where they differ from the style's
    lower: bool = False  # panel letters in print are small
    apart: bool = False  # numbered in a series of its own: no part of a range


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
    if figure.words:
        return figure.words[0].format(figure.number)
    return f"图 {figure.number}" if figure.language == "zh" else style.label.format(figure.number)


def spread(letters: str) -> list[str]:
    """Panel letters of a citation: "AB" -> A, B; "A-C" -> A, B, C."""
    if "-" in letters:
        first, last = letters.split("-")
        return list(LETTERS[LETTERS.index(first) : LETTERS.index(last) + 1])
    return list(letters)


def named(body: str, figures: dict[str, Figure]) -> list[tuple[str, str]]:
    """Figure keys and letters of a citation mark: "a:AB" -> (a, AB); "a:A-C+b" -> (a, A-C), (b, ""); "a..c" -> all."""
    if ".." in body:
        keys = list(figures)
        first, last = sorted(keys.index(key) for key in body.split(".."))
        return [(key, "") for key in keys[first : last + 1] if not figures[key].apart]
    parts = [part.partition(":") for part in body.split("+")]
    return [(key, letters) for key, _, letters in parts]


def cite(match: re.Match[str], figures: dict[str, Figure], style: Style, language: str) -> str:
    """One citation mark as printed: (Fig. 3-2A), Figs. 3-2A and B, Figures 3-1 and 3-4, （图 6-1）."""
    opened, full, body, closed = match.groups()
    items = [(figures[key], letters) for key, letters in named(body, figures)]
    if language == "zh":
        text = "、".join(cite_chinese(list(group), ".." in body) for group in alike(items))
        return f"（{text}）" if opened else text
    texts = [cite_english(list(group), bool(full), ".." in body, style) for group in alike(items)]
    return f"{opened}{listed(texts)}{closed}"


def alike(items: list[tuple[Figure, str]]) -> list[list[tuple[Figure, str]]]:
    """Items in groups that share their figure word."""
    return [list(group) for _, group in groupby(items, key=lambda item: item[0].words)]


def listed(texts: list[str]) -> str:
    return " and ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)


def cite_chinese(items: list[tuple[Figure, str]], ranged: bool) -> str:
    numbers = [figure.number for figure, _ in items]
    words, letters = items[0][0].words, items[-1][1]
    tail = letters.replace("-", "–") if "-" in letters else "、".join(letters)
    if words:
        one, many = words[1], words[2]
        if len(numbers) == 1:
            return one.format(numbers[0]) + tail
        return many + (f"{numbers[0]}至{numbers[-1]}" if ranged else "、".join(numbers) + tail)
    return "和".join(f"图{'' if len(numbers) > 1 else ' '}{number}" for number in numbers) + tail


def cite_english(items: list[tuple[Figure, str]], full: bool, ranged: bool, style: Style) -> str:
    first, letters = items[0]
    one, many = ("Figure {}", "Figures ") if full else (style.cite_one, style.cite_many)
    if first.words:
        one, many = first.words[1:]
    numbers = [figure.number for figure, _ in items]
    shown = [text.lower() if figure.lower else text for figure, text in items]
    if ranged and len(items) > 1:
        return f"{many}{numbers[0]} to {numbers[-1]}"
    if len(items) > 1:
        ends = [text.replace("-", "–") if "-" in text else ", ".join(text) for text in shown]
        return many + listed([number + end for number, end in zip(numbers, ends, strict=True)])
    if len(spread(letters)) < 2:
        return one.format(numbers[0] + shown[0])
    return many + numbers[0] + (shown[0].replace("-", "–") if "-" in letters else " and ".join(shown[0]))


def sentences(paragraph: str, figures: dict[str, Figure], style: Style, language: str) -> list[Sentence]:
    """Split a paragraph of the source into printed sentences; *italic* marks stay in the text."""
    pattern = SENTENCE_ZH if language == "zh" else SENTENCE_EN
    found = []
    for source in pattern.split(paragraph.strip()):
        if not source.strip():
            continue
        cites: list[tuple[str, list[str]]] = []
        for match in CITATION.finditer(source):
            cites += [(key, spread(letters)) for key, letters in named(match.group(3), figures)]
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


def read_raw(folder: Traversable) -> list[dict[str, Any]]:
    """The chapter files of a folder, those whose name begins with a digit, in order."""
    entries = [entry for entry in folder.iterdir() if entry.name[0].isdigit() and entry.name.endswith(".toml")]
    files = sorted(entries, key=lambda entry: entry.name)
    return [tomllib.loads(entry.read_text(encoding="utf-8")) for entry in files]


def make_chapter(
    raw: dict[str, Any], number: int, figures: list[Figure], known: dict[str, Figure], style: Style
) -> Chapter:
    sections = [
        Section(
            part["heading"],
            [sentences(block, known, style, raw["language"]) for block in part["text"].strip().split("\n\n")],
        )
        for part in raw["section"]
    ]
    return Chapter(number, raw["title"], raw["language"], sections, figures, raw["terms"])


def load_chapters(style: Style) -> list[Chapter]:
    """All chapters in order, with labels and citations in the style of the book."""
    raws = read_raw(resources.files("assets.textbooks.sample") / "chapters")
    numbers = [style.first_chapter + place for place in range(len(raws))]
    lists = [load_figures(raw, number, style) for raw, number in zip(raws, numbers, strict=True)]
    known = {figure.key: figure for figures in lists for figure in figures}
    return [
        make_chapter(raw, number, figures, known, style)
        for raw, number, figures in zip(raws, numbers, lists, strict=True)
    ]
