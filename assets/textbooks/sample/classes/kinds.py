"""The layout classes by name: how each is drawn, which figures suit it, and how many pages it takes."""

from collections.abc import Callable
from dataclasses import dataclass

from assets.textbooks.sample import drawings
from assets.textbooks.sample.classes import drawn as strokes
from assets.textbooks.sample.classes import gaps, marks, odd, painters, printed, sides, spreads
from assets.textbooks.sample.classes.block import Setting
from assets.textbooks.sample.classes.desk import Desk
from assets.textbooks.sample.classes.pages import on_page
from assets.textbooks.sample.content import Figure

Draw = Callable[[Desk, list[Figure]], None]


@dataclass(frozen=True)
class Kind:
    """`fits` is asked for each of the `count` figures; `verso` begins on a left-hand page, `opens` may open a chapter.

    `scope` is where it may stand: any chapter, "en", "zh", "hant" (traditional Chinese) or "restart" (a chapter that
    numbers its figures from 1). `words` and `number` give labels of another form.
    """

    name: str
    draw: Draw
    fits: Callable[[Figure], bool]
    count: int = 1
    pages: int = 1
    verso: bool = False
    opens: bool = True
    scope: str = ""
    words: tuple[str, str, str] | None = None
    number: str = ""  # "S" and "plate" count through the book, "letter" puts a, b behind one number


def family(figure: Figure) -> str:
    return str(figure.panels[0].picture["family"])


def drawn(figure: Figure) -> bool:
    return family(figure) in drawings.ASPECT or family(figure) == "table"


def photo(figure: Figure) -> bool:
    return not drawn(figure)


def single(figure: Figure) -> bool:
    return photo(figure) and len(figure.panels) == 1


def panelled(figure: Figure) -> bool:
    return photo(figure) and len(figure.panels) > 1


def many(figure: Figure) -> bool:
    return photo(figure) and len(figure.panels) >= 4


def page_of(paint: painters.Painter, span: bool | None = None) -> Draw:
    """An ordinary page whose pictures are put there by `paint`."""

    def draw(desk: Desk, figures: list[Figure]) -> None:
        on_page(desk, figures[0], Setting(paint=paint), span=span)

    return draw


PLATE = ("Plate {}", "Plate {}", "Plates ")
KINDS = (
    Kind("plain", page_of(painters.plain), photo),
    Kind("jpx", page_of(painters.jpx), single),
    Kind("stencil", page_of(painters.stencil), single),
    Kind("soft-mask", page_of(painters.soft_mask), lambda figure: single(figure) and figure.kind == "gross"),
    Kind("cmyk-icc", page_of(painters.cmyk_icc), single),
    Kind("cmyk-adobe", page_of(painters.cmyk_adobe), single),
    Kind("tiles", page_of(painters.pieces(5, 3)), single),
    Kind("strips", page_of(painters.pieces(15, 1)), photo),
    Kind("arrows", page_of(painters.pointed), photo),
    Kind("caption-above", sides.caption_above, photo),
    Kind("caption-beside", sides.caption_beside, photo),
    Kind("caption-margin", sides.caption_margin, photo, opens=False),
    Kind("caption-margin-pair", sides.caption_margin, single, count=2, opens=False),
    Kind("caption-next-column", sides.caption_next_column, single),
    Kind("caption-next-page", spreads.caption_next_page, many, pages=2, verso=True, opens=False),
    Kind("caption-overleaf", spreads.caption_next_page, photo, pages=2, opens=False),
    Kind("legend-between", gaps.legend_between, single, scope="en"),
    Kind("panel-titles", gaps.panel_titles, many, scope="en"),
    Kind("far-apart", gaps.far_apart, single),
    Kind("abreast", gaps.abreast, single, count=2),
    Kind("shared-baseline", sides.shared_baseline, single, count=2),
    Kind("many-images", sides.many_images, single),
    Kind("facing-caption", spreads.facing_caption, photo, pages=2, verso=True, opens=False),
    Kind("facing-captions", spreads.facing_caption, single, count=2, pages=2, verso=True, opens=False),
    Kind("full-bleed", spreads.full_bleed, single, opens=False),
    Kind("full-bleed-facing", spreads.full_bleed_facing, single, pages=2, verso=True, opens=False),
    Kind("figure-continued", spreads.figure_continued, many, pages=2),
    Kind("letters-after", marks.letters_after, panelled, scope="en"),
    Kind("letter-pairs", marks.letter_pairs, many, scope="en"),
    Kind("montage", marks.one_montage, panelled),
    Kind("inset", page_of(painters.inset), single),
    Kind("letters-below", marks.letters_below, panelled, scope="en"),
    Kind("frame", marks.frame_both, photo),
    Kind("label-own-line", marks.label_own_line, photo),
    Kind("label-supplement", page_of(painters.plain), single, scope="en", number="S"),
    Kind("label-letter", sides.shared_baseline, single, count=2, scope="en", number="letter"),
    Kind("label-plate", page_of(painters.plain, span=True), panelled, scope="en", words=PLATE, number="plate"),
    Kind("outlines", strokes.outline_row, single),
    Kind("node-row", strokes.node_row, single),
    Kind("thick-bars", page_of(strokes.thick_bars), single),
    Kind("behind-clip", page_of(strokes.behind_clip), single),
    Kind("axis-titles", strokes.axis_titles, single),
    Kind("after-lead", strokes.after_lead, single, scope="en", opens=False),
    Kind("under-listing", strokes.under_listing, single, scope="en", opens=False),
    Kind("table-figure", page_of(painters.plain), lambda figure: family(figure) == "table"),
    Kind("plot", page_of(painters.plain), lambda figure: family(figure) in drawings.ASPECT and len(figure.panels) == 1),
    Kind(
        "plot-panels",
        page_of(painters.plain),
        lambda figure: family(figure) in drawings.ASPECT and len(figure.panels) > 1,
    ),
    Kind("under-table", marks.under_table, photo),
    Kind("decoys", marks.decoys, photo),
    Kind("tinted-page", marks.tinted_page, photo, opens=False),
    Kind("atlas", marks.atlas, single, count=4, opens=False),
    Kind("atlas-pair", marks.atlas, photo, count=2, opens=False),
    Kind("rotated-page", odd.rotated_page, photo, opens=False),
    Kind("sideways-plate", odd.sideways_plate, photo, opens=False),
    Kind("crop-box", odd.crop_box, photo),
    Kind("off-page", odd.off_page, single, opens=False),
    Kind("scrambled", odd.scrambled, photo),
    Kind("ligatures", odd.ligatures, photo, scope="en"),
    Kind("chinese", marks.chinese, single, scope="zh"),
    Kind("chinese-panels", marks.chinese, panelled, scope="zh"),
    Kind("traditional", marks.chinese, photo, scope="hant"),
    Kind("same-number", page_of(painters.plain), photo, scope="restart"),
    Kind("bilingual", printed.bilingual, single, scope="zh"),
    Kind("caption-narrow", printed.caption_narrow, single, scope="en", opens=False),
    Kind("sideways-picture", printed.sideways_picture, single, scope="en", opens=False),
    Kind("code-listing", printed.code_listing, single, scope="en"),
    Kind("list-heads", printed.list_heads, single, scope="zh"),
    Kind("footnotes", printed.footnotes, single, scope="en"),
)
