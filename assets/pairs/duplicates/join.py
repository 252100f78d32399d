"""Close pairs among millions of 256-bit hashes: bit-sampling locality-sensitive hashing, sorted tables, numpy only.

Each table samples some bits of every hash as a key; pairs with equal keys in any table are compared in full. A pair at
distance d is found with probability 1 - (1 - (1 - d/256)^bits)^tables (Indyk and Motwani, STOC 1998): with 24 bits and
64 tables 1.0 at 16, .996 at 24, .92 at 31; with 15 bits .69 at 60. Memory is about 60 bytes a stored hash. The sampled
bits are fixed, so that equal input gives equal output.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, log2

import numpy as np
from numpy.typing import NDArray

from assets.pairs.duplicates.hashes import TURNS, Hashes, turned

TABLES = 64
SEED = 20261123
AT_ONCE = 2_000_000  # pairs compared at a time
EXACT = 4_000_000  # pairs up to which all are compared: as fast as the tables, and none is missed
PER_TABLE = 4_000_000  # random pairs that a table may propose; fewer bits find more and propose more
BLOCK = 200_000  # queries in eight turns at a time
NO_CROWD = 2**31 - 1
INVERSE = {1: 3, 3: 1}  # a quarter turn back undoes a quarter turn; every other turn undoes itself


@dataclass(frozen=True)
class Matches:
    """Pairs of rows, each once, at the least distance in bits found and the `turn` of the query that gave it."""

    stored: NDArray[np.int64]
    query: NDArray[np.int64]
    distance: NDArray[np.int64]
    turn: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.stored)


def key_bits(stored: int, queries: int) -> int:
    """Bits a key needs so that chance proposes at most PER_TABLE pairs a table: 12 to 24."""
    return min(24, max(12, ceil(log2(max(1, stored) * max(1, queries) / PER_TABLE))))


def match(stored: Hashes, queries: Hashes, limit: int) -> Matches:
    """Rows of `queries`, (m, 32), in all eight turns against `stored`, (n, 32), at most `limit` bits apart."""
    parts = []
    for start in range(0, max(1, len(queries)), BLOCK):
        block = queries[start : start + BLOCK]
        asked = np.concatenate([turned(block, turn) for turn in range(len(TURNS))])
        found = near(stored, asked, limit, key_bits(len(stored), len(asked)))
        turn, query = np.divmod(found[1], max(1, len(block)))
        parts.append(np.stack([found[0], query + start, found[2], turn]))
    return _least(*np.concatenate(parts, axis=1))


def self_join(hashes: Hashes, limit: int) -> Matches:
    """Pairs stored < query among `hashes`, (n, 32), in any turn; of equal hashes each is paired with the first only."""
    first, group = _distinct(hashes)
    kept = hashes[first]
    bits = key_bits(len(kept), len(TURNS) * len(kept))
    parts = [np.stack([first[group], np.arange(len(hashes)), np.zeros_like(group), np.zeros_like(group)])]
    parts[0] = parts[0][:, parts[0][0] != parts[0][1]]
    for turn in range(len(TURNS)):
        if turn == 3:
            continue  # the quarter turn back finds the same pairs from the other side
        a, b, distance = near(kept, turned(kept, turn), limit, bits, each_once=turn != 1)
        a, b = first[a], first[b]
        turns = np.where((a > b), INVERSE.get(turn, turn), turn)
        rows = np.stack([np.minimum(a, b), np.maximum(a, b), distance, turns])
        parts.append(rows[:, a != b])
    return _least(*np.concatenate(parts, axis=1))


def near(
    stored: Hashes, queries: Hashes, limit: int, bits: int, tables: int = TABLES, each_once: bool = False,
    crowd: int = NO_CROWD, stored_keys: Sequence[NDArray[np.uint32]] | None = None,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:  # fmt: skip
    """(stored row, query row, distance) of the pairs that any table proposes, each once.

    `each_once`: both sides are the same pictures and (a, b) says the same as (b, a): only stored < query.
    Where there are few, all are compared. A key that more than `crowd` stored rows share proposes none of them.
    `stored_keys`: what `table_keys` gives for the stored rows, where they are kept.
    """
    left, right = _words(stored), _words(queries)
    if stored_keys is None and crowd == NO_CROWD and len(left) * len(right) <= EXACT:
        return _all_near(left, right, limit, each_once)
    found = np.zeros(0, np.uint64)
    fresh: list[NDArray[np.uint64]] = []
    for number, sample in enumerate(_samples(bits, tables) if len(stored) and len(queries) else []):
        held = _keys(left, sample) if stored_keys is None else stored_keys[number]
        for a, b in _proposed(held, _keys(right, sample), bits, crowd):
            if each_once:
                ordered = a < b
                a, b = a[ordered], b[ordered]
            close = _distance(left, right, a, b) <= limit
            fresh.append(a[close].astype(np.uint64) << np.uint64(32) | b[close].astype(np.uint64))
        if sum(map(len, fresh)) > max(AT_ONCE, len(found)):
            found, fresh = np.unique(np.concatenate([found, *fresh])), []
    found = np.unique(np.concatenate([found, *fresh]))
    a, b = (found >> np.uint64(32)).astype(np.int64), (found & np.uint64(0xFFFFFFFF)).astype(np.int64)
    return a, b, _distance(left, right, a, b).astype(np.int64)


def _all_near(
    left: NDArray[np.uint64], right: NDArray[np.uint64], limit: int, each_once: bool
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """As `near`, by comparing every row with every other."""
    bits = np.zeros((len(left), len(right)), np.int16)
    for word in range(4):
        bits += np.bitwise_count(left[:, None, word] ^ right[None, :, word])
    a, b = np.nonzero(bits <= limit)
    if each_once:
        a, b = a[a < b], b[a < b]
    return a, b, bits[a, b].astype(np.int64)


def table_keys(hashes: Hashes, bits: int, tables: int) -> list[NDArray[np.uint32]]:
    """The keys of (n, 32) hashes in every table: (n,) each."""
    words = _words(hashes)
    return [_keys(words, sample) for sample in _samples(bits, tables)]


def _samples(bits: int, tables: int) -> list[NDArray[np.int64]]:
    rng = np.random.default_rng(SEED)
    return [np.sort(rng.choice(256, bits, replace=False)) for _ in range(tables)]


def hamming(a: Hashes, b: Hashes) -> NDArray[np.int64]:
    """Bits in which the rows of two (n, 32) arrays differ."""
    return np.bitwise_count(_words(a) ^ _words(b)).sum(axis=1, dtype=np.int64)


def _words(hashes: Hashes) -> NDArray[np.uint64]:
    if hashes.ndim != 2 or hashes.shape[1] != 32 or hashes.dtype != np.uint8:
        raise ValueError(f"hashes are (n, 32) of uint8, these are {hashes.shape} of {hashes.dtype}")
    return np.ascontiguousarray(hashes).view(np.uint64)


def _keys(words: NDArray[np.uint64], sample: NDArray[np.int64]) -> NDArray[np.uint32]:
    """The sampled bits of each row as a number; in blocks that stay in the cache."""
    keys = np.empty(len(words), np.uint32)
    for start in range(0, len(words), 1 << 14):
        columns = np.ascontiguousarray(words[start : start + (1 << 14)].T)
        block = np.zeros(columns.shape[1], np.uint64)
        for place, bit in enumerate(sample):
            block |= ((columns[bit >> 6] >> np.uint64(bit & 63)) & np.uint64(1)) << np.uint64(place)
        keys[start : start + (1 << 14)] = block
    return keys


def _proposed(
    stored: NDArray[np.uint32], queries: NDArray[np.uint32], bits: int, crowd: int
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """(stored row, query row) of equal keys, at most about AT_ONCE at a time."""
    there = np.zeros(1 << bits, bool)
    there[queries] = True
    keys, rows = _sorted(stored, np.flatnonzero(there[stored]))
    there[:] = False
    there[keys] = True
    asked, busy = _sorted(queries, np.flatnonzero(there[queries]))
    start, stop = (np.searchsorted(keys, asked, side) for side in ("left", "right"))
    calm = stop - start <= crowd
    busy, start, count = busy[calm], start[calm], (stop - start)[calm]
    sums = np.cumsum(count)
    at = 0
    while at < len(busy):
        until = max(at + 1, int(np.searchsorted(sums, (sums[at - 1] if at else 0) + AT_ONCE)))
        here = count[at:until]
        offset = np.arange(here.sum()) - np.repeat(np.cumsum(here) - here, here)
        yield rows[np.repeat(start[at:until], here) + offset], np.repeat(busy[at:until], here)
        at = until


def _sorted(keys: NDArray[np.uint32], rows: NDArray[np.int64]) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Keys of the rows in rising order, and the rows in that order: both in one number sort several times faster."""
    packed = np.sort(keys[rows].astype(np.uint64) << np.uint64(32) | rows.astype(np.uint64))
    return (packed >> np.uint64(32)).astype(np.uint32), (packed & np.uint64(0xFFFFFFFF)).astype(np.int64)


