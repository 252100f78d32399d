"""What a seed decides about the look of a book: page, fonts, columns, captions, labels, pictures."""

from dataclasses import dataclass

import numpy as np

# Regular, bold, italic of the PDF base fonts as PyMuPDF names them.
FAMILIES = {"serif": ("tiro", "tibo", "tiit"), "sans": ("helv", "hebo", "heit")}
PAGES = ((540, 720), (522, 756), (576, 774), (595, 842))
INKS = ((0.10, 0.22, 0.42), (0.42, 0.08, 0.12), (0.05, 0.34, 0.32), (0.30, 0.16, 0.40), (0.0, 0.0, 0.0))
# (word and number before a caption, one figure in the text, several figures in the text)
LABELS = (("Fig. {}", "Fig. {}", "Figs. "), ("Figure {}", "Figure {}", "Figures "), ("FIG. {}", "Fig. {}", "Figs. "))
MARKS = ("{}, ", "({}) ", "{}. ", "{}: ")


@dataclass(frozen=True)
class Style:
    """Lengths in points. Fonts are keys of `typeset.Fonts`."""

    seed: int
    page: tuple[float, float]
    margins: tuple[float, float, float, float]  # top, bottom, inner, outer
    gutter: float
    body: str
    body_size: float
    leading: float
    justify: bool
    indent: float
    caption: str
    caption_size: float
    heading: str
    ink: tuple[float, float, float]
    head_rule: bool
    folio_in_head: bool
    label: str
    cite_one: str
    cite_many: str
    separator: str
    label_end: str
    label_own_line: bool
    mark: str
    mark_bold: bool
    letters: str  # none, raster, text
    side: str  # the caption side most figures use
    first_chapter: int
    dpi: int
    quality: int
    png: tuple[str, ...]  # picture families kept without loss
    panel_gap: float
    frame: bool  # hairline around pictures


def draw_style(seed: int) -> Style:
    """The style of a seed. The order of the draws is part of a book's identity: append, never insert."""
    rng = np.random.default_rng([seed, 1])

    def pick(options: tuple) -> object:
        return options[int(rng.integers(len(options)))]

    page = PAGES[int(rng.integers(len(PAGES)))]
    big = page[0] > 570
    body = str(pick(("serif", "serif", "sans")))
    label, one, many = LABELS[int(rng.integers(len(LABELS)))]
    size = float(rng.choice([10.0, 10.4])) + (0.5 if big else 0.0) - (0.6 if body == "sans" else 0.0)
    inner = float(rng.uniform(46, 60)) + (6 if big else 0)
    return Style(
        seed=seed,
        page=(float(page[0]), float(page[1])),
        margins=(float(rng.uniform(62, 74)), float(rng.uniform(50, 62)), inner, inner - float(rng.uniform(0, 14))),
        gutter=float(rng.uniform(15, 24)),
        body=body,
        body_size=size,
        leading=size * float(rng.uniform(1.2, 1.3)),
        justify=bool(rng.random() < 0.75),
        indent=float(pick((0.0, 11.0, 14.0))),  # type: ignore[arg-type]
        caption=str(pick(("sans", "serif"))) if body == "serif" else str(pick(("serif", "sans"))),
        caption_size=size - float(rng.choice([1.2, 1.6, 2.0])),
        heading=str(pick(("sans", "serif"))),
        ink=INKS[int(rng.integers(len(INKS)))],
        head_rule=bool(rng.random() < 0.6),
        folio_in_head=bool(rng.random() < 0.5),
        label=label,
        cite_one=one,
        cite_many=many,
        separator=str(pick(("-", "."))),
        label_end=str(pick(("", ".", ":"))),
        label_own_line=bool(rng.random() < 0.12),
        mark=str(pick(MARKS)),
        mark_bold=bool(rng.random() < 0.6),
        letters=str(pick(("none", "raster", "text"))),
        side=str(pick(("below", "below", "above", "left", "right"))),
        first_chapter=int(pick((1, 1, 1, 6, 12))),  # type: ignore[call-overload]
        dpi=int(rng.choice([200, 220, 240])),
        quality=int(rng.choice([78, 82])),
        png=(("fish",), (), ())[int(rng.integers(3))],
        panel_gap=float(rng.uniform(3, 9)),
        frame=bool(rng.random() < 0.3),
    )
