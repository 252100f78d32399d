"""The sample textbook against its gold: labels, captions, boxes, panels and references of the pages with text."""

import re

import pytest
from rapidfuzz import fuzz

from assets.figures.extract import extract_pdf
from assets.figures.ocr.installed import installed


def plain(text):
    return re.sub(r"\s", "", text)


def iou(a, b):
    w, h = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    common = max(0.0, w) * max(0.0, h)
    return common / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - common)


@pytest.fixture(scope="module")
def compared(sample_book):
    """The extraction and (gold, found or None) for every figure on a page that is not scanned."""
    path, gold = sample_book
    found = extract_pdf(path, "sample")
    by_key = {(f.page, f.label): f for f in found.figures}
    return found, gold, [(g, by_key.get((g["page"], g["label"]))) for g in gold["figures"] if not g["scanned"]]


def share(hits):
    hits = list(hits)
    assert hits
    return sum(hits) / len(hits)


def test_figures_captions_and_boxes(compared):
    found, _, pairs = compared
    assert share(f is not None for _, f in pairs) >= 0.95
    assert sum(f.method == "native" for f in found.figures) <= len(pairs) / 0.95
    assert share(f is not None and fuzz.ratio(plain(g["caption"]), plain(f.caption)) >= 97 for g, f in pairs) >= 0.95
    assert share(f is not None and iou(g["bbox"], f.bbox) >= 0.8 for g, f in pairs) >= 0.95


def test_panels(compared):
    found, _, pairs = compared
    own = {f.figure_id: {p.letter: p for p in found.panels if p.figure_id == f.figure_id} for f in found.figures}
    assert share(f is not None and len(own[f.figure_id]) == len(g["panels"]) for g, f in pairs) >= 0.95
    panels = [(p, own[f.figure_id].get(p["label"].upper())) for g, f in pairs if f is not None for p in g["panels"]]
    assert share(q is not None and iou(p["bbox"], q.bbox) >= 0.7 for p, q in panels) >= 0.95
    assert share(q is not None and fuzz.ratio(plain(p["caption"]), plain(q.own)) >= 95 for p, q in panels) >= 0.95


def test_nothing_but_text_is_missing(compared):
    found, _, _ = compared
    assert {f.reason for f in found.failures} <= {"no-ocr"}


def test_references(compared):
    found, gold, pairs = compared
    hits, right = [], []
    for g, f in pairs:
        if f is None:
            continue
        cited = [(r.page, plain(r.sentence), r.letter) for r in found.references if r.figure_id == f.figure_id]
        true = [r for r in g["references"] if r["page"] not in gold["scanned_pages"]]
        for r in true:
            same = [c for c in cited if c[0] == r["page"] and fuzz.ratio(c[1], plain(r["sentence"])) >= 95]
            hits.append(bool(same) and set(r["letters"]) <= {c[2] for c in same})
        right += [any(fuzz.ratio(c[1], plain(r["sentence"])) >= 95 for r in g["references"]) for c in cited]
    assert share(hits) >= 0.95
    assert share(right) >= 0.95


def test_the_scanned_page_is_read(compared):
    found, gold, _ = compared
    methods = {page.page: page.method for page in found.pages}
    assert {methods[page] for page in gold["scanned_pages"]} == {"ocr" if installed() else "none"}
    scanned = [(g["page"], g["label"]) for g in gold["figures"] if g["scanned"]]
    own = {(f.page, f.label) for f in found.figures if f.method == "ocr"}
    assert own == set(scanned if installed() else ())
