"""Two real papers give exactly their figures, with the captions that their XML holds."""

import os
import re
import xml.etree.ElementTree as ET

import pymupdf
import pytest
from rapidfuzz import fuzz

from assets.figures.extract import extract_pdf
from assets.figures.ocr.installed import installed


def true_captions(path):
    root = ET.fromstring(re.sub(r"<!DOCTYPE[^>]*>", "", path.read_text(encoding="utf-8")))
    captions = {}
    for fig in root.iter():
        if fig.tag.rsplit("}", 1)[-1] == "fig":
            parts = {child.tag.rsplit("}", 1)[-1]: "".join(child.itertext()) for child in fig}
            captions[re.sub(r"\D", "", parts["label"])] = parts["caption"]
    return captions


def letters(text):
    return re.sub(r"[\W_]", "", text.lower())


@pytest.mark.parametrize(("name", "count"), [("PMC3178181", 4), ("PMC1397864", 9)])
def test_figures_of_a_paper(shared, name, count):
    folder = shared / "pdf_corpus"
    found = extract_pdf(folder / f"{name}.pdf", "paper")
    truth = true_captions(folder / f"{name}.jats.xml")
    assert len(truth) == count
    assert sorted(re.sub(r"\D", "", f.label) for f in found.figures) == sorted(truth)
    for figure in found.figures:
        true = truth[re.sub(r"\D", "", figure.label)]
        assert fuzz.ratio(letters(figure.caption), letters(true)) >= 90, figure.label
    assert found.references
    for reference in found.references:
        text = found.pages[reference.page - 1].text
        assert text[reference.char_start : reference.char_end] == reference.sentence


def test_a_rotated_copy_gives_the_same_boxes(shared):
    folder = shared / "pdf_corpus"
    upright = extract_pdf(folder / "PMC3178181.pdf", "paper").figures
    rotated = extract_pdf(folder / "rot90_PMC3178181.pdf", "paper").figures
    assert [f.label for f in rotated] == [f.label for f in upright]
    for a, b in zip(upright, rotated, strict=True):
        assert b.bbox == pytest.approx(a.bbox, abs=1)


@pytest.mark.skipif(not installed() and os.environ.get("PATHCORPUS_REQUIRE_OCR") != "1", reason="no OCR engine")
def test_image_only_pages_are_read_by_ocr(shared, tmp_path):
    with pymupdf.open(shared / "pdf_corpus" / "scan200_PMC3178181.pdf") as scan:
        scan.select([4, 5])
        scan.save(tmp_path / "scan.pdf")
    found = extract_pdf(tmp_path / "scan.pdf", "paper")
    upright = extract_pdf(shared / "pdf_corpus" / "PMC3178181.pdf", "paper").figures[1:]
    assert [f.label for f in found.figures] == [f.label for f in upright] == ["Figure 2", "Figure 3", "Figure 4"]
    for scanned, native in zip(found.figures, upright, strict=True):
        assert scanned.method == "ocr"
        assert scanned.bbox == pytest.approx(native.bbox, abs=4)
        assert fuzz.ratio(letters(scanned.caption), letters(native.caption)) >= 95
        assert scanned.pixels == "decoded"
        assert scanned.dpi == pytest.approx(200, abs=2)
