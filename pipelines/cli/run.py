"""pathcorpus run [--book KEY] [--generator NAME]: the per-book chain, then the corpus-wide steps, in this process."""

import sys
from typing import Annotated

import typer

from assets.errors import BadInput, one_line
from assets.store import open_home
from pipelines.cli.screen import console, row_of, spinning
from pipelines.line import run_book, run_corpus


def run(
    book: Annotated[str | None, typer.Option(help="only this book's chain; default: all books")] = None,
    generator: Annotated[
        str | None, typer.Option(help="extractive, or the name of an endpoint in <home>/endpoints.toml")
    ] = None,
) -> None:
    """Run everything that is new: figures, pairs, ledger, samples, filters, review decisions, shards."""
    from assets.llm.endpoints import read_endpoint
    from assets.textbooks import library

    home = open_home()
    books = [library.get(home, book).book] if book else home.books()
    if not books:
        raise BadInput("the library is empty; add a textbook with `pathcorpus add BOOK.pdf`")
    if generator not in (None, "extractive"):
        read_endpoint(home, generator)  # an unknown name is refused before any work
    failed = []
    for key in books:
        try:
            for outcome in spinning(run_book(home, key, generator)):
                console.print(row_of(outcome), markup=False)
                if outcome.station == "figures" and not outcome.counts.get("figures"):
                    print(f"warning: no figures were found in {key}", file=sys.stderr)
        except BadInput as error:
            failed.append(f"{key}: {one_line(error)}")
    for outcome in spinning(run_corpus(home)):
        console.print(row_of(outcome), markup=False)
    if not generator:
        console.print(
            "no samples were generated: name a generator, `--generator extractive` (rules, free) or an endpoint "
            f"described in {home.root / 'endpoints.toml'}",
            markup=False,
        )
    if failed:
        raise BadInput(f"{len(failed)} of {len(books)} books failed: {'; '.join(failed)}")
