"""Sentences of the running text that cite a figure, with the span that they take in their page's text."""

from collections.abc import Mapping
from dataclasses import dataclass

from assets.figures.citations import citations
from assets.figures.sentences import sentences


@dataclass(frozen=True)
class Cited:
    """One figure in one sentence: text[start:end] is the sentence; `letter` is None for the whole figure."""

    number: str
    letter: str | None
    start: int
    end: int


def find_references(text: str, captions: list[tuple[int, int]], known: Mapping[str, frozenset[str]]) -> list[Cited]:
    """All citing sentences of a page. `captions` are the spans of captions in `text`: they cite nothing."""
    found: dict[tuple[str, str | None, int], Cited] = {}
    for start, end in sentences(text):
        if any(start < stop and begin < end for begin, stop in captions):
            continue
        for citation in citations(text[start:end], known):
            for letter in citation.letters or (None,):
                found.setdefault((citation.number, letter, start), Cited(citation.number, letter, start, end))
    return list(found.values())
