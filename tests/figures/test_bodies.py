"""Captions on every side, own-line labels, Chinese, tiles, frames, tables, turned pages."""

import pymupdf
import pytest

from assets.figures import arrange
from assets.figures.confidence import evidence_of
from assets.figures.spool import RECENT


def close(box, expected, by=3.0):
    assert box == pytest.approx(list(expected), abs=by), box


CAPTION = "Fig. 7-26. Follicular adenoma of the thyroid with a complete capsule, in a section stained with H&E."


@pytest.mark.parametrize(
    ("side", "picture", "caption"),
    [
        ("below", (60, 60, 360, 260), (60, 266, 360, 300)),
        ("above", (60, 100, 360, 300), (60, 66, 360, 96)),
        ("left", (220, 60, 520, 260), (60, 60, 205, 140)),
        ("right", (60, 60, 360, 260), (375, 60, 520, 140)),
    ],
)
def test_a_caption_stands_on_any_side(drawn, make_photo, side, picture, caption):
    page = drawn.page()
    drawn.image(page, picture, make_photo())
    drawn.text(page, caption, CAPTION, size=8, font="helv", align=pymupdf.TEXT_ALIGN_LEFT)
    drawn.body(page, (60, 330, 535, 480), "The adenoma has a capsule (Fig. 7-26).")
    found = drawn.extract()
    (figure,) = found.figures
    assert (figure.label, figure.page, figure.method, figure.rule) == ("Fig. 7-26", 1, "native", f"caption-{side}")
    assert figure.caption == CAPTION.removeprefix("Fig. 7-26. ")
    assert 0.5 < figure.score <= 1
    close(figure.bbox, picture)
    assert [r.sentence for r in found.references] == ["The adenoma has a capsule (Fig. 7-26)."]


@pytest.mark.parametrize("label", ["Figure 1", "FIG. 13-19", "Figure-2", "Plate 3", "Fig. S2", "Figure 1.3"])
def test_labels_are_kept_as_printed(drawn, make_photo, label):
    page = drawn.page()
    drawn.image(page, (60, 60, 360, 260), make_photo())
    drawn.text(page, (60, 264, 360, 300), f"{label}. A section of a normal gland.", size=8, font="hebo")
    drawn.body(page, (60, 330, 535, 480))
    assert [f.label for f in drawn.extract().figures] == [label]


def test_a_label_on_its_own_line(drawn, make_photo):
    page = drawn.page()
    drawn.image(page, (60, 60, 360, 260), make_photo())
    page.insert_text((60, 276), "Figure 4", fontsize=9, fontname="hebo")
    drawn.text(page, (60, 280, 360, 310), "Cords of cells in a dense stroma, at the edge of a large node.", 9, "helv")
    drawn.body(page, (60, 340, 535, 480))
    (figure,) = drawn.extract().figures
    assert figure.label == "Figure 4"
    assert figure.caption == "Cords of cells in a dense stroma, at the edge of a large node."


def test_a_chinese_figure(drawn, make_photo):
    page = drawn.page()
    drawn.image(page, (60, 60, 300, 220), make_photo(seed=1))
    drawn.image(page, (310, 60, 550, 220), make_photo(seed=2))
    drawn.text(
        page,
        (60, 226, 550, 246),
        "图 6-1 基底细胞癌。A. 癌巢周边细胞栅栏状排列；B. 癌巢与间质之间有裂隙。",
        9,
        "china-s",
    )
    drawn.text(
        page, (60, 270, 550, 420), "肿瘤由基底样细胞构成，呈巢状排列（图6-1A）。间质黏液样变。" * 8, 10, "china-s"
    )
    found = drawn.extract()
    (figure,) = found.figures
    assert figure.label == "图 6-1"
    assert [(p.letter, p.lead, p.own) for p in found.panels] == [
        ("A", "基底细胞癌。", "癌巢周边细胞栅栏状排列"),
        ("B", "基底细胞癌。", "癌巢与间质之间有裂隙。"),
    ]
    assert found.references[0].sentence == "肿瘤由基底样细胞构成，呈巢状排列（图6-1A）。"
    assert found.references[0].letter == "A"


