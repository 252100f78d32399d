"""Fingerprints of a decoded picture: SHA-256 of its pixels, and hashes of the whole and of what lies in its border.

The hash is PDQ (Facebook, "The TMK+PDQF video-hashing algorithm and the PDQ image-hashing algorithm", 2019) with two
departures, so that a mirrored or turned picture has exactly the mirrored or turned hash, and 32 bytes are enough to
ask for all eight: each of the 64 x 64 tiles is the plain mean of its area (the reference's box filters are off centre,
which costs 18 to 36 of 256 bits between a small picture and its mirror image), and a coefficient's bit is its sign
(the reference compares with the median, which lies near zero but not at it). PDQ's own dihedral hashes come from
the picture, not from its hash, so eight would have to be kept of each. Measured on 116 drawn fields against pdqhash
0.2.8: a field and its half-sized mirror image are 0 to 2 bits apart here and 26 (20 to 36) there; the two programs'
hashes of one field differ in 9.5 bits (4 to 17), so those of other programs compare, with that much less room below 31.
"""

from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from assets.pairs.duplicates.borders import content_box
from assets.pairs.duplicates.drawings import Rgb, is_drawing

Hashes = NDArray[np.uint8]  # (n, 32)

SIDE = 256  # shrinking to about this first, by a whole factor, loses nothing and costs a third
SMALLEST = 5  # pixels; PDQ's own limit
TURNS = ("as it is", "turned 90", "turned 180", "turned 270", "mirrored", "mirrored, turned 90", "mirrored, turned 180",
         "mirrored, turned 270")  # fmt: skip
FREQUENCIES = np.arange(1, 17)
COSINES = np.float32(np.sqrt(2 / 64)) * np.cos(
    np.pi / 128 * FREQUENCIES[:, None] * (2 * np.arange(64) + 1)[None, :]
).astype(np.float32)


@dataclass(frozen=True)
class View:
    """Hash of one view, 32 bytes, and PDQ's quality, 0..100: how much it varies; below 50 a hash says little."""

    hash: bytes
    quality: int


@dataclass(frozen=True)
class Fingerprint:
    """`pixels`: SHA-256 of size and RGB bytes; `trimmed`: None without a uniform border; `blank`: of one colour;
    `drawing`: mostly paper."""

    pixels: str
    whole: View
    trimmed: View | None
    blank: bool
    drawing: bool

    @property
    def views(self) -> list[View]:
        return [self.whole] if self.trimmed is None else [self.whole, self.trimmed]


def decode(data: bytes) -> Rgb:
    """(height, width, 3) of an encoded picture. Raises PIL.UnidentifiedImageError (an OSError) when it is none."""
    with Pillow.open(BytesIO(data)) as picture:
        return np.asarray(picture.convert("RGB"))


def fingerprint(rgb: Rgb) -> Fingerprint:
    """Everything of a decoded picture, (height, width, 3). Raises ValueError for another shape or an empty one."""
    if rgb.ndim != 3 or rgb.shape[2] != 3 or not rgb.size or rgb.dtype != np.uint8:
        raise ValueError(f"a picture is (height, width, 3) of uint8 and not empty, this is {rgb.shape} of {rgb.dtype}")
    height, width = rgb.shape[:2]
    digest = sha256(f"{width}x{height}:".encode())
    digest.update(np.ascontiguousarray(rgb).data)
    grey = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8)
    box = content_box(grey)
    trimmed = None
    if box is not None and box != (0, 0, width, height):
        trimmed = view(grey[box[1] : box[3], box[0] : box[2]])
    return Fingerprint(digest.hexdigest(), view(grey), trimmed, blank=box is None, drawing=is_drawing(grey))


def view(grey: NDArray[np.uint8]) -> View:
    """Hash of (height, width) grey levels; all zero with quality 0 below 5 pixels a side."""
    height, width = grey.shape
    if min(height, width) < SMALLEST:
        return View(bytes(32), 0)
    small = _shrunk(grey, max(1, min(height, width) // SIDE))
    tiles = cv2.resize(small.astype(np.float32), (64, 64), interpolation=cv2.INTER_AREA)
    steps = [np.abs(np.trunc(np.diff(tiles, axis=axis) * (100 / 255))).sum() for axis in (0, 1)]
    waves = COSINES @ tiles @ COSINES.T
    return View(np.packbits(waves > 0).tobytes(), min(100, int(sum(steps)) // 90))


def _shrunk(grey: NDArray[np.uint8], factor: int) -> NDArray[np.uint8]:
    """Means of `factor` x `factor` pixels; what is left over goes evenly from both sides, for mirror images' sake."""
    height, width = (side // factor for side in grey.shape)
    top, left = ((side - factor * kept) // 2 for side, kept in zip(grey.shape, (height, width), strict=True))
    inner = grey[top : top + factor * height, left : left + factor * width]
    return np.asarray(cv2.resize(inner, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def turned(hashes: Hashes, turn: int) -> Hashes:
    """The hashes, (n, 32), that the pictures would have in TURNS[turn]."""
    if turn == 0:
        return hashes
    place, flip = _MOVES[turn]
    moved = np.empty_like(hashes)
    for start in range(0, len(hashes), 1 << 16):  # eight times as large when unpacked
        block = np.unpackbits(hashes[start : start + (1 << 16)], axis=1)
        moved[start : start + (1 << 16)] = np.packbits(block[:, place], axis=1) ^ flip
    return moved


def _moves() -> list[tuple[NDArray[np.intp], NDArray[np.uint8]]]:
    """Per turn: where each bit comes from, and which bits are negated (mirroring negates odd frequencies)."""
    place, odd = np.arange(256).reshape(16, 16), (FREQUENCIES % 2).astype(np.uint8)
    down, across = np.repeat(odd[:, None], 16, 1), np.repeat(odd[None, :], 16, 0)
    moves = []
    for mirrored in (0, 1):
        flip = across * np.uint8(mirrored)
        for where, negated in (
            (place, flip), (place.T, flip.T ^ down), (place, flip ^ down ^ across), (place.T, flip.T ^ across)
        ):  # fmt: skip
            moves.append((where.ravel(), np.packbits(negated)))
    return moves


_MOVES = _moves()
