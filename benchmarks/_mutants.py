"""Damaged PDFs, made from good ones with a fixed seed: the same seed gives the same bytes.

Good ones are small: drawn pages with every kind of picture, pages of the generated sample textbook, and the first pages
of files that are given.
"""

import random
import re
import tempfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pymupdf
from _raw_pdf import RawPdf, jpeg

from assets.textbooks.sample import generate

MOST_BYTES = 300_000  # of a file that is damaged: mutants are many, and damage in large pictures is all alike
ODD_NUMBERS = (b"0", b"-1", b"1e38", b"-99999999999", b"nan", b"0.0000001", b"2147483647", b"4294967296", b"1--1", b".")
ODD_VALUES = (
    b"null",
    b"true",
    b"-1",
    b"(text)",
    b"/Name",
    b"[1 2 3]",
    b"<</A 1>>",
    b"<FF>",
    b"1 0 R",
    b"9999 0 R",
    b"[[[]]]",
    b"",
)
FILTERS = (b"/FlateDecode", b"/DCTDecode", b"/JPXDecode", b"/JBIG2Decode", b"/CCITTFaxDecode", b"/LZWDecode",
           b"/RunLengthDecode", b"/ASCII85Decode", b"/ASCIIHexDecode")  # fmt: skip
SPACES = (b"/DeviceRGB", b"/DeviceCMYK", b"/DeviceGray", b"/Pattern", b"[/Indexed/DeviceRGB 255 (ab)]", b"/CalRGB",
          b"[/ICCBased 1 0 R]", b"[/Separation/X/DeviceCMYK 3 0 R]", b"[/DeviceN[/A/B]/DeviceRGB 2 0 R]")  # fmt: skip
KINDS = {
    b"Length": ODD_NUMBERS, b"MediaBox": None, b"CropBox": None, b"BBox": None, b"Rect": None, b"Matrix": None,
    b"Width": ODD_NUMBERS, b"Height": ODD_NUMBERS, b"BitsPerComponent": ODD_NUMBERS, b"Rotate": ODD_NUMBERS,
    b"Filter": FILTERS, b"ColorSpace": SPACES, b"Count": ODD_NUMBERS, b"W": None, b"Kids": None, b"Decode": None,
}  # fmt: skip

Damage = Callable[[bytearray, random.Random], None]


# ------------------------------------------------------------------------------------------------------------ good PDFs
def drawn_seeds() -> list[bytes]:
    return _forms_of([_drawn()])


def sample_seeds() -> list[bytes]:
    """Pairs of pages of a generated textbook."""
    good = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sample.pdf"
        generate(path, seed=7)
        for first in range(4, 40, 6):
            with pymupdf.open(path) as document:
                if first + 2 <= document.page_count:
                    document.select([first, first + 1])
                    _shrink(document)
                    good.append(document.tobytes(garbage=4, deflate=True, no_new_id=True))
    return _forms_of(good)


def given_seeds(paths: list[Path]) -> list[bytes]:
    """The first pages of other PDFs."""
    return _forms_of([_start_of(path) for path in paths])


def _forms_of(good: list[bytes]) -> list[bytes]:
    """Each as stored and with its streams unpacked, so that damage reaches their operators too."""
    return [form for data in good for form in (data, _unpacked(data)) if form and len(form) <= MOST_BYTES]


def _shrink(document: pymupdf.Document) -> None:
    document.rewrite_images(dpi_threshold=60, dpi_target=50, quality=50)


def _start_of(path: Path) -> bytes:
    """The first two pages of a PDF that opens, the bytes of one that does not."""
    try:
        with pymupdf.open(path, filetype="pdf") as document:
            if document.is_pdf and not document.needs_pass and document.page_count > 2:
                document.select([0, 1])
                _shrink(document)
                return document.tobytes(garbage=4, deflate=True, no_new_id=True)
    except Exception:  # noqa: BLE001 a file that MuPDF cannot use is damaged as it is
        pass
    return path.read_bytes()


def _unpacked(data: bytes) -> bytes | None:
    try:
        with pymupdf.open(stream=data, filetype="pdf") as document:
            return document.tobytes(expand=255, garbage=1, no_new_id=True) if document.page_count else None
    except Exception:  # noqa: BLE001 as above
        return None


