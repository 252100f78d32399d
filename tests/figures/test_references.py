"""Citations in running text: lists, ranges, letters, and sentences with their spans."""

import pytest

from assets.figures.citations import citations
from assets.figures.labels import opening_label
from assets.figures.references import find_references

ABC = frozenset("ABC")
KNOWN = {"1": frozenset(), "2": ABC, "3": ABC, "4": frozenset(), "5": frozenset(), "3-1": frozenset(), "3-2": ABC,
         "3-3": frozenset(), "3-4": frozenset(), "2-3": frozenset(), "6-1": ABC, "6-3": frozenset(), "3a": frozenset(),
         "s2": frozenset(), "s3": frozenset(), "a-1": frozenset()}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("the capsule (Fig. 3-2).", [("3-2", "")]),
        ("in Figs. 3-2A and B, both", [("3-2", "AB")]),
        ("in Figures 3-1 and 3-4", [("3-1", ""), ("3-4", "")]),
        ("as Fig. 3-2A–C shows", [("3-2", "ABC")]),
        ("see Figure 2-3", [("2-3", "")]),
        ("如图 6-1A所示", [("6-1", "A")]),
        ("图6-1和图6-3", [("6-1", ""), ("6-3", "")]),
        ("Figs 2-5 show", [("2", ""), ("3", ""), ("4", ""), ("5", "")]),
        ("Figs. 3-1 to 3-4", [("3-1", ""), ("3-2", ""), ("3-3", ""), ("3-4", "")]),
        ("Fig 4 & 5", [("4", ""), ("5", "")]),
        ("(Figure 2(a))", [("2", "A")]),
        ("(Figure 2a, c)", [("2", "AC")]),
        ("Figs. 2A, 3B and 4", [("2", "A"), ("3", "B"), ("4", "")]),
        ("Figure-4", [("4", "")]),
        ("Fig. 3a", [("3a", "")]),
        ("Fig. S2", [("s2", "")]),
        ("FigS2 and S3", [("s2", ""), ("s3", "")]),
        ("Figs2 and 3", [("s2", ""), ("3", "")]),
        ("Supplementary Figures 2 and 3", [("s2", ""), ("s3", "")]),
        ("Fig. A.1", [("a-1", "")]),
        ("Supplementary file 1: Fig. 2", []),
        ("Fig. 4, 5 patients died", [("4", "")]),
        ("Supplementary Figure 4", []),
        ("Fig. 77", []),
        ("Figs. 77 and 4", [("4", "")]),
        ("configures 4 things", []),
        ("Table 4", []),
        ("List of Figures" + " ." * 200 + " iv", []),
        ("Contents, Figures " + ". " * 200 + "4", []),
        ("Fig" + " - " * 200 + "4", []),
    ],
)
def test_citations(text, found):
    assert [(c.number, "".join(c.letters)) for c in citations(text, KNOWN)] == found


def test_sentences_are_whole_and_spans_are_exact():
    text = (
        "Grading follows Elston et al. (Ref. 3). Nuclei are large in Fig. 3-2 and Dr. Smith agrees. Next.\n"
        "FIG. 3-1 Caption that cites Fig. 3-2.\n"
        "Compare Figs. 2A and B. The rest is plain. It is seen at once. (Fig. 4)."
    )
    start = text.index("FIG. 3-1")
    found = find_references(text, [(start, text.index("\n", start))], KNOWN)
    assert [(c.number, c.letter, text[c.start : c.end]) for c in found] == [
        ("3-2", None, "Nuclei are large in Fig. 3-2 and Dr. Smith agrees."),
        ("2", "A", "Compare Figs. 2A and B."),
        ("2", "B", "Compare Figs. 2A and B."),
        ("4", None, "It is seen at once. (Fig. 4)."),
    ]


def test_citations_from_other_pages_and_over_the_page_end(drawn, make_photo):
    first = drawn.page()
    drawn.text(first, (60, 60, 535, 300), "word " * 250 + "and so. The tumour has a thick and complete capsule, as is")
    second = drawn.page()
    drawn.text(
        second, (60, 60, 535, 100), "seen in Figure 1 on this page. Then text goes on with other things entirely."
    )
    drawn.image(second, (60, 300, 360, 500), make_photo())
    drawn.text(second, (60, 506, 360, 530), "Figure 1. An adenoma, see Figure 1.", size=8, font="helv")
    found = drawn.extract()
    (reference,) = found.references
    assert reference.sentence == "The tumour has a thick and complete capsule, as is seen in Figure 1 on this page."
    page = found.pages[reference.page - 1]
    assert (page.page, page.text[reference.char_start : reference.char_end]) == (1, reference.sentence)
    assert reference.figure_id == found.figures[0].figure_id


