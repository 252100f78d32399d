"""The book with every layout class against its own gold: what the gold says must be in the PDF, class by class."""

import hashlib
import io
import re
import unicodedata
from pathlib import Path

import numpy as np
import pymupdf
import pytest
from PIL import Image

from assets.textbooks.sample import generate_classes
from assets.textbooks.sample.classes.book import patches
from assets.textbooks.sample.classes.ink import cmyk_jpeg, ink_profile
from assets.textbooks.sample.classes.kinds import KINDS
from assets.textbooks.sample.classes.plan import plan_book
from assets.textbooks.sample.style import draw_style


def squeeze(text):
    return re.sub(r"[\s\u00a0\u00ad-]", "", unicodedata.normalize("NFKC", text))


def planned(seed):
    return plan_book(draw_style(seed), np.random.default_rng([seed, 11]))


@pytest.fixture(scope="module")
def book(every_class_book):
    path, gold = every_class_book
    with pymupdf.open(path) as doc:
        for page in doc:
            page.set_rotation(0)
        yield doc, gold


@pytest.fixture(scope="module")
def of_class(book):
    _, gold = book
    return lambda *names: [figure for figure in gold["figures"] if figure["class"] in names]


def placed(page, box):
    """The pictures that a page draws in a box, by xref."""
    found = [
        info for info in page.get_image_info(xrefs=True) if (pymupdf.Rect(info["bbox"]) & page.rect).intersects(box)
    ]
    inner = pymupdf.Rect(box) + (-2, -2, 2, 2)
    return [info["xref"] for info in found if inner.contains(pymupdf.Rect(info["bbox"]) & page.rect)]


@pytest.mark.parametrize("seed", range(6))
def test_every_seed_places_every_class_and_every_figure_once(seed):
    chapters, scenes = planned(seed)
    shown = [scene for found in scenes for scene in found if scene.kind]
    assert {scene.kind.name for scene in shown} == {kind.name for kind in KINDS}
    keys = [figure.key for scene in shown for figure in scene.figures]
    assert sorted(keys) == sorted(figure.key for chapter in chapters for figure in chapter.figures)
    assert len(set(keys)) == len(keys)


def test_classes_stand_in_the_gold_and_labels_follow_the_page_order(book, of_class):
    doc, gold = book
    assert {figure["class"] for figure in gold["figures"]} == {kind.name for kind in KINDS}
    assert gold["pages"] == len(doc)
    supplement, plates = of_class("label-supplement"), of_class("label-plate")
    assert all(re.search(r"S\d+$", figure["label"]) for figure in supplement)
    assert all(figure["label"].startswith("Plate ") for figure in plates)
    restarted = of_class("same-number")
    assert len({figure["label"] for figure in restarted}) < len(restarted)
    assert any(figure["label"].startswith("圖") for figure in of_class("traditional"))


FEW_STROKES = ("outlines", "node-row", "thick-bars", "axis-titles")


def test_boxes_hold_ink_and_lie_on_the_visible_page(book):
    doc, gold = book
    for figure in gold["figures"]:
        page = doc[figure["page"] - 1]
        boxes = [pymupdf.Rect(info["bbox"]) for info in page.get_image_info()]
        boxes += [pymupdf.Rect(item["rect"]) for item in page.get_drawings()]
        for thing in (figure, *figure["panels"]):
            rect = pymupdf.Rect(thing["bbox"])
            assert (page.rect + (-0.1, -0.1, 0.1, 0.1)).contains(rect), (figure["class"], rect, page.rect)
            if figure["class"] in FEW_STROKES:
                assert any(rect.contains(box) for box in boxes if not box.is_infinite), figure["class"]
                continue
            assert rect.width > 50 and rect.height > 35, figure["class"]
            covered = sum((box & rect).get_area() for box in boxes if not (box & rect).is_empty)
            white = figure["class"] in ("table-figure", "far-apart")
            assert covered > (0.3 if white else 0.7) * rect.get_area(), figure["class"]


def test_captions_stand_on_the_pages_that_the_gold_names(book):
    doc, gold = book
    for figure in gold["figures"]:
        first = figure.get("caption_page", figure["page"])
        pages = [first, *([figure["caption_continues"]] if "caption_continues" in figure else [])]
        # words in any order: the pages of one class are scrambled, and captions are divided between columns
        letters = "".join(squeeze(doc[page - 1].get_text()) for page in pages)
        words = [squeeze(word) for word in re.findall(r"[A-Za-z]{3,}|[\u4e00-\u9fff]{3,}", figure["caption"])]
        missing = [word for word in words if len(word) < 8 and word not in letters]
        assert all(part in letters for part in re.findall(r"[A-Za-z]+|\d+", figure["label"])), figure["class"]
        assert len(missing) <= max(1, 0.1 * len(words)), (figure["class"], missing)  # a scrambled clause breaks in two


def test_facing_plates_stand_opposite_their_captions(of_class):
    figures = of_class("facing-caption", "facing-captions", "full-bleed-facing")
    assert len(figures) >= 3
    for figure in figures:
        assert figure["page"] // 2 == figure["caption_page"] // 2 and figure["page"] != figure["caption_page"]


def test_full_bleed_plates_reach_every_edge(book, of_class):
    doc, _ = book
    for figure in of_class("full-bleed", "full-bleed-facing"):
        page = doc[figure["page"] - 1]
        assert pymupdf.Rect(figure["bbox"]) == page.rect
        assert any(pymupdf.Rect(info["bbox"]).contains(page.rect) for info in page.get_image_info())


