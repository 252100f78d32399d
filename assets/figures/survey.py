"""What a whole book tells about each of its pages: its type, its words, its running heads, its decorations.

`survey_page` keeps of a page only what the book's view needs; `survey_book` adds these up. Both are small enough to
hold for thousands of pages.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from assets.figures.decoys import Place, decoys_among, fixed_places
from assets.figures.layout import PageLayout
from assets.figures.lines import Line
from assets.figures.margins import OuterLine, Outline, outer_line, outline_of, set_margins_apart
from assets.figures.reading import CJK, Style

Type = tuple[str, float]  # font family and size in points
MOST_PLACES = 200_000
CHINESE = 0.02  # share of its letters from which a book has Chinese text


@dataclass(frozen=True)
class PageSurvey:
    """`letters` and `chinese` count all and Chinese letters by their type, `gaps` the white between lines of a type."""

    outline: Outline
    letters: Counter[Type]
    chinese: Counter[Type]
    gaps: dict[Type, Counter[float]]
    words: frozenset[str]
    places: frozenset[Place]


@dataclass(frozen=True)
class Survey:
    """`words` are in lower case, `decoys` places of decorations, `margins` the running heads and feet by page."""

    style: Style
    words: frozenset[str]
    decoys: frozenset[Place]
    margins: dict[int, frozenset[OuterLine]]

    def trimmed(self, layout: PageLayout) -> PageLayout:
        """`layout` with its running heads, feet and page numbers set apart."""
        own = self.margins.get(layout.page, frozenset())
        if not own:
            return layout
        lines: list[Line] = []
        margins: list[Line] = []
        for line in layout.lines:
            (margins if outer_line(line) in own else lines).append(line)
        return replace(layout, lines=lines, margins=margins)


def survey_page(layout: PageLayout) -> PageSurvey:
    letters: Counter[Type] = Counter()
    chinese: Counter[Type] = Counter()
    for line in layout.lines:
        for run in line.runs:
            letters[run.font, run.size] += len(run.text.strip())
            chinese[run.font, run.size] += len(CJK.findall(run.text))
    gaps: dict[Type, Counter[float]] = {}
    for a, b in zip(layout.lines, layout.lines[1:], strict=False):
        if a.style == b.style and abs(a.box[0] - b.box[0]) < 2 and 0 < b.box[1] - a.box[1] < 2.5 * a.size:
            gaps.setdefault(a.style, Counter())[round(b.box[1] - a.box[3], 2)] += 1
    words, places = frozenset(_words(layout.lines)), frozenset(fixed_places(layout))
    return PageSurvey(outline_of(layout), letters, chinese, gaps, words, places)


def survey_book(pages: Iterable[PageSurvey]) -> Survey:
    letters: Counter[Type] = Counter()
    chinese: Counter[Type] = Counter()
    gaps: dict[Type, Counter[float]] = {}
    words: set[str] = set()
    places: Counter[Place] = Counter()
    outlines: list[Outline] = []
    for page in pages:
        letters.update(page.letters)
        chinese.update(page.chinese)
        for style, found in page.gaps.items():
            gaps.setdefault(style, Counter()).update(found)
        words |= page.words
        places.update(page.places)
        outlines.append(page.outline)
        if len(places) > MOST_PLACES:  # what returns on a tenth of the pages has returned by now
            places = Counter({place: count for place, count in places.items() if count > 1})
    set_margins_apart(outlines)
    margins = {outline.page: frozenset(outline.margins) for outline in outlines if outline.margins}
    return Survey(
        _style(letters, chinese, gaps), frozenset(words), frozenset(decoys_among(places, len(outlines))), margins
    )


def _style(letters: Counter[Type], chinese: Counter[Type], gaps: dict[Type, Counter[float]]) -> Style:
    """The most frequent type, weighted by letters, the median gap between lines set in it, and the Chinese type."""
    if not letters:
        return Style("", 10.0, 2.0)
    (font, size), _ = letters.most_common(1)[0]
    own = sorted(gaps.get((font, size), Counter()).elements())
    other = chinese.most_common(1)[0][0] if chinese.total() > CHINESE * letters.total() else None
    return Style(font, size, own[len(own) // 2] if own else 0.2 * size, other if other != (font, size) else None)


def _words(lines: Iterable[Line]) -> Iterable[str]:
    """Words and hyphenated compounds that stand inside a line, lower case."""
    for line in lines:
        found = re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", line.text.lower())
        yield from found[:-1] if line.text.endswith("-") else found
