"""Sentences of the running text that cite a figure, with the span that they take in their page's text."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from assets.figures.citations import citations
from assets.figures.sentences import sentences
from assets.records import Figure, Page


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


def chapters(pages: Iterable[Page]) -> dict[int, set[str]]:
    """The titles under which each page stands: its chapter, its sections, or those that held last."""
    found: dict[int, set[str]] = {}
    titles: set[str] = set()
    for page in pages:
        own = set(page.sections)
        titles = own if own and own != titles else titles  # one set for all pages of a chapter
        found[page.page] = titles
    return found


def meant(
    figures: list[Figure], letters: Mapping[str, set[str]], cited: Cited, page: int, chapter: Mapping[int, set[str]]
) -> Figure:
    """Which of several figures of one number a sentence on `page` means.

    The part that has the panel (a continued figure); then one that shares a title with the page (numbers that restart
    in each chapter); then the nearest. `letters` maps figure ids to their panel letters.
    """

    def cost(figure: Figure) -> tuple[bool, bool, int, int]:
        lacks = cited.letter is not None and cited.letter not in letters.get(figure.figure_id, set())
        elsewhere = not chapter.get(figure.page, set()) & chapter.get(page, set())
        return lacks, elsewhere, abs(figure.page - page), figure.page

    return min(figures, key=cost)