@pytest.mark.parametrize(
    ("line", "several", "delimiter"),
    [
        ("Figures 9-5a–d are compared at one magnification", True, ""),
        ("Figs. 3 and 4 show the stains", True, ""),
        ("Figure 3 – Section of a lymph node", False, "–"),
        ("Fig. 3–1. Section of a lymph node", False, "."),
        ("Fig. 4-1 (continued). C, Nuclear stain", False, "."),
    ],
)
def test_what_follows_a_label_at_the_start_of_a_line(line, several, delimiter):
    label = opening_label(line)
    assert (label.several, label.delimiter) == (several, delimiter)


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        ("The stain (Fig. 2B), and a further tumour, agree.", [("2", ("B",))]),
        ("Figs. 3A–C, 4 and 6b are of one case.", [("3", ("A", "B", "C")), ("4", ()), ("6", ("B",))]),
        ("See Figure 1-9 for the rest.", []),  # figure 1 is another one
        ("Plate 4 and Fig. 4 differ.", [("plate4", ()), ("4", ())]),
    ],
)
def test_letters_lists_and_series(text, cited):
    known = {number: frozenset("ABC") for number in ("1", "2", "3", "4", "6", "plate4")}
    assert [(c.number, c.letters) for c in citations(text, known)] == cited


def figure_of(drawn, make_photo, page, number="1"):
    drawn.image(page, (60, 60, 360, 260), make_photo())
    drawn.text(page, (60, 266, 360, 290), f"Figure {number}. An adenoma of the thyroid.", size=8, font="helv")


def test_program_code_is_not_glued_to_the_sentences_around_it(drawn, make_photo):
    page = drawn.page()
    figure_of(drawn, make_photo, page)
    rows = [("tiro", "The table is made of the counts in the way that is known by now, and"),
            ("cour", "> mosaic(cells)"),
            ("tiro", "prints the shares of Figure 1 in colour. The other table is made by hand."),
            ("cour", "> print(cells, digits = 2)"), ("cour", "[1] 0.42 0.97"),
            ("tiro", "In Figure 1 the share is low, which is seen at once by all who look at it.")]  # fmt: skip
    for row, (font, text) in enumerate(rows):
        page.insert_text((60, 320 + 12 * row), text, fontname=font, fontsize=10)
    drawn.body(page, (60, 420, 535, 560))
    assert [reference.sentence for reference in drawn.extract().references] == [
        "The table is made of the counts in the way that is known by now, and prints the shares of Figure 1 in colour.",
        "In Figure 1 the share is low, which is seen at once by all who look at it.",
    ]


@pytest.mark.parametrize("flush", [True, False])
def test_chinese_headings_and_heads_of_lists_are_not_glued_to_the_text(drawn, make_photo, flush):
    page = drawn.page()
    drawn.image(page, (60, 60, 360, 260), make_photo())
    page.insert_text((60, 276), "图1  甲状腺滤泡腺瘤。", fontname="china-s", fontsize=8)
    head = 60 if flush else 82
    rows = [(head, "4.3.1 甲状腺肿瘤的诊断"), (head, "（一）镜下特点"),
            (82, "腺瘤由大小不一的滤泡组成，滤泡衬覆立方上皮，腔内含有胶质，如图"),
            (60, "1所示。腺瘤的包膜厚薄均匀，完整，没有血管侵犯，切面呈灰白色，质地中等，偶"),
            (60, "见出血。"), (head, "（二）肉眼所见"), (82, "肿瘤呈圆形，图1中切面均匀一致。")]  # fmt: skip
    for row, (x, text) in enumerate(rows):
        page.insert_text((x, 320 + 15 * row), text, fontname="china-s", fontsize=11)
    assert [reference.sentence for reference in drawn.extract().references] == [
        "腺瘤由大小不一的滤泡组成，滤泡衬覆立方上皮，腔内含有胶质，如图1所示。",
        "肿瘤呈圆形，图1中切面均匀一致。",
    ]


def test_footnotes_are_apart(drawn, make_photo):
    page = drawn.page()
    figure_of(drawn, make_photo, page)
    drawn.body(page, (60, 320, 535, 440))
    for row, text in enumerate(("For example, Figure 1", "The next example is Figure 1", "So named by analogy")):
        page.insert_text((60, 740 + 10 * row), str(row + 1), fontname="tiro", fontsize=5)
        page.insert_text((63, 743 + 10 * row), text, fontname="tiro", fontsize=8)
    sentences = [reference.sentence for reference in drawn.extract().references]
    assert [sentence.lstrip("12 ") for sentence in sentences] == [
        "For example, Figure 1",
        "The next example is Figure 1",
    ]


def test_running_heads_of_pages_with_wide_margins_are_no_part_of_a_sentence(drawn, make_photo):
    for number in range(1, 7):
        page = drawn.page()
        page.insert_text((150, 118), "4.2 Pictures of the gland" if number % 2 else "Chapter 4", fontsize=10)
        page.insert_text((430, 118), str(40 + number), fontsize=10)
        drawn.text(page, (150, 135, 445, 165), f"Every part of Figure {number} is named in the text that is set here.")
        drawn.image(page, (150, 300, 445, 500), make_photo(seed=number))
        drawn.text(page, (150, 506, 445, 530), f"Figure {number}. An adenoma.", size=8, font="helv")
    found = drawn.extract()
    assert [reference.sentence for reference in found.references] == [
        f"Every part of Figure {number} is named in the text that is set here." for number in range(1, 7)
    ]
