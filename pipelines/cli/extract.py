"""pathcorpus extract PDF... --out figures.jsonl [--images DIR] [--report DIR]: figures of PDFs, no home needed."""

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer

from assets.errors import BadInput, one_line
from pipelines.cli.screen import console, working


@dataclass
class Read:
    """What one PDF gave: JSON lines of its figures, or why it could not be read."""

    pdf: Path
    lines: list[dict[str, Any]] = field(default_factory=list)
    pages: int = 0
    said: list[str] = field(default_factory=list)
    refused: str = ""


def extract(
    pdfs: Annotated[list[Path], typer.Argument(help="PDF files")],
    out: Annotated[Path, typer.Option(help="one figure a line, as JSON")],
    images: Annotated[Path | None, typer.Option(help="folder for the pictures, named by SHA-256")] = None,
    report: Annotated[Path | None, typer.Option(help="folder for pages that show every box, text and failure")] = None,
    workers: Annotated[int, typer.Option(min=1, help="processes that read at a time")] = min(4, os.cpu_count() or 1),
) -> None:
    """Extract figures, captions, panels and citing sentences of PDFs into a JSONL file."""
    from assets.figures.report.write import check_report, write_index
    from assets.store import atomic

    missing = next((pdf for pdf in pdfs if not pdf.is_file()), None)
    if missing:
        raise BadInput(f"{missing}: no such file")
    _check_out(out, images, report)
    if report:
        check_report(report, pdfs)
    refused: list[str] = []
    figures = pages = 0
    with ExitStack() as opened:
        handle = None
        for read in _in_order(pdfs, images, report, workers):
            for line in read.said:
                print(line, file=sys.stderr)
            if read.refused:
                refused.append(read.refused)
                continue
            if handle is None:  # an existing file is replaced only once there is something to put in its place
                handle = opened.enter_context(opened.enter_context(atomic(out)).open("w", encoding="utf-8"))
            for row in read.lines:
                handle.write(json.dumps(row, ensure_ascii=False) + "\n")
            figures += len(read.lines)
            pages += read.pages
    if len(refused) < len(pdfs):
        console.print(f"{figures} figures on {pages} pages of {len(pdfs) - len(refused)} PDFs -> {out}", markup=False)
    if report:
        write_index(report, refused)
        console.print(f"report -> {report / 'index.html'}", markup=False)
    if refused:
        raise BadInput(f"{len(refused)} of {len(pdfs)} files could not be read: {'; '.join(refused)}")


def _in_order(pdfs: list[Path], images: Path | None, report: Path | None, workers: int) -> Iterator[Read]:
    """The PDFs' results in the order given; several PDFs are read at a time, a single one in ranges of its pages."""
    at_a_time = min(workers, len(pdfs))
    with ThreadPoolExecutor(at_a_time) as pool:
        waiting = [pool.submit(_read, pdf, images, report, max(1, workers // at_a_time)) for pdf in pdfs]
        try:
            for pdf, future in zip(pdfs, waiting, strict=True):
                with working(f"reading {pdf.name}"):
                    read = future.result()
                yield read
        finally:
            for future in waiting:
                future.cancel()


def _read(pdf: Path, images: Path | None, report: Path | None, workers: int) -> Read:
    from assets.figures.predictions import prediction_lines
    from assets.figures.report.write import write_report
    from assets.figures.sandbox import extract_into
    from assets.figures.tables import read_extraction
    from assets.store import write_bytes

    read = Read(pdf)
    with tempfile.TemporaryDirectory(prefix="pathcorpus-") as folder:
        try:
            extract_into(Path(folder), pdf, pdf.stem, workers)
            extraction = read_extraction(Path(folder))
            drawn = write_report(report, pdf, Path(folder), extraction) if report else []
        except BadInput as error:
            read.refused = one_line(error)
            return read
        except RuntimeError as error:  # a fault of ours on this PDF; the others are read all the same
            read.said = [str(error)]
            read.refused = f"{pdf}: {one_line(error, 200)} (a fault in pathcorpus: the lines above show where)"
            return read
        for image in extraction.images if images else []:
            suffix = {"image/jpeg": ".jpg", "image/png": ".png"}[image.media_type]
            write_bytes(Path(images or "") / f"{image.sha256}{suffix}", image.data)
    read.lines, read.pages = prediction_lines(pdf.name, extraction), len(extraction.pages)
    for failure in extraction.failures + drawn:
        where = f"page {failure.page}" if failure.page else "book"
        read.said.append(f"{pdf.name}, {where}: {failure.reason}: {one_line(ValueError(failure.detail))}")
    return read


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
