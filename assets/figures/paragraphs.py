"""A page's text as paragraphs, and as one string with the places of its captions."""

from dataclasses import dataclass


@dataclass
class Paragraph:
    """`kind` is text, heading, caption or note (program code, caption or row of a table); `size` is in points."""

    kind: str
    text: str
    size: float = 0.0


@dataclass(frozen=True)
class PageText:
    """`captions` are [start, end) spans into `text`."""

    text: str
    captions: list[tuple[int, int]]


def assemble(parts: list[Paragraph]) -> PageText:
    """One paragraph a line."""
    out, captions = "", []
    for part in parts:
        out += "\n" if out else ""
        if part.kind == "caption":
            captions.append((len(out), len(out) + len(part.text)))
        out += part.text
    return PageText(out, captions)
