"""PDFs of little size that ask for too much: time, memory, depth, pages. Nearly all have good pages around the bad one.

`bombs()` gives name and maker; a maker returns the file's bytes and depends on nothing.
"""

import zlib
from collections.abc import Callable
from functools import partial

from _raw_pdf import HEIGHT, SENTENCE, WIDTH, RawPdf, deflated_run, jpeg

Maker = Callable[[], bytes]
IMAGE = b"/Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent %d/ColorSpace/%s"


def bombs() -> dict[str, Maker]:
    return FILES | {name: partial(_between_good_pages, bad) for name, bad in PAGES.items()}


def _between_good_pages(bad: Callable[[RawPdf], None]) -> bytes:
    pdf = RawPdf()
    pdf.good_page()
    bad(pdf)
    pdf.good_page()
    return pdf.written()


# ------------------------------------------------------------------------------------------------------ boxes, pictures
def _box(box: bytes, pdf: RawPdf) -> None:
    pdf.page(pdf.stream(b"q 300 0 0 200 60 335 cm /Im1 Do Q"), box=box)


def _large_page(pdf: RawPdf) -> None:
    lines = b" ".join(b"%d 100 m %d 14000 l S" % (x, 14_100 - x) for x in range(100, 14_000, 100))
    text = b"BT /F1 200 Tf 100 14100 Td (Figure 9. A large plot of many lines.) Tj ET"
    pdf.page(pdf.stream(lines + text), box=b"0 0 14400 14400")


def _shown(pdf: RawPdf, entries: bytes, data: bytes, deflate: bool = True) -> None:
    image = pdf.stream(data, entries, deflate)
    text = b"BT /F1 8 Tf 60 320 Td (Figure 9. A picture that is too large.) Tj ET"
    pdf.page(pdf.stream(b"q 300 0 0 200 60 335 cm /X Do Q " + text), b"/XObject<</X %d 0 R>>" % image)


def _declared(filter_: bytes, data: bytes, side: int, pdf: RawPdf) -> None:
    entries = IMAGE % (side, side, 8, b"DeviceRGB") + (b"/Filter/" + filter_ if filter_ else b"")
    _shown(pdf, entries, data, deflate=not filter_)


def _jpeg_of(side: int) -> bytes:
    data = bytearray(jpeg())
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = side.to_bytes(2, "big") * 2
    return bytes(data)


def _jpx_of(side: int) -> bytes:
    data = bytearray(jpeg(kind="JPEG2000"))
    header, size = data.index(b"ihdr"), data.index(b"\xff\x51")
    data[header + 4 : header + 12] = side.to_bytes(4, "big") * 2
    data[size + 6 : size + 14] = side.to_bytes(4, "big") * 2
    return bytes(data)


def _long_image(pdf: RawPdf) -> None:
    data = deflated_run(bytes(1 << 20), 870)
    _shown(pdf, IMAGE % (30_000, 30_000, 8, b"DeviceGray") + b"/Filter/FlateDecode", data, deflate=False)


def _mask(pdf: RawPdf) -> None:
    mask = pdf.stream(bytes(1000), IMAGE % (50_000, 50_000, 1, b"DeviceGray"))
    entries = IMAGE % (60, 40, 8, b"DeviceRGB") + b"/Filter/DCTDecode/SMask %d 0 R" % mask
    _shown(pdf, entries, jpeg(), deflate=False)


# ------------------------------------------------------------------------------------------------------ content streams
def _content(data: bytes, pdf: RawPdf) -> None:
    pdf.page(pdf.stream(data))


def _flate(layers: int, pdf: RawPdf) -> None:
    data = deflated_run(b"0 0 m 1 1 l S\n" * 5000, 15_000)
    for _ in range(layers - 1):
        data = zlib.compress(data)
    filters = b"/Filter[%s]" % (b"/FlateDecode" * layers)
    pdf.page(pdf.stream(data, filters, deflate=False))


