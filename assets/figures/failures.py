"""Turning what goes wrong on one page into a Failure row, so that the other pages are kept."""

from collections.abc import Iterator
from contextlib import contextmanager

from assets.errors import one_line
from assets.pdf import PDF_ERRORS
from assets.records import Failure


@contextmanager
def page_guard(failures: list[Failure], book: str, page: int, stage: str) -> Iterator[None]:
    """Add a Failure when the body raises what damaged PDFs make pymupdf raise; the rest of the book goes on."""
    try:
        yield
    except PDF_ERRORS as error:
        detail = f"page {page} raised {type(error).__name__}: {one_line(error)}"
        failures.append(Failure(book=book, stage=stage, page=page, reason="page-error", detail=detail))
