"""Pairs of a textbook: one for every figure, one for every panel, each with its text, kind and organ system.

Pure: records in, records out. A figure's pair and its panels' pairs share figure_id, so every later step can keep them
together.
"""

from collections import defaultdict

from assets.pairs.labelled import labelled_pair
from assets.pairs.picture import picture_facts
from assets.records import Figure, Page, Pair, Panel, Reference, Textbook
from assets.store import ImagePack


def pairs_of_book(
    book: Textbook, pages: list[Page], figures: list[Figure], panels: list[Panel], references: list[Reference],
    pack: ImagePack,
) -> list[Pair]:  # fmt: skip
    """All pairs of a book, by page, figure and panel letter."""
    sections = {page.page: page.sections for page in pages}
    panels_of: dict[str, list[Panel]] = defaultdict(list)
    for panel in panels:
        panels_of[panel.figure_id].append(panel)
    cites_of: dict[str, list[Reference]] = defaultdict(list)
    for reference in sorted(references, key=lambda r: (r.page, r.char_start, r.letter or "")):
        cites_of[reference.figure_id].append(reference)
    pairs = []
    for figure in sorted(figures, key=lambda f: (f.page, f.bbox[1], f.bbox[0], f.figure_id)):
        cites, titles = cites_of[figure.figure_id], sections.get(figure.page, [])
        pairs.append(_pair(book, figure, None, cites, titles, pack))
        for panel in sorted(panels_of[figure.figure_id], key=lambda p: p.letter):
            mine = [cite for cite in cites if cite.letter in (None, panel.letter)]
            pairs.append(_pair(book, figure, panel, mine, titles, pack))
    return pairs


def _pair(
    book: Textbook, figure: Figure, panel: Panel | None, cites: list[Reference], titles: list[str], pack: ImagePack
) -> Pair:
    if panel is None:
        text, near = figure.caption, [("caption", figure.caption)]
    else:
        text = " ".join(part for part in (panel.lead, panel.own) if part)
        near = [("own part", panel.own), ("lead", panel.lead)]
    context = {cite.sentence: cite.reference_id for cite in cites}  # a sentence that cites A and B is cited once
    image = figure.image if panel is None else panel.image
    return labelled_pair(
        picture_facts(pack.read(image).data),
        near,
        [("citing sentences", " ".join(context), 0.5), ("sections", " ".join(titles), 1.0), ("book", book.title, 0.5)],
        source="textbook",
        book=book.book,
        figure=figure.figure_id,
        part=panel.panel_id if panel else None,
        panel=panel.panel_id if panel else None,
        label=figure.label + (panel.letter if panel else ""),
        image=image,
        text=text,
        cites=context,
        language=None,
        licence=book.licence,
        slide_or_patient_id=None,
    )
