"""Captions that say the same: they propose pairs of pictures to look at and support what a hash says.

Pathology captions are formulaic: many different pictures share one. So a caption never makes two pictures the same, and
one that more than COMMON pictures share proposes nothing. Captions propose when they are equal but for label, case and
punctuation; how far two captions of a proposed pair agree otherwise stands in its evidence.
"""

import re
import unicodedata
from hashlib import blake2b

from rapidfuzz import fuzz

SHORTEST = 20  # characters after normalising; "High power" says nothing
COMMON = 10  # pictures with one caption
LABEL = re.compile(
    r"^\s*(?:(?:e?fig(?:ure|s)?\.?|plate|图|圖)\s*)?[\dIVX]+(?:[.\-–—]\d+)*\s*[a-h]?\s*[.:：。|]?\s+", re.I
)


def plain(caption: str) -> str:
    """Caption without its figure label, in small letters and digits only."""
    text = LABEL.sub("", unicodedata.normalize("NFKC", caption)).lower()
    return " ".join(re.findall(r"\w+", text))


def key(caption: str) -> int:
    """Equal for captions that say the same word by word, 64 bits; 0 for one that is too short to say anything."""
    text = plain(caption)
    return number(text) if len(text) >= SHORTEST else 0


def number(text: str) -> int:
    """A text as a 64-bit number above 0, for columns of an index."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little") or 1


def similarity(a: str, b: str) -> float:
    """0..1 between two plain captions, 0 where either is too short to say anything.

    The better of a comparison letter by letter and one that forgives an inserted half sentence when nine tenths of the
    shorter one stand in the longer.
    """
    if min(len(a), len(b)) < SHORTEST:
        return 0.0
    straight = fuzz.ratio(a, b) / 100
    within = fuzz.partial_ratio(a, b) / 100 if min(len(a), len(b)) >= 2 * SHORTEST else 0.0
    return max(straight, within if within >= 0.95 else 0.0)
