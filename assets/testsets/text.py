"""Text decontamination: which questions of the test sets does a text repeat?

The unit is a question with its options; for retrieval sets a caption. A text repeats it when 8-grams that both have
cover at least half of the unit's words, the rule of Tülu 3 (arXiv 2411.15124); in Chinese, where a word has one or two
characters, they have 12. Three departures, each measured by benchmarks/pairs_leaks.py:
* a question with fewer words has to be repeated as a whole, alone or as a sentence that ends in a question mark; a
  shorter caption is not looked for, for many pictures share it;
* words in 8-grams that many units share are a template's ("Which of the following features ...") and do not count, and
  of the words that do, half of the question's have to be covered, not just the options;
* a text that has all of a unit's characters but a few single ones (a scan misread) repeats it, too; the question or an
  option has to be intact.
Option letters and the order of options do not count. A hit names items; what follows from it is not decided here.

    index = TextIndex(items)
    index.hits("What is the grade of the tumor?", ["low", "high"])
"""

import re
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from assets.testsets.item import TestItem
from assets.testsets.words import Segments, Words, flat, grams, is_chinese, segments, words

N = 8
CHINESE_N = 12
COVERAGE = 0.5
WORDING = 5  # units that share an n-gram from which on it is a template's
MISREAD = 0.04  # of a unit's characters that may be misread: 1.5 % is usual, and some texts have more than others
RARE = 50  # units that share a question or an option up to which it leads to each of them
ENDS = 3  # characters that may be lost or doubled in a misread part before its place is not found
CROWD = 6  # three wrong characters within so many are another word, not a misread one
SHORTEST_MISREAD = 2  # letters; another single one is another name (grade A and B)
ASKED = re.compile(r"[^.?!。？！\n]*[?？]")


@dataclass(frozen=True)
class TextHit:
    """The items (testset, item_id) whose unit a text repeats.

    coverage: share of the unit's own words that n-grams cover, 0.5..1; 1 for a whole one. rule: ngrams, whole, misread.
    """

    items: tuple[tuple[str, str], ...]
    coverage: float
    rule: str


@dataclass(frozen=True)
class Unit:
    """What is looked for: a question's words and those of its options, sorted.

    words: all in one row. n: words of an n-gram. own: places in `words` that no template accounts for.
    """

    parts: Segments
    words: Words
    n: int
    own: frozenset[int]
    items: tuple[tuple[str, str], ...]

    @property
    def short(self) -> bool:
        return len(self.words) < self.n or not self.own


def unit_of(item: TestItem) -> Segments:
    """What of an item is compared. Empty for classification: class names alone are words of the field."""
    if item.question:
        return _sorted(segments(item.question, item.options))
    caption = segments(item.answer) if not item.options else ()
    return _sorted(caption) if len(flat(caption)) >= _n(flat(caption)) else ()


class TextIndex:
    """The units of test items, found by the n-grams that they share with a text."""

    def __init__(self, items: Iterable[TestItem]) -> None:
        same: dict[Segments, list[tuple[str, str]]] = defaultdict(list)
        for item in items:
            if parts := unit_of(item):
                same[parts].append((item.testset, item.item_id))
        wording = _wording(same)
        self.units = [_unit(parts, wording, tuple(sorted(names))) for parts, names in same.items()]
        self._vocabulary = {word for parts in same for word in flat(parts)}
        self._whole: dict[str, list[int]] = defaultdict(list)
        self._misread: dict[str, set[int]] = defaultdict(set)
        self._parts: dict[Words, list[int]] = defaultdict(list)
        hashes, owners = array("q"), array("q")
        for number, unit in enumerate(self.units):
            if unit.short:
                self._whole["".join(unit.words)].append(number)
                for spelling in _shortened("".join(unit.words)):
                    self._misread[spelling].add(number)
            for part in () if unit.short else unit.parts:
                self._parts[part].append(number)
            for gram in map(hash, () if unit.short else grams(unit.words, unit.n)):
                if gram not in wording:
                    hashes.append(gram)
                    owners.append(number)
        self._parts = {part: units for part, units in self._parts.items() if len(units) <= RARE}
        order = np.argsort(np.asarray(hashes, np.int64), kind="stable")
        self._hashes, self._owners = np.asarray(hashes, np.int64)[order], np.asarray(owners, np.int64)[order]

    def __len__(self) -> int:
        """Number of units: items with the same question and options share one."""
        return len(self.units)

    def hits(self, question: str, options: Sequence[str] = ()) -> list[TextHit]:
        """What the text repeats, most covered first.

        `question` may be any text, a whole caption or answer; one that lists options by letter or number is split.
        """
        listed = segments(question, options)
        text = _sorted(listed)
        found: dict[int, tuple[float, str]] = {}
        shared = {n: grams(flat(listed), n) | grams(flat(text), n) for n in (N, CHINESE_N)}
        joined = "".join(flat(text))
        alike = {number for part in text for number in self._parts.get(part, ())}
        for number in alike | self._sharing(shared[N] | shared[CHINESE_N]):
            unit = self.units[number]
            coverage = _coverage(unit, shared[unit.n])
            if coverage >= COVERAGE:
                found[number] = coverage, "ngrams"
            elif _misread(unit.parts, joined):
                found[number] = 1.0, "misread"
        for sequence in _alone(question, text):
            joined = "".join(sequence)
            for number in self._whole.get(joined, ()):
                found[number] = 1.0, "whole"
            for number in self._near(joined) - found.keys():
                if self._one_word_misread(self.units[number].words, sequence):
                    found[number] = 1.0, "misread"
        hits = [TextHit(self.units[number].items, *how) for number, how in found.items()]
        return sorted(hits, key=lambda hit: (-hit.coverage, hit.items))

    def _sharing(self, shared: set[Words]) -> set[int]:
        """The units that have one of these n-grams, and not as a template's."""
        wanted = np.fromiter(map(hash, shared), np.int64, len(shared))
        first, last = (np.searchsorted(self._hashes, wanted, side) for side in ("left", "right"))
        return {n for a, b in zip(first, last, strict=True) if a < b for n in self._owners[a:b].tolist()}

    def _near(self, joined: str) -> set[int]:
        return {number for spelling in _shortened(joined) for number in self._misread.get(spelling, ())}

    def _one_word_misread(self, unit: Words, text: Words) -> bool:
        """Only blanks differ, or one character of one word, which then is no word of any test set and no number."""
        if "".join(unit) == "".join(text):
            return True
        different = [(a, b) for a, b in zip(unit, text, strict=False) if a != b]
        if len(unit) != len(text) or len(different) != 1:
            return False
        known, read = different[0]
        long = len(known) >= SHORTEST_MISREAD and not is_chinese(known)
        return long and read not in self._vocabulary and _misread(((known,),), read)


