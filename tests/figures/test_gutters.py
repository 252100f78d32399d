"""Rows and columns of one tone, found by a few pixels first, are those that the median of all pixels gives."""

import numpy as np

from assets.figures.gutters import TONE, Plate, strips


def by_median(part, axis, stray):
    odd = (np.abs(part - np.median(part, axis=axis, keepdims=True)) > TONE).sum(axis=axis)
    return odd <= max(stray, 0.004 * part.shape[axis]) * min(1.0, part.shape[axis] / 60)


def test_plain_rows_and_columns_are_exact():
    chance, plain = np.random.default_rng(0), 0
    for _ in range(150):
        high, wide = chance.integers(1, 60), int(chance.choice([5, 59, 61, 300, 1600, 9000]))
        grey = chance.integers(0, 256, (high, 1)) + chance.normal(0, chance.choice([1, 5, 10, 15, 25]), (high, wide))
        for row in grey:
            row[chance.integers(0, wide, chance.integers(0, 12))] = chance.integers(0, 256)
        grey = grey.clip(0, 255).astype(np.uint8)
        for stray in (1, 6):
            rows = Plate(grey).plain((0, 0, wide, high), 1, stray)
            columns = Plate(grey.T).plain((0, 0, high, wide), 0, stray)
            assert (rows == by_median(grey.astype(int), 1, stray)).all()
            assert (columns == rows).all()
            plain += rows.sum()
    assert plain > 1000


def test_a_white_gutter_and_none_at_the_edge():
    grey = np.random.default_rng(0).integers(0, 256, (200, 300), dtype=np.uint8)
    grey[:, 140:150] = 255
    grey[:, :10] = 255
    assert strips(Plate(grey), (0, 0, 300, 200), 0) == [(140, 150)]
    assert strips(Plate(grey), (0, 0, 300, 200), 1) == []
