"""What takes two pages: captions that face their plate, captions and figures that go on overleaf, full-bleed plates."""

from typing import Any

from assets.textbooks.sample.classes.block import Setting, enter, make
from assets.textbooks.sample.classes.desk import Desk
from assets.textbooks.sample.classes.legend import Legend, draw_lines, legend
from assets.textbooks.sample.classes.pages import WHITE, set_figure
from assets.textbooks.sample.classes.painters import bare, plain
from assets.textbooks.sample.content import Figure
from assets.textbooks.sample.flow import Box
from assets.textbooks.sample.sheet import Sheet
from assets.textbooks.sample.typeset import font_name

BLEED = 9.0  # points that a plate reaches beyond the edge of the page


def plate_page(
    desk: Desk, sheet: Sheet, area: Box, figures: list[Figure], captions: list[Legend], bleed: bool
) -> list[dict[str, Any]]:
    """Pictures one below the other that fill `area`, without captions."""
    entries = []
    high = (area[3] - area[1] - 12 * (len(figures) - 1)) / len(figures)
    for place, (figure, caption) in enumerate(zip(figures, captions, strict=True)):
        y = area[1] + place * (high + 12)
        if bleed or len(figure.panels) == 1:
            box = (area[0], y, area[2], y + high)
            found = [bare(desk, sheet, box, figure, figure.panels[0])]
            boxes, panels = [box], figure.panels
        else:
            block = make(desk, figure, area[2] - area[0], high, Setting(), captioned=False)
            boxes, panels = block.boxes(area[0] + (area[2] - area[0] - block.body[0]) / 2, y), block.panels
            found = [plain(desk, sheet, spot, figure, panel) for spot, panel in zip(boxes, panels, strict=True)]
        whole = (min(b[0] for b in boxes), y, max(b[2] for b in boxes), max(b[3] for b in boxes))
        entries.append(enter(desk, sheet, figure, whole, boxes, panels, caption, "facing", found))
    return entries


def caption_page(desk: Desk, captions: list[Legend], at: str) -> int:
    """A page of text with captions that belong to the page opposite; returns its number."""
    sheet, box = desk.page()
    high = sum(caption.height for caption in captions) + 10 * (len(captions) - 1)
    if at == "alone":
        y = box[1] + (box[3] - box[1]) * 0.3
    elif at == "top":
        y = box[1]
        desk.text(sheet, desk.split((box[0], box[1] + high + 22, box[2], box[3])))
    else:
        y = box[3] - high
        desk.text(sheet, desk.split((box[0], box[1], box[2], y - 22)))
    if at != "alone" and desk.rng.random() < 0.5:
        level = y + high + 8 if at == "top" else y - 8
        sheet.rule(box[0], level, box[2], (0, 0, 0), 0.5)
    for caption in captions:
        caption.draw(sheet, box[0], y)
        y += caption.height + 10
    sheet.flush()
    return sheet.number


def facing(desk: Desk, figures: list[Figure], bleed: bool) -> None:
    """Captions on one page of a spread, the plate on the other."""
    box = desk.press.frame(desk.next_page)
    captions = [legend(figure, desk.style, box[2] - box[0]) for figure in figures]
    at = str(desk.rng.choice(["top", "foot", "foot", "alone"]))
    first = desk.rng.random() < 0.65
    where = caption_page(desk, captions, at) if first else 0
    sheet, area = desk.page(bare=bleed)
    if bleed:
        width, height = desk.style.page
        area = (-BLEED, -BLEED, width + BLEED, height + BLEED)
    entries = plate_page(desk, sheet, area, figures, captions, bleed)
    sheet.flush()
    if bleed:
        for entry in entries:
            entry["bbox"] = [0.0, 0.0, *desk.style.page]
    where = where or caption_page(desk, captions, at)
    for entry in entries:
        entry["caption_page"] = where


def facing_caption(desk: Desk, figures: list[Figure]) -> None:
    facing(desk, figures, bleed=False)


def full_bleed_facing(desk: Desk, figures: list[Figure]) -> None:
    facing(desk, figures, bleed=True)


