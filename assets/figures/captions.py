"""Which lines open a caption, and how far the caption goes.

Every line that starts with a figure word and a number is a candidate; evidence from type and place tells captions from
citations that happen to start a line (after PDFFigures2, Clark and Divvala 2016: keep all, then prefer the consistent).
"""

from collections import Counter
from dataclasses import dataclass, field

from assets.figures.caption_lines import Column, goes_on, grown
from assets.figures.geometry import (
    Box,
    distances,
    union,
    x_share,
)
from assets.figures.labels import TABLE, VERBS, Label, opening_label, translates
from assets.figures.layout import PageLayout
from assets.figures.lines import Line
from assets.figures.reading import Style

ACCEPT = 0.45
PARTS = 6  # pages over which a figure is continued at most
HALVES_APART = 2.0  # type sizes of white between the two languages of a caption at most


@dataclass
class Caption:
    """A caption on a page. `table` marks the caption of a table or box: it takes its graphics out of the running.

    A caption printed in two languages is one caption under the label that comes first; `halves` parts its lines.
    `tail_of` is the caption that these lines end, when it began in another column or on the page before.
    """

    page: int
    label: Label | None
    lines: list[Line]
    score: float = 1.0
    signature: tuple[str, ...] = ()
    box: Box = field(default=(0, 0, 0, 0))
    tail_of: "Caption | None" = None

    def __post_init__(self) -> None:
        self.box = union(line.box for line in self.lines)

    @property
    def table(self) -> bool:
        return self.label is None

    def add(self, lines: list[Line], score: float) -> None:
        """Take in the other language: what speaks for one half speaks for both."""
        self.lines, self.score = self.lines + lines, max(self.score, score)
        self.box = union(line.box for line in self.lines)


def find_captions(page: PageLayout, style: Style) -> list[Caption]:
    """All caption candidates of a page, each grown over its lines; score 0..1 before the book is compared."""
    column = Column(page)
    found: list[Caption] = []
    for line in column.lines:
        label = opening_label("".join(run.text for run in line.runs))
        if label is not None:
            score = _evidence(line, label, column, style)
            first = next((c for c in reversed(found) if _second_half(line, label, c)), None)
            if first is not None:
                first.add(grown(line, column, style), score)
            elif score >= 0.2:
                kind = (label.words, line.runs[0].font, str(line.runs[0].bold), label.delimiter.strip(":："))
                found.append(Caption(page.page, label, grown(line, column, style), score, kind))
        elif TABLE.match(line.text) and not goes_on(line, column, style):
            found.append(Caption(page.page, None, grown(line, column, style)))
    return found


def _second_half(line: Line, label: Label, caption: Caption) -> bool:
    """Whether `line` repeats the number of the caption right above it in the other language."""
    if caption.label is None or not translates(caption.label, label) or x_share(line.box, caption.box) < 0.3:
        return False
    white = line.box[1] - caption.box[3]
    return -0.5 * line.size < white < HALVES_APART * line.size


def halves(lines: list[Line]) -> list[list[Line]]:
    """The lines of a caption, from the top, parted where its label returns in the other language."""
    first = opening_label(lines[0].text) if lines else None
    for at, line in enumerate(lines[1:], 1):
        label = opening_label(line.text) if first is not None else None
        if first is not None and label is not None and translates(first, label):
            return [lines[:at], lines[at:]]
    return [lines]


def select(candidates: list[Caption]) -> tuple[list[Caption], list[Caption]]:
    """The captions of a book: per number the candidates with the strongest evidence, in the book's own style.

    A number may stay more than once (figures numbered per chapter, "continued"), when the style is the same each time.
    Second come the candidates that would have been good enough alone and lost to another one of their number.
    """
    groups: dict[str, list[Caption]] = {}
    for caption in candidates:
        if caption.label:
            groups.setdefault(caption.label.number, []).append(caption)
    usual = Counter(max(group, key=lambda c: c.score).signature for group in groups.values())
    most = usual.most_common(1)[0][1] if usual else 1
    kept = [c for c in candidates if c.table]
    dropped: list[Caption] = []
    for group in groups.values():
        chosen = _best(group, usual, most)
        kept += chosen
        dropped += [c for c in group if c.score >= ACCEPT and not any(c is other for other in chosen)]
    return sorted(kept, key=lambda c: (c.page, c.box[1], c.box[0])), dropped


def _best(group: list[Caption], usual: Counter[tuple[str, ...]], most: int) -> list[Caption]:
    """The captions of one number: the strongest, its equals, and what goes on with one of them ("continued")."""
    for caption in group:
        caption.score = min(1.0, caption.score + 0.15 * usual[caption.signature] / most)
    first = [c for c in group if not _continued(c)] or group
    best = max(first, key=lambda c: (c.score, -c.page))
    if best.score < ACCEPT:
        return []
    also = max(0.6, best.score - 0.15)
    twins = [c for c in first if c is not best and c.score >= also and c.signature == best.signature]
    chosen = [best, *twins]
    later = [c for c in group if _continued(c) and c.score >= ACCEPT - 0.15
             and any(0 <= c.page - o.page <= PARTS for o in chosen)]  # fmt: skip
    return chosen + [c for c in later if not any(c is o for o in chosen)]


def _continued(caption: Caption) -> bool:
    return caption.label is not None and caption.label.continued


def _evidence(line: Line, label: Label, column: Column, style: Style) -> float:
    first = next(run for run in line.runs if run.text.strip())
    above = column.above(line)
    apart = above is None or line.box[1] - above.box[3] > style.gap + 0.4 * style.size or above.style != line.style
    marked = first.bold or not any(first.font == font and abs(first.size - size) < 0.5 for font, size in style.types)
    rest = label.rest.lstrip()
    score = {"end": 0.2, "wide": 0.2, "": 0.0}.get(label.delimiter, 0.25)
    score += 0.25 * marked + 0.1 * (line.style not in style.types) + 0.2 * apart
    score += 0.1 * (not rest or rest[0].isupper() or rest[0] in "(（[" or not rest[0].isascii())
    score += 0.2 * bool((distances(column.graphics, line.box) < 45).any())
    if goes_on(line, column, style):
        score -= 0.3
    if not label.delimiter and (VERBS.match(label.rest) or label.several):
        score -= 0.2 if marked and first.bold else 0.5
    elif label.delimiter in (")", "]") and VERBS.match(label.rest):
        score -= 0.5
    return max(0.0, min(1.0, score))