def test_later_parts_of_a_figure_start_at_a_later_letter(of_class):
    parts = of_class("figure-continued")
    later = [figure for figure in parts if figure["continues"]]
    assert later and all(figure["panels"][0]["label"] > "A" for figure in later)
    for figure in later:
        first = next(f for f in parts if f["label"] == figure["label"] and not f["continues"])
        assert ord(first["panels"][-1]["label"]) + 1 == ord(figure["panels"][0]["label"])


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("jpx", r"/Filter\s*/JPXDecode"),
        ("stencil", r"/ImageMask\s+true"),
        ("soft-mask", r"/SMask"),
        ("cmyk-icc", r"/DCTDecode"),
        ("cmyk-adobe", r"/Decode\s*\[\s*1 0 1 0 1 0 1 0"),
    ],
)
def test_pictures_are_stored_as_their_class_says(book, of_class, name, pattern):
    doc, _ = book
    for figure in of_class(name):
        xrefs = placed(doc[figure["page"] - 1], figure["bbox"])
        assert any(re.search(pattern, doc.xref_object(xref)) for xref in xrefs), name
        if name.startswith("cmyk"):
            assert pymupdf.Pixmap(doc, xrefs[0]).colorspace.n == 4


def test_tiles_and_strips_are_fifteen_pieces(book, of_class):
    doc, _ = book
    for figure in of_class("tiles"):
        assert len(placed(doc[figure["page"] - 1], figure["bbox"])) == 15
    for figure in of_class("strips"):
        assert len(placed(doc[figure["page"] - 1], figure["bbox"])) == 15 * max(1, len(figure["panels"]))


def test_embedded_pictures_are_in_the_file_and_patches_are_what_the_page_shows(book):
    doc, gold = book
    streams = {hashlib.sha256(doc.xref_stream_raw(xref) or b"").hexdigest()
               for xref in range(1, doc.xref_length()) if doc.xref_is_image(xref)}  # fmt: skip
    things = [thing for figure in gold["figures"] for thing in (figure, *figure["panels"]) if thing.get("pixels")]
    assert all(thing["pixels"]["sha256"] in streams for thing in things if "sha256" in thing["pixels"])
    assert sum("sha256" in thing["pixels"] for thing in things) > 30
    for figure in gold["figures"]:
        for expected in figure.get("pixels", {}).get("patches", []):
            shown = patches(doc[figure["page"] - 1], figure["bbox"])
            same = next(patch["rgb"] for patch in shown if patch["at"] == expected["at"])
            assert same == pytest.approx(expected["rgb"], abs=1.5), figure["class"]


def test_rotated_cropped_and_sideways_pages(book, of_class, every_class_book):
    doc, _ = book
    with pymupdf.open(every_class_book[0]) as fresh:
        assert all(fresh[figure["page"] - 1].rotation in (90, 270) for figure in of_class("rotated-page"))
    for figure in of_class("crop-box"):
        page = doc[figure["page"] - 1]
        media, crop = page.mediabox, page.cropbox
        assert media.width > crop.width + 20 and (media.x0, media.y0) != (crop.x0, crop.y0)
    for figure in of_class("sideways-plate"):
        lines = [
            line for block in doc[figure["page"] - 1].get_text("dict")["blocks"] for line in block.get("lines", [])
        ]
        assert sum(abs(line["dir"][1]) > 0.9 for line in lines) > sum(abs(line["dir"][0]) > 0.9 for line in lines)


def test_every_citation_is_in_the_text_and_names_panels_of_its_figure(book):
    doc, gold = book
    for figure in gold["figures"]:
        own = {panel["label"] for panel in figure["panels"]}
        for reference in figure["references"]:
            assert set(reference["letters"]) <= own, figure["class"]
            assert re.search(r"\d", reference["sentence"])
    cited = [reference["sentence"] for figure in gold["figures"] for reference in figure["references"]]
    assert any(re.search(r"\d to \w+[-.]\d", sentence) for sentence in cited), "no range of figures"
    assert any(re.search(r"\d[A-Z]–[A-Z], ", sentence) for sentence in cited), "no list with letters"
    assert any(re.search(r"图\s?\d+-\d+、\d+-\d+", sentence) for sentence in cited), "no Chinese list"


def test_ligatures_and_soft_hyphens_are_in_the_page(book, of_class):
    doc, _ = book
    flags = pymupdf.TEXT_PRESERVE_LIGATURES | pymupdf.TEXT_PRESERVE_WHITESPACE
    text = "".join(doc[figure["page"] - 1].get_text(flags=flags) for figure in of_class("ligatures"))
    assert re.search("[\ufb00-\ufb04]", text)


def test_the_ink_profile_shows_the_colours_that_it_was_made_from():
    rng = np.random.default_rng(0)
    image = Image.fromarray(rng.integers(20, 236, (5, 6, 3), dtype=np.uint8)).resize(
        (240, 200), Image.Resampling.NEAREST
    )
    with pymupdf.open() as doc:
        page = doc.new_page(width=240, height=200)
        page.insert_image(page.rect, stream=cmyk_jpeg(image, ink_profile(), 95))
        shown = page.get_pixmap()
    difference = np.abs(np.frombuffer(shown.samples, np.uint8).reshape(200, 240, 3).astype(int) - np.asarray(image))
    assert difference.mean() < 4


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bytes(every_class_book, tmp_path: Path):
    path, gold = every_class_book
    again = tmp_path / "again.pdf"
    assert generate_classes(again, gold["seed"]) == gold
    assert io.BytesIO(again.read_bytes()).getvalue() == path.read_bytes()
