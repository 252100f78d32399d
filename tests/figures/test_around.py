"""What stands around a figure or under it: tables, boxes of text, heads, paper, frames, and what is painted over it."""

import hashlib

import pymupdf
import pytest

from assets.figures.painted import _crosses

ROWS = (("Marker", "Tumour", "Control"), ("Keratin", "+", "skin"), ("S100", "-", "nerve"), ("Desmin", "-", "muscle"))


def draw_table(page, box):
    """Rows of text between three rules."""
    x0, y0, x1, y1 = box
    tall = (y1 - y0) / len(ROWS)
    for y in (y0, y0 + tall, y1):
        page.draw_line((x0, y), (x1, y), width=0.7)
    for row, cells in enumerate(ROWS):
        for column, text in enumerate(cells):
            page.insert_text(
                (x0 + 4 + column * (x1 - x0) / 3, y0 + tall * (row + 0.7)), text, fontsize=8, fontname="helv"
            )


def test_a_ruled_table_under_a_figures_label_is_the_figure(drawn):
    page = drawn.page()
    draw_table(page, (60, 120, 535, 190))
    drawn.text(page, (60, 196, 535, 220), "Figure 2. Stains of the tumour.", size=8, font="helv")
    drawn.body(page, (60, 260, 535, 480))
    (figure,) = drawn.extract().figures
    assert figure.bbox == pytest.approx([60, 120, 535, 190], abs=3)


@pytest.mark.parametrize("boxed", [False, True])
def test_a_table_over_a_figure_is_no_part_of_it(drawn, make_photo, boxed):
    page = drawn.page()
    drawn.text(page, (60, 98, 535, 118), "Table 4. Stains of the tumour.", size=8, font="helv")
    draw_table(page, (60, 120, 535, 190))
    drawn.image(page, (70, 198, 525, 480), make_photo(600, 370))
    drawn.text(page, (70, 486, 525, 508), "Figure 2. Section of the tumour.", size=8, font="helv")
    if boxed:
        page.draw_rect((60, 120, 535, 515), width=0.8)
    drawn.body(page, (60, 540, 535, 780), "The control of Table 4 is positive.")
    found = drawn.extract()
    (figure,) = found.figures
    assert figure.bbox == pytest.approx([70, 198, 525, 480], abs=3)
    assert figure.pixels == "embedded", "the frame is not drawn on the picture"
    assert "Keratin + skin" in found.pages[0].text


def test_a_box_of_key_points_with_its_sign_is_no_part_of_the_figure_below(drawn, make_photo):
    page = drawn.page()
    page.draw_rect((60, 60, 535, 106), color=None, fill=(0.92, 0.95, 0.98))
    drawn.image(page, (68, 69, 96, 97), make_photo(64, 64, seed=3), "PNG")
    for place, text in enumerate(("Look at the section with the naked eye first, then at low power.",
                                  "A stain is read together with its controls and never alone.")):  # fmt: skip
        page.insert_text((106, 80 + 13 * place), text, fontsize=8.5, fontname="helv")
    drawn.image(page, (60, 140, 535, 480), make_photo(600, 430))
    drawn.text(page, (60, 486, 535, 508), "Figure 2. Section of the tumour.", size=8, font="helv")
    drawn.body(page, (60, 540, 535, 780))
    (figure,) = drawn.extract().figures
    assert figure.bbox == pytest.approx([60, 140, 535, 480], abs=2)


def test_the_first_rows_of_a_table_are_no_running_head(drawn):
    for number in (1, 2, 3):
        page = drawn.page()
        page.insert_text((60, 40), f"{number}    Chapter 2  The Thyroid", fontsize=8, fontname="helv")
        draw_table(page, (60, 58 + 6 * number, 535, 128 + 6 * number))
        drawn.text(page, (60, 150, 535, 174), f"Figure {number}. Stains of tumour {number}.", size=8, font="helv")
        drawn.body(page, (60, 200, 535, 480))
    figures = drawn.extract().figures
    assert len(figures) == 3
    for number, figure in enumerate(figures, 1):
        assert figure.bbox == pytest.approx([60, 58 + 6 * number, 535, 128 + 6 * number], abs=3)


def test_the_end_of_a_paragraph_beside_a_figure_is_no_label(drawn, make_photo):
    page = drawn.page()
    drawn.image(page, (310, 60, 545, 300), make_photo(400, 400))
    drawn.text(page, (60, 60, 290, 100), "Figure 3. Section of the tumour.", size=8, font="helv")
    drawn.body(page, (60, 310, 290, 560), "Two things decide")
    page.insert_text((310, 320), "between the two in this case.", fontsize=10, fontname="tiro")
    (figure,) = drawn.extract().figures
    assert figure.bbox == pytest.approx([310, 60, 545, 300], abs=2)


