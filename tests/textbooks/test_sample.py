"""The generated sample textbook against its own gold: what the gold says must be in the PDF."""

import hashlib
import json
import re
import tomllib
from collections import Counter
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
import pymupdf
import pytest

from assets.textbooks.sample import generate
from assets.textbooks.sample.content import load_chapters
from assets.textbooks.sample.pictures import draw
from assets.textbooks.sample.plates import make_block
from assets.textbooks.sample.style import draw_style

KINDS = {"he", "gross", "cytology", "ihc", "fish", "other"}
CITATION = re.compile(r"(FIG\.|Figs?\.|Figures?|图)\s*\d+[-.]\d+")


@dataclass
class Book:
    path: Path
    gold: dict
    doc: pymupdf.Document
    plain: list[str]  # text of each page without white space and hyphens


def squeeze(text: str) -> str:
    return re.sub(r"[\s\u00a0\u00ad-]", "", text)


@pytest.fixture(scope="session")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    path = tmp_path_factory.mktemp("sample") / "atlas.pdf"
    gold = generate(path, seed=0)
    doc = pymupdf.open(path)
    return Book(path, gold, doc, [squeeze(doc[at].get_text()) for at in range(len(doc))])


def on_page(book: Book, text: str, page: int) -> bool:
    """Is the text on the page, or does it begin there and end in a later column or on the next page?"""
    wanted, here = squeeze(text), book.plain[page - 1]
    after = book.plain[page] if page < len(book.plain) else ""
    if wanted in here:
        return True
    return any(wanted[:cut] in here and wanted[cut:] in here + after for cut in range(1, len(wanted)))


def test_size_and_kinds(book: Book) -> None:
    kinds = Counter(figure["image_kind"] for figure in book.gold["figures"])
    assert len(book.doc) == book.gold["pages"] >= 24
    assert set(kinds) == KINDS
    assert kinds["he"] >= 10 and kinds["ihc"] >= 5 and kinds["fish"] >= 3 and kinds["cytology"] >= 4
    assert {"below", "above"} < {figure["caption_side"] for figure in book.gold["figures"]}


def test_same_seed_gives_the_same_bytes(book: Book, tmp_path: Path) -> None:
    again = tmp_path / "other-name.pdf"
    assert generate(again, seed=0) == book.gold
    assert hashlib.sha256(again.read_bytes()).digest() == hashlib.sha256(book.path.read_bytes()).digest()


def test_another_seed_lays_figures_out_differently() -> None:
    looks = []
    for seed in (0, 1, 2, 3):
        style = draw_style(seed)
        figures = load_chapters(style)[0].figures
        blocks = [make_block(figure, style, 210, 440, variant=0) for figure in figures]
        looks.append([(block.side, block.grid, round(block.height)) for block in blocks])
    assert all(first != second for first, second in combinations(looks, 2))


def test_an_unknown_picture_family_is_an_error() -> None:
    with pytest.raises(KeyError, match="no picture family"):
        draw({"family": "watercolour"}, (60, 80), np.random.default_rng(0))


def test_gold_and_sidecar_lie_beside_the_pdf(book: Book) -> None:
    assert json.loads(book.path.with_suffix(".gold.json").read_text(encoding="utf-8")) == book.gold
    sidecar = tomllib.loads(book.path.with_suffix(".toml").read_text(encoding="utf-8"))
    assert sidecar["licence"] == "CC0-1.0"
    assert sidecar["title"] == book.gold["title"] == book.doc.metadata["title"]
    assert not list(book.path.parent.glob(".*"))


def test_labels_are_unique(book: Book) -> None:
    labels = [figure["label"] for figure in book.gold["figures"]]
    assert len(set(labels)) == len(labels)


def test_boxes_lie_on_the_page_and_hold_ink(book: Book) -> None:
    for figure in book.gold["figures"]:
        page = book.doc[figure["page"] - 1]
        boxes = [pymupdf.Rect(info["bbox"]) for info in page.get_image_info()]
        boxes += [pymupdf.Rect(item["rect"]) for item in page.get_drawings()]
        for thing in (figure, *figure["panels"]):
            rect = pymupdf.Rect(thing["bbox"])
            assert page.rect.contains(rect) and rect.width > 60 and rect.height > 40, figure["label"]
            covered = [(box & rect).get_area() for box in boxes if not (box & rect).is_empty]
            assert sum(covered) > 0.85 * rect.get_area(), figure["label"]


def test_figures_and_text_do_not_overlap(book: Book) -> None:
    for first, second in combinations(book.gold["figures"], 2):
        if first["page"] == second["page"]:
            overlap = pymupdf.Rect(first["bbox"]) & pymupdf.Rect(second["bbox"])
            assert overlap.is_empty, (first["label"], second["label"])
    for figure in book.gold["figures"]:
        if figure["image_kind"] == "other":
            continue
        inside = book.doc[figure["page"] - 1].get_text("text", clip=pymupdf.Rect(figure["bbox"]) + (2, 2, -2, -2))
        assert len(squeeze(inside)) <= len(figure["panels"]), figure["label"]


def test_captions_stand_on_their_page(book: Book) -> None:
    for figure in book.gold["figures"]:
        if figure["scanned"]:
            continue
        assert squeeze(figure["label"]) in book.plain[figure["page"] - 1]
        assert squeeze(figure["caption"]) in book.plain[figure["page"] - 1], figure["label"]
        assert all(panel["caption"] in figure["caption"] for panel in figure["panels"])


def test_every_figure_is_cited_and_every_citation_is_in_the_text(book: Book) -> None:
    scanned = set(book.gold["scanned_pages"])
    for figure in book.gold["figures"]:
        assert figure["references"], figure["label"]
        letters = {panel["label"] for panel in figure["panels"]}
        for reference in figure["references"]:
            assert set(reference["letters"]) <= letters, figure["label"]
            assert CITATION.search(reference["sentence"])
            if not {reference["page"], reference["page"] + 1} & scanned:
                assert on_page(book, reference["sentence"], reference["page"]), reference["sentence"]


def test_the_gold_misses_no_citation(book: Book) -> None:
    body = "".join(book.doc[at].get_text() for at in range(len(book.doc)))
    numbers = {figure["label"].split()[-1] for figure in book.gold["figures"]}
    cited = {match.group().split()[-1].lstrip("图") for match in CITATION.finditer(body)}
    assert cited <= numbers | {number.replace(".", "-") for number in numbers}


def test_the_scanned_page_has_no_text(book: Book) -> None:
    (number,) = book.gold["scanned_pages"]
    page = book.doc[number - 1]
    assert page.get_text().strip() == ""
    assert len(page.get_images()) == 1
    assert [figure["page"] for figure in book.gold["figures"] if figure["scanned"]].count(number) >= 1


def test_the_chinese_chapter_extracts_as_chinese(book: Book) -> None:
    text = "".join(book.plain)
    assert "皮肤肿瘤" in text and "基底细胞癌" in text
    assert sum(figure["label"].startswith("图") for figure in book.gold["figures"]) >= 4
