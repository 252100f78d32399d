"""A caption divided: the lead that all panels share, and each panel's own part.

Marker forms: "(A) text", "A, text", "A. text", "A: text", "A) text", "text (a).", "A.…；B.…" and their ranges "(A–C)".
The first marker may be any letter (a figure continued from the page before starts at D). A run of markers counts only
when its letters follow one another.
"""

import re
from dataclasses import dataclass

DASH = r"\-\u2010-\u2015\u2212"
MOST_LETTERS = 10_000
GROUP = rf"([A-Za-z])((?:\s*(?:,|，|、|and|&|和|及|[{DASH}])\s*[A-Za-z](?![A-Za-z]))*)"
BEFORE = {
    "parenthesis": re.compile(rf"[(（]\s*{GROUP}\s*[)）]\s*[.:：,]?\s*"),
    "bare": re.compile(
        rf"(?:(?<=^)|(?<=[.;:。；：，,!?]\s)|(?<=[.;:。；：\n])){GROUP}\s?([.,:：、)．]|\s[{DASH}–]\s)\s*"
    ),
}
AFTER = re.compile(rf"\s*[(（]\s*{GROUP}\s*[)）](?=\s*(?:[.;,。；，:]|and\b|$))")


@dataclass(frozen=True)
class Divided:
    """`parts` maps upper-case letters to their own text; empty for a caption without panels."""

    lead: str
    parts: dict[str, str]


@dataclass(frozen=True)
class _Marker:
    start: int
    end: int
    letters: tuple[str, ...]


def divide(caption: str) -> Divided:
    """Divide a caption (without its label). The form with most letters wins; markers before their text win a tie.

    A text of more than MOST_LETTERS letters is no caption of panels and is not divided.
    """
    best = Divided(caption, {})
    if len(caption) > MOST_LETTERS:
        return best
    for form, pattern in BEFORE.items():
        run = _run(_markers(pattern, caption))
        if (
            _enough(run)
            and len(_letters(run)) > len(best.parts)
            and not (form == "parenthesis" and _trailing(run, caption))
        ):
            best = _before(caption, run)
    run = _run(_markers(AFTER, caption))
    if _enough(run) and len(_letters(run)) > len(best.parts):
        best = _after(caption, run)
    return best


def divide_all(halves: list[str]) -> Divided:
    """A caption that is printed in two languages, each half divided: the parts of one letter go together.

    Halves that name different panels are one text: what the first divides, and the other behind its lead.
    """
    whole = Divided("", {})
    for half in halves:
        found = divide(half)
        if whole.parts and found.parts and whole.parts.keys() != found.parts.keys():
            found = Divided(half, {})
        parts = {
            letter: " ".join(filter(None, (whole.parts.get(letter), found.parts.get(letter))))
            for letter in whole.parts | found.parts
        }
        whole = Divided(" ".join(filter(None, (whole.lead, found.lead))), parts)
    return whole


def _markers(pattern: re.Pattern[str], caption: str) -> list[_Marker]:
    found = []
    for match in pattern.finditer(caption):
        first, more = match.group(1), match.group(2) or ""
        if more and {first.isupper(), *(c.isupper() for c in re.findall(r"\b[A-Za-z]\b", more))} == {True, False}:
            continue
        letters = _spelled(first, more)
        if all(
            ord(b) == ord(a) + 1 for a, b in zip(letters, letters[1:], strict=False)
        ):  # "(H&E)" is no list of panels
            found.append(_Marker(match.start(), match.end(), letters))
    return found


def _spelled(first: str, more: str) -> tuple[str, ...]:
    """A and "–C, E" give A, B, C, E."""
    letters = [first]
    for joiner, letter in re.findall(
        r"\s*(,|，|、|and|&|和|及|[\-\u2010-\u2015\u2212])\s*([A-Za-z])(?![A-Za-z])", more
    ):
        if re.match(rf"[{DASH}]", joiner) and ord(letter) > ord(letters[-1]):
            letters += [chr(c) for c in range(ord(letters[-1]) + 1, ord(letter))]
        letters.append(letter)
    return tuple(letters)


def _run(markers: list[_Marker]) -> list[_Marker]:
    """The longest run of markers whose letters follow one another in one case; later mentions are skipped."""
    best: list[_Marker] = []
    for i, first in enumerate(markers):
        if best and len(markers) - i < len(best):
            break
        run, expected = [first], chr(ord(first.letters[-1]) + 1)
        for marker in markers[i + 1 :]:
            if marker.letters[0] == expected:
                run.append(marker)
                expected = chr(ord(marker.letters[-1]) + 1)
        if len(_letters(run)) > len(_letters(best)):
            best = run
    return best


def _letters(run: list[_Marker]) -> list[str]:
    return [letter for marker in run for letter in marker.letters]


def _enough(run: list[_Marker]) -> bool:
    letters = _letters(run)
    return len(letters) >= 2 and len(set(letters)) == len(letters) and sorted(letters) == letters


def _trailing(run: list[_Marker], caption: str) -> bool:
    """Whether markers stand behind their text: before the first there is text, after most comes punctuation."""
    behind = sum(bool(re.match(r"\s*(?:[.;。；]|,\s|$)", caption[m.end - (caption[m.end - 1] == " ") :])) for m in run)
    stops = sum(bool(re.search(r"[)）]\s*[.,]\s*$", caption[m.start : m.end])) for m in run)
    return bool(caption[: run[0].start].strip()) and behind + stops > len(run) / 2


def _before(caption: str, run: list[_Marker]) -> Divided:
    parts = {}
    for marker, following in zip(run, [*run[1:], None], strict=True):
        text = caption[marker.end : following.start if following else len(caption)]
        for letter in marker.letters:
            parts[letter.upper()] = text.strip(" ;；,")
    return Divided(caption[: run[0].start].strip(), parts)


def _after(caption: str, run: list[_Marker]) -> Divided:
    """Each part runs from the end of the one before; whole sentences in front of the first part are the lead."""
    parts, lead, start = {}, "", 0
    for n, marker in enumerate(run):
        text = caption[start : marker.start].strip(" .;,。；，")
        if n == 0 and (cut := list(re.finditer(r"[.。:：]\s+(?=[A-Z\u4e00-\u9fff])", text))):
            lead, text = text[: cut[-1].end()].strip(), text[cut[-1].end() :]
        for letter in marker.letters:
            parts[letter.upper()] = re.sub(r"^(?:and|or)\s+", "", text)
        start = marker.end
        while start < len(caption) and caption[start] in " .;,。；，":
            start += 1
    last = run[-1].letters[-1].upper()
    tail = caption[start:].strip()
    if tail:
        parts[last] = f"{parts[last]}. {tail}"
    return Divided(lead, parts)
