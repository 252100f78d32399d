"""What parts a picture from its caption, or a figure in pieces: a legend, panel titles, white; or nearly nothing."""

from dataclasses import replace
from functools import partial

import pymupdf

from assets.textbooks.sample.classes.block import Block, Setting, enter, make
from assets.textbooks.sample.classes.desk import Desk
from assets.textbooks.sample.classes.legend import draw_lines, legend
from assets.textbooks.sample.classes.pages import WHITE, on_page, room_for
from assets.textbooks.sample.classes.painters import bare
from assets.textbooks.sample.content import Figure
from assets.textbooks.sample.flow import Box
from assets.textbooks.sample.sheet import Sheet
from assets.textbooks.sample.typeset import break_lines, tokens

LEGENDS = (
    "The arrows mark what the text describes; the bar stands for one tenth of a millimetre.",
    "Both fields come from one block and were taken at the same magnification.",
    "The capsule is seen at the upper edge, and the tissue around it is without change.",
    "Colours were balanced against the white of the slide; nothing else was altered.",
    "From a patient in the sixth decade; the course was without events for five years.",
)
TITLES = (
    "At low power, with the edge of the lesion",
    "The centre, where most of the cells lie",
    "A field near the margin",
    "At high power, to show the nuclei",
    "The same field after another stain",
    "For comparison, tissue without change",
    "A second lesion of the same patient",
    "The control on the same slide",
)


def legend_between(desk: Desk, figures: list[Figure]) -> None:
    """A legend in the type of the text between the picture and its caption."""
    sheet, box = desk.page()
    figure, wide = figures[0], box[2] - box[0]
    chosen = desk.rng.permutation(len(LEGENDS))[: int(desk.rng.integers(2, 4))]
    size, leading = desk.style.body_size, desk.style.leading
    lines = break_lines(tokens(" ".join(LEGENDS[i] for i in chosen), desk.style.body), size, wide)
    setting = Setting(gap=10.0 + leading * len(lines) + float(desk.rng.uniform(2, 12)), paint=bare)
    block = make(desk, figure, wide, room_for(desk, box), setting)
    block.draw(sheet, box[0], box[1])
    top = box[1] + block.body[1] + 10.0
    for row, line in enumerate(lines):
        sheet.line(box[0], top + size + leading * row, line, size)
    desk.text(sheet, desk.split((box[0], box[1] + block.height + WHITE, box[2], box[3])))
    sheet.flush()


def panel_titles(desk: Desk, figures: list[Figure]) -> None:
    """A title of one or two lines under each picture of a figure."""
    size = 8.5
    sheet, entry, block, _ = on_page(desk, figures[0], Setting(paint=bare, below_panels=3 * size + 6), span=True)
    pen = Sheet(sheet.page, sheet.number)
    for place, gold in enumerate(entry["panels"]):
        x0, _, x1, y1 = gold["bbox"]
        mark = f"({gold['label'].lower() if block.figure.lower else gold['label']}) "
        words = tokens(mark + TITLES[(place + len(desk.gold)) % len(TITLES)], desk.style.caption)
        draw_lines(pen, break_lines(words, size, x1 - x0)[:2], x0, y1 + 4, size)
    pen.flush()


def far_apart(desk: Desk, figures: list[Figure]) -> None:
    """Two small pictures without letters far from each other in one row, with the caption under the middle."""
    sheet, box = desk.page()
    figure, wide = figures[0], box[2] - box[0]
    small = wide * float(desk.rng.uniform(0.26, 0.31))
    high = small * float(desk.rng.uniform(0.7, 1.0))
    caption = legend(figure, replace(desk.style, justify=False), wide * float(desk.rng.uniform(0.6, 0.8)))
    inset = wide * float(desk.rng.uniform(0.0, 0.05))
    lefts = (box[0] + inset, box[2] - inset - small)
    spots = [(x, box[1], x + small, box[1] + high) for x in lefts]
    _ruled(sheet, spots, bool(desk.rng.random() < 0.5))
    for place, spot in enumerate(spots):
        bare(desk, sheet, spot, replace(figure, key=f"{figure.key}{place}"), replace(figure.panels[0], letter=""))
    caption.draw(sheet, box[0] + (wide - caption.width) / 2, box[1] + high + 8)
    area = (spots[0][0], box[1], spots[1][2], box[1] + high)
    enter(desk, sheet, figure, area, spots[:1], figure.panels, caption, "below", [{}])
    desk.text(sheet, desk.split((box[0], box[1] + high + caption.height + 8 + WHITE, box[2], box[3])))
    sheet.flush()


def _ruled(sheet: Sheet, spots: list[Box], wanted: bool) -> None:
    """A hairline around each of the spots."""
    for spot in spots if wanted else []:
        sheet.draw(
            partial(pymupdf.Page.draw_rect, rect=pymupdf.Rect(spot) + (-2, -2, 2, 2), color=(0, 0, 0), width=0.4)
        )


def abreast(desk: Desk, figures: list[Figure]) -> None:
    """Two figures whose pictures stand a few points apart, each over a narrower caption of its own."""
    sheet, box = desk.page()
    gap = float(desk.rng.uniform(3.5, 7))
    wide = (box[2] - box[0] - gap) / 2
    aspects = desk.rng.uniform(0.7, 0.9, 2)
    blocks = [make(desk, figure, wide, room_for(desk, box), Setting(aspect=float(aspect), paint=bare))
              for figure, aspect in zip(figures, aspects, strict=True)]  # fmt: skip
    captions = [legend(figure, replace(desk.style, justify=False), wide * 0.88) for figure in figures]
    blocks = [Block(desk, b.figure, b.setting, wide, (1, 1), (wide, wide * float(aspect)), None, b.panels)
              for b, aspect in zip(blocks, aspects, strict=True)]  # fmt: skip
    foot = box[1] + max(block.body[1] for block in blocks)
    for block, caption, x in zip(blocks, captions, (box[0], box[0] + wide + gap), strict=True):
        spot = (x, foot - block.body[1], x + wide, foot)
        found = [bare(desk, sheet, spot, block.figure, block.panels[0])]
        caption.draw(sheet, x + wide * 0.06, foot + 6)
        enter(desk, sheet, block.figure, spot, [spot], block.panels, caption, "below", found)
    bottom = foot + 6 + max(caption.height for caption in captions)
    desk.text(sheet, desk.split((box[0], bottom + WHITE, box[2], box[3])))
    sheet.flush()
