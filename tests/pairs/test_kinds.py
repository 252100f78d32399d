"""Image kind and organ system from words, with the picture's veto."""

import io

import numpy as np
import pytest
from PIL import Image as Pillow

from assets.pairs.kinds import image_kind
from assets.pairs.labelled import language_of
from assets.pairs.organs import organ_system
from assets.pairs.picture import PictureFacts, picture_facts

TISSUE = PictureFacts(white=0.1, black=0.0, colourful=0.8, pink_purple=0.5, flat=0.2)
CHART = PictureFacts(white=0.9, black=0.05, colourful=0.04, pink_purple=0.0, flat=0.9)


@pytest.mark.parametrize(
    ("caption", "kind"),
    [
        ("Fibroadenoma. Biphasic lesion with compressed ducts (H&E, ×100).", "he"),
        ("Haematoxylin and eosin stain of the cornea.", "he"),
        ("腺体排列紧密，间质纤维化（HE×200）。", "he"),
        ("HER2 immunohistochemistry, complete membranous staining in all tumour cells.", "ihc"),
        ("Treatment attenuated the expression of Bax protein against the control group.", "ihc"),
        ("Ki-67 stains 40 % of nuclei; haematoxylin counterstain.", "ihc"),
        ("肿瘤细胞CD20阳性（免疫组化）。", "ihc"),
        ("FISH with a break-apart probe for ALK: separate red and green signals.", "fish"),
        ("Cohesive clusters with nuclear grooves (fine-needle aspirate, Papanicolaou stain).", "cytology"),
        ("痰涂片，巴氏染色。", "cytology"),
        ("Cut surface of the kidney: a golden yellow mass.", "gross"),
        ("大体标本，切面灰白。", "gross"),
        ("Papillary carcinoma, lobectomy. A pale, firm tumour with an irregular edge.", "gross"),
        ("Radical prostatectomy: crowded glands with prominent nucleoli.", "he"),
        ("细胞核弥漫强阳性（SOX10免疫组织化学染色，×200）。", "ihc"),
        ("上皮样肿瘤细胞呈巢状生长（H&E染色，×200）。", "he"),
        ("Apoptotic nuclei (TUNEL).", "other"),
        ("Congo red stain shows amyloid in the glomerulus.", "other"),
        ("Chest CT of the same patient.", "other"),
        ("Clinical photograph of the lesion on the forearm.", "other"),
        ("Photograph of the patient before surgery; glands are enlarged.", "other"),
        ("患者照片，面部肿胀。", "other"),
        ("Gain of body weight and food consumption in all groups.", "other"),
        ("Ductal carcinoma with central necrosis (H&E). Immunohistochemistry for ER was positive elsewhere.", "he"),
    ],
)
def test_captions_of_photographs(caption, kind):
    assert image_kind([("caption", caption)], "", TISSUE).kind == kind


def test_a_chart_is_other_whatever_its_caption_says():
    found = image_kind([("caption", "Expression of Bax protein in the five groups.")], "", CHART)
    assert found.kind == "other"
    assert "photograph" in found.evidence


def test_a_named_stain_below_a_picture_without_colour_is_no_label_to_learn_from():
    named = image_kind([("caption", "Glands of the colon (H&E, ×200).")], "", CHART)
    assert (named.kind, named.score) == ("other", 0.7)
    assert image_kind([("caption", "Expression of Bax protein in the five groups.")], "", CHART).score == 0.8


def test_two_stains_named_alike_are_not_believed():
    caption = "Left, histology (H&E); right, staining pattern (HER2 immunohistochemistry)."
    found = image_kind([("caption", caption)], "", TISSUE)
    assert found.score < 0.5


def test_a_panels_own_part_outweighs_the_shared_lead():
    own = [("own part", "Nuclear ER staining (immunohistochemistry)."), ("lead", "Carcinoma of the breast (H&E).")]
    assert image_kind(own, "", TISSUE).kind == "ihc"


def test_a_named_stain_of_the_lead_outweighs_cells_in_the_own_part():
    near = [("own part", "Normal cell with an oval nucleus."), ("lead", "Appearance of the myocardium (H&E×400).")]
    assert image_kind(near, "", TISSUE).kind == "he"


def test_citing_sentences_speak_only_where_the_caption_is_silent():
    citing = "Immunohistochemistry was done in all cases (Fig. 2-1)."
    assert image_kind([("caption", "Glands with tall nuclei.")], citing, TISSUE).kind == "he"
    assert image_kind([("caption", "The same case.")], citing, TISSUE).kind == "ihc"


def test_words_that_only_look_like_stains():
    assert (
        image_kind([("caption", "As he said, the fish market and the pet shop are here.")], "", TISSUE).kind == "other"
    )


def test_unnamed_stain_of_a_pink_picture_is_taken_as_he_with_less_belief():
    found = image_kind([("caption", "Tubular glands with basal nuclei.")], "", TISSUE)
    assert (found.kind, found.score) == ("he", 0.7)


@pytest.mark.parametrize(
    ("caption", "organ"),
    [
        ("Histopathological appearance of liver; hepatocytes around the central vein.", "liver_pancreas_biliary"),
        ("Invasive carcinoma of the breast with ducts.", "breast"),
        ("甲状腺乳头状癌，核沟明显。", "endocrine"),
        ("Myocardial fibres of the left ventricle.", "cardiovascular"),
        ("Reed-Sternberg cell in a lymph node.", "haematolymphoid"),
    ],
)
def test_organ_systems(caption, organ):
    found = organ_system([("caption", caption, 1.0)])
    assert found.system == organ
    assert found.score >= 0.5
    assert "caption" in found.evidence


def test_no_term_is_said_as_such():
    assert organ_system([("caption", "Bar chart of results.", 1.0)]).system == "other"


def test_whole_words_only():
    assert organ_system([("caption", "The analysis of weye and anally.", 1.0)]).system == "other"


def test_picture_facts_tell_photographs_from_charts():
    rng = np.random.default_rng(1)
    tissue = np.clip(rng.normal((200, 120, 170), 30, (200, 200, 3)), 0, 255).astype(np.uint8)
    chart = np.full((200, 200, 3), 255, np.uint8)
    chart[150:, 20:40] = (30, 60, 200)
    blot = np.repeat(rng.integers(60, 220, (200, 200, 1), dtype=np.uint8), 3, axis=2)

    def png(array):
        out = io.BytesIO()
        Pillow.fromarray(array).save(out, "PNG")
        return picture_facts(out.getvalue())

    assert png(tissue).photograph
    assert png(tissue).pink_purple > 0.5
    assert not png(chart).photograph
    assert not png(blot).photograph


def test_language():
    assert language_of("肿瘤细胞CD20阳性") == "zh"
    assert language_of("Tumour cells, CD20 positive") == "en"
