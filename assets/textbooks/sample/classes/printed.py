"""What stands in print around captions and citations: a second language, narrow columns, program code, list heads,
footnotes, and pictures that lie on their side over an upright caption.
"""

from collections.abc import Callable
from dataclasses import replace

from assets.textbooks.sample.classes.block import Setting, enter, make
from assets.textbooks.sample.classes.desk import Desk
from assets.textbooks.sample.classes.legend import Legend, draw_lines, label_token, legend
from assets.textbooks.sample.classes.pages import WHITE, room_for, set_figure
from assets.textbooks.sample.classes.painters import bare, plain
from assets.textbooks.sample.content import Figure
from assets.textbooks.sample.flow import Box
from assets.textbooks.sample.sheet import Sheet
from assets.textbooks.sample.typeset import break_lines, font_name, tokens, unit_width

CODE = "cour"
WIDEST = 4.0  # type sizes: of a word space
ENGLISH = (
    "Section of the {organ}, seen at {} times its size.",
    "A specimen of the {organ} at a magnification of {} times. The same case is shown in another stain elsewhere.",
    "Findings in the {organ} (original magnification, {} times).",
)
CODE_LINES = (
    "> cells <- read_slide(slide, level = {})",
    "> plot(cells, stain = 'HE', scale = {})",
    "+     border = {}, lines = FALSE)",
    "[1] {} 0.42 0.97 1.08 2.20",
)
HEADS = ("（{}）肉眼所见", "（{}）镜下特点", "{}、鉴别要点", "（{}）临床资料")


def bilingual(desk: Desk, figures: list[Figure]) -> None:
    """A Chinese caption with the English one of the same number below it, or above it."""
    sheet, box = desk.page()
    figure, rng, wide = figures[0], desk.rng, box[2] - box[0]
    block = make(desk, figure, wide, room_for(desk, box) - 40, Setting(), captioned=False)
    chinese = legend(figure, desk.style, wide, own_line=False)
    english = translated(desk, figure, wide)
    pair = [chinese, english] if rng.random() < 0.7 else [english, chinese]
    apart = float(rng.uniform(0.0, 1.1)) * chinese.size
    boxes = block.boxes(box[0] + (wide - block.body[0]) / 2, box[1])
    found = [plain(desk, sheet, spot, figure, panel) for spot, panel in zip(boxes, block.panels, strict=True)]
    y = box[1] + block.body[1] + 6
    for half in pair:
        half.draw(sheet, box[0], y)
        y += half.height + apart
    whole = (boxes[0][0], box[1], boxes[0][0] + block.body[0], box[1] + block.body[1])
    caption = replace(chinese, text=" ".join(half.text for half in pair))
    enter(desk, sheet, figure, whole, boxes, block.panels, caption, "below", found)["label"] = pair[0].label
    desk.text(sheet, desk.split((box[0], y + WHITE, box[2], box[3])))
    sheet.flush()


def translated(desk: Desk, figure: Figure, width: float) -> Legend:
    """The English caption of a Chinese figure."""
    style, rng = desk.style, desk.rng
    text = ENGLISH[int(rng.integers(len(ENGLISH)))].format(int(rng.integers(4, 60)) * 10, organ=figure.organ)
    name = style.label.format(figure.number)
    opening = label_token(name + style.label_end, style.caption)
    opening.pieces[-1] = (opening.pieces[-1][0] + "\u00a0\u00a0", opening.pieces[-1][1])
    lines = break_lines([opening, *tokens(text, style.caption)], style.caption_size, width)
    return Legend(name, text, {}, lines, style.caption_size, width)


def caption_narrow(desk: Desk, figures: list[Figure]) -> None:
    """A justified caption in a column so narrow that its words stand far apart; a last line in fixed pitch, smaller."""
    sheet, (x0, y0, x1, y1) = desk.page()
    figure, rng, style = figures[0], desk.rng, desk.style
    wide = float(rng.uniform(62, 80))
    text = Setting().gap + x0, x1 - wide - 10
    block = make(desk, figure, text[1] - text[0], (y1 - y0) * 0.6, Setting(), captioned=False)
    size = style.caption_size
    caption = legend(figure, replace(style, justify=False), wide, own_line=False)
    shown = stretched(caption, wide)
    boxes = block.boxes(text[0], y0)
    found = [plain(desk, sheet, spot, figure, panel) for spot, panel in zip(boxes, block.panels, strict=True)]
    draw_lines(sheet, shown.lines, x1 - wide, y0, size)
    last = f"slide{int(rng.integers(100, 999))}"
    sheet.text(x1 - wide, y0 + size * (0.9 + 1.2 * len(shown.lines)), last, CODE, size * 0.75)
    high = max(block.body[1], caption.height + 1.2 * size)
    whole = (text[0], y0, text[0] + block.body[0], y0 + block.body[1])
    entered = replace(caption, text=f"{caption.text} {last}")
    enter(desk, sheet, figure, whole, boxes, block.panels, entered, "right", found)
    desk.text(sheet, desk.split((x0, y0 + high + WHITE, x1, y1)))
    sheet.flush()


def stretched(caption: Legend, width: float) -> Legend:
    """The caption with every line but its last set to the full width, unless its spaces would be too wide."""
    lines = []
    for line in caption.lines[:-1]:
        words = [(word, name) for _, text, name in line.pieces for word in text.replace("\u00a0", " ").split()]
        used = sum(unit_width(word, name) for word, name in words) * caption.size
        space = (width - used) / max(1, len(words) - 1)
        if space > WIDEST * caption.size:
            lines.append(line)
            continue
        x, pieces = 0.0, []
        for word, name in words:
            pieces.append((x, word, name))
            x += unit_width(word, name) * caption.size + space
        lines.append(replace(line, pieces=pieces))
    return replace(caption, lines=[*lines, caption.lines[-1]])