def _forms(pdf: RawPdf) -> None:
    inner = pdf.stream(b"0 0 1 1 re f", b"/Type/XObject/Subtype/Form/BBox[0 0 600 600]")
    for _ in range(9):
        resources = b"/Type/XObject/Subtype/Form/BBox[0 0 600 600]/Resources<</XObject<</F %d 0 R>>>>" % inner
        inner = pdf.stream(b"/F Do " * 10, resources)
    pdf.page(pdf.stream(b"/F Do"), b"/XObject<</F %d 0 R>>" % inner)


def _own_form(pdf: RawPdf) -> None:
    number = len(pdf.objects) + 1
    pdf.stream(b"/F Do /F Do", b"/Subtype/Form/BBox[0 0 600 600]/Resources<</XObject<</F %d 0 R>>>>" % number)
    pdf.page(pdf.stream(b"/F Do"), b"/XObject<</F %d 0 R>>" % number)


def _groups(pdf: RawPdf) -> None:
    entries = b"/Subtype/Form/BBox[0 0 14000 14000]/Group<</S/Transparency/I true/K true>>"
    inner = pdf.stream(b"0 0 9999 9999 re f", entries)
    for _ in range(60):
        inner = pdf.stream(b"/F Do", entries + b"/Resources<</XObject<</F %d 0 R>>>>" % inner)
    text = b" BT /F1 200 Tf 100 100 Td (Figure 9. Groups in groups.) Tj ET"
    pdf.page(pdf.stream(b"/F Do" + text), b"/XObject<</F %d 0 R>>" % inner, box=b"0 0 14000 14000")


def _pattern(pdf: RawPdf) -> None:
    entries = b"/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 1 1]/XStep 0.001/YStep 0.001/Resources<<>>"
    pattern = pdf.stream(b"0 0 1 1 re f", entries)
    fill = b"/Pattern cs /P scn 60 335 300 200 re f BT /F1 8 Tf 60 320 Td (Figure 9. A pattern.) Tj ET"
    pdf.page(pdf.stream(fill), b"/Pattern<</P %d 0 R>>" % pattern)


def _dashes() -> bytes:
    text = b" BT /F1 8 Tf 60 320 Td (Figure 9. A line of very many dashes.) Tj ET"
    return b"[0.000001] 0 d 100 w 60 400 m 360 400 l S 60 500 m 360 500 l S 60 450 40 40 re S" + text


def _shading(pdf: RawPdf) -> None:
    entries = b"/ShadingType 1/ColorSpace/DeviceRGB/Domain[0 1e9 0 1e9]/Function %d 0 R"
    function = pdf.stream(b"{ " + b"sin cos " * 20_000 + b"1 index 1 index add }",
                          b"/FunctionType 4/Domain[0 1e9 0 1e9]/Range[0 1 0 1 0 1]")  # fmt: skip
    shading = pdf.add(b"<<" + entries % function + b">>")
    text = b" BT /F1 8 Tf 60 320 Td (Figure 9. A shading.) Tj ET"
    pdf.page(pdf.stream(b"q 60 335 300 200 re W n /S sh Q" + text), b"/Shading<</S %d 0 R>>" % shading)


def _nested_object(pdf: RawPdf, opening: bytes, closing: bytes) -> None:
    pdf.page(pdf.stream(b"/Im1 Do"), entries=b"/Extra " + opening * 100_000 + b"1" + closing * 100_000)


# ---------------------------------------------------------------------------------------------------------------- fonts
def _fonted(font: bytes, text: bytes, pdf: RawPdf) -> None:
    number = pdf.add(font)
    pdf.page(pdf.stream(b"BT /F9 10 Tf 60 300 Td " + text + b" ET"), b"/Font<</F9 %d 0 R>>" % number)


def _type3(pdf: RawPdf) -> None:
    number = len(pdf.objects) + 3
    glyph = pdf.stream(b"1000 0 0 0 1000 1000 d1 BT /F9 1 Tf (aaaaaaaaaa) Tj ET")
    names = pdf.add(b"<<" + b"".join(b"/g%d %d 0 R" % (n, glyph) for n in range(100_000)) + b">>")
    differences = b"[0 " + b"/g1" * 256 + b"]"
    font = (
        b"<</Type/Font/Subtype/Type3/FontBBox[0 0 1000 1000]/FontMatrix[0.001 0 0 0.001 0 0]/CharProcs %d 0 R"
        b"/Encoding<</Differences%s>>/FirstChar 0/LastChar 255/Widths[%s]/Resources<</Font<</F9 %d 0 R>>>>>>"
    )
    _fonted(font % (names, differences, b"1000 " * 256, number), b"(aaaaaaaaaa) Tj", pdf)


