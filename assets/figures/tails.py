"""Captions that break off at the end of a column or page, and where they go on."""

import re
from collections.abc import Callable, Iterable, Mapping

from assets.figures.captions import Caption
from assets.figures.geometry import height, union, width, x_share, y_share
from assets.figures.labels import opening_label
from assets.figures.layout import Drawing, PageLayout, Raster
from assets.figures.lines import Line
from assets.figures.page_text import by_rows
from assets.figures.reading import Style
from assets.figures.sentences import stopped

FULL = 0.75  # of a caption's width: a last line this long goes on
MARK = re.compile(r"^[(（\[]?\s*(?:continued|cont['’]?d?\.?|续|續)\s*[)）\]]?\.?$", re.I)


def run_over(captions: Mapping[int, list[Caption]], layout: Callable[[int], PageLayout], style: Style) -> list[Caption]:
    """The rest of captions that break off at the end of a column or page, as captions with `tail_of` set.

    `captions` are the selected ones by page, `layout(page)` gives a page without its running heads; pages are the keys
    of `captions`. The rest stands at the head of the next column, or at the head or foot of the next page, in the type
    of the caption and not in that of the text, or behind "(continued)".
    """
    tails: list[Caption] = []
    for page in sorted(captions):
        for caption in captions[page]:
            if not caption.table:
                tails += _rest_of(caption, captions, layout, style)
    return tails


def _rest_of(
    caption: Caption, captions: Mapping[int, list[Caption]], layout: Callable[[int], PageLayout], style: Style
) -> list[Caption]:
    page = layout(caption.page)
    taken = {id(line) for other in captions[caption.page] for line in other.lines}
    if not _at_end(caption, page, taken):
        return []
    here = [line for line in page.lines if line.upright and id(line) not in taken]
    closed = stopped(caption.lines[-1].text) and not _label_alone(caption)
    found = _column_head(caption, here, page, style)
    if found and (not closed or _next_letter(caption, found) or _tops_page(found[0], here)):
        tail = Caption(caption.page, caption.label, found, caption.score, caption.signature, tail_of=caption)
        return [tail]
    if caption.page + 1 not in captions:
        return []
    following = layout(caption.page + 1)
    taken = {id(line) for other in captions[caption.page + 1] for line in other.lines}
    free = [line for line in following.lines if line.upright and id(line) not in taken]
    found = _page_rest(caption, free, following, style)
    if not found or (closed and not MARK.match(found[0].text) and not _next_letter(caption, found)):
        return []
    return [Caption(caption.page + 1, caption.label, found, caption.score, caption.signature, tail_of=caption)]


def _label_alone(caption: Caption) -> bool:
    return len(caption.lines) == 1 and caption.label is not None and caption.label.delimiter == "end"


def _tops_page(line: Line, lines: list[Line]) -> bool:
    return line.box[1] < min(other.box[1] for other in lines) + 1.5 * line.size


def _next_letter(caption: Caption, block: list[Line]) -> bool:
    """Whether `block` begins with a panel letter and the caption has the one before it."""
    match = re.match(r"[(（\[]?\s*([B-Zb-z])\s*[)）\].:：,、．]", block[0].text)
    if match is None:
        return False
    before = chr(ord(match.group(1)) - 1)
    text = " ".join(line.text for line in caption.lines)
    return re.search(rf"(?:^|[\s(（\[.。;；，]){before}\s*[)）\].:：,、．]", text) is not None


def _at_end(caption: Caption, page: PageLayout, taken: set[int]) -> bool:
    """Whether nothing but other captions stands below a caption whose last line is full."""
    last = caption.lines[-1]
    if len(caption.lines) > 1 and width(last.box) < FULL * width(caption.box):
        return False
    below = [line for line in page.lines if line.upright and id(line) not in taken and line.box[1] > last.box[1] + 2
             and x_share(line.box, caption.box) > 0.2]  # fmt: skip
    pictures = [r for r in page.rasters if r.box[1] > last.box[3] - 2 and x_share(r.box, caption.box) > 0.2]
    return not below and not pictures


def _column_head(caption: Caption, lines: list[Line], page: PageLayout, style: Style) -> list[Line]:
    """The rest of a caption at the head of the column to its right."""
    right = [line for line in lines if line.box[0] > caption.box[2] - 2 and line.box[1] < caption.box[1]]
    top = min(right, key=lambda line: (round(line.box[1]), line.box[0]), default=None)
    if top is None or not _same_type(top, caption, style) or opening_label(top.text):
        return []
    return [] if _under_picture(top, page.rasters) else _block(top, lines)


