"""Native pixels: bytes unchanged where that is right, decoded or rendered where it is not."""

import io
import struct
from itertools import product

import numpy as np
import pymupdf
import pytest
from PIL import Image, ImageCms

from assets.figures import pixels
from assets.figures.layout import read_layout
from assets.figures.pixels import PagePixels
from assets.figures.placed import find_xref, read_placed


def one_figure(drawn, picture, kind="JPEG", over=None):
    page = drawn.page()
    drawn.image(page, (60, 60, 360, 260), picture, kind)
    if over:
        page.insert_text((100, 160), over, fontsize=20, color=(1, 1, 0))
    drawn.text(page, (60, 266, 360, 290), "Figure 1. A section.", size=8, font="helv")
    drawn.body(page, (60, 330, 535, 480))
    found = drawn.extract()
    (figure,), (image,) = found.figures, found.images
    assert figure.image == image.sha256
    return figure, image, Image.open(io.BytesIO(image.data))


@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_a_plain_jpeg_keeps_its_bytes(drawn, make_photo, encode, mode):
    data = encode(make_photo(600, 400, mode=mode))
    figure, image, _ = one_figure(drawn, data)
    assert (figure.pixels, image.media_type) == ("embedded", "image/jpeg")
    assert image.data == data
    assert (figure.width, figure.height, figure.dpi) == (600, 400, pytest.approx(144, abs=0.5))


def test_a_cmyk_jpeg_is_decoded_to_srgb(drawn, make_photo, encode):
    figure, image, picture = one_figure(drawn, encode(make_photo(600, 400, mode="CMYK")))
    assert (figure.pixels, image.media_type, picture.mode, picture.size) == ("decoded", "image/png", "RGB", (600, 400))
    wanted = np.asarray(pymupdf_view(drawn), dtype=int)
    assert np.abs(np.asarray(picture.resize((300, 200)), dtype=int) - wanted).mean() < 8


def pymupdf_view(drawn):
    """The figure as a viewer shows it, 300 x 200 pixels."""
    with pymupdf.open(drawn.path) as document:
        pixmap = document[0].get_pixmap(clip=pymupdf.Rect(60, 60, 360, 260))
    return Image.frombytes("RGB", (pixmap.width, pixmap.height), pixmap.samples)


def test_a_png_is_decoded_at_its_own_size(drawn, make_photo):
    figure, _, picture = one_figure(drawn, make_photo(450, 300), "PNG")
    assert (figure.pixels, picture.size) == ("decoded", (450, 300))


def test_a_jpeg_that_says_it_lies_on_its_side_is_not_kept(drawn, make_photo):
    out, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = 6
    make_photo(600, 400).save(out, "JPEG", exif=exif)
    figure, _, _ = one_figure(drawn, out.getvalue())
    assert figure.pixels != "embedded"


def test_writing_on_the_picture_is_not_lost(drawn, make_photo):
    figure, image, _ = one_figure(drawn, make_photo(600, 400), over="tumour")
    assert (figure.pixels, image.media_type) == ("rendered", "image/png")
    assert figure.dpi == pytest.approx(144, abs=1)


def test_a_decode_array_that_inverts_is_respected(drawn, make_photo):
    page = drawn.page()
    drawn.image(page, (60, 60, 360, 260), make_photo(600, 400))
    drawn.document.xref_set_key(page.get_images()[0][0], "Decode", "[1 0 1 0 1 0]")
    drawn.text(page, (60, 266, 360, 290), "Figure 1. A section.", size=8, font="helv")
    drawn.body(page, (60, 330, 535, 480))
    found = drawn.extract()
    assert found.figures[0].pixels != "embedded"
    picture = Image.open(io.BytesIO(found.images[0].data)).resize((300, 200))
    assert np.abs(np.asarray(picture, dtype=int) - np.asarray(pymupdf_view(drawn), dtype=int)).mean() < 8


def test_a_huge_resolution_is_capped(drawn, make_photo):
    page = drawn.page()
    drawn.image(page, (60, 60, 160, 130), make_photo(2000, 1400))
    page.insert_text((80, 100), "x", fontsize=8)
    drawn.text(page, (60, 136, 360, 150), "Figure 1. A stamp.", size=8, font="helv")
    drawn.body(page, (60, 330, 535, 480))
    (figure,) = drawn.extract().figures
    assert (figure.pixels, figure.dpi) == ("rendered", 600)


def test_a_poster_is_rendered_with_as_many_pixels_as_any_reader_opens(monkeypatch):
    monkeypatch.setattr(pixels, "MAX_RENDERED", 400_000)
    with pymupdf.open() as document:
        page = document.new_page(width=2000, height=1500)
        page.draw_circle((1000, 700), 600, color=(1, 0, 0), fill=(0, 0, 1))
        made = PagePixels(document, page, read_layout(page)).cut((300, 100, 1700, 1300))
    assert made.pixels == "rendered"
    assert 350_000 < made.image.width * made.image.height < 405_000
    assert made.dpi == pytest.approx(72 * made.image.width / 1400, abs=0.2)


