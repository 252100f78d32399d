"""Turning what goes wrong on one page into a Failure row, so that the other pages are kept."""

from collections.abc import Iterator
from contextlib import contextmanager

from assets.errors import one_line
from assets.pdf import from_damage
from assets.records import Failure


@contextmanager
def page_guard(failures: list[Failure], book: str, page: int, stage: str) -> Iterator[None]:
    """Add a Failure when damage of the PDF makes the body raise; the rest of the book goes on. Other errors pass."""
    try:
        yield
    except Exception as error:
        if not from_damage(error):
            raise
        detail = f"page {page} raised {type(error).__name__}: {one_line(error)}"
        failures.append(Failure(book=book, stage=stage, page=page, reason="page-error", detail=detail))