def _cid(pdf: RawPdf) -> None:
    cmap = pdf.stream(
        b"/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
        + b"100 beginbfrange <0000> <FFFF> <0041> endbfrange\n" * 50_000 + b"endcmap"
    )  # fmt: skip
    system = b"/CIDSystemInfo<</Registry(A)/Ordering(I)/Supplement 0>>"
    widths = b"/W[" + b"0 65535 500 " * 300_000 + b"]"
    below = pdf.add(b"<</Type/Font/Subtype/CIDFontType2/BaseFont/X" + system + widths + b">>")
    font = b"<</Type/Font/Subtype/Type0/BaseFont/X/Encoding/Identity-H/ToUnicode %d 0 R/DescendantFonts[%d 0 R]>>"
    _fonted(font % (cmap, below), b"<00410042> Tj", pdf)


def _program(pdf: RawPdf) -> None:
    """A TrueType file whose tables claim 65,535 glyphs of 4 GB."""
    tables = b"".join(
        name + b"\0\0\0\0" + b"\0\0\0\xac" + b"\xff\xff\xff\xf0"
        for name in (b"cmap", b"glyf", b"head", b"hhea", b"hmtx", b"loca", b"maxp", b"name", b"post", b"OS/2")
    )
    file = pdf.stream(b"\0\1\0\0\0\x0a\0\x80\0\3\0\x20" + tables + b"\xff" * 5000)  # fmt: skip
    descriptor = pdf.add(b"<</Type/FontDescriptor/FontName/X/Flags 4/FontFile2 %d 0 R>>" % file)
    font = b"<</Type/Font/Subtype/TrueType/BaseFont/X/FontDescriptor %d 0 R/FirstChar 0/LastChar 255/Widths[%s]>>"
    _fonted(font % (descriptor, b"500 " * 256), b"(Some text) Tj", pdf)


