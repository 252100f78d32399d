"""Panel letters and labels out of the ordinary, and what stands around figures: frames, tables, decoys, tints."""

import hashlib
import io

import numpy as np
import pymupdf
from PIL import Image

from assets.textbooks.sample.classes.block import Setting, enter, make
from assets.textbooks.sample.classes.desk import Desk
from assets.textbooks.sample.classes.pages import WHITE, on_page, room_for, set_figure
from assets.textbooks.sample.classes.painters import bare, encoded, montage, put, shown
from assets.textbooks.sample.classes.tables import draw_table
from assets.textbooks.sample.content import Figure
from assets.textbooks.sample.pictures.stains import noise
from assets.textbooks.sample.sheet import Sheet
from assets.textbooks.sample.typeset import font_name


def letters_after(desk: Desk, figures: list[Figure]) -> None:
    on_page(desk, figures[0], Setting(form="after"))


def letter_pairs(desk: Desk, figures: list[Figure]) -> None:
    """Captions that describe two panels at a time: "(A, B) text"."""
    on_page(desk, figures[0], Setting(form="pairs"))


def one_montage(desk: Desk, figures: list[Figure]) -> None:
    """All panels in one picture, parted by gutters."""
    sheet, box = desk.page()
    figure = figures[0]
    block = make(desk, figure, box[2] - box[0], room_for(desk, box), Setting())
    left = box[0] + (block.width - block.body[0]) / 2
    boxes = block.boxes(left, box[1])
    whole = (left, box[1], left + block.body[0], box[1] + block.body[1])
    data = montage(desk, figure, block.panels, boxes, whole)
    put(sheet, whole, data)
    assert block.legend is not None  # noqa: S101 - made with its caption above
    block.legend.draw(sheet, box[0], whole[3] + block.setting.gap)
    entry = enter(desk, sheet, figure, whole, boxes, block.panels, block.legend, "below", [])
    entry["pixels"] = {"sha256": hashlib.sha256(data).hexdigest()}
    desk.text(sheet, desk.split((box[0], box[1] + block.height + WHITE, box[2], box[3])))
    sheet.flush()


def letters_below(desk: Desk, figures: list[Figure]) -> None:
    """Letters in brackets under the middle of each picture."""
    setting = Setting(paint=bare, below_panels=15.0, form=str(desk.rng.choice(["before", "after"])))
    sheet, entry, block, _ = on_page(desk, figures[0], setting, span=True)
    pen = Sheet(sheet.page, sheet.number)
    for panel, gold in zip(block.panels, entry["panels"], strict=True):
        x0, _, x1, y1 = gold["bbox"]
        pen.centre((x0 + x1) / 2, y1 + 10.5, f"({shown(block.figure, panel)})", font_name("sans", "r"), 9)
    pen.flush()


def frame_both(desk: Desk, figures: list[Figure]) -> None:
    """A box drawn around a figure and its caption, with or without a tint."""
    sheet, box = desk.page()
    figure, pad = figures[0], 8.0
    side = str(desk.rng.choice(["below", "above", "right"]))
    wide = box[2] - box[0]
    block = make(desk, figure, wide - 2 * pad, room_for(desk, box), Setting(side))
    top = desk.rng.random() < 0.6
    high = block.height + 2 * pad
    y = box[1] if top else box[3] - high
    frame = (box[0], y, box[2], y + high)
    fill = (0.95, 0.94, 0.9) if desk.rng.random() < 0.5 else None
    rounded = float(desk.rng.choice([0.0, 0.04]))
    radius = (rounded * 0.5, rounded) if rounded else None
    sheet.draw(lambda page: page.draw_rect(frame, color=desk.style.ink, fill=fill, width=0.8, radius=radius))
    block.draw(sheet, box[0] + pad, y + pad)
    rest = (box[0], y + high + WHITE, box[2], box[3]) if top else (box[0], box[1], box[2], y - WHITE)
    desk.text(sheet, desk.split(rest))
    sheet.flush()


def label_own_line(desk: Desk, figures: list[Figure]) -> None:
    on_page(desk, figures[0], Setting(own_line=True))


CONTROLS = {
    "en": {
        "head": ["Marker", "Tumour", "Normal tissue", "Control"],
        "rows": [["Keratin", "+", "+", "skin"], ["S100", "−", "+", "nerve"], ["Desmin", "−", "−", "muscle"]],
    },
    "zh": {
        "head": ["标志物", "肿瘤", "正常组织", "对照"],
        "rows": [["角蛋白", "+", "+", "皮肤"], ["S100", "−", "+", "神经"], ["结蛋白", "−", "−", "平滑肌"]],
    },
}


def under_table(desk: Desk, figures: list[Figure]) -> None:
    """A figure that stands close under the rows of a table, or in the last field of its frame."""
    sheet, box = desk.page()
    figure, rng = figures[0], desk.rng
    recipe = CONTROLS["zh" if desk.chinese else "en"]
    wide, y = box[2] - box[0], box[1]
    chinese = desk.chinese
    number = int(rng.integers(1, 9))
    sheet.text(
        box[0],
        y + 9,
        f"表 {number}　" if chinese else f"Table {number}. ",
        font_name("zh", "r") if chinese else font_name("sans", "b"),
        9,
    )
    sheet.text(
        box[0] + 44,
        y + 9,
        "免疫组织化学对照" if chinese else "Controls for the stains of this chapter.",
        font_name("zh" if chinese else "sans", "r"),
        9,
    )
    table = (box[0], y + 16, box[2], y + 16 + 15 * 4)
    draw_table(sheet, table, recipe, desk.style)
    boxed = rng.random() < 0.5
    inset = 6.0 if boxed else 0.0
    block = make(desk, figure, wide - 2 * inset, room_for(desk, box) * 0.85, Setting())
    y = table[3] + float(rng.uniform(6, 12))
    block.draw(sheet, box[0] + inset, y)
    bottom = y + block.height
    if boxed:
        frame = (box[0], table[1], box[2], bottom + 6)
        sheet.draw(lambda page: page.draw_rect(frame, color=(0, 0, 0), width=0.8))
        bottom += 6
    desk.text(sheet, desk.split((box[0], bottom + WHITE, box[2], box[3])))
    sheet.flush()


