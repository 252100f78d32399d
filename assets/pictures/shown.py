"""Bytes of a picture such that every browser and trainer shows them right, and the limits within which one is decoded.

A source's bytes are kept where they do so: an upright 8-bit RGB or grey JPEG or PNG without transparency or foreign
colour profile. Else the picture is decoded once, to sRGB PNG.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO

import numpy as np
from PIL import Image as Pillow
from PIL import ImageCms, ImageOps

from assets.errors import RowFault, one_line
from assets.records import Image

MAX_PIXELS = 50_000_000
FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "PPM")  # Pillow would start another program for some others
ORIENTATION = 0x0112  # EXIF tag
NOT_PLAIN = ("transparency", "gamma", "chromaticity")  # of a PNG


@contextmanager
def opened(data: bytes) -> Iterator[Pillow.Image]:
    """The picture, its pixels not decoded yet. What fails within the block is a RowFault, too: decoders raise anything.

    Raises RowFault for bytes that are no picture, or too large a one.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Pillow.DecompressionBombWarning)  # the limit here is lower
            with Pillow.open(BytesIO(data), formats=FORMATS) as picture:
                if picture.width * picture.height > MAX_PIXELS:
                    raise RowFault("too-large", f"the picture has {picture.width} x {picture.height} pixels")
                yield picture
    except RowFault:
        raise
    except Pillow.DecompressionBombError as error:
        raise RowFault("too-large", one_line(error, 120)) from error
    except Exception as error:
        raise RowFault("bad-picture", f"it is no readable picture ({one_line(error, 120)})") from error


def shown(name: str, data: bytes) -> Image:
    """The picture called `name` as a record. Raises RowFault when it cannot be decoded."""
    with opened(data) as picture:
        picture.load()
        if _right_as_it_is(picture):
            return Image(
                sha256=name, media_type=f"image/{str(picture.format).lower()}", width=picture.width,
                height=picture.height, data=data,
            )  # fmt: skip
        made = _srgb(picture)
        buffer = BytesIO()
        made.save(buffer, "PNG", compress_level=3)
        return Image(sha256=name, media_type="image/png", width=made.width, height=made.height, data=buffer.getvalue())


def _right_as_it_is(picture: Pillow.Image) -> bool:
    return (
        picture.format in ("JPEG", "PNG")
        and picture.mode in ("RGB", "L")
        and getattr(picture, "n_frames", 1) == 1
        and picture.getexif().get(ORIENTATION, 1) == 1
        and not any(name in picture.info for name in NOT_PLAIN)
        and holds_srgb(picture.info.get("icc_profile"))
    )


def holds_srgb(profile: bytes | None) -> bool:
    """Whether an ICC profile says sRGB. No profile counts as sRGB; a damaged one does not."""
    if not profile:
        return True
    try:
        name = ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(BytesIO(profile)))
    except (ImageCms.PyCMSError, OSError):
        return False
    return "srgb" in name.lower()


def _srgb(picture: Pillow.Image) -> Pillow.Image:
    """Upright, 8 bits, RGB, over white paper."""
    profile = picture.info.get("icc_profile")
    upright = ImageOps.exif_transpose(picture)
    if upright.mode.startswith("I"):  # 16 bits of grey
        return Pillow.fromarray((np.asarray(upright, dtype=np.int64).clip(0, 65535) >> 8).astype(np.uint8))
    if "transparency" in upright.info or upright.mode in ("RGBA", "LA", "PA", "RGBa", "La"):
        layered = upright.convert("RGBA")
        paper = Pillow.new("RGBA", layered.size, "white")
        paper.alpha_composite(layered)
        upright = paper.convert("RGB")
    elif upright.mode not in ("RGB", "CMYK", "L"):
        upright = upright.convert("RGB")
    if profile and not holds_srgb(profile):
        # Where it is damaged, or of another colour space than the picture, the numbers are taken for sRGB.
        with suppress(ImageCms.PyCMSError, OSError):
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            target = ImageCms.createProfile("sRGB")
            upright = ImageCms.profileToProfile(upright, source, target, outputMode="RGB") or upright
    return upright.convert("RGB")