def _sorted(parts: Segments) -> Segments:
    return (parts[0], *sorted(parts[1:])) if parts else ()


def _n(sequence: Words) -> int:
    return CHINESE_N if 2 * sum(map(is_chinese, sequence)) > len(sequence) else N


def _wording(units: Iterable[Segments]) -> set[int]:
    """Hashes of the n-grams that at least WORDING units have; numbers, as there may be millions."""
    every = ((flat(parts), _n(flat(parts))) for parts in units)
    hashes = array("q", (hash(gram) for sequence, n in every for gram in grams(sequence, n)))
    values, counts = np.unique(np.asarray(hashes, np.int64), return_counts=True)
    return set(values[counts >= WORDING].tolist())


def _unit(parts: Segments, wording: set[int], items: tuple[tuple[str, str], ...]) -> Unit:
    sequence = flat(parts)
    n = _n(sequence)
    templates = {at for at, gram in enumerate(_grams(sequence, n)) if hash(gram) in wording}
    return Unit(parts, sequence, n, frozenset(range(len(sequence))) - _under(templates, n), items)


def _coverage(unit: Unit, shared: set[Words]) -> float:
    """Share of the unit's own words in n-grams that a text has, too; 0 when it is another question."""
    n = unit.n
    starts = {at for at, gram in enumerate(_grams(unit.words, n)) if gram in shared}
    # The question speaks for itself: an n-gram of its last words and the first option says little of it.
    length = len(unit.parts[0])
    within = _under({at for at in starts if at + n <= length} if length >= n else starts, n)
    asked = unit.own & frozenset(range(length))
    same = len(within & asked) >= COVERAGE * len(asked) if asked else within.issuperset(range(length))
    return len(_under(starts, n) & unit.own) / len(unit.own) if same else 0.0


def _grams(sequence: Words, n: int) -> list[Words]:
    return [sequence[at : at + n] for at in range(len(sequence) - n + 1)]


def _under(starts: set[int], n: int) -> set[int]:
    """The places that n-grams beginning at `starts` cover."""
    return {at + k for at in starts for k in range(n)}


def _alone(question: str, text: Segments) -> Iterator[Words]:
    """What may be a short question: the text itself, each sentence of it that asks, the last such with the options."""
    yield flat(text)
    sentences = [words(sentence) for sentence in ASKED.findall(question)]
    yield from sentences
    if sentences and len(text) > 1:
        yield flat((sentences[-1], *text[1:]))


def _shortened(text: str) -> set[str]:
    """The text and every text that lacks one of its characters: two that are one edit apart have one in common."""
    return {text, *(text[:at] + text[at + 1 :] for at in range(len(text)))}


def _misread(parts: Segments, text: str) -> bool:
    """Whether every part, wherever in the text it is, is there but for a few single characters of all together.

    Numbers are never misread ones, and several wrong characters side by side are another word.
    """
    left = max(1, int(MISREAD * sum(map(len, flat(parts)))))
    for part in map("".join, parts):
        if part in text:
            continue
        edits = [
            (Levenshtein.distance(part, window, score_cutoff=left), window) for window in _windows(part, text, left)
        ]
        distance, window = min(edits, default=(left + 1, ""))
        if distance > left or not _single_letters(part, window):
            return False
        left -= distance
    return True


def _windows(part: str, text: str, left: int) -> Iterator[str]:
    """Where in the text the part may stand, none when it is nowhere with `left` edits.

    The best place is sought with as many characters as the part has; a lost or doubled one moves its ends.
    """
    if abs(len(text) - len(part)) <= left:
        yield text
    alike = fuzz.partial_ratio_alignment(part, text, score_cutoff=max(0.0, 100 * (1 - 2 * left / len(part))))
    if len(text) > len(part) and alike:
        for before, behind in product(range(min(left, ENDS) + 1), repeat=2):
            yield text[max(0, alike.dest_start - before) : alike.dest_end + behind]


def _single_letters(part: str, read: str) -> bool:
    """Whether what differs are characters here and there, and none a digit for a digit or one digit more or less."""
    edits = list(Levenshtein.editops(part, read))
    for edit in edits:
        there = edit.tag != "insert" and part[edit.src_pos].isdigit()
        here = edit.tag != "delete" and read[edit.dest_pos].isdigit()
        if (there and here) or (there and edit.tag == "delete") or (here and edit.tag == "insert"):
            return False
    return all(third.src_pos - first.src_pos > CROWD for first, third in zip(edits, edits[2:], strict=False))
