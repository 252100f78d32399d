"""Pages with thousands of lines or drawings: the work grows about as fast as the page, counted in bytecodes."""

import random
import sys
from pathlib import Path

import pytest

import assets.figures
from assets.figures.bodies import see
from assets.figures.captions import find_captions, select
from assets.figures.layout import Drawing, PageLayout, Raster
from assets.figures.lines import Line, Run, joined_pieces
from assets.figures.order import Block, in_order
from assets.figures.reading import Style, joined, paragraphs

STATION = str(Path(assets.figures.__file__).parent)
STYLE = Style("times", 10.0, 2.0)
WIDE = 600.0


def work(call):
    """Bytecodes of the station that `call` runs."""
    count = 0

    def step(frame, event, _):
        nonlocal count
        frame.f_trace_opcodes = True
        count += event == "opcode"
        return step

    def enter(frame, event, arg):
        return step(frame, event, arg) if frame.f_code.co_filename.startswith(STATION) else None

    before = sys.gettrace()
    sys.settrace(enter)
    try:
        call()
    finally:
        sys.settrace(before)
    return count


def line(x, y, text, wide=None, size=10.0):
    run = Run(text, size, "times", False, False)
    return Line((x, y, x + (wide or 4.5 * len(text)), y + size), text, (run,), True)


def columns(count):
    """Two columns of body text, every tenth line broken by wide spaces, on a page as long as need be."""
    made = []
    for n in range(count // 2):
        for x in (50.0, 320.0):
            y = 20.0 + 12 * n
            if n % 10:
                made.append(line(x, y, f"line {n} of a column of text that goes on and", 230))
            else:
                made += [
                    line(x, y, f"torn line {n}", 60),
                    line(x + 90, y, "into some", 60),
                    line(x + 180, y, "bits", 50),
                ]
    return made


def captions(count):
    return [line(50, 20 + 12 * n, f"Figure {n}. A section of the gland", 230) for n in range(count)]


def long_caption(count):
    return [line(50, 20, "Figure 1. A section,", 230)] + [line(50, 32 + 12 * n, "and on,", 230) for n in range(count)]


def scattered(count):
    chance = random.Random(count)
    return [line(chance.uniform(0, 550), chance.uniform(0, 12 * count), "ab") for _ in range(count)]


def page(lines=(), drawings=(), rasters=()):
    tall = max([800.0, *(item.box[3] + 20 for item in lines)])
    return PageLayout(1, WIDE, tall, 0, list(lines), list(rasters), list(drawings))


def drawn(count, wide, high, plain=True):
    chance = random.Random(count)
    made = []
    for _ in range(count):
        x, y = chance.uniform(20, 560 - wide), chance.uniform(20, 780 - high)
        made.append(Drawing((x, y, x + wide, y + high), True, True, plain, plain))
    return made


def scene(layout):
    found, _ = select(find_captions(layout, STYLE))
    see(layout, found, STYLE, set())


@pytest.mark.parametrize("lines", [columns, captions, long_caption, scattered])
@pytest.mark.parametrize(
    "step",
    [
        joined_pieces,
        lambda lines: find_captions(page(lines), STYLE),
        lambda lines: scene(page(lines, drawn(50, 20, 20))),
        lambda lines: in_order([Block([item]) for item in lines], 6.0),
        lambda lines: paragraphs([Block([item]) for item in lines], STYLE),
        lambda lines: joined([item.text for item in lines], frozenset()),
    ],
    ids=["pieces", "captions", "scene", "order", "paragraphs", "joined"],
)
def test_many_lines(step, lines):
    few, many = lines(150), lines(600)
    assert work(lambda: step(many)) < 6 * work(lambda: step(few))


@pytest.mark.parametrize(
    "kind", [(12, 12), (100, 1), (1, 60), (300, 400), (40, 0)], ids=["boxes", "rules", "stems", "frames", "strokes"]
)
def test_many_drawings(kind):
    text = columns(60)
    few, many = (page(text, drawn(count, *kind)) for count in (200, 800))
    assert work(lambda: scene(many)) < 6 * work(lambda: scene(few))


def test_many_rasters():
    def rasters(count):
        return [Raster(item.box, n, 10, 10) for n, item in enumerate(drawn(count, 12, 12))]

    few, many = (page(columns(60), rasters=rasters(count)) for count in (200, 800))
    assert work(lambda: scene(many)) < 6 * work(lambda: scene(few))
