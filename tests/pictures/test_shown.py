"""Bytes that everyone shows right: which are kept, what the others become, what is refused."""

import io
import struct
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageCms

from assets.errors import RowFault
from assets.pictures.shown import MAX_PIXELS, shown

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
LAB = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()


def tissue(mode: str = "RGB") -> Pillow.Image:
    """16 x 8, left half rose, right half violet."""
    pixels = np.zeros((8, 16, 3), np.uint8)
    pixels[:, :8], pixels[:, 8:] = (230, 130, 180), (90, 50, 150)
    return Pillow.fromarray(pixels).convert(mode)


def encoded(picture: Pillow.Image, kind: str, **said: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **said)
    return buffer.getvalue()


def turned() -> bytes:
    exif = Pillow.Exif()
    exif[0x0112] = 6  # a viewer turns it by 90 degrees
    return encoded(tissue(), "JPEG", exif=exif)


@pytest.mark.parametrize(
    "data",
    [
        encoded(tissue(), "JPEG"), encoded(tissue("L"), "JPEG"), encoded(tissue(), "PNG"),
        encoded(tissue(), "JPEG", icc_profile=SRGB), encoded(tissue("L"), "PNG"),
    ],
)  # fmt: skip
def test_what_is_right_is_kept_byte_for_byte(data: bytes) -> None:
    image = shown("name", data)
    assert (image.data, image.sha256, image.width, image.height) == (data, "name", 16, 8)
    assert image.media_type == f"image/{str(Pillow.open(io.BytesIO(data)).format).lower()}"


@pytest.mark.parametrize(
    "made",
    [
        lambda: encoded(tissue("CMYK"), "JPEG"), lambda: encoded(tissue(), "TIFF"), lambda: encoded(tissue(), "BMP"),
        lambda: encoded(tissue(), "PPM"), lambda: encoded(tissue("RGBA"), "PNG"),
        lambda: encoded(tissue().quantize(), "PNG"),
        lambda: encoded(tissue(), "WEBP", lossless=True), lambda: encoded(tissue(), "JPEG", icc_profile=b"damaged"),
        lambda: encoded(tissue(), "JPEG", icc_profile=LAB),
    ],
)  # fmt: skip
def test_the_rest_becomes_srgb_png_that_shows_the_same(made: Callable[[], bytes]) -> None:
    image = shown("name", made())
    picture = Pillow.open(io.BytesIO(image.data))
    assert (image.media_type, picture.format, picture.mode, picture.size) == ("image/png", "PNG", "RGB", (16, 8))
    assert np.abs(np.asarray(picture, int) - np.asarray(tissue(), int)).max() <= 40
    assert image.data == shown("name", made()).data


def test_pictures_are_turned_upright_laid_on_white_and_brought_to_eight_bits() -> None:
    upright = Pillow.open(io.BytesIO(shown("turned", turned()).data))
    assert upright.size == (8, 16)
    clear = tissue("RGBA")
    clear.putalpha(0)
    assert np.asarray(Pillow.open(io.BytesIO(shown("clear", encoded(clear, "PNG")).data))).min() == 255
    deep = Pillow.fromarray(np.full((4, 4), 40_000, np.uint16))
    assert np.asarray(Pillow.open(io.BytesIO(shown("deep", encoded(deep, "PNG")).data))).max() == 40_000 >> 8


def huge() -> bytes:
    """The header of a PNG of 100,000 x 100,000 pixels: 30 GB when it is decoded."""
    head = b"IHDR" + struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    end = struct.pack(">I", zlib.crc32(head)) + struct.pack(">I", 9) + b"IDAT"
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + end


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "bad-picture"), (b"<html>", "bad-picture"), (encoded(tissue(), "JPEG")[:200], "bad-picture"),
        (encoded(tissue(), "PNG")[:60], "bad-picture"), (huge(), "too-large"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "bad-picture"),
    ],
)  # fmt: skip
def test_what_is_no_picture_or_too_large_is_refused(data: bytes, reason: str) -> None:
    assert MAX_PIXELS < 10**10
    with pytest.raises(RowFault) as raised:
        shown("name", data)
    assert raised.value.reason == reason
