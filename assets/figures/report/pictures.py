"""python -m assets.figures.report.pictures ... (write.py starts it): the pictures of a report, made under limits.

Pages and extracted pictures come from a PDF that may be hostile, so they are decoded and encoded anew here, in children
of this process (children.py), never in the process that writes the report. WANTED is a JSON file made by `ask`.
"""

import io
import json
import shutil
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path

import pymupdf
from PIL import Image as Pillow

from assets import store
from assets.confined import die_with_parent
from assets.figures.children import Begin, Ended, Loss, run_pages
from assets.figures.failures import page_guard
from assets.figures.layout import read_layout
from assets.figures.limits import Limits
from assets.figures.spool import Spool, SpoolWriter
from assets.pdf import from_damage, open_pdf
from assets.records import Failure

STAGE = "figures.report"
FAILURES = "failures.parquet"
LONGEST = 2000  # pixels of a page picture; a page of 200 inches at 100 dpi would have 20,000
THUMBNAIL = 400, 300  # pixels, twice what the page shows


@dataclass(frozen=True)
class Wanted:
    """`pages` are 1-based; `thumbnails` maps a page to its (figure_id, sha256 of the picture in `pack`)."""

    dpi: float
    pages: list[int]
    pack: str
    thumbnails: dict[int, list[tuple[str, str]]] = field(default_factory=dict)


def ask(path: Path, wanted: Wanted) -> None:
    path.write_text(json.dumps(asdict(wanted)), encoding="utf-8")


def page_picture(page: int, turn: int) -> str:
    """Name of a page's picture; `turn` is the clockwise quarter turns from the unrotated page to the picture."""
    return f"p{page:04d}-turn{turn}.jpg"


def render_page(page: pymupdf.Page, folder: Path, dpi: float) -> None:
    """Write the page as a JPEG file into `folder`, upright, at most 2000 pixels a side; raises what pymupdf raises."""
    turn = _upright(page)
    page.set_rotation(0)  # boxes are of the unrotated page
    zoom = min(dpi / 72, LONGEST / max(1.0, page.rect.width, page.rect.height))
    matrix = pymupdf.Matrix(zoom, zoom).prerotate(90 * turn)
    pixmap = page.get_pixmap(matrix=matrix, colorspace=pymupdf.csRGB, alpha=False, annots=False)
    picture = Pillow.frombytes("RGB", (pixmap.width, pixmap.height), pixmap.samples)
    (folder / page_picture(page.number + 1, turn)).write_bytes(_jpeg(picture, 72))


def _upright(page: pymupdf.Page) -> int:
    """Quarter turns that make the text upright; without text, those that a viewer makes."""
    turn = page.rotation // 90 % 4
    try:
        layout = read_layout(page)
    except Exception as error:
        if not from_damage(error):
            raise
        return turn
    return layout.turn if layout.lines else turn


def write_thumbnails(pack: store.ImagePack, named: list[tuple[str, str]], folder: Path) -> None:
    """Small JPEG files `<figure_id>.jpg` of the pictures in `pack`. Raises what Pillow raises for damaged bytes."""
    for name, sha256 in named:
        with Pillow.open(io.BytesIO(pack.read(sha256).data)) as opened:
            opened.draft("RGB", THUMBNAIL)
            picture = opened.convert("RGB")
        picture.thumbnail(THUMBNAIL, Pillow.Resampling.LANCZOS)
        (folder / f"{name}.jpg").write_bytes(_jpeg(picture, 82))


def _jpeg(picture: Pillow.Image, quality: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()


def draw(pdf: Path, book: str, wanted: Wanted, folder: Path, limits: Limits) -> None:
    """Write `pages/` and `figures/` into `folder`, and the Failures of what could not be drawn. Raises Ended."""
    work = folder / ".work"
    for new in (work, folder / "pages", folder / "figures"):
        new.mkdir()

    def thumbnails(part: int, pages: list[int], begin: Begin) -> None:
        pack = store.ImagePack(Path(wanted.pack))
        with SpoolWriter[list[Failure]](work, "thumbnails", part) as notes:
            for page in pages:
                begin(page)
                failures: list[Failure] = []
                with page_guard(failures, book, page, STAGE):
                    write_thumbnails(pack, wanted.thumbnails[page], folder / "figures")
                notes.append(page, failures)

    def rendered(part: int, pages: list[int], begin: Begin) -> None:
        with open_pdf(pdf) as document, SpoolWriter[list[Failure]](work, "pages", part) as notes:
            for page in pages:
                begin(page)
                failures: list[Failure] = []
                with page_guard(failures, book, page, STAGE):
                    render_page(document[page - 1], folder / "pages", wanted.dpi)
                notes.append(page, failures)

    try:
        undone = run_pages(thumbnails, sorted(wanted.thumbnails), work, 1, limits)
        unseen = run_pages(rendered, wanted.pages, work, 1, limits)
        halves = [folder / "figures" / f"{name}.jpg" for loss in undone for name, _ in wanted.thumbnails[loss.page]]
        halves += [path for loss in unseen for path in (folder / "pages").glob(f"p{loss.page:04d}-*")]
        for half in halves:
            half.unlink(missing_ok=True)
        failures = [_failure(loss, book) for loss in undone + unseen]
        for name in ("thumbnails", "pages"):
            failures += [failure for noted in Spool[list[Failure]](work, name).frames() for failure in noted]
        store.write_rows(folder / FAILURES, failures, Failure)
    finally:
        shutil.rmtree(work)


def _failure(loss: Loss, book: str) -> Failure:
    detail = f"page {loss.page} {loss.detail}; its pictures are not in the report"
    return Failure(book=book, stage=STAGE, page=loss.page, reason=loss.reason, detail=detail)


def main(pdf: Path, book: str, wanted: Path, folder: Path, limits: Limits, parent: int) -> int:
    die_with_parent(parent)
    asked = json.loads(wanted.read_text(encoding="utf-8"))
    named = {int(page): [(name, sha) for name, sha in found] for page, found in asked["thumbnails"].items()}
    try:
        draw(pdf, book, Wanted(asked["dpi"], asked["pages"], asked["pack"], named), folder, limits)
    except Ended as ended:
        print(ended.said, file=sys.stderr)
        return ended.code
    return 0


if __name__ == "__main__":
    _pdf, _book, _wanted, _folder, _limits, _parent = sys.argv[1:]
    _allowed = Limits(**json.loads(_limits))
    sys.exit(main(Path(_pdf), _book, Path(_wanted), Path(_folder), _allowed, int(_parent)))
