"""Planted defects, and hard negatives beside them, for every filter."""

from dataclasses import replace
from typing import Any

import pytest

from assets.filters import RULES, judge
from assets.records import Sample, hash_of_sample
from tests.cot.pairs import book_pairs

GOOD_REASONING = (
    "Irregular nests infiltrate a desmoplastic stroma. The nuclei are enlarged and hyperchromatic. "
    "No glands are formed, and mitotic figures are frequent."
)


def sample(task: str = "mcq", **changes: Any) -> Sample:
    """A clean sample; `changes` are fields, from which the turns are built."""
    chinese = changes.get("language") == "zh"
    fields: dict[str, Any] = {
        "question": "最可能的诊断是什么？" if chinese else "Which diagnosis fits best?",
        "options": (["浸润性导管癌", "纤维腺瘤", "脂肪坏死", "黏液癌"] if chinese else
                    ["Invasive ductal carcinoma", "Fibroadenoma", "Fat necrosis", "Papilloma"])
        if task == "mcq" else [],
        "answer": "A" if task == "mcq" else ("浸润性导管癌。" if chinese else "An invasive ductal carcinoma."),
        "reasoning": "癌细胞呈巢状浸润间质，核大、深染，核分裂象易见。" if chinese else GOOD_REASONING,
        "language": "en", "difficulty": "easy",
    } | changes  # fmt: skip
    lines = [f"{'ABCDEF'[i]}. {option}" for i, option in enumerate(fields["options"])]
    asked = "\n".join(["<image>", fields["question"], *lines])
    messages = fields.pop("messages", None) or [
        {"role": "user", "content": asked},
        {"role": "assistant", "content": f"<think>{fields['reasoning']}</think><answer>{fields['answer']}</answer>"},
    ]
    more = fields.pop("more", [])
    messages = [*messages, *more]
    made = hash_of_sample(task, fields["difficulty"], messages, fields["options"], fields["answer"])
    return Sample(**({
        "sample_id": "s", "pair_id": book_pairs()[0].pair_id, "pair_hash": "", "book": "book", "task": task,
        "image_kind": "he", "organ_system": "breast", "messages": messages, "prompt_id": "", "prompt_hash": "",
        "model": "m", "params": "{}", "seed": 0, "usage": "{}", "reply_sha256": "", "revision": 0,
        "parent_hash": None, "content_hash": made,
    } | fields))  # fmt: skip


def failed(one: Sample) -> set[str]:
    return {verdict.rule for verdict in judge(one, None) if not verdict.passed}


def saying(text: str, **changes: Any) -> Sample:
    return sample("reasoning", reasoning=text, **changes)


def test_clean_samples_pass_and_every_rule_speaks() -> None:
    for one in (sample(), sample("reasoning"), sample(language="zh"), sample("description", language="zh")):
        verdicts = judge(one, None)
        assert [v.rule for v in verdicts] == list(RULES)
        assert all(v.passed and not v.reason and v.score == 1 and v.content_hash == one.content_hash for v in verdicts)


# ---------------------------------------------------------------------------------------------------------------- leak
@pytest.mark.parametrize(
    "text",
    [
        "The caption states that these are nests.", "As described in the question, the nuclei are enlarged.",
        "According to the text, this is a carcinoma.", "The description mentions a desmoplastic stroma.",
        "Based on the provided description, necrosis is present.", "Fig. 3-2 shows the nests.",
        "The nests in Figure 4 are solid.", "Panel B shows the same tumour.", "The legend is clear about the stain.",
        "The accompanying text confirms this.", "The figure legend identifies the organ.",
        "The arrow in B marks a cell.",
        "The given answer is carcinoma.", "From the caption we know the organ.", "The references state a high grade.",
        "The passage says that mitoses are frequent.", "As stated in the caption, grade 2.",
        "The textbook describes this pattern.", "The text provided indicates a carcinoma.",
        "We are told in the text that it is malignant.", "The information provided says grade 2.",
    ],
)  # fmt: skip
def test_source_leaks_are_found(text: str) -> None:
    assert "leak" in failed(saying(f"{GOOD_REASONING} {text}"))


@pytest.mark.parametrize(
    "text",
    ["根据图注，这是癌。", "如文中所述，核深染。", "图3-2显示癌巢。", "题干中提到患者年老。", "由描述可知为恶性。",
     "根据所给文字，诊断明确。", "描述中提到角化珠。", "图A可见癌巢。"],
)  # fmt: skip
def test_chinese_source_leaks_are_found(text: str) -> None:
    assert "leak" in failed(saying(text, language="zh"))


