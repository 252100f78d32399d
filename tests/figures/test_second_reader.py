"""A second reader's result takes a page's place: its figures are cut, the book is linked anew, other pages stay."""

import dataclasses

import pytest

from assets.errors import BadInput
from assets.figures import sandbox
from assets.figures.paragraphs import Paragraph
from assets.figures.second_reader import PageResult, ReadFigure, ReadPanel, doubtful
from assets.figures.tables import read_extraction


@pytest.fixture
def book(drawn, make_photo):
    """Three pages; the second has a picture with no label that we could read, and is cited on the first."""
    first = drawn.page()
    drawn.image(first, (60, 60, 360, 260), make_photo(seed=1))
    drawn.text(first, (60, 266, 360, 290), "Figure 1. A section.", size=8, font="helv")
    drawn.body(first, (60, 330, 535, 480), "See Figure 1 and the plate. The stroma is dense (Figure 2B).")
    second = drawn.page()
    drawn.image(second, (60, 60, 560, 360), make_photo(600, 360, seed=2))
    drawn.body(second, (60, 430, 535, 560))
    third = drawn.page()
    drawn.image(third, (60, 60, 360, 260), make_photo(seed=3))
    drawn.text(third, (60, 266, 360, 290), "Figure 3. Another section.", size=8, font="helv")
    drawn.body(third, (60, 330, 535, 480), "Figure 3 shows it.")
    return drawn.save()


@pytest.fixture
def read(book, tmp_path):
    folder = tmp_path / "earlier"
    folder.mkdir()
    sandbox.extract_into(folder, book, "book")
    return folder


RESULT = PageResult(
    page=2,
    reader="a-model 1.0",
    figures=[
        ReadFigure(
            "Figure 2", [60, 60, 560, 360], "Two parts. (A) Left. (B) Right.", [60, 370, 560, 390], 0.8,
            [ReadPanel("A", [60, 60, 310, 360]), ReadPanel("B", [310, 60, 560, 360])],
        )
    ],
)  # fmt: skip


def replaced(tmp_path, book, read, results):
    folder = tmp_path / "after"
    folder.mkdir()
    sandbox.replace_into(folder, book, "book", read, results)
    return read_extraction(folder)


def test_the_page_is_replaced_and_the_others_stay(tmp_path, book, read):
    before, after = read_extraction(read), replaced(tmp_path, book, read, [RESULT])
    assert [f.label for f in before.figures] == ["Figure 1", "Figure 3"]
    assert [f.label for f in after.figures] == ["Figure 1", "Figure 2", "Figure 3"]
    assert [after.figures[0], after.figures[2]] == before.figures
    figure = after.figures[1]
    assert (figure.page, figure.method, figure.rule, figure.score) == (2, "vlm", "second-reader", 0.8)
    assert figure.bbox == [60, 60, 560, 360]
    assert [(p.letter, p.own, p.bbox) for p in after.panels] == [
        ("A", "Left.", [60, 60, 310, 360]), ("B", "Right.", [310, 60, 560, 360])]  # fmt: skip
    names = {image.sha256 for image in after.images}
    assert {figure.image, *(p.image for p in after.panels), *(f.image for f in before.figures)} <= names


def test_citing_sentences_are_linked_over_the_whole_book(tmp_path, book, read):
    after = replaced(tmp_path, book, read, [RESULT])
    cited = {(r.figure_id, r.letter, r.page) for r in after.references}
    assert (after.figures[1].figure_id, "B", 1) in cited
    assert (after.figures[2].figure_id, None, 3) in cited


def test_its_text_takes_the_page_and_its_captions_cite_nothing(tmp_path, book, read):
    texts = [("text", "The plate is described in Figure 2."), ("caption", "Figure 2. Two parts.")]
    paragraphs = [Paragraph(kind, text) for kind, text in texts]
    after = replaced(tmp_path, book, read, [dataclasses.replace(RESULT, paragraphs=paragraphs)])
    page = after.pages[1]
    assert (page.text, page.method) == ("The plate is described in Figure 2.\nFigure 2. Two parts.", "vlm")
    assert page.text[page.captions[0] : page.captions[1]] == "Figure 2. Two parts."
    own = [r.sentence for r in after.references if r.page == 2]
    assert own == ["The plate is described in Figure 2."]


def test_a_result_off_the_page_is_refused_by_page_and_figure(tmp_path, book, read):
    wrong = dataclasses.replace(RESULT, figures=[dataclasses.replace(RESULT.figures[0], bbox=[0, 0, 5000, 10])])
    with pytest.raises(BadInput, match=r"page 2, Figure 2 of the second reader a-model 1\.0: the box"):
        replaced(tmp_path, book, read, [wrong])
    with pytest.raises(BadInput, match="page 9 of the second reader"):
        sandbox.replace_into(tmp_path, book, "book", read, [dataclasses.replace(RESULT, page=9)])


def test_doubtful_pages_are_those_with_failures_or_low_scores(read):
    found = read_extraction(read)
    unsure = dataclasses.replace(found.figures[1], score=0.4)
    assert doubtful([found.figures[0], unsure], [], below=0.5) == [3]
    assert doubtful([], found.failures) == sorted({f.page for f in found.failures})