def test_a_line_that_starts_with_a_citation_is_no_caption(drawn, make_photo):
    page = drawn.page()
    drawn.image(page, (60, 60, 360, 260), make_photo())
    drawn.text(page, (60, 264, 360, 290), "Fig. 1. Normal gland.", size=8, font="helv")
    drawn.text(
        page, (60, 320, 535, 420), "Figure 1 shows a normal gland with its duct. It is lined by two layers of cells."
    )
    drawn.body(page, (60, 420, 535, 560))
    found = drawn.extract()
    assert [f.caption for f in found.figures] == ["Normal gland."]
    assert [r.sentence for r in found.references] == ["Figure 1 shows a normal gland with its duct."]


def test_tiles_of_one_picture_are_one_figure(drawn, make_photo):
    page = drawn.page()
    picture = make_photo(400, 300)
    for i in range(3):
        drawn.image(page, (60, 60 + 80 * i, 380, 140 + 80 * i), picture.crop((0, 100 * i, 400, 100 * i + 100)))
    drawn.text(page, (60, 306, 380, 330), "Figure 2. One section, stored as three tiles.", size=8, font="helv")
    drawn.body(page, (60, 350, 535, 480))
    found = drawn.extract()
    close(found.figures[0].bbox, (60, 60, 380, 300))
    assert found.panels == []
    assert found.figures[0].pixels == "rendered"
    assert found.figures[0].dpi == pytest.approx(90, abs=2)


def test_side_by_side_figures_keep_their_captions(drawn, make_photo):
    page = drawn.page()
    drawn.image(page, (60, 60, 290, 220), make_photo(seed=1))
    drawn.image(page, (305, 60, 535, 220), make_photo(seed=2))
    drawn.text(page, (60, 226, 290, 250), "Figure 7-26. Self-locking nuts.", size=8, font="helv")
    drawn.text(page, (305, 226, 535, 250), "Figure 7-27. Stainless nuts.", size=8, font="helv")
    drawn.body(page, (60, 270, 535, 420))
    figures = drawn.extract().figures
    assert [(f.label, f.caption) for f in figures] == [
        ("Figure 7-26", "Self-locking nuts."),
        ("Figure 7-27", "Stainless nuts."),
    ]
    close(figures[0].bbox, (60, 60, 290, 220))
    close(figures[1].bbox, (305, 60, 535, 220))


@pytest.mark.parametrize("white", [6, 20])
def test_figures_stacked_closely_keep_the_captions_at_their_sides(drawn, make_photo, white):
    page = drawn.page()
    for n in range(3):
        top = 60 + n * (200 + white)
        drawn.image(page, (220, top, 520, top + 200), make_photo(seed=n))
        drawn.text(page, (60, top - 2, 205, top + 80), CAPTION.replace("26", f"{n}"), size=8, font="helv", align=0)
    found = drawn.extract()
    assert [figure.label for figure in found.figures] == ["Fig. 7-0", "Fig. 7-1", "Fig. 7-2"]
    for n, figure in enumerate(found.figures):
        close(figure.bbox, (220, 60 + n * (200 + white), 520, 260 + n * (200 + white)))


def test_panels_stacked_closely_stay_one_figure_beside_a_caption_whose_picture_is_elsewhere(drawn, make_photo):
    page = drawn.page()
    drawn.image(page, (60, 60, 360, 200), make_photo(seed=1))
    drawn.image(page, (60, 206, 360, 346), make_photo(seed=2))
    drawn.text(page, (60, 352, 360, 390), CAPTION, size=8, font="helv", align=0)
    drawn.text(page, (375, 60, 520, 140), CAPTION.replace("26", "27 (facing page)"), size=8, font="helv", align=0)
    drawn.body(page, (60, 430, 535, 580))
    figure = drawn.extract().figures[0]
    assert figure.label == "Fig. 7-26"
    close(figure.bbox, (60, 60, 360, 346))


def test_a_label_between_two_graphics_goes_with_the_nearer_one(drawn, make_photo):
    page = drawn.page()
    drawn.image(page, (220, 255, 490, 437), make_photo(seed=1))
    page.draw_rect((227, 67, 490, 241), color=(0, 0, 0))
    for n in range(12):
        page.draw_line((240 + 20 * n, 230), (250 + 20 * n, 100 + 5 * n), color=(1, 0, 0))
    page.insert_text((460, 241), "Years", fontsize=8)
    drawn.text(page, (52, 64, 215, 130), CAPTION, size=8, font="helv", align=0)
    drawn.text(page, (52, 253, 215, 320), CAPTION.replace("26", "27"), size=8, font="helv", align=0)
    drawn.body(page, (60, 500, 535, 650))
    above, below = drawn.extract().figures
    close(above.bbox, (227, 67, 490, 243))
    close(below.bbox, (220, 255, 490, 437))