def _drawn() -> bytes:
    """A page for each kind of picture, with a caption: JPEG, CMYK, grey, JPX, mask, stencil, inline, form, turned."""
    pdf = RawPdf()
    image = b"/Type/XObject/Subtype/Image/Width 60/Height 40/BitsPerComponent 8/ColorSpace/%s"
    dct = b"/Filter/DCTDecode"
    soft = pdf.stream(bytes(range(240)) * 10, image % b"DeviceGray")
    pictures = [
        pdf.stream(jpeg(), image % b"DeviceRGB" + dct, deflate=False),
        pdf.stream(jpeg("CMYK"), image % b"DeviceCMYK" + dct + b"/Decode[1 0 1 0 1 0 1 0]", deflate=False),
        pdf.stream(jpeg("L"), image % b"DeviceGray" + dct, deflate=False),
        pdf.stream(jpeg(kind="JPEG2000"), image % b"DeviceRGB" + b"/Filter/JPXDecode", deflate=False),
        pdf.stream(jpeg(), image % b"DeviceRGB" + dct + b"/SMask %d 0 R" % soft, deflate=False),
        pdf.stream(bytes([85, 170] * 160), b"/Subtype/Image/Width 60/Height 40/ImageMask true"),
        pdf.stream(bytes(range(200)) * 13, image % b"DeviceGray" + b"/DecodeParms<</Predictor 15/Columns 60>>"),
        pdf.stream(b"0.2 0.5 0.2 rg 0 0 1 1 re f 0 0 1 RG 0 0 m 1 1 l S", b"/Subtype/Form/BBox[0 0 1 1]"),
    ]  # fmt: skip
    inline = b"BI /W 8 /H 8 /BPC 8 /CS /G ID " + bytes(range(64)) + b" EI"
    for number, picture in enumerate([*pictures, 0], 1):
        body = b"Figure %d shows \\(a\\) the whole and \\(b\\) a part of it, as the text of Fig. %d tells." % (
            number,
            number,
        )
        content = (
            b"q 150 0 0 200 60 335 cm %s Q q 140 0 0 200 220 335 cm /Im1 Do Q\n" % (b"/P Do" if picture else inline)
            + b"BT /F1 8 Tf 60 320 Td (Figure %d. \\(a\\) The whole. \\(b\\) A part.) Tj ET\n" % number
            + b"BT /F1 10 Tf 60 280 Td 12 TL (%s) Tj T* (%s) ' ET\n" % (body, body)
            + b"0.5 w 60 100 100 100 re S 70 110 m 150 190 l S 1 0 0 RG 80 120 30 20 re B"
        )
        resources = b"/XObject<</P %d 0 R>>" % picture if picture else b""
        pdf.page(pdf.stream(content), resources, entries=b"/Rotate 90" if number % 4 == 0 else b"")
    return pdf.written()


