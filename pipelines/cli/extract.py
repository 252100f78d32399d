"""pathcorpus extract PDF... --out figures.jsonl [--images DIR]: figures of PDFs without a corpus home."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from assets.errors import BadInput, one_line
from pipelines.cli.screen import console, working


def extract(
    pdfs: Annotated[list[Path], typer.Argument(help="PDF files")],
    out: Annotated[Path, typer.Option(help="one figure a line, as JSON")],
    images: Annotated[Path | None, typer.Option(help="folder for the pictures, named by SHA-256")] = None,
) -> None:
    """Extract figures, captions, panels and citing sentences of PDFs into a JSONL file."""
    from assets.figures.extract import extract_pdf
    from assets.figures.predictions import prediction_lines
    from assets.store import atomic, write_bytes

    missing = next((pdf for pdf in pdfs if not pdf.is_file()), None)
    if missing:
        raise BadInput(f"{missing}: no such file")
    refused = []
    found = pages = 0
    with atomic(out) as temporary, temporary.open("w", encoding="utf-8") as handle:
        for pdf in pdfs:
            try:
                with working(f"reading {pdf.name}"):
                    extraction = extract_pdf(pdf, pdf.stem)
            except BadInput as error:
                refused.append(one_line(error))
                continue
            for line in prediction_lines(pdf.name, extraction):
                handle.write(json.dumps(line, ensure_ascii=False) + "\n")
            if images:
                for image in extraction.images:
                    suffix = {"image/jpeg": ".jpg", "image/png": ".png"}[image.media_type]
                    write_bytes(images / f"{image.sha256}{suffix}", image.data)
            for failure in extraction.failures:
                where = f"page {failure.page}" if failure.page else "book"
                print(f"{pdf.name}, {where}: {failure.reason}: {one_line(ValueError(failure.detail))}", file=sys.stderr)
            found += len(extraction.figures)
            pages += len(extraction.pages)
    console.print(f"{found} figures on {pages} pages of {len(pdfs) - len(refused)} PDFs -> {out}", markup=False)
    if refused:
        raise BadInput(f"{len(refused)} of {len(pdfs)} files could not be read: {'; '.join(refused)}")
