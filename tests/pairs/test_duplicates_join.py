"""The join of hashes against brute force: near pairs found once, whatever the order and the number of copies."""

import numpy as np
import pytest

from assets.pairs.duplicates.hashes import turned
from assets.pairs.duplicates.join import TABLES, hamming, key_bits, match, near, self_join, table_keys


def hashes(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, 32), dtype=np.uint8)


def flipped(rows: np.ndarray, bits: int, seed: int = 1) -> np.ndarray:
    """The rows with exactly `bits` bits changed."""
    rng, changed = np.random.default_rng(seed), np.unpackbits(rows, axis=1)
    for row in changed:
        row[rng.choice(256, bits, replace=False)] ^= 1
    return np.packbits(changed, axis=1)


def test_distance_counts_all_bits():
    zeros, ones = np.zeros((1, 32), np.uint8), np.full((1, 32), 255, np.uint8)
    assert hamming(zeros, ones).tolist() == [256]
    a, b, distance = near(np.concatenate([zeros, ones]), zeros, 256, 12)
    assert (a.tolist(), b.tolist(), distance.tolist()) == ([0, 1], [0, 0], [0, 256])


def test_tables_find_what_comparing_all_finds():
    originals = hashes(300)
    rows = np.concatenate([originals, flipped(originals, 12)])
    for each_once in (False, True):
        every = near(rows, rows, 31, 16, each_once=each_once)
        by_tables = near(rows, rows, 31, 16, each_once=each_once, stored_keys=table_keys(rows, 16, TABLES))
        assert len(every[0]) == (300 if each_once else 1200)
        assert [part.tolist() for part in by_tables] == [part.tolist() for part in every]


@pytest.mark.parametrize(("bits", "share"), [(4, 1.0), (20, 0.99), (31, 0.95)])
def test_planted_pairs_are_found_with_their_distance(bits, share):
    originals = hashes(400)
    found = self_join(np.concatenate([originals, hashes(2000, 9), flipped(originals, bits)]), 31)
    planted = (found.stored < 400) & (found.query == found.stored + 2400)
    assert planted.sum() >= share * 400
    assert set(found.distance[planted].tolist()) == {bits}
    assert (~planted).sum() == 0


@pytest.mark.parametrize("turn", range(8))
def test_turned_pairs_are_found_from_either_side(turn):
    originals = hashes(100)
    copies = flipped(turned(originals, turn), 6)
    everything = self_join(np.concatenate([originals, copies]), 31)
    against = match(originals, copies, 31)
    for found, shift in ((everything, 100), (against, 0)):
        assert found.stored.tolist() == list(range(100))
        assert found.query.tolist() == [row + shift for row in range(100)]
    back = {1: 3, 3: 1}.get(turn, turn)
    # Asking for the copy in the turn that brings it back to the original.
    assert set(everything.turn.tolist()) == set(against.turn.tolist()) == {back}


def test_many_equal_hashes_make_a_star_and_not_all_pairs():
    found = self_join(np.repeat(hashes(2), 3000, axis=0), 31)
    assert len(found) == 2 * 2999
    assert set(found.stored.tolist()) == {0, 3000}


def test_the_order_of_rows_changes_nothing_but_their_numbers():
    rows = np.concatenate([hashes(50), flipped(hashes(50), 9)])
    order = np.random.default_rng(3).permutation(100)
    plain, mixed = self_join(rows, 31), self_join(rows[order], 31)
    there = {frozenset(pair) for pair in zip(plain.stored.tolist(), plain.query.tolist(), strict=True)}
    back = zip(order[mixed.stored].tolist(), order[mixed.query].tolist(), strict=True)
    assert there == {frozenset(pair) for pair in back}
    assert len(there) == 50


def test_a_crowded_key_proposes_nothing_when_asked_so():
    rows = np.repeat(hashes(1), 20, axis=0)
    assert len(near(rows, rows[:1], 31, 16, crowd=19)[0]) == 0
    assert len(near(rows, rows[:1], 31, 16, crowd=20)[0]) == 20


@pytest.mark.parametrize("count", [0, 1])
def test_nothing_to_join_gives_nothing(count):
    assert len(self_join(hashes(count), 60)) == 0
    assert len(match(hashes(count), hashes(0), 60)) == len(match(hashes(0), hashes(count), 60)) == 0


def test_wrong_shapes_are_refused_in_words():
    with pytest.raises(ValueError, match="hashes are"):
        self_join(np.zeros((3, 31), np.uint8), 31)


def test_keys_grow_with_the_work():
    assert key_bits(100, 100) == 12 < key_bits(3_500_000, 24_000) < key_bits(3_500_000, 28_000_000) == 24
