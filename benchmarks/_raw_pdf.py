"""A PDF written object by object, for what no library would write; and small good pages around it."""

import io
import zlib

from PIL import Image

WIDTH, HEIGHT = 420, 595
SENTENCE = "The stroma between the follicles is dense and pale, and their cells are low. "


class RawPdf:
    """Objects in order; `page` adds a page, `written` gives the file."""

    def __init__(self) -> None:
        self.objects: list[bytes] = []
        self.pages: list[int] = []
        self.tree = self.add(b"")
        self.catalog = self.add(b"<</Type/Catalog/Pages %d 0 R>>" % self.tree)
        self.font = self.add(b"<</Type/Font/Subtype/Type1/BaseFont/Times-Roman>>")
        self.picture = self.stream(jpeg(), b"/Type/XObject/Subtype/Image/Width 60/Height 40/BitsPerComponent 8"
                                   b"/ColorSpace/DeviceRGB/Filter/DCTDecode", deflate=False)  # fmt: skip

    def add(self, body: bytes) -> int:
        """The number of a new object."""
        self.objects.append(body)
        return len(self.objects)

    def replace(self, number: int, body: bytes) -> None:
        self.objects[number - 1] = body

    def stream(self, data: bytes, entries: bytes = b"", deflate: bool = True) -> int:
        if deflate:
            data, entries = zlib.compress(data, 6), entries + b"/Filter/FlateDecode"
        return self.add(b"<</Length %d%s>>\nstream\n%s\nendstream" % (len(data), entries, data))

    def page(self, contents: int, resources: bytes = b"", box: bytes = b"0 0 420 595", entries: bytes = b"") -> int:
        """A page of the content stream `contents`; font /F1 and picture /Im1 are at hand."""
        fonts, pictures = b"/Font<</F1 %d 0 R>>" % self.font, b"/Im1 %d 0 R" % self.picture
        known = b"<<%s/XObject<<%s%s>>%s>>" % (fonts, pictures, *_split(resources))
        body = b"<</Type/Page/Parent %d 0 R/MediaBox[%s]/Contents %d 0 R/Resources%s%s>>"
        self.pages.append(self.add(body % (self.tree, box, contents, known, entries)))
        return self.pages[-1]

    def good_page(self) -> None:
        """A page with a figure, its caption and a sentence that cites it."""
        number = len(self.pages) + 1
        lines = [b"1 0 0 1 60 %d Tm (%s) Tj" % (250 - 13 * n, SENTENCE[: 60 + n].encode()) for n in range(6)]
        caption = b"/F1 8 Tf 1 0 0 1 60 320 Tm (Figure %d. A section of the gland.) Tj /F1 10 Tf" % number
        cited = b"1 0 0 1 60 265 Tm (It is shown in Figure %d and described below in some detail.) Tj" % number
        text = b"BT " + b"\n".join([caption, cited, *lines]) + b" ET"
        self.page(self.stream(b"q 300 0 0 200 60 335 cm /Im1 Do Q\n" + text))

    def written(self, tree: bytes | None = None, tail: bytes = b"") -> bytes:
        """The file. `tree` takes the place of the page tree, `tail` goes into the trailer."""
        kids = b" ".join(b"%d 0 R" % page for page in self.pages)
        self.replace(self.tree, tree or b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(self.pages), kids))
        out = io.BytesIO()
        out.write(b"%PDF-1.7\n")
        places = []
        for number, body in enumerate(self.objects, 1):
            places.append(out.tell())
            out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
        start = out.tell()
        out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1))
        out.write(b"".join(b"%010d 00000 n \n" % place for place in places))
        trailer = b"trailer\n<</Size %d/Root %d 0 R%s>>\nstartxref\n%d\n%%%%EOF\n"
        out.write(trailer % (len(places) + 1, self.catalog, tail, start))
        return out.getvalue()


def _split(resources: bytes) -> tuple[bytes, bytes]:
    """XObjects among `resources` ("/XObject<<...>>" comes first) and the rest."""
    if not resources.startswith(b"/XObject<<"):
        return b"", resources
    end = resources.index(b">>")
    return resources[len(b"/XObject<<") : end], resources[end + 2 :]


def jpeg(mode: str = "RGB", size: tuple[int, int] = (60, 40), kind: str = "JPEG") -> bytes:
    out = io.BytesIO()
    Image.effect_mandelbrot(size, (-2, -1.2, 1, 1.2), 60).convert(mode).save(out, kind)
    return out.getvalue()


def deflated_run(piece: bytes, times: int) -> bytes:
    """`piece` over and over as one Flate stream, made in the time of compressing it once (its checksum is wrong)."""
    packer = zlib.compressobj(9)
    head = packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH)
    return head + block * (times - 1) + packer.flush()