def test_a_picture_is_the_same_whatever_was_cut_before(drawn, make_photo):
    page = drawn.page()
    drawn.image(page, (-200, 100, 200, 366), make_photo(600, 400, seed=1))
    page.insert_text((60, 200), "A", fontsize=20)  # writing on it, so that the picture is rendered
    drawn.image(page, (300, 500, 500, 633), make_photo(600, 400, seed=2))
    drawn.body(page, (60, 650, 535, 800))
    with pymupdf.open(drawn.save()) as document:
        layout = read_layout(document[0])
        bleeding, whole = (raster.box for raster in layout.rasters)
        alone = PagePixels(document, document[0], layout).cut(bleeding)
        later = PagePixels(document, document[0], layout)
        later.cut(whole)
        assert later.cut(bleeding) == alone
    assert (alone.pixels, alone.dpi) == ("rendered", pytest.approx(108, abs=0.5))


def swapped_profile():
    """An RGB profile that takes red for blue: sRGB with two primaries exchanged, under another name."""
    data = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = data.replace(b"rXYZ", b"zXYZ", 1).replace(b"bXYZ", b"rXYZ", 1).replace(b"zXYZ", b"bXYZ", 1)
    return data.replace("sRGB".encode("utf-16-be"), "xBGR".encode("utf-16-be"))


