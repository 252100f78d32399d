"""Where captions stand: above, beside, in the margin, two on one baseline, one for several pictures, at a run-over."""

from dataclasses import replace

from assets.textbooks.sample.classes.block import Block, Setting, enter, make
from assets.textbooks.sample.classes.desk import Desk
from assets.textbooks.sample.classes.legend import draw_lines, legend
from assets.textbooks.sample.classes.pages import WHITE, on_page, room_for
from assets.textbooks.sample.classes.painters import bare, plain
from assets.textbooks.sample.content import Figure


def caption_above(desk: Desk, figures: list[Figure]) -> None:
    on_page(desk, figures[0], Setting("above"))


def caption_beside(desk: Desk, figures: list[Figure]) -> None:
    side = "left" if desk.rng.random() < 0.5 else "right"
    on_page(desk, figures[0], Setting(side, beside=float(desk.rng.uniform(0.5, 0.68))))


def caption_margin(desk: Desk, figures: list[Figure]) -> None:
    """Captions in a wide outer margin; the text and the pictures keep to one narrower column."""
    sheet, (x0, y0, x1, y1) = desk.page()
    wide = (x1 - x0) * float(desk.rng.uniform(0.22, 0.28))
    outer_right = bool(sheet.number % 2)
    text = (x0, x1 - wide - 14) if outer_right else (x0 + wide + 14, x1)
    margin = x1 - wide if outer_right else x0
    y = y0
    for place, figure in enumerate(figures):
        setting = Setting("right" if outer_right else "left")
        caption = legend(figure, replace(desk.style, justify=False), wide)
        room = min((y1 - y0) * 0.42, (y1 - y) * 0.7)
        block = make(desk, figure, text[1] - text[0], room, setting=Setting("below"), captioned=False)
        if place:
            before = y
            y = max(before, y) + WHITE
        boxes = block.boxes(text[0] + (text[1] - text[0] - block.body[0]) / 2, y)
        found = [plain(desk, sheet, box, figure, panel) for box, panel in zip(boxes, block.panels, strict=True)]
        whole = (boxes[0][0], y, boxes[0][0] + block.body[0], y + block.body[1])
        low = desk.rng.random() < 0.4 and caption.height < block.body[1]
        caption.draw(sheet, margin, whole[3] - caption.height if low else y)
        enter(desk, sheet, figure, whole, boxes, block.panels, caption, setting.side, found)
        bottom = max(whole[3], y + caption.height)
        if place < len(figures) - 1:
            frame = (text[0], bottom + WHITE, text[1], bottom + WHITE + (y1 - y0) * 0.12)
            desk.text(sheet, [frame])
            y = frame[3]
        else:
            desk.text(sheet, [(text[0], bottom + WHITE, text[1], y1)])
    sheet.flush()


def shared_baseline(desk: Desk, figures: list[Figure]) -> None:
    """Two figures side by side whose captions begin on one line, with little white between them."""
    sheet, box = desk.page()
    gap = float(desk.rng.uniform(11, 18))
    wide = (box[2] - box[0] - gap) / 2
    room = room_for(desk, box)
    aspect = float(desk.rng.uniform(0.7, 0.9))
    blocks = [make(desk, figure, wide, room, Setting(aspect=aspect, paint=bare)) for figure in figures]
    blocks = [Block(desk, b.figure, b.setting, wide, (1, 1), (wide, wide * aspect), b.legend, b.panels) for b in blocks]
    top = desk.rng.random() < 0.5
    high = max(block.height for block in blocks)
    y = box[1] if top else box[3] - high
    for block, x in zip(blocks, (box[0], box[0] + wide + gap), strict=True):
        block.draw(sheet, x, y)
    rest = (box[0], box[1] + high + WHITE, box[2], box[3]) if top else (box[0], box[1], box[2], box[3] - high - WHITE)
    desk.text(sheet, desk.split(rest))
    sheet.flush()


def many_images(desk: Desk, figures: list[Figure]) -> None:
    """Several pictures without letters under one caption."""
    sheet, box = desk.page()
    rng, figure = desk.rng, figures[0]
    count = int(rng.integers(3, 6))
    gap = float(rng.uniform(5, 16))
    columns = 3 if count in (3, 5) else 2
    rows = -(-count // columns)
    whole_wide = box[2] - box[0]
    wide = (whole_wide - gap * (columns - 1)) / columns
    tall = wide * float(rng.uniform(0.7, 0.95))
    caption = legend(figure, desk.style, whole_wide)
    spots = []
    for place in range(count):
        row, column = divmod(place, columns)
        inset = (columns * rows - count) * (wide + gap) / 2 if row == rows - 1 else 0.0
        x, y = box[0] + inset + column * (wide + gap), box[1] + row * (tall + gap)
        spots.append((x, y, x + wide, y + tall))
    for place, spot in enumerate(spots):
        panel = replace(figure.panels[0], letter="")
        bare(desk, sheet, spot, replace(figure, key=f"{figure.key}{place}"), panel)
    area = (min(s[0] for s in spots), box[1], max(s[2] for s in spots), spots[-1][3])
    y = area[3] + 7
    caption.draw(sheet, box[0], y)
    enter(desk, sheet, figure, area, spots[:1], figure.panels, caption, "below", [{}])
    desk.text(sheet, desk.split((box[0], y + caption.height + WHITE, box[2], box[3])))
    sheet.flush()


def caption_next_column(desk: Desk, figures: list[Figure]) -> None:
    """A picture at the foot of the left column whose caption goes on at the head of the right one."""
    sheet, box = desk.page()
    figure = figures[0]
    wide = (box[2] - box[0] - desk.style.gutter) / 2
    caption = legend(figure, desk.style, wide)
    kept = min(len(caption.lines) - 1, int(desk.rng.integers(1, 4)))
    line = caption.size * 1.2
    block = make(desk, figure, wide, (box[3] - box[1]) * 0.5, Setting(), captioned=False)
    y = box[3] - kept * line - 6 - block.body[1]
    boxes = block.boxes(box[0] + (wide - block.body[0]) / 2, y)
    desk.text(sheet, [(box[0], box[1], box[0] + wide, y - WHITE)])
    found = [plain(desk, sheet, spot, figure, panel) for spot, panel in zip(boxes, block.panels, strict=True)]
    draw_lines(sheet, caption.lines[:kept], box[0], box[3] - kept * line, caption.size)
    left = box[2] - wide
    draw_lines(sheet, caption.lines[kept:], left, box[1], caption.size)
    whole = (boxes[0][0], y, boxes[0][0] + block.body[0], y + block.body[1])
    enter(desk, sheet, figure, whole, boxes, block.panels, caption, "below", found)
    desk.text(sheet, [(left, box[1] + (len(caption.lines) - kept) * line + WHITE, box[2], box[3])])
    sheet.flush()
