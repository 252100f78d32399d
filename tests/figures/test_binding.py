"""Which picture a caption gets when text, white or hardly anything parts them: drawn pages, one rule each."""

import pytest

LEGEND = "The upper field is at low power and the lower one at high power; the arrow marks a mitosis. " * 2


def close(box, expected, by=3.0):
    assert box == pytest.approx(list(expected), abs=by), box


def caption(drawn, page, box, number, text="Follicular adenoma of the thyroid, stained with H&E, at low power."):
    drawn.text(page, box, f"Fig. 2-{number}. {text}", size=8, font="helv", align=0)


def test_a_legend_between_does_not_send_the_caption_to_the_next_page(drawn, make_photo):
    """Each picture has its caption below a legend of its own; the pictures do not change places."""
    for number in (1, 2):
        page = drawn.page()
        drawn.image(page, (60, 60, 300, 200 + 40 * number), make_photo(seed=number))
        top = 200 + 40 * number
        drawn.text(page, (60, top + 10, 535, top + 50), LEGEND, size=10)
        caption(drawn, page, (60, top + 56, 535, top + 70), number)
        drawn.body(page, (60, 400, 535, 540))
    found = drawn.extract().figures
    assert [(figure.label, figure.page, figure.caption_page) for figure in found] == [
        ("Fig. 2-1", 1, 1),
        ("Fig. 2-2", 2, 2),
    ]
    close(found[0].bbox, (60, 60, 300, 240))
    close(found[1].bbox, (60, 60, 300, 280))
    assert all(figure.score < 0.9 for figure in found)


def test_a_page_of_text_between_is_no_legend(drawn, make_photo):
    """A banner over the chapter's first page is not the picture of a caption at its foot."""
    page = drawn.page()
    drawn.image(page, (60, 40, 535, 120), make_photo())
    for top in (140, 220, 300):
        drawn.body(page, (60, top, 535, top + 80))
    caption(drawn, page, (60, 600, 535, 620), 1)
    found = drawn.extract()
    assert found.figures == []
    assert [failure.reason for failure in found.failures] == ["caption-without-body"]


@pytest.mark.parametrize("gap", [30, 110, 160])
def test_parts_far_apart_are_one_figure_over_a_caption_in_the_middle(drawn, make_photo, gap):
    page = drawn.page()
    wide = 150
    left, right = 297.5 - gap / 2 - wide, 297.5 + gap / 2
    drawn.image(page, (left, 60, left + wide, 180), make_photo(seed=1))
    drawn.image(page, (right, 60, right + wide, 180), make_photo(seed=2))
    drawn.text(page, (170, 188, 425, 214), "Fig. 2-1. Two lesions of one patient, at the same magnification and side "
               "by side.", size=8, font="helv", align=1)  # fmt: skip
    drawn.body(page, (60, 260, 535, 400))
    (figure,) = drawn.extract().figures
    close(figure.bbox, (left, 60, right + wide, 180))


def test_a_picture_that_would_set_the_caption_aside_stays_out(drawn, make_photo):
    """The caption stands under the middle of its own picture already."""
    page = drawn.page()
    drawn.image(page, (60, 60, 260, 200), make_photo(seed=1))
    drawn.image(page, (400, 60, 535, 200), make_photo(seed=2))
    caption(drawn, page, (60, 206, 262, 240), 1)
    drawn.body(page, (60, 300, 535, 440))
    (figure,) = drawn.extract().figures
    close(figure.bbox, (60, 60, 260, 200))


@pytest.mark.parametrize("lower", [0, 14])
def test_captions_in_a_row_part_pictures_that_nearly_touch(drawn, make_photo, lower):
    page = drawn.page()
    drawn.image(page, (60, 60, 295, 240), make_photo(seed=1))
    drawn.image(page, (300, 60, 535, 240 + lower), make_photo(seed=2))
    caption(drawn, page, (75, 246, 280, 276), 1)
    caption(drawn, page, (315, 246 + lower, 520, 276 + lower), 2)
    drawn.body(page, (60, 320, 535, 460))
    first, second = drawn.extract().figures
    close(first.bbox, (60, 60, 295, 240))
    close(second.bbox, (300, 60, 535, 240 + lower))
