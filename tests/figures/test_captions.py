"""Captions in print: in two languages, in narrow columns, over and under pictures on their side, and books without."""

import pymupdf
import pytest

from assets.figures.lines import read_line
from assets.figures.order import Block
from assets.figures.reading import Style, paragraphs
from assets.figures.subcaptions import divide_all

CHINESE = ("图2-1  甲状腺滤泡腺瘤，包膜完整，厚薄均匀。", "甲状腺滤泡腺瘤，包膜完整，厚薄均匀。")
ENGLISH = ("Fig. 2-1  Follicular adenoma of the thyroid gland", "Follicular adenoma of the thyroid gland")


def write(page, x, y, text, font="helv", size=9, **more):
    page.insert_text((x, y), text, fontname=font, fontsize=size, **more)


@pytest.mark.parametrize("chinese_first", [True, False])
@pytest.mark.parametrize("white", [3, 14])
def test_a_caption_in_two_languages_is_one_caption(drawn, make_photo, chinese_first, white):
    page = drawn.page()
    drawn.body(page, (60, 60, 535, 180), "The tumour of Fig. 2-1 has a capsule.")
    drawn.image(page, (150, 200, 445, 400), make_photo())
    halves = [(*CHINESE, "china-s"), (*ENGLISH, "helv")]
    y = 416.0
    for printed, _, font in halves if chinese_first else halves[::-1]:
        write(page, 200, y, printed, font)
        y += 9 + white
    drawn.body(page, (60, 480, 535, 600))
    found = drawn.extract()
    (figure,) = found.figures
    first, second = (CHINESE, ENGLISH) if chinese_first else (ENGLISH, CHINESE)
    assert figure.caption == f"{first[1]} {second[1]}"
    assert figure.label == ("图2-1" if chinese_first else "Fig. 2-1")
    assert [" ".join(line.split()) for line in figure.caption_printed.split("\n")] == [
        " ".join(text[0].split()) for text in (first, second)
    ]
    assert [reference.sentence for reference in found.references] == ["The tumour of Fig. 2-1 has a capsule."]
    assert found.failures == []


def test_the_parts_of_one_letter_go_together_in_two_languages():
    both = divide_all(["腺瘤。A.包膜；B.滤泡。", "Adenoma. A. Capsule. B. Follicles."])
    assert both.lead == "腺瘤。 Adenoma."
    assert both.parts["A"] == "包膜 Capsule."
    other = divide_all(["腺瘤。A.包膜；B.滤泡。", "Adenoma of the thyroid"])
    assert (other.lead, list(other.parts)) == ("腺瘤。 Adenoma of the thyroid", ["A", "B"])


def test_a_narrow_justified_caption_keeps_its_words_and_a_smaller_line_in_fixed_pitch(drawn, make_photo):
    page = drawn.page()
    drawn.image(page, (60, 60, 440, 360), make_photo())
    rows = (("Figure 3:", "A"), ("case", "in"), ("a", "double"), ("sided", "stain"), ("paper.", "A"),
            ("short", "form"), ("its", "name", "is"))  # fmt: skip
    for row, words in enumerate(rows):
        used = sum(pymupdf.get_text_length(word, "helv", 10) for word in words)
        x, space = 450.0, (60 - used) / (len(words) - 1)
        for word in words:
            write(page, x, 70 + 13 * row, word, size=10)
            x += pymupdf.get_text_length(word, "helv", 10) + space
    write(page, 450, 70 + 13 * len(rows), "slide_number", "cour", 7.5)
    drawn.body(page, (60, 400, 535, 520))
    (figure,) = drawn.extract().figures
    assert figure.caption == "A case in a double sided stain paper. A short form its name is slide_number"


def test_a_picture_on_its_side_does_not_turn_the_page_of_its_upright_caption(drawn, make_photo):
    page = drawn.page()
    drawn.image(page, (100, 100, 500, 600), make_photo())
    for row in range(8):
        for column in range(6):
            write(page, 130 + 45 * row, 180 + 70 * column, f"Case {row}:{column}", size=7, rotate=90)
    write(page, 200, 620, "Figure 6: Pedigree of the family")
    write(page, 290, 800, "22")
    found = drawn.extract()
    (figure,) = found.figures
    assert (figure.caption, figure.bbox) == ("Pedigree of the family", pytest.approx([100, 100, 500, 600], abs=2))
    assert found.failures == []


def test_a_plate_on_its_side_under_an_upright_folio_is_still_turned(drawn, make_photo):
    page = drawn.page()
    drawn.image(page, (100, 100, 450, 600), make_photo())
    write(page, 470, 560, "Figure 6: Pedigree of the family in the second chapter", rotate=90)
    write(page, 290, 800, "22")
    (figure,) = drawn.extract().figures
    assert figure.caption == "Pedigree of the family in the second chapter"


def test_a_caption_on_its_side_beside_upright_text_is_told(drawn, make_photo):
    page = drawn.page()
    drawn.body(page, (60, 60, 535, 180))
    drawn.image(page, (100, 200, 400, 600), make_photo())
    write(page, 420, 580, "Figure 6: Pedigree of the family", rotate=90)
    drawn.body(page, (60, 640, 535, 780))
    found = drawn.extract()
    assert found.figures == []
    assert [(f.page, f.reason) for f in found.failures if f.reason == "caption-sideways"] == [(1, "caption-sideways")]


