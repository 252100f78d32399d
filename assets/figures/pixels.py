"""The pixels of a box on a page: embedded bytes unchanged, a decoded picture, or a rendering at native resolution.

Embedded bytes are kept only when every browser and trainer shows them right: one raster covers the box, nothing is
drawn over it, and it is an upright 8-bit RGB or grey JPEG without mask, Decode array or foreign colour profile.
"""

import hashlib
import io
import math
from dataclasses import dataclass, field

import numpy as np
import pymupdf
from PIL import Image as Pillow
from PIL import ImageCms

from assets.figures.geometry import Box, area, height, overlap, width
from assets.figures.layout import PageLayout, Raster
from assets.pdf import from_damage
from assets.records import Image

COVERS = 0.95
MAX_DPI = 600.0
VECTOR_DPI = 300.0  # drawings have no resolution of their own
MAX_PIXELS = 50_000_000
UPRIGHT = 1e-3
ORIENTATION = 0x0112  # EXIF tag


@dataclass(frozen=True)
class Picture:
    image: Image
    dpi: float
    pixels: str


@dataclass
class PagePixels:
    """Everything needed to cut pictures out of one page; placements and xrefs are looked up once."""

    document: pymupdf.Document
    page: pymupdf.Page
    layout: PageLayout
    _placed: list[dict] | None = None
    _log: list[tuple] | None = None
    _decoded: dict[int, tuple[str, bytes, Pillow.Image] | None] = field(default_factory=dict)

    def cut(self, box: Box) -> Picture:
        """The picture of `box` (reading frame). Raises what pymupdf raises when the page cannot be rendered."""
        rasters = [r for r in self.layout.rasters if overlap(r.box, box) > 0.02 * area(box)]
        whole = [r for r in rasters if overlap(r.box, box) >= COVERS * area(box) and area(r.box) <= area(box) / COVERS]
        if len(whole) == 1 and len(rasters) == 1 and not self._drawn_over(whole[0], box):
            picture = self._native(whole[0])
            if picture is not None:
                return picture
        return self._rendered(box, rasters)

    def grey(self, box: Box) -> np.ndarray:
        """The box as the page shows it, grey levels at 200 dpi (at most 1600 pixels across), for finding gutters."""
        zoom = min(200 / 72, 1600 / max(width(box), height(box)))
        return np.asarray(self._render(box, zoom).convert("L"), dtype=np.int16)

    # ---------------------------------------------------------------------------------------------------- one raster
    def _native(self, raster: Raster) -> Picture | None:
        """The raster itself; None when its pixels are not what the page shows (turned, cut, too large, damaged)."""
        placed = self._placement(raster)
        if placed is None:
            return None
        a, b, c, d, _, _ = placed["transform"]
        if self.layout.turn or abs(b) + abs(c) > UPRIGHT * (abs(a) + abs(d)) or a <= 0 or d <= 0:
            return None
        if raster.width * raster.height > MAX_PIXELS or not placed["xref"]:
            return None
        if placed["xref"] not in self._decoded:
            self._decoded[placed["xref"]] = self._decode(placed["xref"], placed["cs-name"])
        known = self._decoded[placed["xref"]]
        if known is None or not self._looks_like(known[2], raster.box):
            return None
        pixels, data, picture = known
        dpi = 72 * picture.width / a
        media = "image/jpeg" if pixels == "embedded" else "image/png"
        return Picture(_image(data, media, picture.width, picture.height), round(dpi, 1), pixels)

    def _decode(self, xref: int, profile: str) -> tuple[str, bytes, Pillow.Image] | None:
        doc = self.document
        try:
            if self._plain_jpeg(xref, profile):
                data = doc.xref_stream_raw(xref)
                picture = Pillow.open(io.BytesIO(data))
                upright = picture.format == "JPEG" and picture.getexif().get(ORIENTATION, 1) == 1
                if upright and picture.mode in ("RGB", "L") and _is_srgb(picture.info.get("icc_profile")):
                    picture.load()
                    return "embedded", data, picture
            pixmap = pymupdf.Pixmap(doc, xref)
            mask = doc.xref_get_key(xref, "SMask")
            if pixmap.colorspace is None or doc.xref_get_key(xref, "ImageMask")[1] == "true":
                return None
            if pixmap.colorspace.n != 3 or pixmap.colorspace.name not in ("DeviceRGB",):
                pixmap = pymupdf.Pixmap(pymupdf.csRGB, pixmap)
            if mask[0] == "xref":
                soft = pymupdf.Pixmap(doc, int(mask[1].split()[0]))
                if (soft.width, soft.height) != (pixmap.width, pixmap.height):
                    return None
                pixmap = pymupdf.Pixmap(pymupdf.Pixmap(pixmap, 0) if pixmap.alpha else pixmap, soft)
            shown = _on_white(pixmap)
        except Exception as error:
            if not from_damage(error):
                raise
            return None  # the rendering of the page decides then, as a viewer would show it
        return "decoded", _png(shown), shown

    def _plain_jpeg(self, xref: int, profile: str) -> bool:
        key = self.document.xref_get_key
        absent = all(key(xref, name)[0] == "null" for name in ("SMask", "Mask", "Decode", "DecodeParms"))
        space = profile in ("DeviceRGB", "DeviceGray") or any(name in profile.lower() for name in ("srgb", "sgray"))
        return absent and space and key(xref, "Filter")[1] in ("/DCTDecode", "[/DCTDecode]", "[ /DCTDecode ]")

    def _placement(self, raster: Raster) -> dict | None:
        """How the raster is placed; None when a damaged page no longer lists the pictures that it listed at first."""
        if self._placed is None:
            self._placed = self.page.get_image_info(xrefs=True)
        info = self._placed[raster.number] if raster.number < len(self._placed) else None
        return info if info and (info["width"], info["height"]) == (raster.width, raster.height) else None

    def _drawn_over(self, raster: Raster, box: Box) -> bool:
        """Whether text, paths or other pictures are painted on the raster after it."""
        if self._log is None:
            self._log = [
                (kind, tuple(b)) for kind, b in self.page.get_bboxlog() if kind != "ignore-text" and "clip" not in kind
            ]
        target = self.layout.on_page(raster.box)
        seen = False
        for kind, painted in self._log:
            if kind == "fill-image" and not seen:
                seen = all(abs(p - t) < 2 for p, t in zip(_clipped(painted, self.layout), target, strict=True))
            elif seen and overlap(painted, target) > 1:
                return True
        return not seen

    def _looks_like(self, picture: Pillow.Image, box: Box) -> bool:
        """Whether the page shows this picture in this box: guards against clips, overlays and odd colour spaces."""
        shown = self._render(box, 256 / max(1.0, width(box), height(box)))
        size = max(4, shown.width // 8), max(4, shown.height // 8)
        small = [p.convert("RGB").resize(size, Pillow.Resampling.BOX, reducing_gap=2.0) for p in (shown, picture)]
        inner = (slice(1, -1), slice(1, -1))
        a, b = (np.asarray(p, dtype=int)[inner] for p in small)
        difference = np.abs(a - b)
        return difference.size == 0 or float(difference.mean()) < 12

    # -------------------------------------------------------------------------------------------------------- rendering
    def _rendered(self, box: Box, rasters: list[Raster]) -> Picture:
        telling = [r for r in rasters if overlap(r.box, box) > 0.05 * area(box)]
        native = [72 * math.sqrt(r.width * r.height / max(1.0, self._full_area(r))) for r in telling]
        dpi = min(MAX_DPI, max(native) if native else VECTOR_DPI)
        dpi = max(72.0, min(dpi, 72 * math.sqrt(MAX_PIXELS / max(1.0, area(box)))))
        picture = self._render(box, dpi / 72)
        return Picture(_image(_png(picture), "image/png", *picture.size), round(dpi, 1), "rendered")

    def _full_area(self, raster: Raster) -> float:
        """Points² that the whole raster would cover, beyond the page's edge too."""
        placed = self._placement(raster)
        return area(tuple(placed["bbox"]) if placed else raster.box)

    def _render(self, box: Box, zoom: float) -> Pillow.Image:
        clip = pymupdf.Rect(self.layout.on_page(box))
        matrix = pymupdf.Matrix(zoom, zoom).prerotate(90 * self.layout.turn)
        pixmap = self.page.get_pixmap(matrix=matrix, clip=clip, colorspace=pymupdf.csRGB, alpha=False, annots=False)
        return Pillow.frombytes("RGB", (pixmap.width, pixmap.height), pixmap.samples)


def _clipped(box: Box, layout: PageLayout) -> Box:
    return max(0, box[0]), max(0, box[1]), min(layout.width, box[2]), min(layout.height, box[3])


def _on_white(pixmap: pymupdf.Pixmap) -> Pillow.Image:
    mode = "RGBA" if pixmap.alpha else "RGB"
    picture = Pillow.frombytes(mode, (pixmap.width, pixmap.height), pixmap.samples)
    if mode == "RGB":
        return picture
    ground = Pillow.new("RGB", picture.size, "white")
    ground.paste(picture, mask=picture.getchannel("A"))
    return ground


def _png(picture: Pillow.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG", compress_level=2)
    return out.getvalue()


def _image(data: bytes, media_type: str, wide: int, high: int) -> Image:
    name = hashlib.sha256(data).hexdigest()
    return Image(sha256=name, media_type=media_type, width=wide, height=high, data=data)


def _is_srgb(profile: bytes | None) -> bool:
    """No profile counts as sRGB; a damaged one does not."""
    if not profile:
        return True
    try:
        name = ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(profile)))
    except (ImageCms.PyCMSError, OSError):
        return False
    return "srgb" in name.lower()
