"""PNG files hold exactly the pixels that went in."""

import io

import numpy as np
import pytest
from PIL import Image

from assets.figures.png import png


@pytest.mark.parametrize("size", [(1, 1), (16, 5), (17, 1), (100, 333)])
def test_pixels_come_back(size):
    pixels = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    picture = Image.open(io.BytesIO(png(pixels)))
    picture.load()  # checks every chunk
    assert (picture.format, picture.mode) == ("PNG", "RGB")
    assert (np.asarray(picture) == pixels).all()


def test_a_part_of_a_larger_picture():
    pixels = np.random.default_rng(0).integers(0, 256, (60, 80, 3), dtype=np.uint8)
    assert (np.asarray(Image.open(io.BytesIO(png(pixels[7:50, 9:33])))) == pixels[7:50, 9:33]).all()


def test_a_picture_is_compressed(make_photo):
    pixels = np.asarray(make_photo(900, 600))
    assert len(png(pixels)) < 0.7 * pixels.size
