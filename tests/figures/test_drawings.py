"""Drawings and what is painted of them: outlines of single strokes, small graphics, thick strokes, clips, labels."""

import pymupdf
import pytest

from assets.figures.layout import read_layout

INK = (0, 0, 0)


def close(box, expected, by=1.5):
    assert box == pytest.approx(list(expected), abs=by), box


def caption(drawn, page, x, y, number=1):
    text = f"Figure {number}. How a slide is made in the laboratory."
    page.insert_text((x, y + 8), text, fontsize=8, fontname="helv")


def outline(page, x0, y0, x1, y1):
    """Four sides, each a line of its own."""
    for a, b in (((x0, y0), (x1, y0)), ((x0, y0), (x0, y1)), ((x1, y0), (x1, y1)), ((x0, y1), (x1, y1))):
        page.draw_line(a, b, color=INK, width=0.4)


def test_an_outline_that_stands_at_one_place_on_many_pages_is_a_figure_each_time(drawn):
    for number in range(1, 5):
        page = drawn.page()
        outline(page, 150, 130, 450, 560)
        page.insert_text((250, 300), f"Title {number}", fontsize=14)
        caption(drawn, page, 150, 575, number)
        drawn.body(page, (60, 610, 535, 730))
    found = drawn.extract().figures
    assert [figure.label for figure in found] == ["Figure 1", "Figure 2", "Figure 3", "Figure 4"]
    for figure in found:
        close(figure.bbox, (150, 130, 450, 560))


def test_rules_between_columns_and_over_heads_stay_decorations(drawn, make_photo):
    for number in range(1, 5):
        page = drawn.page()
        page.draw_line((60, 50), (535, 50), color=INK, width=0.5)
        page.draw_line((297, 50), (297, 780), color=INK, width=0.5)
        drawn.image(page, (60, 100, 285, 250), make_photo(seed=number))
        caption(drawn, page, 60, 256, number)
        drawn.body(page, (60, 300, 285, 480))
        drawn.body(page, (310, 100, 535, 280))
    for figure in drawn.extract().figures:
        close(figure.bbox, (60, 100, 285, 250))


def test_narrow_boxes_drawn_as_single_lines(drawn):
    page = drawn.page()
    for n in range(4):
        outline(page, 150 + 57 * n, 100, 207 + 57 * n, 190)
    caption(drawn, page, 150, 200)
    drawn.body(page, (60, 300, 535, 420))
    close(drawn.extract().figures[0].bbox, (150, 100, 378, 190))


def test_a_tube_of_two_lines_and_two_arcs(drawn):
    page = drawn.page()
    for x in (200, 216):
        page.draw_line((x, 110), (x, 280), color=INK, width=0.5)
    page.draw_bezier((200, 110), (200, 102), (216, 102), (216, 110), color=INK, width=0.5)
    page.draw_bezier((200, 280), (200, 288), (216, 288), (216, 280), color=INK, width=0.5)
    caption(drawn, page, 150, 296)
    drawn.body(page, (60, 350, 535, 470))
    close(drawn.extract().figures[0].bbox, (200, 104, 216, 286), by=3)


def test_a_frame_of_lines_around_picture_and_caption_is_no_part_of_the_figure(drawn, make_photo):
    page = drawn.page()
    for a, b in (((64, 60), (396, 60)), ((60, 64), (60, 296)), ((400, 64), (400, 296)), ((64, 300), (396, 300))):
        page.draw_line(a, b, color=INK, width=0.4)
    for x, y, dx, dy in ((60, 60, 4, 4), (400, 60, -4, 4), (60, 300, 4, -4), (400, 300, -4, -4)):
        page.draw_bezier((x + dx, y), (x, y), (x, y), (x, y + dy), color=INK, width=0.4)
    drawn.image(page, (75, 70, 385, 270), make_photo())
    caption(drawn, page, 75, 276)
    drawn.body(page, (60, 350, 535, 470))
    close(drawn.extract().figures[0].bbox, (75, 70, 385, 270))


def nodes(page, y0, y1, linked):
    for n in range(3):
        x = 200 + 70 * n
        page.draw_oval(pymupdf.Rect(x, y0, x + 18, y1), color=None, fill=(0.5, 0.7, 0.9))
        if linked and n < 2:
            page.draw_line((x + 18, (y0 + y1) / 2), (x + 70, (y0 + y1) / 2), color=INK, width=0.5)


@pytest.mark.parametrize("linked", [True, False])
def test_a_row_of_nodes_is_a_figure_when_lines_join_them(drawn, linked):
    page = drawn.page()
    nodes(page, 100, 117, linked)
    caption(drawn, page, 180, 124)
    drawn.body(page, (60, 180, 535, 300))
    found = drawn.extract()
    if linked:
        close(found.figures[0].bbox, (200, 100, 358, 117))
    else:
        assert [failure.reason for failure in found.failures] == ["caption-without-body"]


def test_a_thick_line_ends_where_it_ends(drawn):
    page = drawn.page()
    for n, top in enumerate((220, 120, 180)):
        page.draw_line((150 + 90 * n, 300), (150 + 90 * n, top), color=(0.3, 0.5, 0.8), width=84, lineCap=0)
    page.draw_line((104, 300), (376, 300), color=INK, width=0.5)
    caption(drawn, page, 100, 310)
    drawn.body(page, (60, 380, 535, 500))
    close(drawn.extract().figures[0].bbox, (104, 120, 376, 300))


