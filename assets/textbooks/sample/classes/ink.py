"""Four inks: RGB to CMYK, JPEGs in it, and an ICC profile that says how those inks look."""

import io
import struct

import numpy as np
from numpy.typing import NDArray
from PIL import Image

GRID = 9


def to_cmyk(image: Image.Image) -> Image.Image:
    """RGB to CMYK with full replacement of grey by black."""
    rgb = np.asarray(image.convert("RGB"), np.float32) / 255
    black = 1 - rgb.max(2, keepdims=True)
    inks = (1 - rgb - black) / np.maximum(1 - black, 1e-3)
    return Image.fromarray((np.concatenate([inks, black], 2) * 255 + 0.5).astype(np.uint8), "CMYK")


def cmyk_jpeg(image: Image.Image, profile: bytes | None, quality: int) -> bytes:
    """A CMYK JPEG with the Adobe marker, which says that its values are inverted."""
    out = io.BytesIO()
    to_cmyk(image).save(out, "JPEG", quality=quality, **({"icc_profile": profile} if profile else {}))
    return out.getvalue()


def lab(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    """sRGB (0..1, last axis) to CIE L*a*b* of D50."""
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    matrix = np.array([[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.01392, 0.09708, 0.71410]])
    xyz = linear @ matrix.T / np.array([0.96422, 1.0, 0.82521])
    root = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.stack(
        [116 * root[..., 1] - 16, 500 * (root[..., 0] - root[..., 1]), 200 * (root[..., 1] - root[..., 2])], -1
    )


def ink_profile() -> bytes:
    """A printer profile (ICC.1:2001, table of type lut8) in which inks multiply: R = (1 - C)(1 - K)."""
    steps = np.linspace(0, 1, GRID)
    inks = np.stack(np.meshgrid(steps, steps, steps, steps, indexing="ij"), -1)
    values = lab((1 - inks[..., :3]) * (1 - inks[..., 3:]))
    scaled = values * np.array([255 / 100, 1, 1]) + np.array([0, 128, 128])
    table = np.clip(np.round(scaled), 0, 255).astype(np.uint8).tobytes()
    ramp = bytes(range(256))
    identity = struct.pack(">9i", *(65536 if row == column else 0 for row in range(3) for column in range(3)))
    lut = b"mft1" + bytes(4) + bytes([4, 3, GRID, 0]) + identity + ramp * 4 + table + ramp * 3
    name = b"Generated inks"
    description = b"desc" + bytes(4) + struct.pack(">I", len(name) + 1) + name + bytes(1 + 4 + 4 + 2 + 1 + 67)
    right = b"text" + bytes(4) + b"Made by a computer program, no rights reserved\0"
    white = b"XYZ " + bytes(4) + struct.pack(">3i", 63190, 65536, 54061)
    tags = [(b"desc", description), (b"cprt", right), (b"wtpt", white), (b"A2B0", lut)]
    offset, index, body = 128 + 4 + 12 * len(tags), b"", b""
    for signature, data in tags:
        data += bytes(-len(data) % 4)
        index += signature + struct.pack(">2I", offset + len(body), len(data))
        body += data
    rest = struct.pack(">I", len(tags)) + index + body
    date = struct.pack(">6H", 2024, 1, 1, 0, 0, 0)
    head = struct.pack(">I", 128 + len(rest)) + bytes(4) + bytes.fromhex("02100000") + b"prtrCMYKLab " + date + b"acsp"
    head += bytes(4 + 4 + 4 + 4 + 8 + 4) + struct.pack(">3i", 63190, 65536, 54061)
    return head + bytes(128 - len(head)) + rest