def full_bleed(desk: Desk, figures: list[Figure]) -> None:
    """A picture to all edges of the page with its caption printed on it, on a white or a dark field."""
    sheet, _ = desk.page(bare=True)
    figure, (width, height) = figures[0], desk.style.page
    whole = (-BLEED, -BLEED, width + BLEED, height + BLEED)
    found = [bare(desk, sheet, whole, figure, figure.panels[0])]
    caption = legend(figure, desk.style, width * 0.62)
    dark = desk.rng.random() < 0.5
    x, y = width * 0.08, height * 0.92 - caption.height
    field = (x - 8, y - 8, x + caption.width + 8, y + caption.height + 8)
    fill = (0.1, 0.1, 0.12) if dark else (1, 1, 1)
    sheet.draw(lambda page: page.draw_rect(field, color=None, fill=fill))
    caption.draw(sheet, x, y, (1, 1, 1) if dark else (0, 0, 0))
    sheet.flush()
    found[0] = {"colours": True}
    entry = enter(desk, sheet, figure, whole, [whole], figure.panels, caption, "on", found)
    entry["bbox"] = [0.0, 0.0, width, height]


def caption_next_page(desk: Desk, figures: list[Figure]) -> None:
    """A figure that fills its page; its caption begins below it and ends on the following page."""
    figure = figures[0]
    sheet, box = desk.page()
    wide = (box[2] - box[0]) if desk.columns == 1 or len(figure.panels) > 1 else (box[2] - box[0]) * 0.66
    caption = legend(figure, desk.style, wide)
    kept = max(1, min(len(caption.lines) - 1, int(desk.rng.integers(1, 4))))
    line = caption.size * 1.2
    mark = str(desk.rng.choice(["", "(continued)", "repeat"]))
    room = box[3] - box[1] - kept * line - 8
    grid = {2: (2, 1), 3: (3, 1), 4: (2, 2), 6: (3, 2), 8: (4, 2)}.get(len(figure.panels))
    block = make(desk, figure, box[2] - box[0], room, Setting(grid=grid, aspect=1.2), False)
    left = box[0] + (box[2] - box[0] - block.body[0]) / 2
    boxes = block.boxes(left, box[1])
    found = [plain(desk, sheet, spot, figure, panel) for spot, panel in zip(boxes, block.panels, strict=True)]
    whole = (left, box[1], left + block.body[0], box[1] + block.body[1])
    y = whole[3] + 8
    draw_lines(sheet, caption.lines[:kept], box[0], y, caption.size)
    entry = enter(desk, sheet, figure, whole, boxes, block.panels, caption, "below", found)
    sheet.flush()

    sheet, box = desk.page()
    rest = caption.lines[kept:]
    name = font_name("zh" if figure.language == "zh" else desk.style.caption, "r" if figure.language == "zh" else "b")
    word = {"": "", "(continued)": "（续）" if figure.language == "zh" else "(continued)", "repeat": caption.label}[
        mark
    ]
    if mark == "repeat":
        word += "（续）" if figure.language == "zh" else " (continued)"
    high = len(rest) * line + (line if word else 0)
    foot = desk.rng.random() < 0.4
    y = box[3] - high if foot else box[1]
    if foot:
        desk.text(sheet, desk.split((box[0], box[1], box[2], y - WHITE)))
    if word:
        sheet.text(box[0], y + caption.size * 0.9, word, name, caption.size)
        y += line
    draw_lines(sheet, rest, box[0], y, caption.size)
    if not foot:
        desk.text(sheet, desk.split((box[0], box[1] + high + WHITE, box[2], box[3])))
    sheet.flush()
    entry["caption_continues"] = sheet.number


def figure_continued(desk: Desk, figures: list[Figure]) -> None:
    """A figure of many panels on two pages; the second part repeats the label and starts at a later letter."""
    figure = figures[0]
    letters = "".join(panel.letter for panel in figure.panels)
    half = len(letters) // 2
    chinese = figure.language == "zh"
    for part in (letters[:half], letters[half:]):
        later = part != letters[:half]
        mark = ("（续）" if chinese else str(desk.rng.choice(["(continued)", "cont'd"]))) if later else ""
        setting = Setting(letters=part, lead="" if later else None, continued=mark)
        sheet, box = desk.page()
        entry, _, _ = set_figure(desk, sheet, box, figure, setting, span=True)
        sheet.flush()
        entry["continues"] = later
