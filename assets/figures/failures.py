"""What goes wrong on a page, or with a caption, as Failure rows, so that nothing is lost in silence."""

from collections.abc import Iterator
from contextlib import contextmanager

from assets.errors import one_line
from assets.figures.captions import Caption
from assets.figures.gathering import Body
from assets.figures.labels import VERBS, Label, opening_label
from assets.figures.layout import PageLayout
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


def captions_without_body(without: list[Caption], bodies: dict[int, list[Body]], book: str) -> list[Failure]:
    """Captions for which no picture was found, unless their number has a figure elsewhere."""
    have = {body.label.number for found in bodies.values() for body in found}
    return [
        Failure(book=book, stage="figures.bodies", page=c.page, reason="caption-without-body",
                detail=f"no picture was found for {c.label.printed} on page {c.page}")
        for c in without if c.label and c.label.number not in have
    ]  # fmt: skip


def sideways_captions(page: PageLayout) -> list[tuple[int, Label]]:
    """Labels that open a line which runs up or down the page, with the page."""
    labels = ((line, opening_label(line.text)) for line in page.lines if not line.upright)
    return [(page.page, label) for _, label in labels if label is not None and not VERBS.match(label.rest)]


def captions_sideways(found: list[tuple[int, Label]], selected: list[Caption], book: str) -> list[Failure]:
    """Captions that lie on their side on a page of upright text, unless their number has a caption elsewhere."""
    have = {c.label.number for c in selected if c.label}
    return [
        Failure(book=book, stage="figures.captions", page=page, reason="caption-sideways",
                detail=f"{label.printed} on page {page} runs up or down the page; no figure was made of it")
        for page, label in found if label.number not in have
    ]  # fmt: skip


def no_captions(pictured: list[int], book: str) -> list[Failure]:
    """A book without a caption that has pictures on the pages `pictured`: most likely it is in another language."""
    if not pictured:
        return []
    pages = f"{len(pictured)} page{'s' if len(pictured) > 1 else ''} with pictures (the first is page {pictured[0]})"
    return [
        Failure(book=book, stage="figures.captions", page=None, reason="no-captions",
                detail=f"no caption was found on {pages}; captions are read that open with a number and an English or "
                "Chinese word, such as Figure, Fig., Plate or 图")
    ]  # fmt: skip


def captions_dropped(rivals: list[Caption], selected: list[Caption], book: str) -> list[Failure]:
    """Lines that look like captions and lost to another one of the same number."""
    kept = {c.label.number: f"{c.label.printed} on page {c.page}" for c in selected if c.label}
    return [
        Failure(book=book, stage="figures.captions", page=c.page, reason="caption-dropped",
                detail=f"{c.label.printed} on page {c.page} looks like a caption, but less so than "
                f"{kept[c.label.number]}; no figure was made of it")
        for c in rivals if c.label
    ]  # fmt: skip