def _distance(left: NDArray[np.uint64], right: NDArray[np.uint64], a: NDArray, b: NDArray) -> NDArray[np.uint32]:
    counts = np.bitwise_count(left[a] ^ right[b]).view(np.uint32)  # four counts of at most 64 side by side
    folded = (counts & np.uint32(0x00FF00FF)) + ((counts >> np.uint32(8)) & np.uint32(0x00FF00FF))
    return ((folded + (folded >> np.uint32(16))) & np.uint32(0x1FF)).ravel()


def _distinct(hashes: Hashes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(first row of each distinct hash in rising order, for each row the place of its hash in that list)."""
    words = _words(hashes)
    order = np.lexsort(words.T)
    new = np.ones(len(words), bool)
    new[1:] = (words[order[1:]] != words[order[:-1]]).any(axis=1)
    first = order[new]  # lexsort is stable: the first of each run is its lowest row
    rank = np.argsort(np.argsort(first))
    group = np.empty(len(words), np.int64)
    group[order] = rank[np.cumsum(new) - 1]
    return np.sort(first), group


def _least(a: NDArray, b: NDArray, distance: NDArray, turn: NDArray) -> Matches:
    """Each pair once, at its least distance and then its first turn."""
    order = np.lexsort((turn, distance, b, a))
    a, b, distance, turn = a[order], b[order], distance[order], turn[order]
    new = np.ones(len(a), bool)
    new[1:] = (a[1:] != a[:-1]) | (b[1:] != b[:-1])
    return Matches(a[new], b[new], distance[new], turn[new])
