"""A picture as the PDF stores it: its own JPEG bytes where these may be kept, else its pixels in sRGB.

Bytes are kept only when every browser and trainer shows them right: an upright 8-bit RGB or grey JPEG without mask,
Decode array or foreign colour profile.
"""

import io
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pymupdf
from PIL import Image as Pillow

from assets.figures.png import Pixels
from assets.pdf import from_damage
from assets.pictures.shown import ORIENTATION, holds_srgb

PREVIEW = 256  # pixels: a JPEG is decoded at least this fine, and not much finer, for its preview


@dataclass(frozen=True)
class Stored:
    """`jpeg` are its bytes where they may be kept; `preview` is the whole picture, coarser where that is quicker."""

    width: int
    height: int
    jpeg: bytes | None
    preview: Pillow.Image

    @cached_property
    def pixels(self) -> Pixels:
        """sRGB, at the picture's own size."""
        return np.asarray(self.preview if self.jpeg is None else Pillow.open(io.BytesIO(self.jpeg)).convert("RGB"))


def read_stored(document: pymupdf.Document, xref: int, profile: str) -> Stored | None:
    """The picture at `xref`, whose colour space MuPDF calls `profile`; None when only a viewer can say what it shows.

    That is so for stencils, for masks that do not fit the picture's own pixels, and for damaged pictures.
    """
    try:
        return _kept(document, xref, profile) or _converted(document, xref)
    except Exception as error:
        if not from_damage(error):
            raise
        return None


def is_srgb(profile: str) -> bool:
    """Whether the name of a colour space says that its numbers mean the same in sRGB."""
    return profile in ("DeviceRGB", "DeviceGray") or any(name in profile.lower() for name in ("srgb", "sgray"))


def _kept(document: pymupdf.Document, xref: int, profile: str) -> Stored | None:
    key = document.xref_get_key
    changed = any(key(xref, name)[0] != "null" for name in ("SMask", "Mask", "Decode", "DecodeParms"))
    if changed or not is_srgb(profile) or key(xref, "Filter")[1].strip("[ ]") != "/DCTDecode":
        return None
    data = document.xref_stream_raw(xref)
    picture = Pillow.open(io.BytesIO(data))
    wide, high = picture.size
    if picture.format != "JPEG" or picture.mode not in ("RGB", "L") or picture.getexif().get(ORIENTATION, 1) != 1:
        return None
    if not holds_srgb(picture.info.get("icc_profile")):
        return None
    picture.draft(None, (PREVIEW, PREVIEW))
    return Stored(wide, high, data, picture.convert("RGB"))


def _converted(document: pymupdf.Document, xref: int) -> Stored | None:
    key = document.xref_get_key
    if key(xref, "ImageMask")[1] == "true" or key(xref, "Mask")[0] == "xref":
        return None
    pixmap = pymupdf.Pixmap(document, xref)
    if pixmap.colorspace is None:
        return None
    if pixmap.colorspace.name != "DeviceRGB":
        pixmap = pymupdf.Pixmap(pymupdf.csRGB, pixmap)
    kind, mask = key(xref, "SMask")
    if kind == "xref":
        number = int(mask.split()[0])
        soft = pymupdf.Pixmap(document, number)
        if (soft.width, soft.height) != (pixmap.width, pixmap.height) or key(number, "Matte")[0] != "null":
            return None
        pixmap = pymupdf.Pixmap(pymupdf.Pixmap(pixmap, 0) if pixmap.alpha else pixmap, soft)
    return Stored(pixmap.width, pixmap.height, None, Pillow.fromarray(_on_white(pixmap)))


def _on_white(pixmap: pymupdf.Pixmap) -> Pixels:
    """Pixels over white paper; MuPDF has multiplied colours by their opacity already."""
    samples = np.frombuffer(pixmap.samples, dtype=np.uint8).reshape(pixmap.height, pixmap.width, pixmap.n)
    if not pixmap.alpha:
        return samples
    opacity = samples[..., 3:]
    over: Pixels = np.minimum(samples[..., :3], opacity)
    over += 255 - opacity
    return over