def ink_profile():
    """A CMYK profile of odd inks, as a table of 16 colours (ICC.1, lut8Type): the first two are red and yellow."""
    ramp = bytes(range(256))
    grid = b"".join(
        bytes(
            [round(255 * (1 - 0.4 * c - 0.1 * m - 0.2 * y) * (1 - k)), 128 + 90 * c * (1 - k), 128 + 90 * m * (1 - k)]
        )
        for c, m, y, k in product((0, 1), repeat=4)
    )
    table = b"mft1" + struct.pack(">4x4B", 4, 3, 2, 0) + struct.pack(">9i", *(65536 * (i % 4 == 0) for i in range(9)))
    table += ramp * 4 + grid + ramp * 3
    name = b"desc" + struct.pack(">4xI", 9) + b"odd inks\0" + bytes(78)
    white = b"XYZ " + struct.pack(">4x3i", 63190, 65536, 54061)
    tags, offset, index = [(b"desc", name), (b"wtpt", white), (b"A2B0", table)], 128 + 4 + 3 * 12, b""
    body = b""
    for tag, content in tags:
        index += tag + struct.pack(">II", offset + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    head = struct.pack(">I4xI4s4s4s12x4s28xiii48x", offset + len(body), 0x02400000, b"prtr", b"CMYK", b"Lab ", b"acsp",
                       63190, 65536, 54061)  # fmt: skip
    assert len(head) == 128
    return head + struct.pack(">I", 3) + index + body


def set_profile(document, picture, profile, channels):
    xref = document.get_new_xref()
    document.update_object(xref, f"<</N {channels}>>")
    document.update_stream(xref, profile)
    document.xref_set_key(picture, "ColorSpace", f"[/ICCBased {xref} 0 R]")


def page_with(drawn, picture, kind="JPEG"):
    """A page with a figure; returns the page and the xref of its picture."""
    page = drawn.page()
    drawn.image(page, (60, 60, 360, 260), picture, kind)
    drawn.text(page, (60, 266, 360, 290), "Figure 1. A section.", size=8, font="helv")
    drawn.body(page, (60, 330, 535, 480))
    return page, page.get_images()[0][0]


def looks_right(drawn, by=8.0):
    """The only figure, whose picture must be what a viewer shows."""
    found = drawn.extract()
    picture = Image.open(io.BytesIO(found.images[0].data)).convert("RGB").resize((300, 200))
    assert np.abs(np.asarray(picture, dtype=int) - np.asarray(pymupdf_view(drawn), dtype=int)).mean() < by
    return found.figures[0]


def test_a_foreign_profile_is_converted(drawn, make_photo):
    photo = Image.merge("RGB", [make_photo(600, 400, seed=n).getchannel(0) for n in range(3)])
    _, xref = page_with(drawn, photo)
    set_profile(drawn.document, xref, swapped_profile(), 3)
    assert looks_right(drawn).pixels == "decoded"


def test_cmyk_is_converted_by_its_own_profile(drawn, make_photo):
    _, xref = page_with(drawn, make_photo(600, 400, mode="CMYK"))
    plain = np.asarray(Image.open(io.BytesIO(drawn.extract().images[0].data)), dtype=int)
    set_profile(drawn.document, xref, ink_profile(), 4)
    assert looks_right(drawn).pixels == "decoded"
    inked = np.asarray(Image.open(io.BytesIO(drawn.extract().images[0].data)), dtype=int)
    assert np.abs(inked - plain).mean() > 20


def test_a_page_that_gives_rgb_another_meaning_is_rendered(drawn, make_photo):
    page, xref = page_with(drawn, make_photo(600, 400))
    drawn.document.xref_set_key(xref, "ColorSpace", "/DeviceRGB")
    profile = drawn.document.get_new_xref()
    drawn.document.update_object(profile, "<</N 3>>")
    drawn.document.update_stream(profile, swapped_profile())
    resources = int(drawn.document.xref_get_key(page.xref, "Resources")[1].split()[0])
    drawn.document.xref_set_key(resources, "ColorSpace", f"<</DefaultRGB [/ICCBased {profile} 0 R]>>")
    assert looks_right(drawn).pixels == "rendered"
    drawn.document.xref_set_key(resources, "ColorSpace", "null")
    assert looks_right(drawn).pixels == "embedded"


def test_a_jpx_is_decoded(drawn, make_photo, encode):
    page_with(drawn, encode(make_photo(600, 400), "JPEG2000"))
    figure = looks_right(drawn)
    assert (figure.pixels, figure.width, figure.height) == ("decoded", 600, 400)


def test_what_a_soft_mask_leaves_half_seen_is_not_darkened(drawn, make_photo):
    photo = make_photo(600, 400)
    photo.putalpha(Image.linear_gradient("L").resize((600, 400)))
    page_with(drawn, photo, "PNG")
    figure = looks_right(drawn, by=4.0)
    assert (figure.pixels, figure.width) == ("decoded", 600)


def test_a_stencil_over_a_picture_is_respected(drawn, make_photo):
    _, xref = page_with(drawn, make_photo(600, 400))
    stencil = drawn.document.get_new_xref()
    entries = "/Type/XObject/Subtype/Image/Width 8/Height 8/BitsPerComponent 1/ImageMask true"
    drawn.document.update_object(stencil, f"<<{entries}>>")
    drawn.document.update_stream(stencil, bytes([0x80] + [0] * 7))  # hides one corner
    drawn.document.xref_set_key(xref, "Mask", f"{stencil} 0 R")
    assert looks_right(drawn, by=4.0).pixels == "rendered"


def test_pictures_of_one_size_are_told_apart(drawn, make_photo):
    page = drawn.page()
    for n in range(3):
        drawn.image(page, (60, 60 + 150 * n, 200, 200 + 150 * n), make_photo(seed=n % 2))
    with pymupdf.open(drawn.save()) as document:
        found = [find_xref(document[0], placed) for placed in read_placed(document[0])]
        assert found == [info["xref"] for info in document[0].get_image_info(xrefs=True)]
    assert len(set(found)) == 2


def test_panels_of_one_stored_picture_keep_its_pixels(drawn, make_photo, encode):
    whole = Image.new("RGB", (630, 420), "white")
    for n, x in enumerate((0, 320)):
        whole.paste(make_photo(310, 420, seed=n), (x, 0))
    page = drawn.page()
    drawn.image(page, (60, 60, 375, 270), encode(whole))
    drawn.text(page, (60, 276, 400, 300), "Fig. 2. (A) One. (B) Two.", size=8, font="helv")
    drawn.body(page, (60, 330, 535, 480))
    found = drawn.extract()
    stored = np.asarray(Image.open(io.BytesIO(found.images[0].data)))
    assert [p.pixels for p in found.panels] == ["decoded", "decoded"]
    for panel, image, edge in zip(found.panels, found.images[1:], (0, 630 - found.panels[1].width), strict=True):
        part = np.asarray(Image.open(io.BytesIO(image.data)))
        assert part.shape == (panel.height, panel.width, 3)
        assert (part == stored[: panel.height, edge : edge + panel.width]).all()
        assert panel.dpi == found.figures[0].dpi


def test_panels_of_a_rendered_figure_are_parts_of_its_picture(drawn, make_photo):
    whole = Image.new("RGB", (630, 420), "white")
    for n, x in enumerate((0, 320)):
        whole.paste(make_photo(310, 420, seed=n), (x, 0))
    page = drawn.page()
    drawn.image(page, (60, 60, 375, 270), whole)
    page.insert_text((100, 160), "tumour", fontsize=20, color=(1, 1, 0))
    drawn.text(page, (60, 276, 400, 300), "Fig. 2. (A) One. (B) Two.", size=8, font="helv")
    drawn.body(page, (60, 330, 535, 480))
    found = drawn.extract()
    picture, first, second = (np.asarray(Image.open(io.BytesIO(image.data))) for image in found.images)
    assert (first == picture[: first.shape[0], : first.shape[1]]).all()
    assert (second == picture[: second.shape[0], -second.shape[1] :]).all()
