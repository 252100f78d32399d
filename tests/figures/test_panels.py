"""Captions divided into lead and own parts; panel boxes from rasters, printed letters and gutters."""

import pytest
from PIL import Image

from assets.figures.subcaptions import divide


@pytest.mark.parametrize(
    ("caption", "lead", "parts"),
    [
        ("Thyroid. (A) Low power. (B) High power.", "Thyroid.", {"A": "Low power.", "B": "High power."}),
        ("Thyroid. A, Low power. B, High power.", "Thyroid.", {"A": "Low power.", "B": "High power."}),
        ("Thyroid. A. Low power. B. High power.", "Thyroid.", {"A": "Low power.", "B": "High power."}),
        ("Thyroid. A: Low power; B: High power.", "Thyroid.", {"A": "Low power", "B": "High power."}),
        ("Thyroid. A) Low power. B) High power.", "Thyroid.", {"A": "Low power.", "B": "High power."}),
        (
            "Liver (H&E). Normal cells were round (a). Fat was seen (b).",
            "Liver (H&E).",
            {"A": "Normal cells were round", "B": "Fat was seen"},
        ),
        ("Gland. (A, B) Low power. (C–E) High power.", "Gland.",
         {"A": "Low power.", "B": "Low power.", "C": "High power.", "D": "High power.", "E": "High power."}),
        ("Continued. (D) Nodes. (E) Vessels.", "Continued.", {"D": "Nodes.", "E": "Vessels."}),
        ("甲状腺。A.低倍；B.高倍。", "甲状腺。", {"A": "低倍", "B": "高倍。"}),
        ("甲状腺。A：低倍；B：高倍。", "甲状腺。", {"A": "低倍", "B": "高倍。"}),
        ("A section fed with vitamin A. It is normal.", "A section fed with vitamin A. It is normal.", {}),
        ("Cells of group (B) only.", "Cells of group (B) only.", {}),
    ],
)  # fmt: skip
def test_divide(caption, lead, parts):
    divided = divide(caption)
    assert (divided.lead, divided.parts) == (lead, parts)


def close(box, expected, by=4.0):
    assert box == pytest.approx(list(expected), abs=by), box


def test_panels_stored_as_strips_of_uneven_height_are_whole(drawn, make_photo):
    page = drawn.page()
    for seed, top in ((1, 60), (2, 245)):
        picture = make_photo(900, 522, seed=seed)
        for n in range(15):  # 34 or 35 rows each: 11.7 or 12.04 points
            start, end = round(n * 34.8), round((n + 1) * 34.8)
            strip = picture.crop((0, start, 900, end))
            drawn.image(page, (60, top + start * 0.344, 369.6, top + end * 0.344), strip)
    drawn.text(page, (60, 430, 370, 470), "Fig. 1. Thyroid. (A) Low power. (B) High power.", size=8, font="helv")
    drawn.body(page, (60, 500, 535, 650))
    a, b = drawn.extract().panels
    close(a.bbox, (60, 60, 369.6, 239.6), by=0.5)
    close(b.bbox, (60, 245, 369.6, 424.6), by=0.5)


def test_separate_rasters_become_panels_row_by_row(drawn, make_photo):
    page = drawn.page()
    boxes = {"A": (60, 60, 200, 160), "B": (210, 60, 350, 160), "C": (60, 170, 200, 270), "D": (210, 170, 350, 270)}
    for n, box in enumerate(boxes.values()):
        drawn.image(page, box, make_photo(seed=n))
    drawn.text(page, (60, 276, 400, 300), "Fig. 2. Gland. A, One. B, Two. C, Three. D, Four.", size=8, font="helv")
    drawn.body(page, (60, 330, 535, 480), "Capillaries are seen (Fig. 2B-D).")
    found = drawn.extract()
    assert {p.letter: p.own for p in found.panels} == {"A": "One.", "B": "Two.", "C": "Three.", "D": "Four."}
    for panel in found.panels:
        close(panel.bbox, boxes[panel.letter])
        assert (panel.lead, panel.pixels) == ("Gland.", "embedded")
    assert [r.letter for r in found.references] == ["B", "C", "D"]


def test_printed_letters_decide_the_order(drawn, make_photo):
    page = drawn.page()
    boxes = {"A": (60, 60, 200, 160), "C": (210, 60, 350, 160), "B": (60, 170, 200, 270), "D": (210, 170, 350, 270)}
    for n, (letter, box) in enumerate(boxes.items()):
        drawn.image(page, box, make_photo(seed=n))
        page.insert_text((box[0] + 4, box[3] - 4), letter, fontsize=10, fontname="hebo", color=(0, 0, 0))
    drawn.text(page, (60, 276, 400, 300), "Fig. 2. Gland. A, One. B, Two. C, Three. D, Four.", size=8, font="helv")
    drawn.body(page, (60, 330, 535, 480))
    for panel in drawn.extract().panels:
        close(panel.bbox, boxes[panel.letter])


def test_gutters_divide_one_raster(drawn, make_photo):
    whole = Image.new("RGB", (630, 420), "white")
    for n, at in enumerate([(0, 0), (320, 0), (0, 215), (320, 215)]):
        whole.paste(make_photo(310, 205, seed=n), at)
    page = drawn.page()
    drawn.image(page, (60, 60, 375, 270), whole)
    drawn.text(page, (60, 276, 400, 300), "Fig. 2. (A) One. (B) Two. (C) Three. (D) Four.", size=8, font="helv")
    drawn.body(page, (60, 330, 535, 480))
    panels = {p.letter: p for p in drawn.extract().panels}
    close(panels["A"].bbox, (60, 60, 215, 162))
    close(panels["D"].bbox, (220, 167, 375, 270))


def test_a_caption_with_letters_and_an_undivided_picture_gives_no_panels(drawn, make_photo):
    page = drawn.page()
    drawn.image(page, (60, 60, 375, 270), make_photo(630, 420))
    drawn.text(page, (60, 276, 400, 300), "Fig. 2. (A) One. (B) Two. (C) Three.", size=8, font="helv")
    drawn.body(page, (60, 330, 535, 480))
    found = drawn.extract()
    assert len(found.figures) == 1
    assert found.panels == []
    (failure,) = found.failures
    assert (failure.stage, failure.reason, failure.page) == ("figures.panels", "panels-not-found", 1)
    assert "Fig. 2 on page 1 names the panels A, B, C" in failure.detail
