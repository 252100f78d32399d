"""python -m assets.figures.replacement ... (sandbox.py starts it): pages of a book as a second reader saw them.

Takes an extraction's tables, puts the results in the place of its pages, and writes the tables of the whole book anew.
Only the replaced pages are opened in the PDF, in children under limits; sandbox.py starts this.
"""

import json
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from assets import store
from assets.confined import die_with_parent
from assets.figures.arrange import Order, PageOrders
from assets.figures.children import Begin, Ended, run_pages
from assets.figures.confidence import scores_of
from assets.figures.cutting import PageCuts, cut_pages
from assets.figures.gather import Found, Rows, numbered, page_figures, pictures
from assets.figures.geometry import Box
from assets.figures.layout import PageLayout, read_layout
from assets.figures.limits import Limits
from assets.figures.paragraphs import assemble
from assets.figures.rows import reference_rows, scored
from assets.figures.second_reader import PageResult, ReadFigure, read_results
from assets.figures.spool import Spool, SpoolWriter
from assets.figures.subcaptions import divide
from assets.figures.supervisor import failures_of, write_tables
from assets.figures.tables import write_extraction
from assets.pdf import open_pdf
from assets.records import Failure, Figure, Image, Page, Panel


def replace_pages(pdf: Path, book: str, earlier: Path, results: list[PageResult], folder: Path, limits: Limits) -> None:
    """Write the tables of `earlier` with `results` in place of its pages into the empty `folder`."""
    work = folder / ".work"
    work.mkdir()
    by_page = {result.page: result for result in results}
    try:
        lost = run_pages(partial(_cut, pdf, book, work, by_page), sorted(by_page), work, 1, limits)
        failures = failures_of(lost, "figures.pixels", book)
        write = partial(_write, folder, work, book, earlier, by_page, failures)
        pages = [page.page for page in store.read_rows(earlier / "pages.parquet", Page)]
        write_tables(write, pages, book, work, limits)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _cut(
    pdf: Path, book: str, work: Path, results: dict[int, PageResult], part: int, pages: list[int], begin: Begin
) -> None:
    with open_pdf(pdf) as document:
        with SpoolWriter[PageOrders](work, "orders", part) as spool:
            for number in pages:
                begin(number)
                layout = replace(read_layout(document[number - 1]), lines=[], margins=[], drawings=[])
                orders = [_order(figure, number, layout) for figure in results[number].figures]
                spool.append(number, PageOrders(layout, orders))
        cut_pages(document, book, pages, work, part, begin)


def _order(figure: ReadFigure, page: int, layout: PageLayout) -> Order:
    def box(corners: list[float]) -> Box:
        x0, y0, x1, y1 = corners
        return x0, y0, x1, y1

    panels = {panel.letter: layout.in_frame(box(panel.bbox)) for panel in figure.panels}
    return Order(
        label=figure.label, box=layout.in_frame(box(figure.bbox)), caption_page=page,
        caption_box=box(figure.caption_bbox), caption=figure.caption, printed=f"{figure.label} {figure.caption}",
        divided=divide(figure.caption), method="vlm", rule="second-reader", evidence=float(figure.score), panels=panels,
    )  # fmt: skip


def _write(
    folder: Path, work: Path, book: str, earlier: Path, results: dict[int, PageResult], lost: list[Failure],
    failures: list[Failure], skip: frozenset[int], begin: Begin,
) -> None:  # fmt: skip
    figures_before = store.read_rows(earlier / "figures.parquet", Figure)
    panels_before = store.read_rows(earlier / "panels.parquet", Panel)
    failures_before = store.read_rows(earlier / "failures.parquet", Failure)

    def pages() -> Iterator[Page]:
        for page in store.each_row(earlier / "pages.parquet", Page):
            yield _page(page, results.get(page.page))

    kept = [figure for figure in figures_before if figure.page not in results]
    names = {figure.figure_id for figure in kept}
    found = [
        Found(kept, [panel for panel in panels_before if panel.figure_id in names],
              [failure for failure in failures_before if failure.page not in results] + lost + failures,
              [figure.score for figure in kept])
    ]  # fmt: skip
    found += [page_figures(page, book) for page in Spool[PageCuts](work, "cuts").frames()]
    both = [pair for each in found for pair in zip(each.figures, each.seen, strict=True)]
    both.sort(key=lambda pair: pair[0].page)
    figures, panels = numbered([figure for figure, _ in both], [panel for each in found for panel in each.panels])
    references = reference_rows(pages, figures, panels, book, begin, skip)
    figures, panels = scored(figures, panels, scores_of(figures, [seen for _, seen in both], references))
    failures = [failure for each in found for failure in each.failures]
    shown = {figure.image for figure in figures} | {panel.image for panel in panels}
    images = _pictures(store.ImagePack(earlier / store.PACK), shown, work, begin)
    write_extraction(folder, Rows(pages(), figures, panels, references, failures), images, book)


def _page(page: Page, result: PageResult | None) -> Page:
    if result is None or result.paragraphs is None:
        return page
    text = assemble(result.paragraphs)
    spans = [offset for span in text.captions for offset in span]
    return replace(page, text=text.text, captions=spans, method="vlm")


def _pictures(pack: store.ImagePack, shown: set[str], work: Path, begin: Begin) -> Iterator[Image]:
    yield from (pack.read(name) for name in sorted(shown) if name in pack)
    yield from pictures(work, begin)


def main(pdf: Path, book: str, earlier: Path, results: Path, folder: Path, limits: Limits, parent: int) -> int:
    die_with_parent(parent)
    try:
        replace_pages(pdf, book, earlier, read_results(results), folder, limits)
    except Ended as ended:
        print(ended.said, file=sys.stderr)
        return ended.code
    return 0


if __name__ == "__main__":
    _pdf, _book, _earlier, _results, _folder, _limits, _parent = sys.argv[1:]
    _allowed = Limits(**json.loads(_limits))
    sys.exit(main(Path(_pdf), _book, Path(_earlier), Path(_results), Path(_folder), _allowed, int(_parent)))
