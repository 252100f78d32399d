"""What belongs together across columns and pages: drawn books of a page or two, and the matching of plates itself."""

import pytest

from assets.figures.bodies import Atom
from assets.figures.spreads import _parted

LEGEND = (
    "Fig. 2-1. Follicular carcinoma of the thyroid. The tumour has a thick capsule and invades a vein of its wall, "
    "which is lined by endothelium. The follicles are small and uniform, and colloid is scanty in most of them."
)


def page_with_text(drawn, box=(50, 60, 545, 400), extra=""):
    page = drawn.page()
    drawn.body(page, box, extra)
    return page


def legend_text(figure):
    return " ".join(figure.caption.split())


def test_a_caption_alone_takes_the_picture_of_the_facing_page(drawn, make_photo):
    page_with_text(drawn)  # page 1, so that pages 2 and 3 face each other
    page = page_with_text(drawn, (50, 60, 545, 300), "The capsule is shown in Fig. 2-1.")
    drawn.text(page, (50, 700, 545, 760), LEGEND, size=8, font="helv")
    plate = drawn.page()
    drawn.image(plate, (50, 60, 545, 760), make_photo(600, 850))
    page_with_text(drawn)
    found = drawn.extract()
    (figure,) = found.figures
    assert (figure.page, figure.caption_page) == (3, 2)
    assert figure.bbox == pytest.approx([50, 60, 545, 760], abs=2)
    assert legend_text(figure).startswith("Follicular carcinoma")
    assert not [failure for failure in found.failures if failure.reason == "caption-without-body"]


def test_the_facing_page_comes_before_the_page_overleaf(drawn, make_photo):
    page_with_text(drawn)
    first = drawn.page()
    drawn.image(first, (50, 60, 545, 760), make_photo(600, 850, seed=1))
    page = page_with_text(drawn, (50, 60, 545, 300))
    drawn.text(page, (50, 700, 545, 760), LEGEND, size=8, font="helv")
    last = drawn.page()
    drawn.image(last, (50, 60, 545, 760), make_photo(600, 850, seed=2))
    (figure,) = drawn.extract().figures
    assert (figure.page, figure.caption_page) == (2, 3)


def test_two_captions_share_a_plate_in_reading_order(drawn, make_photo):
    page_with_text(drawn)
    page = page_with_text(drawn, (50, 60, 545, 300))
    drawn.text(page, (50, 640, 545, 690), LEGEND, size=8, font="helv")
    second = "Fig. 2-2. Papillary carcinoma. The papillae have fibrovascular cores and are covered by pale nuclei."
    drawn.text(page, (50, 700, 545, 740), second, size=8, font="helv")
    plate = drawn.page()
    drawn.image(plate, (50, 60, 545, 400), make_photo(600, 420, seed=1))
    drawn.image(plate, (50, 420, 545, 760), make_photo(600, 420, seed=2))
    figures = drawn.extract().figures
    assert [(f.label, f.page, round(f.bbox[1])) for f in figures] == [("Fig. 2-1", 3, 60), ("Fig. 2-2", 3, 420)]


def test_a_picture_with_its_own_caption_is_not_given_away(drawn, make_photo):
    page_with_text(drawn)
    page = page_with_text(drawn, (50, 60, 545, 300))
    drawn.text(page, (50, 700, 545, 760), LEGEND, size=8, font="helv")
    other = page_with_text(drawn, (50, 500, 545, 760))
    drawn.image(other, (50, 60, 545, 400), make_photo(600, 420))
    drawn.text(other, (50, 408, 545, 440), "Fig. 2-2. Normal thyroid with round follicles.", size=8, font="helv")
    found = drawn.extract()
    assert [figure.label for figure in found.figures] == ["Fig. 2-2"]
    assert [failure.reason for failure in found.failures] == ["caption-without-body"]


def split_legend(drawn, page, first, second, x=50):
    """The caption's first line at the foot of a page or column; returns what goes elsewhere."""
    at = LEGEND.index(first) + len(first)
    page.insert_text((x, 776), LEGEND[:at], fontsize=8, fontname="helv")
    return LEGEND[at:].strip() if second is None else second


def test_a_caption_goes_on_at_the_head_of_the_next_column(drawn, make_photo):
    page = drawn.page()
    drawn.body(page, (50, 60, 290, 300))
    drawn.image(page, (50, 420, 290, 765), make_photo(400, 560))
    rest = split_legend(drawn, page, "The tumour has a", None)
    drawn.text(page, (305, 60, 545, 100), rest, size=8, font="helv")
    drawn.body(page, (305, 120, 545, 500))
    (figure,) = drawn.extract().figures
    assert legend_text(figure).endswith("colloid is scanty in most of them.")
    assert "thick capsule and invades" in legend_text(figure)


