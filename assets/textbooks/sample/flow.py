"""Where text and figures of a chapter go: a stream of lines poured into two columns around floating figures.

Nothing is drawn here. `arrange` tries several layouts and keeps the one that leaves the least white paper.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from assets.textbooks.sample.plates import Block
from assets.textbooks.sample.style import Style
from assets.textbooks.sample.typeset import Line

FLOAT_GAP = 14.0
Box = tuple[float, float, float, float]


@dataclass
class Item:
    """One piece of the text stream: a line of a paragraph, a heading line or a space."""

    height: float
    kind: str  # line, heading, space
    line: Line = field(default_factory=Line)
    first: bool = False
    last: bool = False
    heading: str = ""


def bad_break(items: list[Item], at: int) -> bool:
    """A column must not end with a heading or the first line of a paragraph, nor begin with a last line."""
    if at >= len(items) or at == 0:
        return False
    before = items[at - 1]
    if before.kind == "space":
        return at >= 2 and items[at - 2].kind == "heading"
    lonely = before.kind == "line" and before.first and not before.last
    widow = items[at].kind == "line" and items[at].last and not items[at].first
    return before.kind == "heading" or lonely or widow


def take(items: list[Item], start: int, room: float) -> int:
    """Index after the last item that fits into `room` points of a column that begins with `start`."""
    at = start
    while at < len(items) and items[at].kind == "space":
        at += 1
    used = 0.0
    begin = at
    while at < len(items) and used + items[at].height <= room + 0.01:
        used += items[at].height
        at += 1
    whole = at
    while at > begin and bad_break(items, at):
        at -= 1
    return at if at > begin else whole if whole > begin + 3 else start


@dataclass
class Plan:
    """What goes where on one page; `columns` are the (top, bottom) left for text."""

    box: Box
    cursor: int  # first item of the page
    columns: list[list[float]]
    floats: list[tuple[Block, float, float]] = field(default_factory=list)  # block, x, y
    area: float = 0.0

    def reach(self, items: list[Item], less: float = 0.0) -> int:
        """Index after the last item of the page when each column is `less` points shorter."""
        at = self.cursor
        for top, bottom in self.columns:
            at = take(items, at, bottom - top - less)
        return at

    def fit(self, block: Block, xs: list[float], low: bool) -> bool:
        """Reserve room for a block at the top, or at the bottom when `low`; False when it does not fit."""
        need = block.height + FLOAT_GAP
        if block.span:
            room = min(column[1] for column in self.columns) - max(column[0] for column in self.columns)
            if room < block.height:
                return False
            level = self.columns[0][1] == self.columns[1][1]
            if low and level:
                self.floats.append((block, xs[0], self.columns[0][1] - block.height))
                for column in self.columns:
                    column[1] -= need
            elif self.columns[0][0] == self.columns[1][0]:
                self.floats.append((block, xs[0], self.columns[0][0]))
                for column in self.columns:
                    column[0] += need
            else:
                return False
        else:
            side = max((0, 1), key=lambda place: self.columns[place][1] - self.columns[place][0])
            top, bottom = self.columns[side]
            if bottom - top < block.height:
                return False
            self.floats.append((block, xs[side], bottom - block.height if low else top))
            self.columns[side] = [top, bottom - need] if low else [top + need, bottom]
        self.area += block.width * block.height
        return True


def plan_page(
    items: list[Item],
    cursor: int,
    waiting: list[tuple[Block, int]],
    box: Box,
    limit: float,
    rng: np.random.Generator,
    last: bool,
    gutter: float,
) -> Plan:
    """Choose the figures of a page: in order, cited by now, and not more than `limit` of the area."""
    x0, y0, x1, y1 = box
    plan = Plan(box, cursor, [[y0, y1], [y0, y1]])
    xs = [x0, (x0 + x1 + gutter) / 2]
    for block, cited in waiting:
        reach = plan.reach(items, block.height * (1 if block.span else 0.5))
        if cursor < len(items) and cited > (reach if plan.floats else max(reach, cursor + 25)):
            break
        if plan.floats and plan.area + block.width * block.height > limit * (x1 - x0) * (y1 - y0):
            break
        if not plan.fit(block, xs, not last and rng.random() < 0.4):
            break
    return plan


def balance(items: list[Item], plan: Plan, step: float) -> None:
    """Shorten both columns of the last page so that they end at the same height."""
    floor = plan.columns[0][1]
    full = [list(column) for column in plan.columns]
    for bottom in np.arange(max(column[0] for column in full) + step, floor, step):
        plan.columns = [[top, max(top, float(bottom))] for top, _ in full]
        if plan.reach(items) >= len(items):
            return
    plan.columns = full


def waste(items: list[Item], plan: Plan, final: bool) -> float:
    """White paper of a page as a share of its text area, with a penalty for snippets of text."""
    height = plan.box[3] - plan.box[1]
    cursor, empty, snippets = plan.cursor, 0.0, 0
    for top, bottom in plan.columns:
        end = take(items, cursor, bottom - top)
        used = sum(item.height for item in items[cursor:end])
        empty += max(0.0, (bottom if not final else plan.box[3]) - top - used)
        snippets += 0 < end - cursor < 4
        cursor = end
    share = empty / (2 * height)
    return 0.12 * snippets + (share * 0.5 + (0.35 if share > 0.6 else 0.0) if final else share * 1.6)


def attempt(
    items: list[Item],
    blocks: list[tuple[Block, int]],
    frame: Callable[[int], Box],
    rng: np.random.Generator,
    style: Style,
) -> tuple[float, list[Plan]]:
    """One layout of a chapter: its cost and its pages; `frame` gives the text area of the page with that offset."""
    cursor, cost, waiting = 0, 0.0, list(blocks)
    plans: list[Plan] = []
    column = (style.page[0] - style.margins[2] - style.margins[3] - style.gutter) / 2
    while cursor < len(items) or waiting:
        box = frame(len(plans))
        figures = sum(block.width * (block.height + FLOAT_GAP) for block, _ in waiting)
        text = sum(item.height for item in items[cursor:]) * column
        limit = min(0.92, figures / (figures + text + 1) + float(rng.uniform(0.05, 0.3)))
        plan = plan_page(items, cursor, waiting, box, limit, rng, False, style.gutter)
        if plan.reach(items) >= len(items):
            plan = plan_page(items, cursor, waiting, box, 1.0, rng, True, style.gutter)
            if plan.reach(items) >= len(items):
                balance(items, plan, style.leading / 2)
        after = plan.reach(items)
        waiting = waiting[len(plan.floats) :]
        cost += waste(items, plan, after >= len(items) and not waiting) + 0.1
        if after == cursor and not plan.floats:
            raise RuntimeError(f"a page of {len(waiting)} waiting figures takes neither text nor figure")
        if after == cursor < len(items):
            cost += 1.0  # a page of figures alone would tear a sentence apart
        cursor = after
        plans.append(plan)
    return cost, plans


def arrange(
    items: list[Item],
    choices: Callable[[int], list[tuple[Block, int]]],
    frame: Callable[[int], Box],
    style: Style,
    seed: list[int],
    tries: int = 24,
) -> list[Plan]:
    """The best of several layouts; `choices` gives the figure blocks (and where they are first cited) of a try."""
    found = [attempt(items, choices(at), frame, np.random.default_rng([*seed, at]), style) for at in range(tries)]
    return min(found, key=lambda pair: pair[0])[1]
