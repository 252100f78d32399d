"""The whole sample textbook of a seed: PDF, gold JSON and sidecar, written one after the other."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import pymupdf

from assets.textbooks.sample import front
from assets.textbooks.sample.content import load_chapters
from assets.textbooks.sample.layout import Press, set_chapter
from assets.textbooks.sample.scan import scan_page
from assets.textbooks.sample.style import draw_style

FRONT_PAGES = 4
DATE = "D:20240101000000Z"  # fixed, so that the same seed gives the same bytes


def add_references(press: Press) -> None:
    """Give every placed figure the body sentences that cite it."""
    for tag, sentence in enumerate(press.cited):
        for key, letters in sentence.cites:
            entry = {"page": press.cited_page[tag], "sentence": sentence.text.replace("*", ""), "letters": letters}
            press.placed[key]["references"].append(entry)


def rounded(figures: list[dict[str, Any]]) -> None:
    for figure in figures:
        for thing in (figure, *figure["panels"]):
            thing["bbox"] = [round(float(value), 2) for value in thing["bbox"]]


def compose(seed: int) -> tuple[bytes, dict[str, Any], str]:
    """Draw the book of a seed; returns the PDF, the gold and the edition."""
    style = draw_style(seed)
    press = Press(pymupdf.open(), style)
    for _ in range(FRONT_PAGES):
        press.new_sheet()
    for chapter in load_chapters(style):
        set_chapter(press, chapter)
    add_references(press)
    figures = sorted(press.placed.values(), key=lambda figure: (figure["page"], figure["bbox"][1], figure["bbox"][0]))
    texts = [press.doc[at].get_text() for at in range(len(press.doc))]

    reading, index = press.new_sheet().number, press.new_sheet().number
    title, edition = front.title_of(seed)
    front.title_page(press, title, edition)
    front.prose_page(press, 2, "", front.WORDS["imprint"])
    front.contents_page(press, 3, [("Further Reading", reading), ("Index", index)])
    front.prose_page(press, 4, "Preface", front.WORDS["preface"])
    front.reading_page(press, reading)
    front.index_page(press, index, texts)
    scanned = scan_page(press, figures)
    rounded(figures)

    press.doc.set_metadata({"title": title, "author": "pathcorpus", "creationDate": DATE, "modDate": DATE})
    press.doc.subset_fonts()
    data = press.doc.tobytes(garbage=4, deflate=True, no_new_id=True)
    gold = {
        "seed": seed,
        "title": title,
        "pages": len(press.doc),
        "scanned_pages": [scanned],
        "figures": figures,
    }
    press.doc.close()
    return data, gold, edition


def write(path: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)


def generate(path: Path, seed: int = 0) -> dict[str, Any]:
    """Write the sample textbook of `seed` to `path`, its gold to `.gold.json` and its sidecar to `.toml` beside it.

    The same seed and library versions give the same bytes. The PDF is written last, so whoever sees it finds the
    sidecar there. Returns the gold: boxes are in PDF points from the upper left corner of the unrotated page.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    data, gold, edition = compose(seed)
    sidecar = {"title": gold["title"], "edition": edition, "language": "en"}
    sidecar |= {"licence": "CC0-1.0", "rights": front.WORDS["rights"]}
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in sidecar.items()]
    write(path.with_suffix(".toml"), "".join(lines).encode())
    write(path.with_suffix(".gold.json"), (json.dumps(gold, ensure_ascii=False, indent=1) + "\n").encode())
    write(path, data)
    return gold
