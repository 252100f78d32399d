"""Planted questions are found through noise and renumbering; unrelated ones from the same templates are not."""

import importlib.util
from pathlib import Path

import pytest

from assets.testsets.item import TestItem
from assets.testsets.text import TextIndex, unit_of
from assets.testsets.words import segments, words

spec = importlib.util.spec_from_file_location("questions", Path(__file__).parents[2] / "benchmarks" / "_questions.py")
assert spec and spec.loader
questions = importlib.util.module_from_spec(spec)
spec.loader.exec_module(questions)
index_of = questions.index_of

STEM = "Which of the following growth patterns is seen at the invasive front of this tumor?"
OPTIONS = ["small nests of cells", "CD20 (L26) positive sheets", "papillae with cores", "none of these"]


@pytest.mark.parametrize("kind", ["closed", "short", "chinese"])
def test_planted_questions_are_found_and_unrelated_ones_are_not(kind: str) -> None:
    shares = questions.found_shares(kind, 120, seed=3)
    assert {name: share for name, share in shares.items() if share < (0.9 if "noise" in name else 1)} == {}
    assert questions.false_share(kind, 120, 120, seed=4) <= 1 / 120


def test_a_hit_names_item_and_coverage() -> None:
    index = index_of([(STEM, OPTIONS), ("Where is the nerve?", [])])
    (hit,) = index.hits("Text before. " + STEM + "\nA) " + OPTIONS[3] + "\nB) other")
    assert (hit.items, hit.rule) == ((("made", "0"),), "ngrams")
    assert 0.5 <= hit.coverage < 1
    assert [hit.coverage for hit in index.hits(STEM, OPTIONS[::-1])] == [1.0]
    assert not index.hits("Which of the following growth patterns is a lesion of the skin?", ["none of these"])


def test_short_units_are_found_whole_and_alone() -> None:
    index = index_of([("Is CD20 positive?", []), ("Is there necrosis?", ["yes", "no"])])
    assert [name for hit in index.hits("is CD2O positive") for _, name in hit.items] == ["0"]
    assert [hit.rule for hit in index.hits("Is there necrosis? A) no B) yes")] == ["whole"]
    assert not index.hits("Is CD28 positive?")
    assert not index.hits("Is there necrosis?")
    assert not index.hits("The pathologist asks: is CD20 positive? It was.")


def test_a_short_chinese_question_is_found_as_it_is_alone() -> None:
    index = index_of([("该肿瘤为良性吗", [])])
    assert index.hits("该肿瘤为良性吗?")
    assert index.hits("见图。该肿瘤为良性吗?")
    assert not index.hits("该肿瘤为恶性吗")  # another character is another word


def test_a_word_that_the_test_sets_use_is_no_misread_one() -> None:
    index = index_of([("Is the stroma dense?", []), ("Is the strome seen?", [])])
    assert [hit.rule for hit in index.hits("Is the strxma dense?")] == ["misread"]
    assert not index.hits("Is the strome dense?")


def test_several_wrong_letters_side_by_side_are_another_word() -> None:
    options = ["dense collagen near the gland", "loose myxoid matrix", "many small vessels", "no stroma at all"]
    index = index_of([("Which stroma surrounds the nests of the lesion?", options)])
    assert index.hits("Which strxma surrounds the nests of tha lesion?", options)
    changed = ["dense collagen near the glomus", "loose myxoid matrix", "many small cysts", "no stroma at all"]
    assert not index.hits("What stroma surrounds all nests of one lesion?", changed)


def test_a_unit_of_template_words_alone_is_found_as_a_whole() -> None:
    same = "What is the most likely diagnosis for this image of the lesion"
    index = index_of([(f"{same}{end}", []) for end in ("", " shown", " seen", " here", " now", " given", " below")])
    assert [name for hit in index.hits(same) for _, name in hit.items] == ["0"]


def test_equal_units_name_every_item_and_class_names_are_no_text() -> None:
    index = index_of([(STEM, OPTIONS), (STEM, OPTIONS[::-1])])
    assert len(index) == 1
    assert [name for hit in index.hits(STEM, OPTIONS) for _, name in hit.items] == ["0", "1"]
    parts = dict(
        testset="t", subset="", split="test", item_id="i", answer="tumor", explanation=None, image=None,
        image_name=None, slide_or_patient_id=None,
    )  # fmt: skip
    assert unit_of(TestItem(question="", options=["normal", "tumor"], **parts)) == ()  # type: ignore[arg-type]
    assert unit_of(TestItem(question="", options=[], **parts)) == ()  # type: ignore[arg-type]
    assert not TextIndex([]).hits(STEM)


def test_captions_are_found_unless_they_are_short() -> None:
    long, short = "Nests of pale cells with round nuclei in a fibrous stroma", "Nests of pale cells"
    index = TextIndex(TestItem(testset="arch", item_id=text, answer=text) for text in (long, short))
    assert [hit.items for hit in index.hits(f"Fig. 3. {long}, H&E.")] == [(("arch", long),)]
    assert not index.hits(short)  # many pictures share it


def test_words() -> None:
    assert words("Carci-\nnoma, H&E; 图7–2 ﬁbrosis CD20") == ("carcinoma", "h", "e", "图", "7", "2", "fibrosis", "cd20")
    listed = segments("Which? (A) E. coli (B) 2. grade\nAnswer: A")
    assert listed == (("which",), ("e", "coli"), ("2", "grade"), ("answer", "a"))
    assert segments("Grade A. 2 cm") == (("grade", "a", "2", "cm"),)