# --------------------------------------------------------------------------------------------------------------- damage
def mutants(groups: list[list[bytes]], count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of `count` damaged files, equally many from each group. Number n is the same for every `count`."""
    for number in range(count):
        chance = random.Random(f"{seed}-{number}")
        good = groups[number % len(groups)]
        data = bytearray(chance.choice(good))
        kinds = [chance.choice(list(DAMAGES)) for _ in range(chance.choice([1, 1, 1, 2, 3]))]
        for kind in kinds:
            if len(data) > 20:
                DAMAGES[kind](data, chance)
        if chance.random() < 0.05:
            data += chance.choice(good)
            kinds.append("joined")
        yield f"{number:05d} {', '.join(kinds)}", bytes(data)


def _matches(pattern: bytes, data: bytearray, chance: random.Random, most: int = 1) -> list[re.Match[bytes]]:
    """Up to `most` matches, the last ones first, so that they can be replaced one after the other."""
    found = list(re.finditer(pattern, bytes(data), re.S))
    picked = chance.sample(found, min(len(found), chance.randint(1, most))) if found else []
    return sorted(picked, key=lambda match: -match.start())


def _flip_bytes(data: bytearray, chance: random.Random) -> None:
    for _ in range(chance.choice([1, 5, 20, 80, 300])):
        data[chance.randrange(len(data))] = chance.randrange(256)


def _flip_outside_streams(data: bytearray, chance: random.Random) -> None:
    for match in _matches(rb"(?:\A|endstream).*?(?:stream|\Z)", data, chance, 5):
        data[chance.randrange(match.start(), match.end())] = chance.choice(b"<>[]()/ 0123456789R%xyz\0\xff")


def _cut_stream(data: bytearray, chance: random.Random) -> None:
    for match in _matches(rb"stream\r?\n(.*?)endstream", data, chance, 3):
        if match.end(1) - match.start(1) > 2:
            a, b = sorted(chance.randrange(match.start(1), match.end(1)) for _ in range(2))
            del data[a:b]


def _repack_stream(data: bytearray, chance: random.Random) -> None:
    """Damage inside a Flate stream, behind its checksum's back."""
    for match in _matches(rb"/Length (\d+)[^>]*/FlateDecode[^>]*>>\s*stream\r?\n(.*?)endstream", data, chance, 2):
        try:
            plain = bytearray(zlib.decompressobj().decompress(match.group(2)))
        except zlib.error:
            continue
        if plain:
            _flip_bytes(plain, chance)
            data[match.start(2) : match.end(2)] = zlib.compress(bytes(plain)) + b"\n"


def _break_xref(data: bytearray, chance: random.Random) -> None:
    pattern, new = chance.choice([
        (rb"startxref\s+(\d+)", b"%d" % chance.choice([0, 5, len(data) // 2, len(data) + 99, 1 << 40])),
        (rb"(\d{10}) 00000 n", b"%010d" % chance.randrange(len(data))), (rb"(xref)\s", b"yref"),
        (rb"xref\s+0 (\d+)", chance.choice(ODD_NUMBERS)), (rb"(trailer)", b"trailer<</Prev 9>>"),
        (rb"/Root (\d+)", b"%d" % chance.randrange(9)), (rb"/Size (\d+)", chance.choice(ODD_NUMBERS)),
    ])  # fmt: skip
    for match in _matches(pattern, data, chance, 4):
        data[match.start(1) : match.end(1)] = new


def _odd_entry(data: bytearray, chance: random.Random) -> None:
    """A value of wrong size for an entry that readers trust: lengths, boxes, sizes of pictures, filters."""
    key, values = chance.choice(list(KINDS.items()))
    for match in _matches(rb"/" + key + rb"(?![A-Za-z])\s*(\[[^\]]*\]|/\w+|\d+ 0 R|[-\d.]+)", data, chance, 3):
        box = b"[" + b" ".join(chance.choice([*ODD_NUMBERS, b"100", b"1000"]) for _ in range(4)) + b"]"
        data[match.start(1) : match.end(1)] = b" " + chance.choice(values or (box, box, *ODD_NUMBERS[:2])) + b" "


def _wrong_type(data: bytearray, chance: random.Random) -> None:
    for match in _matches(
        rb"/[A-Z]\w*\s*(\[[^\]]{0,200}\]|<<[^<>]{0,200}>>|/\w+|\d+ 0 R|[-\d.]+|\([^)]{0,50}\))", data, chance, 4
    ):
        data[match.start(1) : match.end(1)] = b" " + chance.choice(ODD_VALUES) + b" "


def _swap_objects(data: bytearray, chance: random.Random) -> None:
    found = _matches(rb"(\d+) 0 obj", data, chance, 6)
    numbers = [match.group(1) for match in found]
    chance.shuffle(numbers)
    for match, number in zip(found, numbers, strict=True):
        data[match.start(1) : match.end(1)] = number


def _loop_references(data: bytearray, chance: random.Random) -> None:
    numbers = [match.group(1) for match in re.finditer(rb"(\d+) 0 obj", bytes(data))] or [b"1"]
    for match in _matches(rb"(\d+) 0 R", data, chance, 5):
        before = [m for m in re.finditer(rb"(\d+) 0 obj", bytes(data[: match.start()]))]
        own = before[-1].group(1) if before else b"1"
        data[match.start(1) : match.end(1)] = chance.choice([own, own, chance.choice(numbers)])


def _double_operators(data: bytearray, chance: random.Random) -> None:
    """Lines of an unpacked content stream repeated, left out or shuffled."""
    for match in _matches(
        rb"\n[^\n]{1,120}?\s(?:Tj|TJ|Do|cm|re|l|c|f|S|q|Q|Tf|Td|Tm|gs|cs|scn|W|n|BT|ET|BI|EI)(?=\s)", data, chance, 4
    ):
        times = chance.choice([0, 2, 2, 50, 500])
        data[match.start() : match.end()] = match.group() * times


def _odd_operands(data: bytearray, chance: random.Random) -> None:
    for match in _matches(rb"(?<=[\s\[])(-?\d*\.?\d+)(?=[\s\]])", data, chance, 12):
        data[match.start(1) : match.end(1)] = chance.choice(ODD_NUMBERS)


def _odd_text(data: bytearray, chance: random.Random) -> None:
    texts = (b"(Figure 1. )", b"(Fig. 999999999999999)", b"(" + b"Figs. 1, 2-9, " * 200 + b")", b"(\\000\\377\\376)",
             b"<" + b"FFFE" * 50 + b">", b"(" + b"\\(a\\) " * 300 + b")", b"(Figure 1A-Z. \\(z\\))", b"()")  # fmt: skip
    for match in _matches(rb"\([^()\\]{3,200}\)(?=\s*(?:Tj|'))|<[0-9a-fA-F]{6,}>(?=\s*Tj)", data, chance, 6):
        data[match.start() : match.end()] = chance.choice(texts)


def _truncate(data: bytearray, chance: random.Random) -> None:
    del data[chance.randrange(len(data) // 10, len(data)) :]


def _cut_middle(data: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(data))
    del data[at : at + chance.choice([1, 10, 100, 3000])]


def _repeat_part(data: bytearray, chance: random.Random) -> None:
    at, size = chance.randrange(len(data)), chance.choice([10, 100, 3000])
    data[at:at] = data[at : at + size] * chance.choice([1, 2, 20])


DAMAGES: dict[str, Damage] = {
    "bytes flipped": _flip_bytes,
    "syntax flipped": _flip_outside_streams,
    "stream cut": _cut_stream,
    "stream repacked": _repack_stream,
    "xref broken": _break_xref,
    "odd entry": _odd_entry,
    "wrong type": _wrong_type,
    "objects swapped": _swap_objects,
    "references looped": _loop_references,
    "operators doubled": _double_operators,
    "odd operands": _odd_operands,
    "odd text": _odd_text,
    "truncated": _truncate,
    "middle cut": _cut_middle,
    "part repeated": _repeat_part,
}
