"""The whole book of layout classes of a seed: PDF, gold JSON and sidecar."""

import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pymupdf
from PIL import Image

from assets.textbooks.sample import front
from assets.textbooks.sample.book import DATE, FRONT_PAGES, rounded, write
from assets.textbooks.sample.classes.desk import Desk
from assets.textbooks.sample.classes.painters import encoded
from assets.textbooks.sample.classes.plan import Scene, plan_book
from assets.textbooks.sample.content import Chapter
from assets.textbooks.sample.layout import Press
from assets.textbooks.sample.pictures import draw
from assets.textbooks.sample.style import draw_style

PATCH = 0.06  # half the side of a colour patch, as a share of the picture


def compose_classes(seed: int) -> tuple[bytes, dict[str, Any], str]:
    """Draw the book of a seed; returns the PDF, the gold and the edition."""
    style = draw_style(seed)
    rng = np.random.default_rng([seed, 11])
    chapters, scenes = plan_book(style, rng)
    desk = Desk(Press(pymupdf.open(), style), columns=1 if rng.random() < 0.25 else 2, rng=rng)
    for _ in range(FRONT_PAGES):
        desk.press.new_sheet()
    for chapter, found in zip(chapters, scenes, strict=True):
        set_chapter(desk, chapter, found)
    add_references(desk)
    texts = [desk.doc[at].get_text() for at in range(len(desk.doc))]
    title, edition = front.title_of(seed)
    add_matter(desk, title, edition, texts)
    rounded(desk.gold)

    desk.doc.set_metadata({"title": title, "author": "pathcorpus", "creationDate": DATE, "modDate": DATE})
    desk.doc.subset_fonts()
    data = desk.doc.tobytes(garbage=4, deflate=True, no_new_id=True)
    desk.doc.close()
    add_colours(data, desk.gold)
    figures = sorted(desk.gold, key=lambda figure: (figure["page"], figure["bbox"][1], figure["bbox"][0]))
    with pymupdf.open(stream=data) as made:
        pages = made.page_count
    return data, {"seed": seed, "title": title, "pages": pages, "scanned_pages": [], "figures": figures}, edition


def set_chapter(desk: Desk, chapter: Chapter, scenes: list[Scene]) -> None:
    """Set one chapter; it begins on a right-hand page."""
    if desk.next_page % 2 == 0:
        desk.press.new_sheet()
    desk.begin(chapter, sum(scene.pages for scene in scenes))
    desk.art = strip(desk, chapter) if desk.rng.random() < 0.3 else b""
    for scene in scenes:
        desk.kind = scene.kind.name if scene.kind else ""
        start = desk.next_page
        if scene.kind is None:
            sheet, box = desk.page()
            desk.text(sheet, desk.split(box))
            sheet.flush()
            continue
        scene.kind.draw(desk, scene.figures)
        if desk.next_page - start != scene.pages:
            raise RuntimeError(f"{scene.kind.name} took {desk.next_page - start} pages and not {scene.pages}")
    desk.finish()


def strip(desk: Desk, chapter: Chapter) -> bytes:
    """A narrow piece of a picture for the running heads of a chapter."""
    recipe = next(figure for figure in chapter.figures if figure.kind != "other").panels[0].picture
    seed = [desk.style.seed, 12, zlib.crc32(chapter.title.encode())]
    return encoded(Image.fromarray(draw(recipe, (60, 270), np.random.default_rng(seed))))


def add_references(desk: Desk) -> None:
    """Give every figure the body sentences that cite it; of a continued figure, the part that has the letter."""
    parts: dict[str, list[dict[str, Any]]] = {}
    for entry in desk.gold:
        parts.setdefault(entry["key"], []).append(entry)
    for tag, sentence in enumerate(desk.press.cited):
        for key, letters in sentence.cites:
            for entry in parts[key]:
                own = [letter for letter in letters if letter in {panel["label"] for panel in entry["panels"]}]
                if own or (not letters and entry is parts[key][0]):
                    page, text = desk.press.cited_page[tag], sentence.text.replace("*", "")
                    entry["references"].append({"page": page, "sentence": text, "letters": own})
    for entry in desk.gold:
        del entry["key"]


def add_matter(desk: Desk, title: str, edition: str, texts: list[str]) -> None:
    """Title, imprint, contents and preface in front, reading list and index behind."""
    press = desk.press
    reading, index = press.new_sheet().number, press.new_sheet().number
    front.title_page(press, title, edition)
    front.prose_page(press, 2, "", front.WORDS["imprint"])
    front.contents_page(press, 3, [("Further Reading", reading), ("Index", index)])
    front.prose_page(press, 4, "Preface", front.WORDS["preface"])
    front.reading_page(press, reading)
    front.index_page(press, index, texts)


def add_colours(data: bytes, figures: list[dict[str, Any]]) -> None:
    """For figures whose pixels must be decoded: the mean colour of three patches as a viewer shows them."""
    with pymupdf.open(stream=data) as doc:
        for figure in figures:
            for thing in (figure, *figure["panels"]):
                if thing.get("pixels", {}).pop("colours", False):
                    thing["pixels"]["patches"] = patches(doc[figure["page"] - 1], thing["bbox"])


def patches(page: pymupdf.Page, box: list[float]) -> list[dict[str, list[float]]]:
    """`at` is (x, y) as a share of the box, on the unrotated page; `rgb` is 0..255."""
    rotation = page.rotation
    page.set_rotation(0)
    out = []
    wide, high = box[2] - box[0], box[3] - box[1]
    for x, y in ((0.2, 0.2), (0.5, 0.5), (0.8, 0.7)):
        at = (
            box[0] + wide * (x - PATCH),
            box[1] + high * (y - PATCH),
            box[0] + wide * (x + PATCH),
            box[1] + high * (y + PATCH),
        )
        pixels = page.get_pixmap(dpi=150, clip=pymupdf.Rect(at), colorspace=pymupdf.csRGB)
        values = np.frombuffer(pixels.samples, np.uint8).reshape(-1, 3).mean(0)
        out.append({"at": [x, y], "rgb": [round(float(value), 1) for value in values]})
    page.set_rotation(rotation)
    return out


def generate_classes(path: Path, seed: int = 0) -> dict[str, Any]:
    """Write the book with every layout class of `seed` to `path`, `.gold.json` and `.toml` beside it; returns the gold.

    Beside the fields of the sample textbook a figure has `class`, `language`, `chapter` and where they apply
    `caption_page` (the caption stands there), `caption_continues` (and ends there), `continues` (a later part of a
    figure), `pixels` ({"sha256"} of the file that must come through, or {"patches"} of colour).
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    data, gold, edition = compose_classes(seed)
    sidecar = {"title": gold["title"], "edition": edition, "language": "en"}
    sidecar |= {"licence": "CC0-1.0", "rights": front.WORDS["rights"]}
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in sidecar.items()]
    write(path.with_suffix(".toml"), "".join(lines).encode())
    write(path.with_suffix(".gold.json"), (json.dumps(gold, ensure_ascii=False, indent=1) + "\n").encode())
    write(path, data)
    return gold