@pytest.mark.parametrize(
    "text",
    [
        "Three mitotic figures are seen per high-power field.", "Mitotic figures 4 per field.",
        "The texture is firm, the context clinical.", "A panel of antibodies would help.",
        "The image shows crowded glands.", "Normal tissue serves as a reference.", "Cell borders figure prominently.",
        "CD20-positive B cells fill the follicle (type B).", "Vitamin A deficiency is unlikely.",
        "Gleason score 3 + 3 = 6 applies.", "This pattern has been described in the literature.",
        "The villi arise from the stem villi.",
    ],
)  # fmt: skip
def test_words_that_only_look_like_leaks_pass(text: str) -> None:
    assert not failed(saying(text))


@pytest.mark.parametrize("text", ["图像显示癌巢。", "切面灰白，可见出血。", "参考正常组织，核增大。", "图案样排列。"])
def test_chinese_words_that_only_look_like_leaks_pass(text: str) -> None:
    assert not failed(saying(text, language="zh"))


@pytest.mark.parametrize("text", ["So option A fits.", "The answer is A.", "Hence (A).", "Choice A is right.",
                                  "A is correct.", "选A。", "答案为A。", "选项A正确。"])  # fmt: skip
def test_the_keys_letter_in_the_reasoning_is_a_leak(text: str) -> None:
    language = "en" if text.isascii() else "zh"
    assert failed(sample(reasoning=f"{text}", language=language)) == {"leak"}


def test_other_letters_and_single_capitals_are_no_leak() -> None:
    assert not failed(sample(reasoning="T cells and type A spermatogonia lie side by side. A rim of stroma is left."))


def test_the_answer_in_the_question_is_a_leak() -> None:
    assert failed(sample(question="Which feature of invasive ductal carcinoma is shown?")) == {"leak"}
    assert failed(sample(question="该浸润性导管癌最可能的诊断是什么？", language="zh")) == {"leak"}
    assert not failed(sample(question="Which carcinoma is shown?"))


# ---------------------------------------------------------------------------------------------------------- repetition
@pytest.mark.parametrize(
    "text",
    [
        "The nuclei are enlarged and the nuclei are enlarged and the nuclei are enlarged and the nuclei are enlarged.",
        "Nests infiltrate the dense stroma. The nuclei are dark. Nests infiltrate the dense stroma.",
        "very very very very very very atypical nuclei are seen here",
        "The tumour cells are large. " + "They have dark nuclei and pale cytoplasm, no doubt. " * 8,
        "The nests ... are solid ... and dark ...", "Atypia!!!!!!!!!! is seen",
        " ".join(f"Step {i}: the nuclei are enlarged and hyperchromatic, so it is malignant." for i in range(30)),
    ],
)  # fmt: skip
def test_repetition_is_found(text: str) -> None:
    assert "repetition" in failed(saying(text))


def test_chinese_repetition_is_found() -> None:
    assert "repetition" in failed(
        saying("癌细胞呈巢状排列，核深染。间质疏松。癌细胞呈巢状排列，核深染。间质疏松。", language="zh")
    )
    assert "repetition" in failed(saying("核分裂象易见核分裂象易见核分裂象易见", language="zh"))


@pytest.mark.parametrize(
    "text",
    [
        "The nuclei are large, the nuclei are dark, the cytoplasm is pale and the cytoplasm is foamy.",
        "CD3 is negative. CD5 is negative. CD10 is negative. CD20 is positive. BCL2 is positive. BCL6 is negative.",
        "Size, shape and colour vary; size most of all. Gleason score 3 + 3 = 6.",
        "Necrosis is absent. Necrosis would be expected in high-grade disease.",
    ],
)
def test_parallel_phrases_are_no_repetition(text: str) -> None:
    assert not failed(saying(text))


def test_answer_may_repeat_the_reasoning_but_not_another_turn() -> None:
    finding = "Irregular nests infiltrate a desmoplastic stroma."
    assert not failed(sample("description", reasoning=finding, answer=finding))
    turn = {"role": "assistant", "content": f"<think>Look again.</think><answer>{finding}</answer>"}
    more = [{"role": "user", "content": "What else?"}, turn]
    assert failed(sample("conversation", answer=finding, more=more)) == {"repetition"}


# ------------------------------------------------------------------------------------------------------------ language
@pytest.mark.parametrize(
    "text", ["The nests 癌巢 are solid.", "细胞核增大，深染。", "The ячейка is dark.", "核が大きい"]
)
def test_wrong_language_in_english(text: str) -> None:
    assert failed(saying(text)) == {"language"}


@pytest.mark.parametrize("text", ["该 carcinoma 呈巢状排列。", "The nests are solid and infiltrate the stroma.",
                                  "癌巢浸润 the stroma，核深染。", "核分裂象 frequent。",
                                  "癌巢が浸潤する。"])  # fmt: skip
def test_wrong_language_in_chinese(text: str) -> None:
    assert failed(saying(text, language="zh")) == {"language"}


