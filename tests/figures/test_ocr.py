"""Scanned pages: text by the engine that is fit for it, pictures, skew, quarter turns, missing engines."""

import importlib.util
import stat
import sys
import time
from pathlib import Path

import pymupdf
import pytest

_spec = importlib.util.spec_from_file_location("ocr_pages", Path(__file__).with_name("ocr_pages.py"))
pages = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(pages)

from assets.figures.extract import extract_pdf  # noqa: E402
from assets.figures.geometry import inside  # noqa: E402
from assets.figures.ocr import OcrMissing, read_scan, tesseract  # noqa: E402
from assets.figures.ocr.repair import repaired  # noqa: E402

with_tesseract, with_rapidocr = pages.needs("tesseract"), pages.needs("rapidocr")

PHOTO_A, PHOTO_B = (60, 60, 250, 220), (262, 60, 452, 220)
CAPTION = (60, 245, 480, 285)


def english(page):
    page.insert_image(pymupdf.Rect(PHOTO_A), stream=pages.stain(380, 320))
    page.insert_image(pymupdf.Rect(PHOTO_B), stream=pages.stain(380, 320, seed=1, ground=(225, 190, 215)))
    pages.write(page, (150, 224, 180, 240), "(a)", 8)
    pages.write(page, (350, 224, 380, 240), "(b)", 8)
    pages.write(
        page, CAPTION, "Figure 3. Thyroid gland. (a) Follicles of even size. (b) Dense stroma in an old patient.", 8.5
    )
    pages.write(page, (60, 320, 290, 600), 3 * pages.ENGLISH, 10)
    pages.write(page, (310, 320, 540, 600), 3 * pages.ENGLISH, 10)


def chinese(page):
    page.insert_image(pymupdf.Rect(PHOTO_A), stream=pages.stain(380, 320))
    pages.write(page, CAPTION, "图6-1 皮肤基底细胞癌（HE染色）。癌巢周边的细胞呈栅栏状排列。", 9, "china-s")
    pages.write(page, (60, 320, 540, 520), 3 * pages.CHINESE, 10.5, "china-s")


def without_tesseract(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))


def without_rapidocr(monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)


def line_with(scan, text):
    return next(line for line in scan.lines if text in line.text)


@pytest.fixture(scope="module")
def straight():
    return read_scan(pages.scanned(pages.typeset(english)))


@with_tesseract
def test_an_english_page_is_read_by_tesseract_in_column_lines(straight):
    scan = straight
    assert scan.engine.startswith("tesseract 5") and scan.confidence > 0.85 and len(scan.scores) == len(scan.lines)
    assert (scan.turn, scan.skew) == (0, 0.0)
    assert line_with(scan, "Figure 3.").text.startswith("Figure 3. Thyroid gland. (a) Follicles")
    body = [line for line in scan.lines if line.box[1] > 315]
    assert all(line.box[2] < 300 or line.box[0] > 300 for line in body), "columns were merged"
    assert "parafollicular cells" in " ".join(line.text for line in body if line.box[0] < 300)
    assert len({line.size for line in body}) == 1 and abs(body[0].size - 10) <= 1


@with_tesseract
def test_pictures_are_found_apart_and_without_their_captions(straight):
    scan = straight
    assert len(scan.pictures) == 2
    for box, found in zip((PHOTO_A, PHOTO_B), sorted(scan.pictures), strict=True):
        assert pages.share(box, found) > 0.95
    assert [line.text for line in scan.lines if 222 < line.box[1] < 243] == ["(a)", "(b)"]


