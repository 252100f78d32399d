"""Organ system of a picture from terms in its caption, citing sentences and section titles.

The vocabulary is organs.toml; add terms there.
"""

import functools
import re
import tomllib
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from assets.records import ORGAN_SYSTEMS

TERM_WEIGHTS = {"organ": 2.0, "entity": 1.0}
ENOUGH = 3.0  # weight at which a lone system is believed: an organ and one more word


@dataclass(frozen=True)
class Organ:
    """Organ system with its score (0..1) and the terms that decided."""

    system: str
    score: float
    evidence: str


@functools.cache
def _vocabulary() -> list[tuple[str, float, re.Pattern[str]]]:
    """One pattern per system and term class, longest term first so that the most exact one is the evidence."""
    data = tomllib.loads(Path(__file__).with_name("organs.toml").read_text(encoding="utf-8"))
    patterns = []
    for system, classes in data.items():
        if system not in ORGAN_SYSTEMS:
            raise ValueError(f"organs.toml: unknown organ system {system!r}")
        for name, terms in classes.items():
            parts = []
            for term in sorted(terms, key=len, reverse=True):
                stem = re.escape(term.rstrip("*"))
                ending = r"\w*" if term.endswith("*") else r"\b"
                parts.append(rf"\b{stem}{ending}" if term.isascii() else stem)
            patterns.append((system, TERM_WEIGHTS[name], re.compile("|".join(parts), re.IGNORECASE | re.ASCII)))
    return patterns


def organ_system(texts: list[tuple[str, str, float]]) -> Organ:
    """Organ system named by `texts`: (where, text, weight of that place). Each distinct term counts once per place."""
    weights: dict[str, float] = defaultdict(float)
    evidence: dict[str, list[str]] = {}
    for where, text, place in texts:
        for system, weight, pattern in _vocabulary():
            terms = {match.group().lower() for match in pattern.finditer(text)}
            if terms:
                weights[system] += weight * place * min(len(terms), 3)
                evidence.setdefault(system, []).append(f"{where}: {', '.join(sorted(terms)[:3])}")
    if not weights:
        return Organ("other", 0.0, "no term of the vocabulary")
    system, best = sorted(weights.items(), key=lambda item: (-item[1], item[0]))[0]
    share = best / sum(weights.values())
    return Organ(system, round(share * min(1.0, best / ENOUGH), 2), "; ".join(evidence[system][:4]))