@pytest.mark.parametrize(
    "text",
    ["HER2、ER、PR及Ki-67阳性，p53突变型表达，BerEP4阴性。",
     "H&E染色示癌巢，CK5/6、p63、desmin和vimentin阳性。",
     "可见Reed-Sternberg细胞，符合Hodgkin淋巴瘤。", "印戒细胞（signet ring cells）弥漫浸润。", 
     "肿瘤直径约20 mm，Gleason评分3+3=6分。",
     "PTCH1基因突变，cyclin D1过表达，IGH::BCL2融合。"],
)  # fmt: skip
def test_symbols_and_glosses_in_chinese_pass(text: str) -> None:
    assert not failed(saying(text, language="zh"))


def test_greek_and_units_in_english_pass() -> None:
    assert not failed(saying("α-smooth muscle actin is positive; cells measure 20 µm, at 37 °C, Müllerian origin."))


def test_sample_and_pair_must_share_a_language() -> None:
    verdicts = judge(sample(language="zh"), book_pairs()[0])
    assert [v.rule for v in verdicts if not v.passed] == ["language"]


# ------------------------------------------------------------------------------------------------------------- refusal
@pytest.mark.parametrize(
    "text",
    ["As an AI language model, nests are seen.", "I cannot view images.", "I'm sorry, but this is unclear.",
     "No image was provided.", "This is not medical advice.", "Please consult a pathologist.",
     "I am unable to determine the stain.", "I can’t see the picture.", "This is not a substitute for expert review.",
     "For educational purposes only.", "I don't have access to the slide."],
)  # fmt: skip
def test_refusals_are_found(text: str) -> None:
    assert "refusal" in failed(sample("reasoning", answer=text))


@pytest.mark.parametrize(
    "text", ["作为人工智能，我看到癌巢。", "抱歉，无法判断。", "我无法查看图像。", "仅供参考。", "请咨询专业医师。"]
)
def test_chinese_refusals_are_found(text: str) -> None:
    assert "refusal" in failed(sample("reasoning", answer=text, language="zh"))


@pytest.mark.parametrize(
    "text",
    ["Malignancy cannot be excluded in so small a biopsy.", "Clinical correlation is advised.",
     "The cells are unable to form glands.", "Type I pneumocytes cannot be seen.", "An assistant stain would help.",
     "No stroma is available for judgement."],
)  # fmt: skip
def test_professional_caution_is_no_refusal(text: str) -> None:
    assert not failed(sample("reasoning", answer=text))


# -------------------------------------------------------------------------------------------------------------- schema
def turns(*contents: str) -> list[dict[str, str]]:
    return [{"role": ("user", "assistant")[i % 2], "content": text} for i, text in enumerate(contents)]


ASKED = "<image>\nWhich diagnosis fits best?"
SAID = f"<think>{GOOD_REASONING}</think><answer>An invasive ductal carcinoma.</answer>"


@pytest.mark.parametrize(
    "one",
    [
        sample("reasoning", messages=turns(ASKED)),
        sample("reasoning", messages=[*turns(ASKED), *turns(ASKED)]),
        sample("reasoning", messages=[{"role": "system", "content": "x"}, *turns(ASKED, SAID)]),
        sample("reasoning", messages=turns("Which diagnosis fits best?", SAID)),
        sample("reasoning", messages=turns(ASKED + " <image>", SAID)),
        sample("reasoning", messages=turns(ASKED, SAID.replace("</think>", ""))),
        sample("reasoning", messages=turns(ASKED, SAID + " Done.")),
        sample("reasoning", messages=turns(ASKED, SAID), answer="Another answer."),
        sample("reasoning", messages=turns(ASKED, SAID), reasoning="Another reasoning."),
        sample("reasoning", messages=turns(ASKED, SAID), question="Another question?"),
        sample("reasoning", messages=turns(ASKED, SAID), options=["a", "b", "c", "d"]),
        sample("conversation"),
        sample("reasoning", more=turns("And?", SAID.replace("An inv", "Inv"))),
        sample("riddle"),
        sample(difficulty="extreme"),
        sample(answer="E"),
        sample(answer="AB"),
        sample(options=["Carcinoma", "Adenoma", "Cyst"]),
        sample(options=["Carcinoma", "Adenoma", "Cyst", "carcinoma."]),
        sample(options=["Carcinoma", "Adenoma", "Cyst", "All of the above"]),
        sample(options=["Carcinoma", "Adenoma", "Cyst", ""]),
        replace(sample(), options=["Other", "Fibroadenoma", "Fat necrosis", "Papilloma"]),
        replace(sample(), content_hash="0" * 64),
    ],
)
def test_broken_rows_are_found(one: Sample) -> None:
    assert "schema" in failed(one)


def test_five_options_and_three_turns_are_in_order() -> None:
    assert not failed(
        sample(options=["Invasive ductal carcinoma", "Fibroadenoma", "Fat necrosis", "Papilloma", "Cyst"])
    )
    more = turns("What is it?", "<think>Nests in stroma.</think><answer>A carcinoma of the breast.</answer>")
    assert not failed(sample("conversation", answer="Solid nests are seen.", more=more))
