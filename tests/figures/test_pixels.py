"""Native pixels: bytes unchanged where that is right, decoded or rendered where it is not."""

import io

import numpy as np
import pymupdf
import pytest
from PIL import Image

from assets.figures.layout import read_layout
from assets.figures.pixels import PagePixels


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
