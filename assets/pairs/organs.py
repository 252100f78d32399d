"""Organ system of a picture from terms in its caption, citing sentences and section titles.

The vocabulary is organs.toml; add terms there. Texts and terms are compared in one spelling, and where terms overlap
the longest counts alone: the marrow is no bone, and the adrenal no kidney.
"""

import functools
import re
import tomllib
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assets.records import ORGAN_SYSTEMS

TERM_WEIGHTS = {"chapter": 3.0, "organ": 2.0, "entity": 1.5, "hint": 0.5}
ENOUGH = 3.0  # weight at which a lone system is believed: an organ and one more word
MOST_TERMS = 3  # of one class and place that count: a list of synonyms says a thing once
NONE = "none"  # the section of phrases that name no organ
SHOWN = 4
DASHES = re.compile(r"[\s\-\u2010-\u2015\u2212/]+")
DIPHTHONG = re.compile(r"(?<!r)ae|oe")  # haem, caecum, oedema; but intraepithelial
END = "\0"  # in the trie: a term may end here


@dataclass(frozen=True)
class Organ:
    """Organ system with its score (0..1) and the terms that decided."""

    system: str
    score: float
    evidence: str


@dataclass(frozen=True)
class Vocabulary:
    """`pattern` finds the longest term at each place; `meanings` maps a term to (system, class)."""

    pattern: re.Pattern[str]
    meanings: dict[str, tuple[str, str]]
    stems: dict[str, tuple[str, str]]

    def found(self, text: str) -> list[tuple[str, str, str]]:
        """(term as it is written, system, class) of every term in `text`, which must be `spelled`."""
        out = []
        for match in self.pattern.finditer(text):
            term = match.group()
            stem = term
            while stem and stem not in self.stems:
                stem = stem[:-1]
            system, kind = self.meanings.get(term) or self.stems[stem]
            out.append((term, system, kind))
        return out


def spelled(text: str) -> str:
    """Lower case, one space for blanks and hyphens, American vowels: "Haemato-lymphoid  tumour" as in organs.toml."""
    plain = DASHES.sub(" ", unicodedata.normalize("NFKC", text).lower())
    return DIPHTHONG.sub("e", plain).replace("tumour", "tumor")


@functools.cache
def vocabulary() -> Vocabulary:
    """organs.toml, read once. Raises ValueError for an unknown system or class, or a term that two systems claim."""
    data = tomllib.loads(Path(__file__).with_name("organs.toml").read_text(encoding="utf-8"))
    meanings: dict[str, tuple[str, str]] = {}
    stems: dict[str, tuple[str, str]] = {}
    for system, classes in data.items():
        for name, terms in classes.items():
            if system not in (*ORGAN_SYSTEMS, NONE) or name not in (*TERM_WEIGHTS, "phrase"):
                raise ValueError(f"organs.toml: no organ system {system!r} with terms of class {name!r}")
            for term in terms:
                held, key = (stems, spelled(term[:-1])) if term.endswith("*") else (meanings, spelled(term))
                if held.get(key, (system, name)) != (system, name):
                    raise ValueError(f"organs.toml: {term!r} stands in {held[key]} and in {(system, name)}")
                held[key] = (system, name)
    tree: dict[str, Any] = {}
    for key, ending in [*((m, r"\b" if m.isascii() else "") for m in meanings), *((s, r"\w*") for s in stems)]:
        node = tree
        for character in key:
            node = node.setdefault(character, {})
        node.setdefault(END, []).append(ending)
    # A word border stands before Latin terms only: Chinese is written without any.
    latin = {first: rest for first, rest in tree.items() if first.isascii()}
    chinese = {first: rest for first, rest in tree.items() if not first.isascii()}
    pattern = rf"\b(?:{_alternatives(latin)})|(?:{_alternatives(chinese)})"
    return Vocabulary(re.compile(pattern, re.ASCII), meanings, stems)


def _alternatives(node: dict[str, Any]) -> str:
    """A regular expression for the terms below a node of the trie, longer ones first."""
    longer = [re.escape(first) + _alternatives(rest) for first, rest in sorted(node.items()) if first != END]
    # An open ending takes the rest of the word, so it stands behind the exact one only where no longer term fits.
    ends = sorted(set(node.get(END, [])), reverse=True)
    options = [*longer, *ends]
    return options[0] if len(options) == 1 else f"(?:{'|'.join(options)})"


def organ_system(texts: list[tuple[str, str, float]]) -> Organ:
    """Organ system named by `texts`: (where, text, weight of that place). Each distinct term counts once per place."""
    weights: dict[str, float] = defaultdict(float)
    evidence: dict[str, list[tuple[float, str]]] = {}
    for where, text, place in texts:
        terms: dict[tuple[str, str], set[str]] = defaultdict(set)
        for term, system, kind in vocabulary().found(spelled(text)):
            if system != NONE:
                terms[system, kind].add(term)
        for (system, kind), found in sorted(terms.items()):
            weight = TERM_WEIGHTS[kind] * place * min(len(found), MOST_TERMS)
            weights[system] += weight
            said = f"{where}: {', '.join(sorted(found)[:MOST_TERMS])}"
            evidence.setdefault(system, []).append((weight, said))
    if not weights:
        return Organ("other", 0.0, "no term of the vocabulary")
    system, best = sorted(weights.items(), key=lambda item: (-item[1], item[0]))[0]
    share = best / sum(weights.values())
    strongest = sorted(evidence[system], key=lambda item: -item[0])[:SHOWN]
    return Organ(system, round(share * min(1.0, best / ENOUGH), 2), "; ".join(said for _, said in strongest))