def sideways_picture(desk: Desk, figures: list[Figure]) -> None:
    """A plate whose picture lies on its side, with more letters in it than the upright caption below has."""
    sheet, box = desk.page(bare=True)
    figure, rng = figures[0], desk.rng
    wide, high = (box[2] - box[0]) * float(rng.uniform(0.6, 0.9)), (box[3] - box[1]) * 0.6
    block = make(desk, figure, box[2] - box[0], high, Setting(), captioned=False)
    left = box[0] + (box[2] - box[0] - wide) / 2
    whole: Box = (left, box[1], left + wide, box[1] + high)
    bare(desk, sheet, whole, figure, figure.panels[0])
    clockwise = 90 if rng.random() < 0.6 else 270
    caption = legend(figure, desk.style, box[2] - box[0], own_line=False)
    needed = sum(len(text) for line in caption.lines for _, text, _ in line.pieces) * float(rng.uniform(1.3, 1.8))
    rows, columns = max(2, int(needed / 7 / 9) + 1), 9
    words = [f"{chr(65 + row % 26)}:{column} mark" for row in range(rows) for column in range(columns)]
    for place, word in enumerate(words):
        row, column = divmod(place, columns)
        at = (left + 14 + (wide - 24) * row / rows, box[1] + 34 + (high - 40) * column / columns)
        sheet.draw(lambda page, at=at, word=word: page.insert_text(at, word, fontsize=5, rotate=clockwise))  # type: ignore[misc]
    caption.draw(sheet, box[0], whole[3] + 8)
    enter(desk, sheet, figure, whole, [whole], block.panels, caption, "below", [{}])
    sheet.centre((box[0] + box[2]) / 2, desk.style.page[1] - 30, str(sheet.number), font_name("sans", "r"), 9)
    sheet.flush()


def code_listing(desk: Desk, figures: list[Figure]) -> None:
    """Program code in a fixed-pitch font between the paragraphs, set as close as their lines."""

    def listing(sheet: Sheet, x: float, y: float, place: int) -> float:
        style = desk.style
        first = int(desk.rng.integers(len(CODE_LINES)))
        for row in range(1 + place % 3):
            code = CODE_LINES[(first + row) % len(CODE_LINES)].format(int(desk.rng.integers(2, 90)))
            sheet.text(x, y + style.body_size * 0.92, code, CODE, style.body_size * 0.9)
            y += style.leading
        return y

    between(desk, figures[0], listing)


def list_heads(desk: Desk, figures: list[Figure]) -> None:
    """Heads of lists in the type of the Chinese text, which end without a stop above their paragraphs."""
    indented = 2 * desk.style.body_size if desk.rng.random() < 0.5 else 0.0
    form = int(desk.rng.integers(len(HEADS)))

    def head(sheet: Sheet, x: float, y: float, place: int) -> float:
        text = HEADS[(form + place) % len(HEADS)].format("一二三四五六七八九"[place % 9])
        sheet.text(x + indented, y + desk.style.body_size * 0.92, text, font_name("zh", "r"), desk.style.body_size)
        return y + desk.style.leading

    between(desk, figures[0], head)


def between(desk: Desk, figure: Figure, insert: Callable[[Sheet, float, float, int], float]) -> None:
    """A page with one figure and, before each paragraph, what `insert(sheet, x, y, place)` draws; it gives its foot."""
    sheet, box = desk.page()
    block = make(desk, figure, box[2] - box[0], 0.45 * (box[3] - box[1]), Setting())
    block.draw(sheet, box[0], box[1])
    x0, y, x1, y1 = box[0], box[1] + block.height + WHITE, box[2], box[3]
    place = 0
    while desk.queue and y + 5 * desk.style.leading < y1:
        passage, rest = desk.queue[0], desk.queue[1:]
        if not passage.heading and not passage.begun:
            y = insert(sheet, x0, y, place)
            place += 1
        desk.queue = [passage]
        y = desk.pour(sheet, (x0, y, x1, y1))
        stuck = desk.queue == [passage] and bool(passage.heading)
        desk.queue += rest
        if stuck:
            break
    sheet.flush()


def footnotes(desk: Desk, figures: list[Figure]) -> None:
    """Footnotes without full stops in smaller type, one below the other, that cite the figure."""
    sheet, box = desk.page()
    figure, style, rng = figures[0], desk.style, desk.rng
    size, name = style.body_size - 2, font_name(style.body, "r")
    cited = style.cite_one.format(figure.number)
    notes = [f"For example, {cited}", f"Compare the same case in {cited}", "So named by analogy with the epithelium"]
    notes = [notes[at] for at in rng.permutation(3)]
    foot = box[3] - len(notes) * size * 1.2
    entry, _, _ = set_figure(
        desk, sheet, (box[0], box[1], box[2], foot - WHITE), figure, Setting(), span=True, at="top"
    )
    for place, note in enumerate(notes, 1):
        y = foot + size * (0.9 + 1.2 * (place - 1))
        sheet.text(box[0], y - 0.35 * size, str(place), name, 0.65 * size)
        sheet.text(box[0] + unit_width(str(place), name) * 0.65 * size, y, note, name, size)
        if cited in note:
            entry["references"].append({"page": sheet.number, "sentence": f"{place}{note}", "letters": []})
    sheet.rule(box[0], foot - 4, box[0] + 90)
    sheet.flush()
