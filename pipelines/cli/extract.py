"""pathcorpus extract PDF... --out figures.jsonl [--images DIR] [--report DIR]: figures of PDFs, no home needed."""

import json
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from assets.errors import BadInput, one_line
from pipelines.cli.screen import console, working


def extract(
    pdfs: Annotated[list[Path], typer.Argument(help="PDF files")],
    out: Annotated[Path, typer.Option(help="one figure a line, as JSON")],
    images: Annotated[Path | None, typer.Option(help="folder for the pictures, named by SHA-256")] = None,
    report: Annotated[Path | None, typer.Option(help="folder for pages that show every box, text and failure")] = None,
) -> None:
    """Extract figures, captions, panels and citing sentences of PDFs into a JSONL file."""
    from assets.figures.predictions import prediction_lines
    from assets.figures.report.write import check_report, write_index, write_report
    from assets.figures.sandbox import extract_into
    from assets.figures.tables import read_extraction
    from assets.store import atomic, write_bytes

    missing = next((pdf for pdf in pdfs if not pdf.is_file()), None)
    if missing:
        raise BadInput(f"{missing}: no such file")
    _check_out(out, images, report)
    if report:
        check_report(report, pdfs)
    refused = []
    found = pages = 0
    with ExitStack() as opened:
        handle = None
        for pdf in pdfs:
            try:
                with working(f"reading {pdf.name}"), tempfile.TemporaryDirectory() as folder:
                    extract_into(Path(folder), pdf, pdf.stem)
                    extraction = read_extraction(Path(folder))
                    drawn = write_report(report, pdf, Path(folder), extraction) if report else []
            except BadInput as error:
                refused.append(one_line(error))
                continue
            if handle is None:  # an existing file is replaced only once there is something to put in its place
                handle = opened.enter_context(opened.enter_context(atomic(out)).open("w", encoding="utf-8"))
            for line in prediction_lines(pdf.name, extraction):
                handle.write(json.dumps(line, ensure_ascii=False) + "\n")
            if images:
                for image in extraction.images:
                    suffix = {"image/jpeg": ".jpg", "image/png": ".png"}[image.media_type]
                    write_bytes(images / f"{image.sha256}{suffix}", image.data)
            for failure in extraction.failures + drawn:
                where = f"page {failure.page}" if failure.page else "book"
                print(f"{pdf.name}, {where}: {failure.reason}: {one_line(ValueError(failure.detail))}", file=sys.stderr)
            found += len(extraction.figures)
            pages += len(extraction.pages)
    if len(refused) < len(pdfs):
        console.print(f"{found} figures on {pages} pages of {len(pdfs) - len(refused)} PDFs -> {out}", markup=False)
    if report:
        write_index(report, refused)
        console.print(f"report -> {report / 'index.html'}", markup=False)
    if refused:
        raise BadInput(f"{len(refused)} of {len(pdfs)} files could not be read: {'; '.join(refused)}")


def _check_out(out: Path, images: Path | None, report: Path | None) -> None:
    """Say at once what would fail after minutes of reading."""
    if out.is_dir():
        raise BadInput(f"{out} is a folder; name a file with --out")
    for folder in (out.parent, *(folder for folder in (images, report) if folder)):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise BadInput(
                f"{folder} cannot be used as a folder ({error.strerror}); choose another for the results"
            ) from error
