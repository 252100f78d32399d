"""Organ systems from words: the vocabulary, its spelling, and what overlaps."""

import tomllib
from pathlib import Path

import pytest

from assets.pairs.organs import organ_system, spelled, vocabulary
from assets.records import ORGAN_SYSTEMS


def system(text: str) -> str:
    return organ_system([("caption", text, 1.0)]).system


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Bone marrow biopsy with sheets of plasma cells", "haematolymphoid"),
        ("骨髓活检", "haematolymphoid"),
        ("Adrenal cortical adenoma", "endocrine"),
        ("肾上腺皮质腺瘤", "endocrine"),
        ("Uveal melanoma of the choroid", "eye"),
        ("Choroid plexus papilloma", "central_nervous_system"),
        ("Malignant melanoma, Breslow 2 mm", "skin"),
        ("Barrett's oesophagus", "digestive"),
        ("Barrett’s esophagus", "digestive"),
        ("Small-cell lung carcinoma", "thoracic"),
        ("Clear-cell renal-cell carcinoma", "kidney"),
        ("宫颈高级别鳞状上皮内病变", "female_genital"),
        ("睾丸精原细胞瘤", "urinary_male_genital"),
        ("鼻咽癌", "head_neck"),
        ("膝关节滑膜肉瘤", "soft_tissue_bone"),
        ("Alcoholic steatohepatitis with Mallory-Denk bodies", "liver_pancreas_biliary"),
        ("Myocardial infarct of three days", "cardiovascular"),
        ("乳腺浸润性导管癌", "breast"),
    ],
)
def test_terms_of_every_system(text, expected):
    assert system(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Human embryonic kidney-293 cells after 24 h",  # a cell line is no kidney
        "Patients were given heparin; 肝素抗凝",
        "Colonies of bacteria on an anal-ysis plate",
        "The kidney-shaped nucleus is seen with the naked eye",
        "",
    ],
)
def test_what_only_looks_like_an_organ(text):
    assert system(text) == "other"


def test_the_longest_of_overlapping_terms_counts_alone():
    found = [(term, name) for term, name, _ in vocabulary().found(spelled("Alveolar rhabdomyosarcoma, 肾上腺"))]
    assert found == [("alveolar rhabdomyosarcoma", "soft_tissue_bone"), ("肾上腺", "endocrine")]


def test_sections_and_citing_sentences_speak_where_the_caption_is_silent():
    silent = ("caption", "Low power.", 1.0)
    found = organ_system([silent, ("sections", "Diseases of the Breast", 1.0)])
    assert found.system == "breast" and found.score >= 0.5 and found.evidence.startswith("sections: ")
    weaker = organ_system([silent, ("citing sentences", "A gastric biopsy.", 0.5)])
    assert weaker.system == "digestive" and weaker.score < found.score


def test_two_organs_share_the_belief():
    alone, shared = (
        organ_system([("caption", text, 1.0)]).score
        for text in ("Carcinoma of the breast, duct and nipple", "Metastasis of a breast carcinoma in the liver")
    )
    assert shared < alone


def test_every_system_has_terms_in_both_languages_and_none_twice():
    data = tomllib.loads((Path("assets") / "pairs" / "organs.toml").read_text(encoding="utf-8"))
    assert set(data) == {*ORGAN_SYSTEMS, "none"} - {"other"}
    for name, classes in data.items():
        if name != "none":
            terms = [term for found in classes.values() for term in found]
            assert any(term.isascii() for term in terms) and any(not term.isascii() for term in terms), name
            assert {"chapter", "organ", "entity"} <= set(classes), name
    assert len(vocabulary().meanings) + len(vocabulary().stems) > 1000


def test_long_hostile_text_takes_no_time_and_no_damage():
    assert system("liv" * 50_000 + "\x00<script>" + "肾" * 10) == "kidney"
