"""Fingerprints: pixels whatever the file, exact turns, borders trimmed to the pixel, small and odd pictures."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageDraw

from assets.pairs.duplicates.borders import content_box
from assets.pairs.duplicates.hashes import TURNS, decode, fingerprint, turned
from assets.textbooks.sample.pictures import draw


@pytest.fixture(scope="module")
def tissue() -> np.ndarray:
    return draw({"family": "he", "pattern": "glands", "cell": 24}, (240, 330), np.random.default_rng(5))


def hash_of(rgb: np.ndarray) -> np.ndarray:
    return np.frombuffer(fingerprint(rgb).whole.hash, np.uint8)[None]


def test_pixels_are_equal_whatever_the_file_and_differ_by_one_level(tissue):
    found = set()
    for kind, options in (("PNG", {}), ("PNG", {"compress_level": 1}), ("BMP", {})):
        buffer = BytesIO()
        Image.fromarray(tissue).save(buffer, kind, **options)
        found.add(fingerprint(decode(buffer.getvalue())).pixels)
    assert found == {fingerprint(tissue).pixels}
    other = tissue.copy()
    other[3, 5, 1] ^= 1
    assert fingerprint(other).pixels not in found
    assert fingerprint(np.zeros((4, 6, 3), np.uint8)).pixels != fingerprint(np.zeros((6, 4, 3), np.uint8)).pixels


@pytest.mark.parametrize("size", [(330, 240), (733, 531), (1480, 1110), (2900, 700)])
def test_the_hash_is_the_same_at_every_size_and_of_its_mirror_image(tissue, size):
    large = np.asarray(Image.fromarray(tissue).resize(size, Image.Resampling.BICUBIC))
    assert np.bitwise_count(hash_of(large) ^ hash_of(tissue)).sum() <= 8
    mirrored = hash_of(np.ascontiguousarray(large[:, ::-1]))
    assert np.bitwise_count(mirrored ^ turned(hash_of(large), 4)).sum() <= 8


@pytest.mark.parametrize("turn", range(len(TURNS)))
def test_the_hash_of_a_turned_picture_is_the_turned_hash(tissue, turn):
    start = tissue[:, ::-1] if turn >= 4 else tissue
    moved = np.ascontiguousarray(np.rot90(start, turn % 4))
    wrong = np.bitwise_count(hash_of(moved) ^ turned(hash_of(tissue), turn)).sum()
    assert wrong <= 2  # coefficients next to zero
    others = [np.bitwise_count(hash_of(moved) ^ turned(hash_of(tissue), other)).sum() for other in range(8)]
    assert sum(bits > 60 for bits in others) == 7


@pytest.mark.parametrize("paper", [250, 8])
def test_a_border_with_print_in_it_is_trimmed_to_the_pixel(tissue, paper):
    page = Image.new("RGB", (330 + 47, 240 + 61), (paper,) * 3)
    page.paste(Image.fromarray(tissue), (29, 21))
    pen = ImageDraw.Draw(page)
    pen.text((6, 4), "B", fill=(255 - paper,) * 3)
    pen.text((29, 270), "Figure 12.7  Chronic gastritis, x 200", fill=(255 - paper,) * 3)
    grey = np.asarray(page.convert("L"))
    left, top, right, bottom = content_box(grey)
    assert np.abs(np.array([left, top, right, bottom]) - [29, 21, 359, 261]).max() <= 1
    trimmed = fingerprint(np.asarray(page)).trimmed
    assert np.bitwise_count(np.frombuffer(trimmed.hash, np.uint8) ^ hash_of(tissue)[0]).sum() <= 31


def test_a_picture_without_border_is_not_trimmed(tissue):
    assert content_box(np.asarray(Image.fromarray(tissue).convert("L"))) == (0, 0, 330, 240)
    assert fingerprint(tissue).trimmed is None


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (4, 4), (5, 5), (3000, 7)])
def test_tiny_and_thin_pictures_have_a_fingerprint(shape):
    rgb = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)
    found = fingerprint(rgb)
    assert len(found.whole.hash) == 32
    assert found.whole.quality == 0 or min(shape) >= 5


@pytest.mark.parametrize("rgb", [np.zeros((0, 5, 3), np.uint8), np.zeros((5, 5), np.uint8), np.zeros((5, 5, 3))])
def test_what_is_no_picture_is_refused_in_words(rgb):
    with pytest.raises(ValueError, match="a picture is"):
        fingerprint(rgb)


def test_a_picture_of_one_colour_is_blank_and_says_little():
    found = fingerprint(np.full((120, 160, 3), 240, np.uint8))
    assert found.blank
    assert found.whole.quality == 0
