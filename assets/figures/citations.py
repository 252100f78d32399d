"""Which figures a stretch of running text names: a small scanner over words, numbers, letters and joiners.

Only numbers of figures that the book has are accepted, which settles what "Figs. 3-5" means (figure 3-5, or 3 to 5).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from assets.figures.labels import DASH, WORD
from assets.records import normalise_label

# Between word and number stand a dot, a dash, spaces; the dots of a table of contents lead to a page.
OPENING = re.compile(rf"(?<![A-Za-z])(?P<word>{WORD})[.{DASH}\s]{{0,5}}(?=[A-Z]{{0,2}}[.{DASH}]?\d)", re.I)
# Words before a figure word that name another series of figures: of this book's own, or of another file.
SERIES = re.compile(
    r"(?:(supplementa(?:ry|l)|extended\s+data|appendix|online)|supporting|additional)\s*(file\s*\d*\W*)?$", re.I
)
OTHER_SERIES = re.compile(r"plate|scheme|[图圖]版")  # counted apart from the figures
NUMBER = re.compile(rf"(?:[A-Z]{{1,2}}[.{DASH}]?)?\d{{1,4}}(?:\s?[.{DASH}]\s?\d{{1,3}}(?!\d)){{0,4}}")
FIRST_LETTERS = re.compile(r"\s?\(([A-Za-z])\)|\s?([A-Za-z])(?![A-Za-z])|([A-Z]{2,3}|[a-f]{2,3})(?![A-Za-z])")
OWN_LETTER = re.compile(r"[a-z](?![a-z])")
NEXT_LETTER = re.compile(r"\(([A-Za-z])\)|([A-Za-z])(?![A-Za-z0-9])")
JOINER = re.compile(
    rf"\s*(,\s*and\b|,\s*or\b|,|;|&|/|\+|and\b|or\b|to\b|through\b|和|及|与|、|，|至|~|～|[{DASH}])\s*", re.I
)
RANGE = re.compile(rf"to|through|至|~|～|[{DASH}]", re.I)


@dataclass(frozen=True)
class Citation:
    """One figure named in the text: where its mention starts, its number, the panel letters named with it."""

    start: int
    number: str
    letters: tuple[str, ...]


def citations(text: str, known: Mapping[str, frozenset[str]]) -> list[Citation]:
    """All mentions of known figures in `text`. `known` maps normalised numbers to the panel letters of that figure."""
    found: list[Citation] = []
    for opening in OPENING.finditer(text):
        series = SERIES.search(text[max(0, opening.start() - 40) : opening.start()])
        if series is None:
            found.extend(_read_list(text, opening, known, ""))
        elif series.group(1) and not series.group(2):
            found.extend(_read_list(text, opening, known, series.group(1) + " "))
    return found


def _read_list(text: str, opening: re.Match[str], known: Mapping[str, frozenset[str]], series: str) -> list[Citation]:
    """The numbers and letters after one figure word; `series` is what stands before it ("supplementary "), or ""."""
    word = opening.group("word").lower()
    many = word.endswith("s") or not word.isascii()
    series += word + " " if OTHER_SERIES.match(word) else ""
    named: list[tuple[str, list[str]]] = []
    position, ranged = opening.end(), False
    while True:
        number = NUMBER.match(text, position)
        letter = _next_letter(text, position, named, known) if named else None
        if letter:
            letters, name = named[-1][1], letter.group(1) or letter.group(2)
            if ranged and letters:
                letters.extend(_letters_between(letters[-1], name))
            letters.append(name)
            position = letter.end()
        elif number:
            glued = opening.group().lower() in ("figs", "figures") and number.start() == opening.end()
            numbers, position = _resolve(number, known, series, "s" if glued else "")
            if ranged and named:
                numbers = _numbers_between(named[-1][0], numbers[0], known) + numbers
            named.extend((n, []) for n in numbers)
            position = _first_letters(text, position, named, known)
        else:
            break
        joiner = JOINER.match(text, position)
        if not joiner:
            break
        # "Fig. 3, 20 patients": after a singular word a comma leads on only to letters or to compound numbers
        following = NUMBER.match(text, joiner.end())
        if not many and following and "," in joiner.group() and following.group().isdigit() and not named[-1][1]:
            break
        again = OPENING.match(text, joiner.end())
        if again:
            break
        ranged, position = bool(RANGE.fullmatch(joiner.group(1))), joiner.end()
    return [
        Citation(opening.start(), n, tuple(dict.fromkeys(letter.upper() for letter in letters)))
        for n, letters in named
        if n in known
    ]


def _next_letter(
    text: str, position: int, named: list[tuple[str, list[str]]], known: Mapping[str, frozenset[str]]
) -> re.Match[str] | None:
    """A further letter of a list: in the case of those before it, or one that the figure has; the article is none."""
    match = NEXT_LETTER.match(text, position)
    if not match:
        return None
    letter, (number, before) = match.group(1) or match.group(2), named[-1]
    if match.group(2) == "a" and (before or re.match(r"\s+[a-z]", text[match.end() :])):
        return None
    same = before[-1].isupper() == letter.isupper() if before else _has_letter(known, number, letter)
    return match if same else None


def _resolve(
    match: re.Match[str], known: Mapping[str, frozenset[str]], series: str, glued: str
) -> tuple[list[str], int]:
    """The known number that the digits at `match` stand for, else what they spell (lists go on behind it); its end.

    "Figs. 3-5" is figure 3-5, or 3 to 5 when the book has both, never figure 3 alone. `glued` is the letter that may
    belong to the word before or to the number: "FigS2".
    """
    spelled = match.group()
    parts = [(m.start(), m.end()) for m in re.finditer(r"[A-Za-z]*[.]?\d+", spelled)]
    for count in range(len(parts), 0, -1):
        end = parts[count - 1][1]
        with_letter = OWN_LETTER.match(match.string, match.start() + end)
        rest = spelled[end:]
        lists = re.match(r"\.\s|\s", rest) or _both_known(parts[count - 1 : count + 1], spelled, series, known)
        if rest and not lists:
            continue
        for number in dict.fromkeys(normalise_label(series + first + spelled[:end]) for first in (glued, "")):
            if with_letter and number + with_letter.group() in known:
                return [number + with_letter.group()], with_letter.end()
            if number in known:
                return [number], match.start() + end
    return [normalise_label(series + spelled)], match.end()


def _both_known(pair: list[tuple[int, int]], spelled: str, series: str, known: Mapping[str, frozenset[str]]) -> bool:
    """Whether both ends of "3-5" are figures of the book."""
    return all(normalise_label(series + spelled[a:b]) in known for a, b in pair)


def _first_letters(
    text: str, position: int, named: list[tuple[str, list[str]]], known: Mapping[str, frozenset[str]]
) -> int:
    """Letters right after a number: 2A, 2(a), 2 B, 2AB."""
    match = FIRST_LETTERS.match(text, position)
    if not match:
        return position
    spelled = match.group(1) or match.group(2) or match.group(3)
    spaced = match.group()[0].isspace() and "(" not in match.group()
    if spaced and not (spelled.isupper() and _has_letter(known, named[-1][0], spelled) and spelled != "I"):
        return position
    named[-1][1].extend(spelled)
    return match.end()


def _has_letter(known: Mapping[str, frozenset[str]], number: str, letter: str) -> bool:
    return letter.upper() in known.get(number, frozenset())


def _letters_between(first: str, last: str) -> list[str]:
    return [chr(code) for code in range(ord(first.upper()) + 1, ord(last.upper()))][:25]


def _numbers_between(first: str, last: str, known: Mapping[str, frozenset[str]]) -> list[str]:
    """Known numbers strictly between two numbers of the same chapter."""
    head, _, low = first.rpartition("-")
    head2, _, high = last.rpartition("-")
    if head != head2 or not (low.isdigit() and high.isdigit()):
        return []
    between = (f"{head}-{n}" if head else str(n) for n in range(int(low) + 1, min(int(high), int(low) + 100)))
    return [number for number in between if number in known]
