"""Captions and citing sentences become statements about the picture, or are left out."""

import re

import pytest

from assets.cot.entities import entities, same_entity
from assets.cot.evidence import read_evidence
from assets.cot.sentences import clean, split, statements
from tests.cot.pairs import book_pairs, pair


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Fig. 3-2 shows nests of tumour cells (arrow).", ["Nests of tumour cells."]),
        ("As shown in Figure 3-2A, the nuclei are enlarged.", ["The nuclei are enlarged."]),
        ("As Figure 3-2 shows, the stroma is pale.", ["The stroma is pale."]),
        ("The stroma is dense (Fig. 3-2).", ["The stroma is dense."]),
        ("The stroma is dense (see Figs. 3-2 and 3-3), with oedema.", ["The stroma is dense, with oedema."]),
        ("In Fig. 7-26B, the capsule is intact.", ["The capsule is intact."]),
        ("Typical papillae are shown in Fig. 3-2.", ["Typical papillae are seen."]),
        ("Mitotic figures are frequent at the edge [12, 13].", ["Mitotic figures are frequent at the edge."]),
        ("The tumour (T) compresses the rind (Smith et al., 2005).", ["The tumour compresses the rind."]),
        ("The mass measures 12 x 15 mm across (×400).", ["The mass measures 12 x 15 mm across."]),
        ("One fused signal indicates t(14;18) here (Fig. 4-2).", ["One fused signal indicates t(14;18) here."]),
        ("HER2 is amplified (HER2 red, CEP17 green; Fig. 9-1A).", ["HER2 is amplified (HER2 red, CEP17 green)."]),
        ("Compare the papillae of Figure 5-3 with those of a urothelial tumour.", []),
        ("The vessels of Figure 7-3 are explained by this loss.", []),
        ("None is sensitive enough to replace the stains in Figures 2-6A and B.", []),
        ("The caption gives the diagnosis of this case.", []),
        ("High-power view.", []),
        ("The loss of cohesion is striking (Figs. 1-7A and B).", ["The loss of cohesion is striking."]),
        ("The loss of cohesion is striking (Figs. 1-7A–C, 2-1).", ["The loss of cohesion is striking."]),
    ],
)
def test_english(text: str, said: list[str]) -> None:
    assert statements(text, "en") == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("如图3-2所示，癌细胞呈巢状排列。", ["癌细胞呈巢状排列。"]),
        ("癌巢周边细胞呈栅栏状排列（箭头）（HE×200）。", ["癌巢周边细胞呈栅栏状排列。"]),
        ("核分裂象多见（图 3-2A，箭头所示）。", ["核分裂象多见。"]),
        ("肿瘤边界清楚，见图3-2。", ["肿瘤边界清楚。"]),
        ("图6-2和图6-3均为巢状生长，但形态不同。", []),
        ("与图 6-1所示的正常成熟过程相比，细胞极性消失。", []),
    ],
)
def test_chinese(text: str, said: list[str]) -> None:
    assert statements(text, "zh") == said


def test_abbreviations_and_numbers_end_no_sentence() -> None:
    text = "Cells (e.g. histiocytes) measure 2.5 mm, see Fig. 3-2 for detail. The capsule is intact."
    assert len(split(text)) == 2


@pytest.mark.parametrize(
    ("text", "language", "names"),
    [
        ("invasive ductal carcinoma of the breast, grade 2", "en", ["invasive ductal carcinoma"]),
        ("small cell carcinoma of the lung", "en", ["small cell carcinoma"]),
        ("ductal carcinoma in situ", "en", ["ductal carcinoma in situ"]),
        ("Infarct of the spleen with haemorrhage", "en", ["infarct of the spleen"]),
        ("A golden yellow tumour", "en", []),
        ("The tumour cells invade without carcinoma", "en", []),
        ("甲状腺乳头状癌", "zh", ["乳头状癌"]),
        ("炎细胞浸润", "zh", []),
    ],
)
def test_names_of_diseases(text: str, language: str, names: list[str]) -> None:
    assert entities(text, language) == names


def test_a_wider_term_may_be_the_same_disease() -> None:
    assert same_entity("adenocarcinoma", "signet ring cell carcinoma")
    assert same_entity("invasive carcinoma", "invasive lobular carcinoma")
    assert same_entity("invasive breast carcinoma", "invasive lobular carcinoma")
    assert same_entity("腺癌", "黏液癌")
    assert not same_entity("adenocarcinoma", "squamous cell carcinoma")
    assert not same_entity("invasive ductal carcinoma", "fibroadenoma")


def test_evidence_tells_findings_from_general_knowledge() -> None:
    evidence = read_evidence(book_pairs()[0])
    assert evidence.topic == "invasive ductal carcinoma of the breast, grade 2"
    assert evidence.entity == "invasive ductal carcinoma"
    assert len(evidence.findings) == 3
    assert evidence.background == ("Invasive carcinoma is the most common malignancy of women.",)


def test_advice_and_dangling_sentences_are_no_evidence() -> None:
    context = ["It is lined by cells with dark nuclei (Fig. 3-9).", "The margin should be inked (Fig. 3-9).",
               "Unlike fibroadenoma, the stroma is cellular (Fig. 3-9)."]  # fmt: skip
    evidence = read_evidence(pair(9, "Phyllodes tumour. Leaf-like fronds with a cellular stroma project.", context))
    assert evidence.findings == ("Leaf-like fronds with a cellular stroma project.",)
    assert evidence.background == ()


def test_a_panel_title_completes_the_topic() -> None:
    text = "Ductal carcinoma in situ of the breast. Comedo type. High-grade cells surround central necrosis."
    assert read_evidence(pair(9, text, [])).topic == "ductal carcinoma in situ of the breast, comedo type"


def test_nothing_of_figures_is_left_anywhere() -> None:
    for one in book_pairs():
        evidence = read_evidence(one)
        for said in [evidence.topic or "", *evidence.findings, *evidence.background]:
            assert not re.search(
                r"(?<!mitotic )\bfig|图\s*\d|\barrow|箭头|×|\(\s*\)|（\s*）|\s,", said, re.IGNORECASE
            ), said


def test_a_sentence_that_opens_with_a_long_list_of_figures_is_read_all_the_same() -> None:
    said = "of the tumour show sheets of cells with clear cytoplasm."
    assert clean("Figures " + "1, " * 60 + said) == clean("Figures 1, 2, 3 " + said)