def test_a_score_does_not_depend_on_the_length_of_the_book(drawn, make_photo, monkeypatch):
    seen = []

    def noted(*given):
        seen.append(evidence_of(*given))
        return seen[-1]

    monkeypatch.setattr(arrange, "evidence_of", noted)
    for n in range(RECENT + 6):
        page = drawn.page()
        if n in (0, RECENT + 5):
            drawn.image(page, (60, 60, 360, 260), make_photo(seed=n))
            drawn.text(
                page, (60, 266, 360, 300), CAPTION.replace("26", f"{26 + n // 60}"), size=8, font="helv", align=0
            )
        drawn.body(page, (60, 330, 535, 480))
    first, last = drawn.extract().figures
    assert first.score == pytest.approx(last.score, abs=0.002)
    assert seen[0].clear == pytest.approx(seen[1].clear, abs=0.01)
    assert seen[0].alone == seen[1].alone == 1


def test_a_frame_around_picture_and_caption_is_only_a_wall(drawn, make_photo):
    page = drawn.page()
    page.draw_rect(pymupdf.Rect(50, 50, 545, 320), color=(0.5, 0.5, 0.5), width=0.7)
    drawn.image(page, (150, 60, 450, 260), make_photo())
    drawn.text(page, (60, 270, 535, 300), "FIGURE 3 | A framed figure with its caption inside.", size=8, font="helv")
    drawn.body(page, (60, 350, 535, 480))
    close(drawn.extract().figures[0].bbox, (150, 60, 450, 260))


def test_a_drawing_with_its_axis_labels(drawn):
    page = drawn.page()
    page.draw_line((100, 250), (400, 250))
    page.draw_line((100, 80), (100, 250))
    page.draw_polyline([(100, 90), (200, 120), (300, 180), (400, 200)], color=(0, 0, 1))
    for i in range(4):
        page.insert_text((98 + 100 * i, 262), str(i), fontsize=8)
    page.insert_text((220, 276), "Years", fontsize=8)
    drawn.text(page, (100, 290, 400, 310), "Figure 5. Survival after operation.", size=8, font="helv")
    drawn.body(page, (60, 350, 535, 480))
    (figure,) = drawn.extract().figures
    close(figure.bbox, (98, 79, 402, 278), by=6)
    assert (figure.pixels, figure.dpi) == ("rendered", 300)


def test_a_table_is_no_figure(drawn, make_photo):
    page = drawn.page()
    drawn.text(page, (60, 56, 400, 74), "Table 1. Frequencies of the tumours.", size=8, font="helv")
    drawn.image(page, (60, 80, 400, 200), make_photo())
    drawn.body(page, (60, 230, 535, 380))
    drawn.image(page, (60, 400, 360, 600), make_photo(seed=2))
    drawn.text(page, (60, 606, 400, 624), "Figure 1. A tumour.", size=8, font="helv")
    (figure,) = drawn.extract().figures
    close(figure.bbox, (60, 400, 360, 600))


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_boxes_of_a_rotated_page_are_those_of_the_unrotated_page(drawn, make_photo, rotation):
    page = drawn.page()
    drawn.image(page, (60, 60, 360, 260), make_photo())
    drawn.text(page, (60, 266, 360, 290), "Figure 1. A section.", size=8, font="helv")
    drawn.body(page, (60, 330, 535, 480))
    page.set_rotation(rotation)
    (figure,) = drawn.extract().figures
    close(figure.bbox, (60, 60, 360, 260))


def test_a_page_whose_text_runs_up_the_page_is_read_all_the_same(drawn, make_photo):
    upright = pymupdf.open()
    source = upright.new_page(width=842, height=595)
    drawn.image(source, (60, 60, 360, 260), make_photo())
    drawn.text(source, (60, 266, 360, 290), "Figure 1. A section, printed sideways.", size=8, font="helv")
    drawn.body(source, (60, 330, 700, 480), "See Figure 1 for this.")
    page = drawn.page()
    page.show_pdf_page(page.rect, upright, 0, rotate=90)
    found = drawn.extract()
    (figure,) = found.figures
    assert figure.caption == "A section, printed sideways."
    width, height = figure.bbox[2] - figure.bbox[0], figure.bbox[3] - figure.bbox[1]
    assert (width, height) == pytest.approx((200, 300), abs=4)
    assert figure.width > figure.height  # the picture itself is upright
    assert found.references[0].sentence == "See Figure 1 for this."


