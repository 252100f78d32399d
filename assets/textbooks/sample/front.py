"""The pages without figures: title, imprint, contents, preface, further reading and index."""

import io
import tomllib
from importlib import resources

import numpy as np
import pymupdf
from PIL import Image

from assets.textbooks.sample.layout import Press
from assets.textbooks.sample.pictures.stains import noise
from assets.textbooks.sample.sheet import Sheet
from assets.textbooks.sample.typeset import break_lines, font_name, tokens, unit_width

WORDS = tomllib.loads((resources.files("assets.textbooks.sample") / "chapters" / "front.toml").read_text("utf-8"))


def title_of(seed: int) -> tuple[str, str]:
    """Title and edition of the book of a seed."""
    rng = np.random.default_rng([seed, 6])
    return str(rng.choice(WORDS["titles"])), str(rng.choice(WORDS["editions"]))


def sheet_of(press: Press, number: int) -> Sheet:
    return Sheet(press.doc[number - 1], number)


def ornament(press: Press) -> bytes:
    """A publisher's mark for the title page: no figure, only a raster."""
    rng = np.random.default_rng([press.style.seed, 7])
    rows, cols = np.mgrid[-1:1:300j, -1:1:300j]
    radius, angle = np.hypot(rows, cols), np.arctan2(rows, cols)
    petals = np.cos(angle * int(rng.integers(5, 10))) * 0.16 + 0.62
    leaf = (radius < petals) & (radius > 0.2) & (noise(rng, (300, 300), 30) > -1.1)
    ring = (radius > 0.88) & (radius < 0.95)
    ink = (np.array(press.style.ink) * 255).astype(np.uint8)
    image = np.full((300, 300, 3), 255, np.uint8)
    image[leaf | ring] = ink
    out = io.BytesIO()
    Image.fromarray(image).resize((150, 150), Image.Resampling.LANCZOS).save(out, "PNG")
    return out.getvalue()


def title_page(press: Press, title: str, edition: str) -> None:
    sheet, style = sheet_of(press, 1), press.style
    x0, _, x1, y1 = press.frame(1)
    middle, high = (x0 + x1) / 2, style.page[1]
    lines = break_lines(tokens(title, style.heading, "b"), 32, x1 - x0, hyphenate=False)
    y = high * 0.24
    for line in lines:
        sheet.line(middle - (line.pieces[-1][0] + unit_width(*line.pieces[-1][1:]) * 32) / 2, y, line, 32, style.ink)
        y += 40
    sheet.rule(middle - 60, y, middle + 60, style.ink, 1.2)
    sheet.centre(middle, y + 36, edition, font_name(style.heading, "i"), 15)
    sheet.centre(middle, y + 74, "With colour pictures drawn for residents", font_name(style.body, "r"), 12)
    box = (middle - 27, y1 - 96, middle + 27, y1 - 42)
    sheet.draw(lambda page: page.insert_image(pymupdf.Rect(box), stream=ornament(press)))
    sheet.centre(middle, y1 - 20, "The pathcorpus Press", font_name(style.heading, "r"), 11)
    sheet.flush()


def prose_page(press: Press, number: int, heading: str, text: str) -> None:
    """A page of one column under a heading."""
    sheet, style = sheet_of(press, number), press.style
    x0, y, x1, y1 = press.frame(number)
    if heading:
        sheet.text(x0, y + 18, heading, font_name(style.heading, "b"), 20, style.ink)
        y += 52
    else:
        y = y1 - 90
    for paragraph in text.strip().split("\n\n"):
        for line in break_lines(tokens(paragraph, style.body), style.body_size + 0.6, x1 - x0, style.justify):
            sheet.line(x0, y, line, style.body_size + 0.6)
            y += style.leading + 1.2
        y += style.leading * 0.6
    sheet.flush()


def contents_page(press: Press, number: int, tail: list[tuple[str, int]]) -> None:
    sheet, style = sheet_of(press, number), press.style
    x0, y, x1, y1 = press.frame(number)
    sheet.text(x0, y + 18, "Contents", font_name(style.heading, "b"), 20, style.ink)
    rows: list[tuple[str, int, bool, bool]] = []
    for chapter, page, headings in press.openings:
        chinese = chapter.language == "zh"
        rows.append((f"{chapter.number}  {chapter.title}", page, True, chinese))
        rows += [(heading, at, False, chinese) for heading, at in headings]
    rows += [(text, page, True, False) for text, page in tail]
    step = min(17.0, (y1 - y - 60) / (len(rows) + 0.45 * len(press.openings)))
    size, y = min(10.5, step * 0.72), y + 54
    for text, page, chief, chinese in rows:
        y += step * 0.45 if chief else 0
        family, weight = style.heading if chief else style.body, "b" if chief else "r"
        sheet_row(sheet, x0 + (0 if chief else 16), x1, y, text, str(page), family, weight, size, chinese)
        y += step
    sheet.flush()


def sheet_row(
    sheet: Sheet,
    x0: float,
    x1: float,
    y: float,
    text: str,
    page: str,
    family: str,
    weight: str,
    size: float,
    chinese: bool,
) -> None:
    """One row of the contents: text, dots, page number."""
    name = font_name("zh" if chinese else family, weight)
    plain = font_name(family, weight)
    sheet.text(x0, y, text, name, size)
    end = x0 + unit_width(text, name) * size
    dots = int((x1 - end - 30) / (unit_width(" .", plain) * size))
    sheet.text(end + 4, y, " ." * max(dots, 0), plain, size)
    sheet.right(x1, y, page, plain, size)


def reading_page(press: Press, number: int) -> None:
    prose_page(press, number, "Further Reading", "\n\n".join(WORDS["reading"]))


def index_page(press: Press, number: int, texts: list[str]) -> None:
    """Terms of all chapters with the pages they stand on, in two columns; `texts` is the text of each page."""
    sheet, style = sheet_of(press, number), press.style
    x0, y0, x1, y1 = press.frame(number)
    sheet.text(x0, y0 + 18, "Index", font_name(style.heading, "b"), 20, style.ink)
    plain = [" ".join(text.split()).lower() for text in texts]
    terms = sorted({term for chapter, _, _ in press.openings for term in chapter.terms}, key=str.lower)
    rows = []
    for term in terms:
        pages = [at for at, text in enumerate(plain, 1) if term.lower() in text and at >= press.openings[0][1]]
        if pages:
            rows.append(f"{term}, {', '.join(map(str, pages[:6]))}")
    half = (len(rows) + 1) // 2
    step = min(style.leading + 2, (y1 - y0 - 60) / max(half, 1))
    for place, row in enumerate(rows):
        x = x0 if place < half else (x0 + x1 + style.gutter) / 2
        sheet.text(x, y0 + 54 + (place % half) * step, row, font_name(style.body, "r"), style.body_size - 0.5)
    sheet.flush()
