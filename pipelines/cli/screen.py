"""What the verbs print: a spinner for people, plain lines for pipes, one row per station."""

import contextlib
import json
import sys
from collections.abc import Iterable, Iterator
from typing import Annotated, Any

import typer
from rich.console import Console

from assets.store import Outcome

BOOK_WIDTH = 22
console = Console(highlight=False, soft_wrap=True)
AsJson = Annotated[bool, typer.Option("--json", help="machine-readable: one JSON object a line")]
AlwaysJson = Annotated[bool, typer.Option("--json", help="what this command prints anyway")]


@contextlib.contextmanager
def working(what: str) -> Iterator[None]:
    """Show that something runs, on a terminal only."""
    if not sys.stderr.isatty():
        yield
        return
    with Console(stderr=True).status(what):
        yield


def counted(counts: dict[str, int]) -> str:
    """Counts in words, without those that are zero."""
    return ", ".join(f"{number:,} {name.replace('_', ' ')}" for name, number in counts.items() if number) or "nothing"


def spinning(outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
    """The outcomes as they come, with a spinner while each is worked on."""
    pending = iter(outcomes)
    while True:
        with working("working"):
            outcome = next(pending, None)
        if outcome is None:
            return
        yield outcome


def row_of(outcome: Outcome) -> str:
    """One line: station, book, counts, and seconds or "unchanged"."""
    book = outcome.book or "corpus"
    book = book if len(book) <= BOOK_WIDTH else book[: BOOK_WIDTH - 1] + "…"
    state = f"{outcome.seconds:.1f} s" if outcome.changed else "unchanged"
    return f"  {outcome.station:<15} {book:<{BOOK_WIDTH}} {counted(outcome.counts)}  ({state})"


def show(outcome: Outcome, as_json: bool) -> None:
    """An outcome on stdout, as a row for people or as a JSON line."""
    if as_json:
        say(vars(outcome))
    else:
        console.print(row_of(outcome), markup=False)


def say(value: dict[str, Any]) -> None:
    """A JSON line on stdout."""
    typer.echo(json.dumps(value, ensure_ascii=False, default=str))