@pytest.mark.parametrize(("cap", "reach"), [(0, 0), (1, 20), (2, 20)])
def test_only_butt_caps_end_there(cap, reach):
    page = pymupdf.open().new_page()
    page.draw_line((100, 200), (300, 200), color=INK, width=40, lineCap=cap)
    (drawing,) = read_layout(page).drawings
    close(drawing.box, (100 - reach, 180, 300 + reach, 220), by=0.1)


def clipped(document, page, box, picture, shown):
    page.insert_image(pymupdf.Rect(box), stream=picture, keep_proportion=False)
    rect, last = pymupdf.Rect(shown) * page.transformation_matrix, page.get_contents()[-1]
    clip = f"q {rect.x0:g} {rect.y0:g} {rect.width:g} {rect.height:g} re W n "
    document.update_stream(last, clip.encode() + document.xref_stream(last) + b" Q")


def test_a_picture_is_what_its_clip_path_shows(drawn, make_photo, encode):
    page = drawn.page()
    clipped(drawn.document, page, (60, 60, 460, 360), encode(make_photo()), (160, 110, 400, 300))
    caption(drawn, page, 160, 306)
    drawn.body(page, (60, 400, 535, 520))
    figure = drawn.extract().figures[0]
    close(figure.bbox, (160, 110, 400, 300))
    assert figure.pixels == "rendered"
    assert figure.width / figure.height == pytest.approx(240 / 190, abs=0.02)


def test_a_picture_that_is_clipped_away_is_none(make_photo, encode):
    document = pymupdf.open()
    page = document.new_page()
    clipped(document, page, (60, 60, 260, 160), encode(make_photo(seed=1)), (300, 700, 320, 720))
    clipped(document, page, (60, 200, 260, 300), encode(make_photo(seed=2)), (60, 200, 160, 300))
    (raster,) = read_layout(page).rasters
    close(raster.box, (60, 200, 160, 300), by=0.1)
    assert raster.number == 1


def test_axis_titles_stand_a_line_beyond_the_numbers(drawn):
    page = drawn.page()
    page.draw_rect(pymupdf.Rect(150, 100, 400, 260), color=INK, width=0.6)
    for n in range(5):
        x, y = 165 + 55 * n, 110 + 35 * n
        page.draw_line((x, 260), (x, 264), color=INK, width=0.5)
        page.draw_line((150, y), (146, y), color=INK, width=0.5)
        page.draw_circle((x, y), 2, color=INK, width=0.5)
        page.insert_text((x - 2, 273), str(n), fontsize=8, fontname="helv")
        page.insert_text((138, y + 3), str(n), fontsize=8, fontname="helv")
    page.insert_text((255, 293), "diameter", fontsize=8, fontname="helv")
    page.insert_text((124, 200), "mitoses", fontsize=8, fontname="helv", rotate=90)
    caption(drawn, page, 150, 312)
    drawn.body(page, (60, 380, 535, 500))
    close(drawn.extract().figures[0].bbox, (115, 100, 400, 295), by=3)


def test_a_short_line_that_leads_up_to_a_picture_is_text(drawn, make_photo):
    page = drawn.page()
    for y, text in ((80, "What the fixed block shows"), (110, "What the section shows"), (210, "The next one:")):
        page.insert_text((60, y), text, fontsize=10, fontname="tiro")
    drawn.image(page, (160, 216, 420, 400), make_photo())
    caption(drawn, page, 160, 406)
    other = drawn.page()
    drawn.body(other, (60, 60, 535, 200))
    close(drawn.extract().figures[0].bbox, (160, 216, 420, 400))


@pytest.mark.parametrize("own", [False, True])
def test_a_tinted_listing_is_text_unless_the_caption_is_its_own(drawn, make_photo, own):
    page = drawn.page()
    page.draw_rect(pymupdf.Rect(60, 80, 535, 160), color=None, fill=(0.85, 0.85, 0.85))
    for n, text in enumerate(("open slide.tif", "level 2", "find tissue", "save tiles", "close")):
        page.insert_text((70, 95 + 14 * n), text, fontsize=9, fontname="cour")
    if not own:
        drawn.image(page, (60, 166, 535, 400), make_photo())
    caption(drawn, page, 60, 166 if own else 406)
    drawn.body(page, (60, 480, 535, 600))
    close(drawn.extract().figures[0].bbox, (60, 80, 535, 160) if own else (60, 166, 535, 400))


def test_a_drawing_inside_an_outline_belongs_to_it(drawn):
    """And cannot be given to another caption."""
    page = drawn.page()
    outline(page, 100, 100, 400, 300)
    page.draw_circle((350, 200), 30, color=INK, fill=(0.6, 0.3, 0.5))
    caption(drawn, page, 100, 306)
    page.insert_text((415, 200), "Figure 2. A part of it.", fontsize=8, fontname="helv")
    drawn.body(page, (60, 380, 535, 500))
    found = drawn.extract()
    assert [figure.label for figure in found.figures] == ["Figure 1"]
    assert [failure.reason for failure in found.failures] == ["caption-without-body"]
    close(found.figures[0].bbox, (100, 100, 400, 300))