def test_a_book_with_captions_in_another_language_says_so_once(drawn, make_photo):
    for number in (1, 2, 3):
        page = drawn.page()
        drawn.body(page, (60, 60, 535, 180))
        if number > 1:
            drawn.image(page, (100, 200, 400, 400), make_photo(seed=number))
            write(page, 100, 420, f"Abbildung 4.{number}: Schnitt durch ein Adenom")
    found = drawn.extract()
    assert found.figures == []
    (failure,) = found.failures
    assert (failure.page, failure.stage, failure.reason) == (None, "figures.captions", "no-captions")
    assert "2 pages with pictures (the first is page 2)" in failure.detail


def test_a_book_of_text_alone_has_nothing_to_say(drawn):
    drawn.body(drawn.page(), (60, 60, 535, 180))
    assert drawn.extract().failures == []


def test_a_word_behind_the_sign_of_a_unit_keeps_its_space(drawn, make_photo):
    page = drawn.page()
    drawn.image(page, (150, 200, 445, 400), make_photo())
    writer = pymupdf.TextWriter(page.rect)
    font = pymupdf.Font("cjk")
    for x, text in ((150, "Figure 3. Cells were kept at 37℃"), (282.4, "for two days.")):
        writer.append((x, 416), text, font=font, fontsize=9)
    writer.write_text(page)
    (figure,) = drawn.extract().figures
    assert figure.caption == "Cells were kept at 37℃ for two days."


def test_indices_that_stand_off_their_line_do_not_end_a_caption(drawn, make_photo):
    page = drawn.page()
    drawn.image(page, (60, 60, 535, 240), make_photo())
    lines = [
        "Figure 3. Uptake of calcium in the tubules of the renal cortex after 10 minutes in a medium with",
        "ions in excess of those in the serum, as told by the second detector of the counter.",
        "The bars give the standard error of six measurements",
    ]
    for row, text in enumerate(lines):
        left = 80 if row == 1 else 60
        write(page, left, 256 + 13 * row, text)
    write(page, 60, 266, "2+", size=6)  # before its line and higher
    write(page, 66, 272, "21", size=6)
    drawn.body(page, (60, 330, 535, 480))
    (figure,) = drawn.extract().figures
    assert figure.caption.endswith("The bars give the standard error of six measurements")


@pytest.mark.parametrize("white", [2, 9])
def test_a_line_of_panels_under_a_chinese_title_belongs_to_it(drawn, make_photo, white):
    page = drawn.page()
    drawn.image(page, (60, 60, 290, 240), make_photo(seed=1))
    drawn.image(page, (305, 60, 535, 240), make_photo(seed=2))
    drawn.text(page, (60, 246, 535, 262), "图 4-3 两例标本", 10, "china-s", align=pymupdf.TEXT_ALIGN_CENTER)
    drawn.text(page, (60, 257 + white, 535, 275 + white), "(a)胃腺癌；(b)印戒细胞癌", 10, "china-s",
               align=pymupdf.TEXT_ALIGN_CENTER)  # fmt: skip
    drawn.text(page, (60, 330, 535, 480), "肿瘤细胞排列成不规则腺管并浸润间质。" * 12, 11, "china-s")
    (figure,) = drawn.extract().figures
    assert figure.caption == "两例标本(a)胃腺癌；(b)印戒细胞癌"


def test_first_lines_of_pages_without_running_heads_are_text(drawn):
    """They stand at one height on every page, as running heads do, but no further from the text than its lines."""
    organs = ["liver", "kidney", "spleen", "thyroid gland", "prostate", "breast"]
    for organ in organs:
        page = drawn.page()
        write(page, 60, 70, f"Sections of the {organ} open this page, and it is set with much white between all")
        for row in range(1, 36):
            write(page, 60, 70 + 20 * row, f"of its lines, of which this is number {row} that speaks of the {organ}")
        write(page, 60, 70 + 20 * 36, f"and the text on the {organ} ends here.")
    for organ, page in zip(organs, drawn.extract().pages, strict=True):
        assert f"Sections of the {organ}" in page.text
        assert f"text on the {organ} ends here" in page.text


def test_ligatures_of_fonts_without_a_code_table_are_read_as_letters():
    """Old TeX fonts give them as control characters of the Cork encoding, which would count as blanks."""
    box = (60, 60, 200, 72)
    span = {"text": "pro\x1cled di\x1berences", "size": 10.0, "font": "F25", "flags": 0, "color": 0, "bbox": box}
    raw = {"spans": [span], "bbox": box, "dir": (1, 0)}
    line = read_line(raw, 0, 595, 842, [])
    assert line is not None and line.text == "profiled differences"


def test_type_without_a_size_is_read_as_any_other():
    """Damaged fonts give it."""
    box = (60, 60, 60, 60)
    span = {"text": "图", "size": 0.0, "font": "F25", "flags": 0, "color": 0, "bbox": box}
    line = read_line({"spans": [span], "bbox": box, "dir": (1, 0)}, 0, 595, 842, [])
    assert line is not None
    made = paragraphs([Block([line]), Block([line])], Style("F25", 0.0, 0.0))
    assert "".join(line.text for block in made for line in block.lines) == "图图"
