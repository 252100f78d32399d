"""Arithmetic on many boxes gives what arithmetic on two gives."""

import numpy as np
import pytest

from assets.figures import geometry as g


@pytest.fixture
def boxes():
    """Boxes with whole numbers, so that edges touch often; some without area, some far too tall."""
    chance = np.random.default_rng(3)
    corners = chance.integers(0, 12, (150, 2))
    sizes = chance.integers(0, 8, (150, 2))
    made = [(float(x), float(y), float(x + w), float(y + h)) for (x, y), (w, h) in zip(corners, sizes, strict=True)]
    return [*made, (0.0, -5e6, 10.0, 5e6), (3.0, 0.0, 4.0, 3000.0)]


def test_many_boxes_against_one(boxes):
    many = g.as_boxes(boxes)
    assert g.areas(many).tolist() == [g.area(b) for b in boxes]
    for box in boxes:
        assert g.overlaps(many, box).tolist() == [g.overlap(b, box) for b in boxes]
        assert g.insides(many, box).tolist() == [g.inside(b, box) for b in boxes]
        assert g.holds(many, box).tolist() == [g.inside(box, b) for b in boxes]
        assert g.distances(many, box).tolist() == [g.distance(box, b) for b in boxes]
        assert g.x_shares(many, box).tolist() == [g.x_share(box, b) for b in boxes]


def test_no_boxes():
    assert g.distances(g.as_boxes([]), (0, 0, 1, 1)).tolist() == []


def test_bands_miss_no_box(boxes):
    bands = g.Bands(boxes)
    for top, bottom in [(0, 3), (5, 5), (18, 400), (-1e7, 1e7), (2999, 3001)]:
        reaching = {i for i, b in enumerate(boxes) if b[1] <= bottom and b[3] >= top}
        found = bands.near(top, bottom)
        assert reaching <= set(found)
        assert found == sorted(found)


def test_components_on_a_huge_page_need_no_huge_grid():
    far = [(0.0, 0.0, 10.0, 10.0), (9.0, 9.0, 20.0, 20.0), (1e6, 1e6, 1e6 + 9, 1e6 + 9)]
    assert g.components(far, 9.0) == [[0, 1], [2]]