def qr_code(rng: np.random.Generator) -> bytes:
    """Random modules with the three finder patterns of a QR code."""
    code = rng.integers(0, 2, (25, 25)).astype(np.uint8)
    finder = np.ones((8, 8), np.uint8)
    finder[:7, :7] = 0
    finder[1:6, 1:6] = 1
    finder[2:5, 2:5] = 0
    code[:8, :8], code[:8, -8:], code[-8:, :8] = finder, finder[:, ::-1], finder[::-1]
    picture = Image.fromarray(np.pad(code, 2, constant_values=1) * 255).resize((232, 232), Image.Resampling.NEAREST)
    return encoded(picture, "PNG")


def icon(rng: np.random.Generator, ink: tuple[float, float, float]) -> bytes:
    """A small round sign as stands beside headings and boxes."""
    rows, cols = np.mgrid[-1:1:64j, -1:1:64j]
    image = np.full((64, 64, 3), 255, np.uint8)
    image[np.hypot(rows, cols) < 0.95] = [int(255 * value) for value in ink]
    image[(abs(cols) < 0.14) & (abs(rows + 0.15) < 0.45) | (np.hypot(rows - 0.6, cols) < 0.15)] = 255
    return encoded(Image.fromarray(image), "PNG")


def decoys(desk: Desk, figures: list[Figure]) -> None:
    """A figure among what is none: QR code, logo, icons, a box of key points with a sign."""
    sheet, box = desk.page()
    rng, style = desk.rng, desk.style
    code = float(rng.uniform(44, 60))
    put(sheet, (box[2] - code, box[3] - code, box[2], box[3]), qr_code(rng))
    words = "扫码观看全切片" if desk.chinese else "Scan for the whole slide"
    sheet.text(box[0], box[3] - 6, words, font_name("zh" if desk.chinese else "sans", "r"), 7.5)
    key = (box[0], box[1], box[2], box[1] + 46)
    sheet.draw(lambda page: page.draw_rect(key, color=None, fill=(0.93, 0.95, 0.98)))
    put(sheet, (key[0] + 8, key[1] + 9, key[0] + 36, key[1] + 37), icon(rng, style.ink))
    name = font_name("zh" if desk.chinese else "sans", "r")
    lines = (
        ("要点：先看低倍，再看高倍。", "染色结果须与对照片一同阅读。")
        if desk.chinese
        else (
            "Key points: look at the section with the naked eye first, then at low power.",
            "A stain is read together with its controls and never alone.",
        )
    )
    for place, line in enumerate(lines):
        sheet.text(key[0] + 46, key[1] + 20 + 13 * place, line, name, 8.5)
    logo = noise(rng, (40, 120), 12) > 0.4
    picture = np.where(logo[..., None], (np.array(style.ink) * 255).astype(np.uint8), np.uint8(255)).astype(np.uint8)
    put(sheet, (box[0], 18, box[0] + 60, 38), encoded(Image.fromarray(picture), "PNG"))
    set_figure(desk, sheet, (box[0], key[3] + 14, box[2], box[3] - code - 14), figures[0], Setting())
    sheet.flush()


def tinted_page(desk: Desk, figures: list[Figure]) -> None:
    """A page on a tint or on the picture of a paper, as case reports and boxes of a chapter are set."""
    number = desk.next_page
    sheet, box = desk.page()
    sheet.flush()
    page = sheet.page
    width, height = desk.style.page
    if desk.rng.random() < 0.5:
        tint = tuple(float(value) for value in desk.rng.uniform(0.88, 0.96, 3))
        page.draw_rect((-3, -3, width + 3, height + 3), color=None, fill=tint, overlay=False)
    else:
        grain = 236 + 6 * noise(np.random.default_rng([desk.style.seed, number]), (300, 220), 14)
        paper = np.clip(np.stack([grain, grain - 3, grain - 12], -1), 0, 255).astype(np.uint8)
        out = io.BytesIO()
        Image.fromarray(paper).save(out, "JPEG", quality=80)
        page.insert_image(
            pymupdf.Rect(-3, -3, width + 3, height + 3), stream=out.getvalue(), keep_proportion=False, overlay=False
        )
    set_figure(desk, sheet, box, figures[0], Setting(str(desk.rng.choice(["below", "above"]))))
    sheet.flush()


def atlas(desk: Desk, figures: list[Figure]) -> None:
    """Figures with captions and no text at all."""
    sheet, (x0, y0, x1, y1) = desk.page()
    if len(figures) == 2:
        high = (y1 - y0 - WHITE) / 2
        for place, figure in enumerate(figures):
            block = make(desk, figure, x1 - x0, high, Setting())
            block.draw(sheet, x0, y0 + place * (high + WHITE))
    else:
        wide, high = (x1 - x0 - 16) / 2, (y1 - y0 - 18) / 2
        for place, figure in enumerate(figures):
            row, column = divmod(place, 2)
            block = make(desk, figure, wide, high, Setting(aspect=0.75, paint=bare))
            block.draw(sheet, x0 + column * (wide + 16), y0 + row * (high + 18))
    sheet.flush()


def chinese(desk: Desk, figures: list[Figure]) -> None:
    on_page(desk, figures[0], Setting(form="chinese"))
