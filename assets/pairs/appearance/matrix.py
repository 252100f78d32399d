"""Confusion matrix of a picture classifier against what captions name, and its picture, drawn with Pillow alone."""

from dataclasses import dataclass
from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from assets.pairs.kinds import SHOWN

CELL, LEFT, TOP, BOTTOM = 92, 150, 84, 56  # pixels
INK, PALE = (28, 28, 32), (245, 246, 250)
DEEP = (38, 84, 150)


@dataclass(frozen=True)
class Matrix:
    """`counts[row][column]`: pictures whose caption names kind `row` and that the classifier takes for `column`."""

    kinds: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...] = ()

    @classmethod
    def of(cls, kinds: tuple[str, ...], said: list[tuple[str, str]]) -> "Matrix":
        """From (kind that the caption names, kind that the classifier says)."""
        place = {kind: index for index, kind in enumerate(kinds)}
        counts = [[0] * len(kinds) for _ in kinds]
        for named, seen in said:
            counts[place[named]][place[seen]] += 1
        return cls(kinds, tuple(tuple(row) for row in counts))

    @property
    def agreement(self) -> float:
        """Share of pictures on the diagonal, 0 for none."""
        total = sum(map(sum, self.counts))
        return sum(row[i] for i, row in enumerate(self.counts)) / total if total else 0.0

    def plain(self) -> dict[str, Any]:
        return {"kinds": list(self.kinds), "counts": [list(row) for row in self.counts]}


def draw(matrix: Matrix, title: str) -> bytes:
    """PNG: a row for every kind that captions name, a column for every kind that the classifier says.

    Cells show the number and its share of the row; the darker, the larger that share.
    """
    side = CELL * len(matrix.kinds)
    width, height = max(LEFT + side + 24, 470), TOP + side + BOTTOM
    canvas = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(canvas)
    large, small = ImageFont.load_default(17), ImageFont.load_default(13)
    pen.text((16, 12), title, INK, font=large)
    total = sum(map(sum, matrix.counts))
    facts = f"{total:,} pictures, {100 * matrix.agreement:.0f} % as the caption names them; none judged itself"
    pen.text((16, 38), facts, INK, font=small)
    for index, kind in enumerate(matrix.kinds):
        middle = index * CELL + CELL // 2
        row_total = sum(matrix.counts[index])
        pen.text((LEFT - 12, TOP + middle), f"{SHOWN[kind]} ({row_total:,})", INK, font=small, anchor="rm")
        pen.text((LEFT + middle, TOP - 10), SHOWN[kind], INK, font=small, anchor="ms")
        for other in range(len(matrix.kinds)):
            count = matrix.counts[index][other]
            share = count / row_total if row_total else 0.0
            x, y = LEFT + other * CELL, TOP + index * CELL
            colour = tuple(round(pale + (deep - pale) * share) for pale, deep in zip(PALE, DEEP, strict=True))
            pen.rectangle((x, y, x + CELL - 3, y + CELL - 3), fill=colour)
            ink = "white" if share > 0.55 else INK
            pen.text((x + CELL // 2, y + CELL // 2 - 9), f"{count:,}", ink, font=large, anchor="mm")
            if row_total:
                pen.text((x + CELL // 2, y + CELL // 2 + 14), f"{100 * share:.0f} %", ink, font=small, anchor="mm")
    pen.text((LEFT, TOP + side + 14), "columns: what the classifier says", INK, font=small)
    pen.text((LEFT, TOP + side + 31), "rows: what captions name", INK, font=small)
    buffer = BytesIO()
    canvas.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