def _under_picture(line: Line, graphics: Iterable[Raster | Drawing]) -> bool:
    """Whether a line stands right under a picture, to which it then belongs."""
    over = (g.box for g in graphics if height(g.box) > 25 and -2 <= line.box[1] - g.box[3] < 25)
    return any(x_share(box, line.box) > 0.3 for box in over)


def _page_rest(caption: Caption, lines: list[Line], page: PageLayout, style: Style) -> list[Line]:
    """The rest of a caption on the next page: at the head or the foot, or behind a line "(continued)"."""
    own = [line for line in lines if _same_type(line, caption, style)]
    for line in own:
        if MARK.match(line.text):
            below = [o for o in own if 0 < o.box[1] - line.box[1] < 3 * line.size and x_share(o.box, line.box) > 0.2]
            if below:
                return [line, *_block(min(below, key=lambda o: o.box[1]), own)]
    ordered = sorted(lines, key=lambda line: (round(line.box[1]), line.box[0]))
    if not ordered:
        return []
    for edge in (ordered[0], ordered[-1]):
        if _same_type(edge, caption, style) and edge in own:
            if _first_letter(edge) and _under_picture(edge, [*page.rasters, *page.drawings]):
                continue
            block = _block(edge, own) if edge is ordered[0] else _block_up(edge, own)
            if not opening_label(block[0].text) and not _heading(block):
                return block
    return []


def _first_letter(line: Line) -> bool:
    return re.match(r"[(（\[]?\s*[Aa]\s*[)）\].:：、．]", line.text) is not None


def _same_type(line: Line, caption: Caption, style: Style) -> bool:
    """Set like the caption's last lines and unlike the text."""
    font, size = caption.lines[-1].style
    alike = abs(line.size - size) < 0.3 and (_label_alone(caption) or any(run.font == font for run in line.runs))
    return alike and not (line.style[0] == style.font and abs(line.size - style.size) < 0.3)


def _heading(block: list[Line]) -> bool:
    return all(line.bold for line in block) and len(block) < 3


def _block(first: Line, lines: list[Line]) -> list[Line]:
    """`first` and the lines that follow it closely in the same size."""
    block = [first]
    for line in sorted(lines, key=lambda item: (round(item.box[1]), item.box[0])):
        box = union(item.box for item in block)
        gap = line.box[1] - block[-1].box[3]
        beside = y_share(line.box, block[-1].box) > 0.6 and line.box[0] > block[-1].box[2]
        close = line.box[1] > block[-1].box[1] + 1 and gap < 0.5 * line.size and x_share(line.box, box) > 0.3
        if (
            line is not first
            and abs(line.size - first.size) < 0.3
            and (close or beside)
            and not opening_label(line.text)
        ):
            block.append(line)
    return block


def _block_up(last: Line, lines: list[Line]) -> list[Line]:
    """`last` and the lines that lead to it closely in the same size."""
    block = [last]
    for line in sorted(lines, key=lambda item: -item.box[1]):
        gap = block[0].box[1] - line.box[3]
        above = line.box[1] < block[0].box[1] - 1 and gap < 0.5 * line.size and x_share(line.box, block[0].box) > 0.3
        if line is not last and above and abs(line.size - last.size) < 0.3:
            block.insert(0, line)
    return block


def printed_with_tails(caption: Caption, tails: Iterable[Caption]) -> list[Line]:
    """The lines of a caption and of its rest, without "(continued)" and a repeated label."""
    lines = by_rows(caption.lines)
    for tail in tails:
        if tail.tail_of is caption:
            lines += [line for line in by_rows(tail.lines) if not _repeats(line)]
    return lines


def adopt(without: list[Caption], selected: list[Caption]) -> list[Caption]:
    """Captions that say "continued" and found no picture end the caption before them; returns the others."""
    left = []
    for caption in without:
        label = caption.label
        before = [c for c in selected if c.label and label and c.label.number == label.number and c.page < caption.page]
        if label and label.continued and before:
            caption.tail_of = before[-1]
        else:
            left.append(caption)
    return left


def _repeats(line: Line) -> bool:
    label = opening_label(line.text)
    return bool(MARK.match(line.text)) or (label is not None and label.continued and not label.rest.strip(" .:"))