@with_tesseract
@pytest.mark.parametrize("skew", [1.7, -3.2])
def test_a_skewed_page_is_read_straight_and_its_boxes_lead_back(straight, skew):
    scan = read_scan(pages.scanned(pages.typeset(english), skew=skew))
    assert abs(scan.skew - skew) < 0.15
    assert line_with(scan, "Figure 3.").text == line_with(straight, "Figure 3.").text
    assert len(scan.pictures) == 2
    for box, found in zip((PHOTO_A, PHOTO_B), sorted(scan.pictures), strict=True):
        assert pages.share(box, found) > 0.9
        stored = scan.as_stored(found)
        turned = pymupdf.Rect(box).quad.morph(pymupdf.Point(297.5, 421), pymupdf.Matrix(skew)).rect
        assert pages.share(turned, stored) > 0.9


@with_tesseract
@pytest.mark.parametrize("turn", [1, 2, 3])
def test_a_page_stored_sideways_or_upside_down_is_turned(turn):
    scan = read_scan(pages.scanned(pages.typeset(english), turn=turn))
    assert scan.turn == turn and (scan.width, scan.height) == (595, 842)
    assert line_with(scan, "Figure 3.").box[0] == pytest.approx(60, abs=4)


@with_rapidocr
@with_tesseract
def test_a_chinese_page_is_read_by_rapidocr_and_carcinoma_stays_carcinoma():
    scan = read_scan(pages.scanned(pages.typeset(chinese)))
    assert scan.engine.startswith("rapidocr 3.")
    text = "".join(line.text for line in scan.lines)
    assert text.count("癌") == 2 + 3 * pages.CHINESE.count("癌") and text.count("瘤") == 3 * pages.CHINESE.count("瘤")
    assert line_with(scan, "图6-1")
    assert pages.share(PHOTO_A, scan.pictures[0]) > 0.95


@with_rapidocr
def test_rapidocr_alone_reads_a_page_stored_sideways(monkeypatch, tmp_path):
    without_tesseract(monkeypatch, tmp_path)
    scan = read_scan(pages.scanned(pages.typeset(chinese), turn=1))
    assert scan.turn == 1 and scan.engine.startswith("rapidocr") and line_with(scan, "图6-1")


@with_tesseract
def test_a_chinese_page_is_never_left_to_tesseract(monkeypatch):
    without_rapidocr(monkeypatch)
    with pytest.raises(OcrMissing, match=r"^page 1 .*pip install 'pathcorpus\[ocr\]'"):
        read_scan(pages.scanned(pages.typeset(chinese)))


def test_without_engines_the_message_says_what_to_install(monkeypatch, tmp_path):
    without_tesseract(monkeypatch, tmp_path)
    without_rapidocr(monkeypatch)
    with pytest.raises(OcrMissing, match=r"pip install 'pathcorpus\[ocr\]'.*tesseract-ocr") as said:
        read_scan(pages.scanned(pages.typeset(english)))
    assert "\n" not in str(said.value)


def test_a_wedged_tesseract_is_stopped(monkeypatch, tmp_path):
    fake = tmp_path / "tesseract"
    fake.write_text(
        '#!/bin/sh\ncase "$1" in --list-langs) echo eng osd;; --version) echo tesseract 5;; *) /bin/sleep 60;; esac\n'
    )
    fake.chmod(fake.stat().st_mode | stat.S_IXUSR)
    without_tesseract(monkeypatch, tmp_path)
    monkeypatch.setattr(tesseract, "SECONDS", 0.5)
    started = time.monotonic()
    with pytest.raises(tesseract.TesseractFailed, match="more than 0.5 seconds"):
        read_scan(pages.scanned(pages.typeset(english)))
    assert time.monotonic() - started < 30


@with_tesseract
def test_a_line_drawing_is_one_picture_and_its_labels_stay_lines():
    def draw(page):
        for x in (100, 160, 220, 280):
            page.draw_rect(pymupdf.Rect(x, 300 - 0.6 * x, x + 30, 300), fill=(0.3, 0.3, 0.3))
        page.draw_line((90, 100), (90, 300))
        page.draw_line((90, 300), (330, 300))
        for x, name in ((100, "Liver"), (160, "Heart"), (220, "Spleen")):
            pages.write(page, (x - 4, 304, x + 50, 320), name, 8, "helv")
        pages.write(page, (90, 340, 400, 360), "Figure 2. Weight of the organs.", 9)
        pages.write(page, (90, 400, 500, 600), 3 * pages.ENGLISH, 10)

    scan = read_scan(pages.scanned(pages.typeset(draw)))
    (picture,) = scan.pictures
    assert pages.share(picture, (90, 100, 330, 316)) > 0.85
    assert inside(line_with(scan, "Figure 2.").box, picture) == 0
    assert line_with(scan, "Liver")


