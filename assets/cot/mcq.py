"""Multiple-choice questions by rule: a key from this pair, wrong options from other pairs of the book.

Four kinds of question: what preparation, which organ, which finding, which diagnosis. Wrong options are taken from
pairs of the same organ system first, then from the small vocabulary of the field, then from pairs of the same kind; one
that may be right after all (same disease, similar finding, mentioned in this pair's own text) is never offered.
"""

import random
import re
from dataclasses import dataclass

from rapidfuzz import fuzz

from assets.cot.entities import same_entity
from assets.cot.evidence import Evidence
from assets.cot.plan import Cell
from assets.cot.sentences import upper_first
from assets.cot.vocabulary import ENTITIES, KIND_NAMES, NEIGHBOURS, ORGAN_NAMES
from assets.records import COT_KINDS, DIFFICULTIES, Pair, stable_id

OPTIONS = 4
_BRACKET = re.compile(r"\s*[(（][^()（）]*[)）]")
LONGEST_FINDING = {"en": 170, "zh": 60}  # characters


@dataclass(frozen=True)
class Choice:
    """A question with its option texts in final order."""

    about: str
    options: list[str]
    key: int


def choice_for(cell: Cell, evidence: Evidence, book: list[tuple[Pair, Evidence]]) -> Choice | None:
    """The question of one cell, None when four fair options cannot be had.

    Easy asks for preparation or organ, medium for a finding, hard for the diagnosis; where the text supports no such
    question the next one is taken. `book` holds the book's eligible pairs with their evidence.
    """
    rng = random.Random(cell.seed)
    easy = ["organ", "kind"] if rng.random() < 0.5 else ["kind", "organ"]
    order = {"easy": easy, "medium": ["finding", "diagnosis"], "hard": ["diagnosis", "finding"]}[cell.difficulty]
    makers = {"kind": _kinds, "organ": _organs, "finding": _findings, "diagnosis": _diagnoses}
    supported = [about for about in ("finding", "diagnosis") if makers[about](cell.pair, evidence, book)]
    if cell.difficulty == "hard" and len(supported) < 2:
        return None  # medium has asked the only question there is
    for about in order:
        made = makers[about](cell.pair, evidence, book)
        if made:
            key, wrong = made
            return _arranged(cell, about, key, _drawn(rng, wrong))
    return None


def as_option(finding: str) -> str:
    """A finding as it stands among options: without full stop, and without brackets that name a stain or a marker."""
    return _BRACKET.sub("", finding).rstrip(" .。")


def _arranged(cell: Cell, about: str, key: str, wrong: list[str]) -> Choice:
    # The key's place comes from the pair and moves on with the difficulty, which balances it over any book.
    place = (int(stable_id("key", cell.pair.pair_id), 16) + DIFFICULTIES.index(cell.difficulty)) % OPTIONS
    options = [*wrong[:place], key, *wrong[place:]]
    return Choice(about, [upper_first(option) for option in options], place)


def _drawn(rng: random.Random, ranked: list[list[str]]) -> list[str]:
    """Wrong options: as many as needed, better ranks first, random within a rank."""
    drawn: list[str] = []
    for rank in ranked:
        pool = [text for text in dict.fromkeys(rank) if text not in drawn]
        rng.shuffle(pool)
        drawn += pool
    chosen: list[str] = []
    for text in drawn:
        if len(chosen) < OPTIONS - 1 and not any(_overlap(text, other) for other in chosen):
            chosen.append(text)
    rng.shuffle(chosen)
    return chosen


def _overlap(first: str, second: str) -> bool:
    a, b = first.casefold(), second.casefold()
    return a in b or b in a or fuzz.token_set_ratio(a, b) >= 80


def _enough(key: str, ranked: list[list[str]]) -> tuple[str, list[list[str]]] | None:
    return (key, ranked) if len(_drawn(random.Random(0), ranked)) == OPTIONS - 1 else None


def _kinds(pair: Pair, evidence: Evidence, book: list[tuple[Pair, Evidence]]) -> tuple[str, list[list[str]]] | None:
    names = KIND_NAMES[pair.language]
    return names[pair.image_kind], [[names[kind] for kind in COT_KINDS if kind != pair.image_kind]]


def _organs(pair: Pair, evidence: Evidence, book: list[tuple[Pair, Evidence]]) -> tuple[str, list[list[str]]] | None:
    names = ORGAN_NAMES[pair.language]
    if pair.organ_system not in names or pair.organ_system_score < 0.5 or not pair.organ_system_evidence:
        return None
    fair = [o for o in names if o != pair.organ_system and frozenset((o, pair.organ_system)) not in NEIGHBOURS]
    in_book = {other.organ_system for other, _ in book}
    return names[pair.organ_system], [[names[o] for o in fair if o in in_book], [names[o] for o in fair]]


def _diagnoses(pair: Pair, evidence: Evidence, book: list[tuple[Pair, Evidence]]) -> tuple[str, list[list[str]]] | None:
    if evidence.entity is None or not evidence.findings:
        return None
    own_text = " ".join([pair.text, *pair.context]).casefold()

    def fair(name: str) -> bool:
        return not same_entity(name, evidence.entity or "") and name.casefold() not in own_text

    others = [(p, e.entity) for p, e in book if e.entity and p.language == pair.language and fair(e.entity)]
    same_organ = [name for p, name in others if p.organ_system == pair.organ_system]
    known = [name for name in ENTITIES[pair.language][pair.organ_system].split("|") if fair(name)]
    same_kind = [name for p, name in others if p.image_kind == pair.image_kind]
    return _enough(evidence.entity, [same_organ, known, same_kind])


def _findings(pair: Pair, evidence: Evidence, book: list[tuple[Pair, Evidence]]) -> tuple[str, list[list[str]]] | None:
    key = _key_finding(pair, evidence)
    if key is None:
        return None
    own = [*evidence.findings, *evidence.background, evidence.topic or ""]
    ranks: list[list[str]] = [[], [], []]
    for other, theirs in book:
        if other.figure_id == pair.figure_id or other.language != pair.language or other.image_kind != pair.image_kind:
            continue
        if evidence.entity and theirs.entity and same_entity(evidence.entity, theirs.entity):
            continue
        rank = 0 if other.organ_system == pair.organ_system else 1
        for finding in theirs.findings:
            if _usable(finding, other, theirs) and all(fuzz.token_set_ratio(finding, said) < 62 for said in own):
                ranks[rank].append(finding)
    # The key must not stand out by its length.
    near = [[as_option(f) for f in rank if 0.5 <= len(f) / len(key) <= 2.0] for rank in ranks]
    return _enough(as_option(key), near)


def _key_finding(pair: Pair, evidence: Evidence) -> str | None:
    usable = [finding for finding in evidence.findings if _usable(finding, pair, evidence)]
    return random.Random(pair.pair_id).choice(usable) if usable else None


def _usable(finding: str, pair: Pair, evidence: Evidence) -> bool:
    """A finding that can stand as an option: short enough, and not telling by a disease's name."""
    if len(finding) > LONGEST_FINDING[pair.language] or len(finding) < (10 if pair.language == "zh" else 25):
        return False
    return not (evidence.entity and evidence.entity.casefold() in finding.casefold())