def test_the_picture_of_the_paper_is_not_the_figure(drawn, make_photo, encode):
    data = encode(make_photo(600, 430))
    page = drawn.page()
    drawn.image(page, (0, 0, 595, 842), make_photo(60, 80, seed=9))
    drawn.image(page, (60, 140, 535, 480), data)
    drawn.text(page, (60, 486, 535, 508), "Figure 2. Section of the tumour.", size=8, font="helv")
    drawn.text(page, (60, 560, 535, 600), "Two lines of text stand under the figure on this page of coloured paper.")
    (figure,) = drawn.extract().figures
    assert figure.bbox == pytest.approx([60, 140, 535, 480], abs=2)
    assert figure.image == hashlib.sha256(data).hexdigest()


def test_text_beside_a_picture_in_one_text_object_is_not_painted_on_it(drawn, make_photo, encode):
    data = encode(make_photo(600, 430))
    page = drawn.page()
    drawn.image(page, (60, 140, 300, 480), data)
    writer = pymupdf.TextWriter(page.rect)  # one object whose box holds the picture
    for row in range(30):
        writer.append((310, 140 + 12 * row), "A line of the text in the right column here", fontsize=9)
    writer.append((60, 492), "Figure 2. Section of the tumour.", fontsize=8)
    writer.append((60, 90), "The text in the left column above.", fontsize=9)
    writer.write_text(page)
    drawn.body(page, (60, 540, 535, 780))
    (figure,) = drawn.extract().figures
    assert figure.image == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize(("rotation", "turn"), [(0, 90), (90, 90), (270, 270)])
def test_a_picture_on_its_side_keeps_its_bytes_when_the_page_does_too(drawn, make_photo, encode, rotation, turn):
    data = encode(make_photo(600, 430))
    plate = pymupdf.open()
    upright = plate.new_page(width=842, height=595)
    upright.insert_image(pymupdf.Rect(60, 60, 660, 490), stream=data)
    upright.insert_textbox((60, 496, 660, 530), "Figure 2. Section of the tumour.", fontsize=9, fontname="helv")
    page = drawn.page()
    page.show_pdf_page(page.rect, plate, 0, rotate=turn)
    page.set_rotation(rotation)
    (figure,) = drawn.extract().figures
    assert (figure.pixels, figure.image) == ("embedded", hashlib.sha256(data).hexdigest())
    assert (figure.width, figure.height) == (600, 430)
    assert figure.bbox[2] - figure.bbox[0] < figure.bbox[3] - figure.bbox[1], "the box is that of the unrotated page"


@pytest.mark.parametrize(
    ("a", "b", "meets"),
    [((0, 0), (30, 30), True), ((0, 15), (30, 15), True), ((0, 5), (30, 5), False), ((0, 25), (5, 30), False),
     ((15, 12), (15, 18), True), ((10, 0), (10, 30), False)],
)  # fmt: skip
def test_where_a_stroke_crosses_a_picture(a, b, meets):
    assert _crosses(a, b, (10, 10, 20, 20)) is meets


def test_chinese_text_under_a_figure_in_an_english_book_is_text(drawn, make_photo):
    for _ in range(3):
        page = drawn.page()
        drawn.body(page, (60, 60, 535, 400))
    page.insert_text((60, 440), "图2-3、2-4以几例反映了从腺瘤到", fontname="china-s", fontsize=11)
    page = drawn.page()
    page.insert_text((60, 68), "图2-3  甲状腺滤泡腺瘤，包膜完整。", fontname="china-s", fontsize=8)
    drawn.image(page, (60, 74, 535, 260), make_photo(600, 235))
    page.insert_text((60, 284), "癌的演变过程，它们来自同一病例的两次手术。", fontname="china-s", fontsize=11)
    page.insert_text((60, 304), "肝脏", fontname="china-s", fontsize=12.5)
    for row in range(3):
        page.insert_text((310, 284 + 14 * row), "肝细胞癌多发生于乙型或丙型病毒性肝炎", fontname="china-s", fontsize=11)
    found = drawn.extract()
    (figure,) = found.figures
    assert figure.bbox == pytest.approx([60, 74, 535, 260], abs=2)
    assert [reference.sentence for reference in found.references] == [
        "图2-3、2-4以几例反映了从腺瘤到癌的演变过程，它们来自同一病例的两次手术。"
    ]