@pytest.mark.parametrize("mark", ["", "(continued)", "Fig. 2-1 (continued)"])
@pytest.mark.parametrize("foot", [False, True])
def test_a_caption_goes_on_overleaf(drawn, make_photo, mark, foot):
    page = drawn.page()
    drawn.image(page, (50, 60, 545, 765), make_photo(600, 850))
    rest = split_legend(drawn, page, "invades a vein of its wall, which", None)
    following = drawn.page()
    y = 700 if foot else 60
    if mark:
        following.insert_text((50, y + 8), mark, fontsize=8, fontname="helv")
    drawn.text(following, (50, y + 12, 545, y + 60), rest, size=8, font="helv")
    drawn.body(following, (50, 60, 545, 400) if foot else (50, 140, 545, 500))
    found = drawn.extract()
    (figure,) = found.figures
    assert legend_text(figure).endswith("colloid is scanty in most of them.")
    assert "continued" not in legend_text(figure)
    body = found.pages[1].text
    start, end = found.pages[1].captions[:2]
    assert body[start:end].endswith("colloid is scanty in most of them."), "the rest of a caption is no running text"


def test_a_finished_caption_takes_nothing_from_the_next_page(drawn, make_photo):
    page = drawn.page()
    drawn.image(page, (50, 60, 545, 740), make_photo(600, 820))
    drawn.text(page, (50, 745, 545, 790), LEGEND, size=8, font="helv")
    following = drawn.page()
    drawn.text(following, (50, 60, 545, 90), "From the archive of the department, by permission.", size=8, font="helv")
    drawn.body(following, (50, 140, 545, 500))
    (figure,) = drawn.extract().figures
    assert legend_text(figure).endswith("most of them.")


def test_a_continued_figure_keeps_its_later_letters_and_its_citations(drawn, make_photo):
    text = "The stains of Fig. 3-1C settle the matter. Both fields of Fig. 3-1A and B are from one block."
    captions = (
        "Fig. 3-1. Small round cell tumour. A, Sheets of cells. B, Reticulin stain.",
        "Fig. 3-1 (continued). C, Membranous CD99. D, Nuclear FLI1 in most cells.",
    )
    for place, caption in enumerate(captions):
        page = drawn.page()
        drawn.image(page, (50, 60, 290, 300), make_photo(400, 400, seed=place))
        drawn.image(page, (305, 60, 545, 300), make_photo(400, 400, seed=place + 5))
        drawn.text(page, (50, 306, 545, 330), caption, size=8, font="helv")
        drawn.body(page, (50, 360, 545, 700), "" if place else text)
    found = drawn.extract()
    letters = {f.page: sorted(p.letter for p in found.panels if p.figure_id == f.figure_id) for f in found.figures}
    assert letters == {1: ["A", "B"], 2: ["C", "D"]}
    pages = {figure.figure_id: figure.page for figure in found.figures}
    cited = {reference.letter: pages[reference.figure_id] for reference in found.references}
    assert cited == {"A": 1, "B": 1, "C": 2}


def test_numbers_that_restart_mean_the_figure_of_their_chapter(drawn, make_photo):
    for chapter in ("The Cervix", "The Vulva"):
        page = drawn.page()
        page.insert_text((50, 80), chapter, fontsize=24, fontname="tibo")
        drawn.body(page, (50, 110, 545, 330))
        drawn.image(page, (50, 360, 545, 700), make_photo(500, 340, seed=len(chapter)))
        drawn.text(page, (50, 706, 545, 740), f"Fig. 1. Tumour of {chapter.lower()}.", size=8, font="helv")
        for _ in range(2):
            drawn.body(drawn.page(), (50, 60, 545, 330), f"As to {chapter.lower()}, Fig. 1 gives the answer.")
    found = drawn.extract()
    captions = {figure.figure_id: figure.caption for figure in found.figures}
    assert len(captions) == 2
    for reference in found.references:
        assert captions[reference.figure_id].removeprefix("Tumour of ").rstrip(".") in reference.sentence
    assert len(found.references) == 4


def test_plates_and_figures_of_one_number_are_two(drawn, make_photo):
    for label in ("Fig. 1", "Plate 1"):
        page = drawn.page()
        drawn.image(page, (50, 60, 545, 400), make_photo(500, 340, seed=len(label)))
        drawn.text(page, (50, 406, 545, 440), f"{label}. Section of a lymph node.", size=8, font="helv")
        drawn.body(page, (50, 470, 545, 760), "Compare Fig. 1 with Plate 1.")
    found = drawn.extract()
    assert sorted(figure.label for figure in found.figures) == ["Fig. 1", "Plate 1"]
    assert len({figure.figure_id for figure in found.figures}) == 2
    assert len(found.references) == 4


@pytest.mark.parametrize(
    ("tops", "wanted", "groups"),
    [
        ([0, 30, 200, 230], [2, 2], [(0, 2), (2, 4)]),
        ([0, 110, 220, 330], [1, 3], [(0, 1), (1, 4)]),
        ([0, 110, 220], [1, 1, 1], [(0, 1), (1, 2), (2, 3)]),
        ([0, 25, 50, 300], [1, 1], [(0, 3), (3, 4)]),
    ],
)
def test_pictures_are_parted_where_the_white_is_and_as_the_captions_count(tops, wanted, groups):
    boxes = [(0.0, float(top), 100.0, float(top) + 20) for top in tops]
    assert _parted([Atom(box, [], box) for box in boxes], wanted) == groups


def test_many_pictures_are_parted_at_once():
    boxes = [(0.0, 25.0 * n, 100.0, 25.0 * n + 20) for n in range(60)]
    parted = _parted([Atom(box, [], box) for box in boxes], [6] * 10)
    assert [end - start for start, end in parted] == [6] * 10
