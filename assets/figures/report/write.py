"""The report of an extraction: a folder per book that opens with a double-click on its index.html, without network.

    DIR/index.html              the books of DIR
    DIR/<pdf stem>/             index.html, pages/, figures/, report.json

report.json says what the folder holds: an older report of the book is replaced, anything else is left alone.
"""

import base64
import hashlib
import json
import os
import re
import shutil
import tempfile
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from assets import store
from assets.errors import BadInput
from assets.figures.extract import Extraction
from assets.figures.limits import LIMITS, Limits
from assets.figures.report.overlay import shown_score
from assets.figures.report.pictures import FAILURES, Wanted, ask
from assets.figures.report.view import LOW, Gap, book_view, pages_to_picture
from assets.figures.sandbox import run_module
from assets.records import Failure

HERE = Path(__file__).parent
INDEX, NOTE = "index.html", "report.json"
MARK = "pathcorpus figures report"  # in every index.html of ours
DPI = 100.0
PICTURE = re.compile(r"p(\d+)-turn([0-3])\.jpg")


def check_report(report: Path, pdfs: list[Path]) -> None:
    """Raises BadInput when the reports of `pdfs` cannot be written below `report` without harm to other files."""
    stems: dict[str, Path] = {}
    for pdf in pdfs:
        if pdf.stem in (".", "..", INDEX):
            raise BadInput(f"{pdf}: {pdf.stem!r} cannot be the folder of a report; rename the PDF")
        if pdf.stem in stems:
            raise BadInput(
                f"{stems[pdf.stem]} and {pdf} would share the report {report / pdf.stem}; rename one of the PDFs"
            )
        stems[pdf.stem] = pdf
        _check_folder(report / pdf.stem)
    index = report / INDEX
    if index.exists() and not (index.is_file() and MARK.encode() in index.read_bytes()[:1000]):
        raise BadInput(f"{index} is not a report of pathcorpus and would be overwritten; choose another folder")


def _check_folder(folder: Path) -> None:
    if not folder.exists() and not folder.is_symlink():
        return
    made = _note(folder)
    held = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()) if made else []
    foreign = sorted(set(held) - set(made["files"])) if made else []
    if made is None or folder.is_symlink() or foreign:
        which = f"{folder / foreign[0]}" if foreign else f"{folder}"
        raise BadInput(f"{which} is not part of a report of pathcorpus and would be overwritten; choose another folder")


def _note(folder: Path) -> dict[str, Any] | None:
    """report.json of a finished report; None when the folder is none."""
    try:
        note = json.loads((folder / NOTE).read_text(encoding="utf-8"))
        return note if note["made_by"] == MARK and isinstance(note["files"], list) else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def write_report(
    report: Path, pdf: Path, extracted: Path, extraction: Extraction, limits: Limits = LIMITS
) -> list[Failure]:
    """Write `report`/<pdf stem>/ for what was extracted from `pdf` into the folder `extracted`.

    Pictures are made in processes of their own. The report appears whole or not at all. Returns
    the Failures of pictures that could not be made. Raises BadInput when the folder holds something else.
    """
    target = report / pdf.stem
    _check_folder(target)
    report.mkdir(parents=True, exist_ok=True)
    scratch = report / f".tmp-{uuid.uuid4().hex}"
    scratch.mkdir()
    try:
        failures = _draw(scratch, pdf, extracted / store.PACK, extraction, limits)
        shown = Extraction(**{**vars(extraction), "failures": extraction.failures + failures})
        view = book_view(pdf.name, shown, _pictures(scratch / "pages"))
        thumbnails = {path.stem for path in (scratch / "figures").iterdir()}
        page = _render("book.html", book=view, thumbnails=thumbnails, low=LOW, dpi=round(DPI), gap=Gap)
        (scratch / INDEX).write_bytes(page)
        files = sorted(str(path.relative_to(scratch)) for path in scratch.rglob("*") if path.is_file())
        note = {"made_by": MARK, "title": pdf.name, "counts": view.counts, "files": [*files, NOTE]}
        (scratch / NOTE).write_text(json.dumps(note, indent=1), encoding="utf-8")
        _put(scratch, target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return failures


def _draw(scratch: Path, pdf: Path, pack: Path, extraction: Extraction, limits: Limits) -> list[Failure]:
    thumbnails: dict[int, list[tuple[str, str]]] = {}
    for figure in extraction.figures:
        thumbnails.setdefault(figure.page, []).append((figure.figure_id, figure.image))
    with tempfile.TemporaryDirectory() as handed:
        wanted = Path(handed) / "wanted.json"
        ask(wanted, Wanted(DPI, pages_to_picture(extraction), str(pack.absolute()), thumbnails))
        handover = (str(wanted), str(scratch.absolute()))
        run_module("report.pictures", pdf, scratch, pdf.stem, *handover, limits.as_json())
    failures = store.read_rows(scratch / FAILURES, Failure)
    (scratch / FAILURES).unlink()
    return failures


def _pictures(folder: Path) -> dict[int, tuple[str, int]]:
    found = (PICTURE.fullmatch(path.name) for path in folder.iterdir())
    return {int(match[1]): (f"pages/{match[0]}", int(match[2])) for match in found if match}


def _put(scratch: Path, target: Path) -> None:
    """Put the finished folder in the place of an older one."""
    old = target.parent / f".old-{uuid.uuid4().hex}"
    if target.exists():
        os.replace(target, old)
    os.replace(scratch, target)
    shutil.rmtree(old, ignore_errors=True)


def write_index(report: Path, refused: list[str]) -> None:
    """Write `report`/index.html: every report that lies in the folder, and the PDFs that were refused this time."""
    books = [(quote(os.fsencode(path.name)), note) for path in sorted(report.iterdir()) if (note := _note(path))]
    store.write_bytes(report / INDEX, _render("books.html", books=books, refused=refused))


def _render(template: str, **values: Any) -> bytes:
    """A page of ours: style and script are allowed by their hash, pictures beside it, everything else is forbidden."""
    style, script = ((HERE / name).read_text(encoding="utf-8") for name in ("report.css", "report.js"))
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["score"] = shown_score
    page = environment.get_template(template).render(
        mark=MARK, style=Markup(style), script=Markup(script), style_hash=Markup(_csp(style)),
        script_hash=Markup(_csp(script)), **values,
    )  # fmt: skip
    return page.encode("utf-8", "replace")


def _csp(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
