"""The answer reader: what counts, and what must not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.answers import read_answer

OPTIONS = ["Adenoma", "Invasive ductal carcinoma", "Carcinoma", "CD20 (L26) positive"]


@pytest.mark.parametrize(
    ("output", "letter"),
    [
        ("A", "A"), ("(A)", "A"), ("A)", "A"), ("A.", "A"), ("b", "B"), ("**B**", "B"), (r"\boxed{B}", "B"),
        (r"$\boxed{\text{B}}$", "B"), ('{"answer": "B"}', "B"), ('```json\n{"answer": "C"}\n```', "C"),
        ("A) Adenoma", "A"), ("A. Adenoma", "A"), ("B - Invasive ductal carcinoma", "B"), ("A Adenoma", "A"),
        ("The answer is A.", "A"), ("Answer: A", "A"), ("**Answer:** B", "B"), ("Option A", "A"), ("Ｂ", "B"),
        ("B\nbecause adenoma lacks it", "B"), ("Not A; the answer is B", "B"),
        ("Invasive ductal carcinoma", "B"), ("It is an invasive ductal carcinoma.", "B"), ("carcinoma", "C"),
        ("D. CD20 (L26) positive", "D"), ("CD20 (L26) positive", "D"), ("The answer is a carcinoma", "C"),
        ("<think>A? Adenoma.</think><answer>C</answer>", "C"), ("lost opening tag, A</think><answer>B</answer>", "B"),
        ("<answer>A</answer> no, <answer>B</answer>", "B"),
        ("<think>a<think>b</think>c</think><answer>A</answer>", "A"),
        ("答案：B", "B"), ("答案是A。", "A"), ("选B", "B"), ("故选 C。", "C"), ("正确答案为（B）", "B"), ("选项B", "B"),
        ("不选A，选B", "B"), ("应选择B", "B"),
    ],
)  # fmt: skip
def test_what_is_meant_is_read(output: str, letter: str) -> None:
    answer = read_answer(output, OPTIONS)
    assert (answer.letter, answer.status) == (letter, "parsed")
    assert answer.text == OPTIONS["ABCD".index(letter)]


@pytest.mark.parametrize(
    "output",
    ["", "I cannot say", "E", "A, B", "A and B", "The answer is A or B", "A. Carcinoma", "It is not an adenoma",
     "The answer is not A", "Answer: B. Then again, answer: A", "Adenoma or carcinoma", "A: Adenoma\nC: Carcinoma",
     "Option A is wrong", "排除腺瘤", '{"answer": 3}', "<think>B</think>", "adenomatous change"],
)  # fmt: skip
def test_what_is_not_said_is_not_guessed(output: str) -> None:
    answer = read_answer(output, OPTIONS)
    assert (answer.letter, answer.text, answer.status) == (None, None, "unparsed")


@pytest.mark.parametrize("output", ["<think>A, since", "<think>x</think><think>B", "<think>x</think><answer>B"])
def test_what_was_cut_off_is_truncated(output: str) -> None:
    answer = read_answer(output, OPTIONS)
    assert (answer.letter, answer.status, answer.well_formed) == (None, "truncated", False)


@pytest.mark.parametrize(
    ("output", "formed"),
    [
        ("<think>x</think><answer>B</answer>", True),
        (" <think>x\ny</think>\n<answer>B</answer>\n", True),
        ("<think></think><answer>B</answer>", False),
        ("<think>x</think><answer> </answer>", False),
        ("<think>x</think>B", False),
        ("B", False),
        ("<answer>B</answer><think>x</think>", False),
        ("So: <think>x</think><answer>B</answer>", False),
        ("<think>x</think><answer>B</answer> done", False),
        ("<think>x</think><think>y</think><answer>B</answer>", False),
        ("<think>x</think><answer>B</answer><answer>B</answer>", False),
        ("<think>x<answer>A</answer></think><answer>B</answer>", False),
    ],
)
def test_the_form_is_exact(output: str, formed: bool) -> None:
    assert read_answer(output, None).well_formed is formed


def test_free_text_is_handed_back_with_its_reasoning() -> None:
    answer = read_answer("<think> Nests. </think><answer> A carcinoma. </answer>", None)
    assert (answer.reasoning, answer.text, answer.letter, answer.status) == ("Nests.", "A carcinoma.", None, "parsed")


@given(st.text(alphabet=st.sampled_from(list("ABCDabcd<>/thinkaswer {}[]()*\\\"':.,\n答案选项不")), max_size=80))
def test_any_text_gives_a_consistent_answer(output: str) -> None:
    answer = read_answer(output, OPTIONS)
    assert (answer.letter is None) == (answer.text is None)
    assert answer.letter is None or answer.status == "parsed"
    assert answer.reasoning is None or "<think>" not in answer.reasoning.lower()