def test_a_caption_without_a_picture_is_a_failure(drawn):
    page = drawn.page()
    drawn.text(page, (60, 60, 400, 80), "Fig. 9. A figure that was left out.", size=8, font="hebo")
    drawn.body(page, (60, 330, 535, 480))
    found = drawn.extract()
    assert found.figures == []
    assert [(f.stage, f.reason, f.page) for f in found.failures] == [("figures.bodies", "caption-without-body", 1)]


def test_columns_are_read_one_after_the_other_and_hyphens_are_mended(drawn):
    page = drawn.page()
    drawn.text(page, (60, 60, 285, 200), "Left column begins. " + "alpha " * 60, 10)
    drawn.text(page, (310, 60, 535, 200), "Right column begins. " + "beta " * 60, 10)
    page.insert_text((60, 300), "The carcinoma shows hyper-", fontsize=10, fontname="tiro")
    page.insert_text((60, 312), "chromatic nuclei.", fontsize=10, fontname="tiro")
    text = drawn.extract().pages[0].text
    assert text.index("alpha") < text.index("Right column")
    assert "hyperchromatic nuclei" in text


def test_running_heads_and_page_numbers_are_left_out(drawn):
    for number in range(1, 5):
        page = drawn.page()
        page.insert_text((60, 40), f"{number}    Chapter 3  The Thyroid", fontsize=9)
        page.insert_text((290, 815), str(number), fontsize=9)
        drawn.body(page, (60, 80, 535, 300), f"This is page {'abcd'[number - 1]}.")
    for page in drawn.extract().pages:
        assert page.text.startswith("This is page")
        assert "Chapter 3" not in page.text


def test_every_series_of_numbers_keeps_its_figures(drawn, make_photo):
    labels = ["Figure 1", "Figure 2", "Figure A.1", "Figure A.2", "Figure S1", "FigS2", "Extended Data Figure 1"]
    for n, label in enumerate(labels):
        page = drawn.page()
        drawn.image(page, (60, 60, 360, 260), make_photo(seed=n))
        drawn.text(page, (60, 266, 360, 290), f"{label}. Section number {n}.", size=8, font="helv")
        drawn.body(page, (60, 330, 535, 480), "The gland is shown in Figure A.1.")
    found = drawn.extract()
    assert [f.label for f in found.figures] == labels
    assert len({f.figure_id for f in found.figures}) == len(labels)
    assert {r.figure_id for r in found.references} == {found.figures[2].figure_id}
    assert found.failures == []


def test_a_caption_that_loses_to_another_of_its_number_is_a_failure(drawn, make_photo):
    for n, font in enumerate(["hebo", "heit"]):
        page = drawn.page()
        drawn.image(page, (60, 60, 360, 260), make_photo(seed=n))
        label = "Fig. 1. Bold" if n == 0 else "Figure 1 Slanted"
        drawn.text(page, (60, 266, 360, 290), f"{label} caption of a section.", size=8, font=font)
        drawn.body(page, (60, 330, 535, 480))
    found = drawn.extract()
    assert [f.label for f in found.figures] == ["Fig. 1"]
    (failure,) = found.failures
    assert (failure.stage, failure.reason, failure.page) == ("figures.captions", "caption-dropped", 2)
    assert "Figure 1 on page 2" in failure.detail


def test_figures_are_listed_column_by_column(drawn, make_photo):
    page = drawn.page()
    tops = {"Figure 1": (60, 61), "Figure 2": (60, 400), "Figure 3": (310, 60), "Figure 4": (310, 380)}
    for n, (label, (x, y)) in enumerate(tops.items()):
        drawn.image(page, (x, y, x + 225, y + 150), make_photo(seed=n))
        drawn.text(page, (x, y + 156, x + 225, y + 176), f"{label}. A section.", size=8, font="helv")
        drawn.body(page, (x, y + 190, x + 225, y + 320 - 2), "One." if n % 2 else "Two.")
    assert [f.label for f in drawn.extract().figures] == list(tops)


def test_figures_side_by_side_are_listed_from_the_left(drawn, make_photo):
    page = drawn.page()
    for n, (x, y) in enumerate([(60, 61), (305, 60)]):
        drawn.image(page, (x, y, x + 230, 220), make_photo(seed=n))
        drawn.text(page, (x, 226, x + 230, 250), f"Figure {n + 1}. A section.", size=8, font="helv")
    drawn.body(page, (60, 270, 535, 420))
    assert [f.label for f in drawn.extract().figures] == ["Figure 1", "Figure 2"]