@with_tesseract
def test_rules_frames_tints_and_scan_borders_are_no_pictures():
    def draw(page):
        page.draw_rect(pymupdf.Rect(0, 0, 14, 842), fill=(0.1, 0.1, 0.1))
        page.draw_line((60, 50), (535, 50))
        page.draw_rect(pymupdf.Rect(55, 90, 545, 260), fill=(0.85, 0.9, 0.95), color=(0, 0, 0))
        pages.write(page, (65, 100, 535, 250), 2 * pages.ENGLISH, 10)
        pages.write(page, (60, 300, 535, 500), 3 * pages.ENGLISH, 10)

    scan = read_scan(pages.scanned(pages.typeset(draw)))
    assert scan.pictures == []
    assert "parafollicular" in " ".join(line.text for line in scan.lines if line.box[1] < 260)


@with_tesseract
def test_bold_labels_are_told_from_the_text_behind_them():
    def draw(page):
        pages.write(page, (60, 60, 500, 80), "Figure 7.", 10, "tibo")
        page.insert_text((106, 71), "Section of a lymph node with large follicles.", fontsize=10, fontname="tiro")
        pages.write(page, (60, 120, 500, 400), 4 * pages.ENGLISH, 10)

    line = line_with(read_scan(pages.scanned(pages.typeset(draw))), "Figure 7.")
    assert line.runs[0].bold and line.runs[0].text.strip() == "Figure 7." and not line.runs[-1].bold


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("Fiqure 1. Cells", "Figure 1. Cells"),
        ("FiGuRE 3: Cells", "Figure 3: Cells"),
        ("Flgure 12 Cells", "Figure 12 Cells"),
        ("as seen in Fig . 2 and", "as seen in Fig. 2 and"),
        ("as seen in Fig. lA and", "as seen in Fig. 1A and"),
        ("Fig. 7-l2", "Fig. 7-12"),
        ("图6一1 皮肤", "图6-1 皮肤"),
        ("normal cells (@) and (©)", "normal cells (a) and (c)"),
    ],
)
def test_names_of_figures_are_put_right(read, meant):
    assert repaired(read) == meant


@pytest.mark.parametrize(
    "text",
    ["Future 3", "Finger 3", "pig 3", "fit 3", "Plate II", "In this figure I show", "Figure 1. 5 mm", "Figure 1. I am"],
)
def test_what_only_looks_like_a_name_stays(text):
    assert repaired(text) == text


def test_a_searchable_scan_keeps_its_words_and_gets_its_pictures(tmp_path):
    """A scan under an invisible text layer, as scanners and libraries make them."""
    document = pages.typeset(english)
    words = document[0].get_text("words")
    scan = pages.scanned(document)
    for x0, _, _, y1, text, *_ in words:
        scan.insert_text((x0, y1 - 2), text, fontsize=8, render_mode=3)
    scan.parent.save(tmp_path / "searchable.pdf")
    found = extract_pdf(tmp_path / "searchable.pdf", "book")
    (figure,) = found.figures
    assert found.pages[0].method == figure.method == "ocr"
    assert (figure.label, figure.caption[:14]) == ("Figure 3", "Thyroid gland.")
    assert inside(tuple(figure.bbox), (55, 55, 457, 245)) > 0.99
    assert inside((70, 70, 440, 210), tuple(figure.bbox)) == 1
    assert "lined by cuboidal cells" in found.pages[0].text
