"""Texts as words: the unit of text decontamination is a question with its options, as lists of normalised words.

English words, numbers and single Chinese characters count as words; case, punctuation, option letters, ligatures and
hyphens at line ends do not.
"""

import re
import unicodedata
from collections.abc import Sequence

CJK = "\u3400-\u9fff\uf900-\ufaff"
WORD = re.compile(rf"[{CJK}]|(?:(?![{CJK}])[^\W_])+")
HYPHENATED = re.compile(r"(?<=[a-z])[-\u00ad\u2010]\s*\n\s*(?=[a-z])")
LABEL = re.compile(r"(?<!\S)[(\[]?([A-Ha-h]|\d{1,2})[)\].:、](?=\s|\D)")

Words = tuple[str, ...]
Segments = tuple[Words, ...]  # the question, then the options


def words(text: str) -> Words:
    text = unicodedata.normalize("NFKC", HYPHENATED.sub("", text)).casefold()
    return tuple(WORD.findall(text))


def segments(question: str, options: Sequence[str] = ()) -> Segments:
    """The question's words and those of each option. Without options, a text that lists some (A) ... B) ...; 1. ... 2.
    ...) is split there, so that their letters do not count and their order need not."""
    parts = [question, *options] if options else _listed(question)
    return tuple(found for found in map(words, parts) if found)


def _listed(text: str) -> list[str]:
    text = unicodedata.normalize("NFKC", text)
    labels: list[re.Match[str]] = []
    for label in LABEL.finditer(text):
        if label[1].upper() == (chr(ord("A") + len(labels)) if not label[1].isdigit() else str(len(labels) + 1)):
            labels.append(label)
    if len(labels) < 2:
        return [text]
    starts = [label.start() for label in labels]
    parts = [text[: starts[0]]]
    parts += [text[label.end() : end] for label, end in zip(labels, starts[1:], strict=False)]
    last, _, behind = text[labels[-1].end() :].partition("\n")  # what stands behind the list is no option
    return [*parts, last, behind]


def is_chinese(word: str) -> bool:
    """A single Chinese character."""
    return bool(re.match(f"[{CJK}]", word))


def flat(parts: Segments) -> Words:
    return tuple(word for part in parts for word in part)


def grams(sequence: Words, n: int) -> set[Words]:
    return {sequence[i : i + n] for i in range(len(sequence) - n + 1)}