# ------------------------------------------------------------------------------------------------------- much of a kind
def _text(lines: list[bytes], pdf: RawPdf, size: float = 2.0) -> None:
    """Lines from the top in as many columns as it takes, squeezed so that the longest stays on the page."""
    rows = int((HEIGHT - 40) / max(0.05, size * 1.2))
    wide = WIDTH / -(-len(lines) // rows)
    squeezed = min(100.0, 100 * wide / (size * max(map(len, lines))))
    out = [b"q 60 0 0 40 20 20 cm /Im1 Do Q BT /F1 %.2f Tf %.5f Tz" % (size, squeezed)]
    for n, line in enumerate(lines):
        x, y = 10 + wide * (n // rows), HEIGHT - 20 - (n % rows) * size * 1.2
        out.append(b"1 0 0 1 %.2f %.2f Tm (%s) Tj" % (x, y, line))
    pdf.page(pdf.stream(b"\n".join(out) + b" ET"))


def _drawings(count: int, pdf: RawPdf) -> None:
    parts = [b"%.2f %.2f %.2f %.2f re f" % (10 + n * 7 % 397, 100 + n * 13 % 471, 1 + n % 5, 1 + n % 7)
             for n in range(count)]  # fmt: skip
    pdf.page(pdf.stream(b"\n".join(parts) + b" BT /F1 8 Tf 60 60 Td (Figure 9. A plot of very many points.) Tj ET"))


def _pictures(count: int, side: float, pdf: RawPdf) -> None:
    parts = [b"q %.2f 0 0 %.2f %.2f %.2f cm /Im1 Do Q" % (side, side, 10 + n * 7.13 % 397, 100 + n * 3.37 % 471)
             for n in range(count)]  # fmt: skip
    pdf.page(pdf.stream(b"\n".join(parts) + b" BT /F1 8 Tf 60 60 Td (Figure 9. Very many pictures, \\(a\\) one "
                        b"and \\(b\\) another and \\(c\\) the last.) Tj ET"))  # fmt: skip


def _figures(count: int, pdf: RawPdf) -> None:
    """Small pictures in a grid, a caption under each."""
    out, side = [], max(4.2, (400 * 550 / count) ** 0.5)
    across = int(400 / side)
    for n in range(count):
        x, y = 10 + side * (n % across), 560 - side * (n // across)
        out.append(b"q %.2f 0 0 %.2f %.2f %.2f cm /Im1 Do Q" % (0.6 * side, 0.6 * side, x, y))
        out.append(b"BT /F1 %.2f Tf %.2f %.2f Td (Figure %d. X.) Tj ET" % (0.12 * side, x, y - 0.2 * side, n))
    pdf.page(pdf.stream(b"\n".join(out)))


# ---------------------------------------------------------------------------------------------------------- whole files
def _many_pages(count: int) -> bytes:
    pdf = RawPdf()
    contents = pdf.stream(b"BT /F1 10 Tf 60 300 Td (A page like all others.) Tj ET")
    for _ in range(count):
        pdf.page(contents)
    return pdf.written()


def _page_tree_in_a_circle() -> bytes:
    pdf = RawPdf()
    pdf.good_page()
    return pdf.written(tree=b"<</Type/Pages/Count 2147483647/Kids[%d 0 R %d 0 R]>>" % (pdf.pages[0], pdf.tree))


def _deep_page_tree() -> bytes:
    pdf = RawPdf()
    pdf.good_page()
    below = pdf.pages[0]
    for _ in range(20_000):
        below = pdf.add(b"<</Type/Pages/Count 1/Kids[%d 0 R]>>" % below)
    return pdf.written(tree=b"<</Type/Pages/Count 1/Kids[%d 0 R]>>" % below)


def _claimed_pages() -> bytes:
    pdf = RawPdf()
    pdf.good_page()
    return pdf.written(tree=b"<</Type/Pages/Count 4000/Kids[%d 0 R]>>" % pdf.pages[0])


def _xref_in_a_circle() -> bytes:
    pdf = RawPdf()
    pdf.good_page()
    data = pdf.written()
    start = int(data.split(b"startxref\n")[-1].split()[0])
    return data.replace(b"/Root", b"/Prev %d/XRefStm %d/Root" % (start, start))


def _xref_of_billions() -> bytes:
    pdf = RawPdf()
    pdf.good_page()
    return pdf.written().replace(b"xref\n0 ", b"xref\n0 99999999", 1)


def _object_streams_in_a_circle() -> bytes:
    pdf = RawPdf()
    pdf.good_page()
    number = len(pdf.objects) + 1
    pdf.stream(b"1 0 2 10 <</A 1>> <</B 2>>", b"/Type/ObjStm/N 2/First 8/Extends %d 0 R" % number)
    return pdf.written(tail=b"/Info %d 0 R" % number)


CITING = b"See Figs. " + b"1, " * 3000 + b"and 2; Figures 1-1-1-1-1-1-1-1-1, 1A-1B-1C-1D-1E-1F-1G. "
PAGES: dict[str, Callable[[RawPdf], None]] = {
    "page box of a light year": partial(_box, b"0 0 1e15 1e15"),
    "page box without area": partial(_box, b"0 0 0 0"),
    "page box that is no number": partial(_box, b"0 0 nan inf"),
    "page box of 10,000 inches": partial(_box, b"0 0 720000 720000"),
    "page of 200 inches with a plot": _large_page,
    "picture declared 60,000 x 60,000": partial(_declared, b"", b"\0" * 1000, 60_000),
    "JPEG declared 60,000 x 60,000": partial(_declared, b"DCTDecode", _jpeg_of(60_000), 60_000),
    "JPX declared 60,000 x 60,000": partial(_declared, b"JPXDecode", _jpx_of(60_000), 60_000),
    "picture of 30,000 x 30,000": _long_image,
    "soft mask declared 50,000 x 50,000": _mask,
    "Flate stream of 1 GB of strokes": partial(_flate, 1),
    "two Flate layers around 1 GB": partial(_flate, 2),
    "forms that expand to a billion": _forms,
    "form that draws itself": _own_form,
    "60 groups of a large page": _groups,
    "tiling pattern of tiny steps": _pattern,
    "a million dashes a point": partial(_content, _dashes()),
    "shading of 40,000 operators": _shading,
    "path of 5 M segments": partial(_content, b"0 0 m " + b"60 335 l 360 535 l " * 2_500_000 + b"S"),
    "arrays nested 100,000 deep": partial(_nested_object, opening=b"[", closing=b"]"),
    "dictionaries nested 100,000 deep": partial(_nested_object, opening=b"<</A ", closing=b">>"),
    "a million saved states": partial(_content, b"q " * 1_000_000 + b"/Im1 Do"),
    "100,000 nested clips": partial(_content, b"q 0 0 500 500 re W n " * 100_000 + b"/Im1 Do"),
    "200,000 nested marked contents": partial(_content, b"/P BMC " * 200_000 + b"/Im1 Do"),
    "arrays in content nested 100,000 deep": partial(_content, b"[" * 100_000 + b"] TJ"),
    "glyphs that draw themselves": _type3,
    "font with 5 M mapped characters": _cid,
    "font file with tables of 4 GB": _program,
    "100,000 lines of text": partial(_text, [b"line %d of text" % n for n in range(100_000)], size=0.3),
    "20,000 lines that start like captions": partial(
        _text, [b"Figure %d. A line." % n for n in range(20_000)], size=0.5
    ),
    "20,000 lines that cite": partial(_text, [b"as seen in Figs. %d and 2," % n for n in range(20_000)], size=0.5),
    "30,000 single letters": partial(_text, [b"a"] * 30_000, size=0.5),
    "a line of 400 kB": partial(_text, [b"word " * 80_000]),
    "a line of 400 kB without spaces": partial(_text, [b"w" * 400_000]),
    "citations in long lists": partial(_text, [CITING] * 40),
    "100,000 pieces of one caption": partial(
        _text, [b"Figure 9. A caption", *[b"that goes on and on"] * 30_000], size=0.4
    ),
    "50,000 drawings": partial(_drawings, 50_000),
    "20,000 small pictures": partial(_pictures, 20_000, 3.0),
    "20,000 pictures of 5 points": partial(_pictures, 20_000, 5.0),
    "2,000 pictures of 40 points": partial(_pictures, 2_000, 40.0),
    "3,000 figures on a page": partial(_figures, 3_000),
    "inline picture of 60,000 x 60,000": partial(
        _content, b"q 9 0 0 9 0 0 cm BI /W 60000 /H 60000 /BPC 8 /CS /RGB ID " + bytes(99) + b" EI Q"
    ),
    "5,000 long lines": partial(_text, [SENTENCE.encode() * 3] * 5_000, size=0.4),
    "a head of 100,000 spaces": partial(_text, [b"- " + b" " * 100_000 + b"x"]),
    "a line of 100,000 stops": partial(_text, [b". " * 50_000]),
    "a caption of 20,000 letters": partial(_text, [b"Figure 9. " + b"\\(a\\) " * 20_000]),
    "a caption of 20,000 ranges": partial(_text, [b"Figure 9. " + b"A-C, D, E and F: " * 20_000]),
    "a number of 50,000 parts": partial(_text, [b"Figure " + b"1-" * 50_000, b"as in Figs. " + b"1-" * 50_000]),
    "a paragraph of 400 kB": partial(_text, [SENTENCE.encode() * 30] * 180),
    "100,000 brackets": partial(_text, [b"Figure 9. " + b"\\(" * 100_000, b"[" * 100_000]),
}
FILES: dict[str, Maker] = {
    "10,000 pages": partial(_many_pages, 10_000),
    "4,999 pages": partial(_many_pages, 4_999),
    "page tree in a circle": _page_tree_in_a_circle,
    "page tree 20,000 deep": _deep_page_tree,
    "4,000 pages claimed, one there": _claimed_pages,
    "xref table in a circle": _xref_in_a_circle,
    "xref table of a billion entries": _xref_of_billions,
    "object stream that extends itself": _object_streams_in_a_circle,
}
