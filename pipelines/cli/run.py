"""pathcorpus run [--book KEY] [--generator NAME]: the per-book chain, then the corpus-wide steps, in this process."""

import sys
from collections.abc import Iterator
from functools import partial
from typing import Annotated

import typer

from assets.errors import BadInput, one_line
from assets.store import Home, Outcome, open_home, sealed
from pipelines.cli.screen import AsJson, console, show, spinning
from pipelines.line import finish_book, read_book, read_source, run_corpus


def run(
    book: Annotated[str | None, typer.Option(help="only this book or source; default: all")] = None,
    generator: Annotated[
        str | None, typer.Option(help="extractive, or the name of an endpoint in <home>/endpoints.toml")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run everything that is new: figures, pairs, image kinds, ledger, samples, filters, review decisions, shards."""
    from assets.llm.endpoints import read_endpoint
    from assets.textbooks import library

    home = open_home()
    sources = home.sources()
    keys = [book if book in sources else library.get(home, book).book] if book else home.holdings()
    if not keys:
        raise BadInput("the library is empty; add a textbook: `pathcorpus add`, or a source: `pathcorpus source add`")
    if generator not in (None, "extractive"):
        read_endpoint(home, generator)  # an unknown name is refused before any work
    failed: dict[str, str] = {}
    for part in (_read, partial(_finish, generator=generator)):
        for key in (key for key in keys if key not in failed):
            try:
                for outcome in spinning(part(home, key)):
                    show(outcome, as_json)
                    if outcome.station == "figures" and not outcome.counts.get("figures"):
                        print(f"warning: no figures were found in {key}", file=sys.stderr)
            except BadInput as error:
                failed[key] = one_line(error)
    counts: dict[str, int] = {}
    for outcome in spinning(run_corpus(home)):
        show(outcome, as_json)
        counts |= outcome.counts
    books = [key for key in keys if key not in sources]
    if books and not generator and not as_json:
        console.print(_without_generator(home, books, counts), markup=False)
    if failed:
        said = "; ".join(f"{key}: {why}" for key, why in failed.items())
        raise BadInput(f"{len(failed)} of {len(keys)} books and sources failed: {said}")


def _read(home: Home, key: str) -> Iterator[Outcome]:
    return read_source(home, key) if key in home.sources() else read_book(home, key)


def _finish(home: Home, key: str, generator: str | None) -> Iterator[Outcome]:
    """Samples are bought for textbooks alone: a source gives its pairs to cpt and clip."""
    return finish_book(home, key, None if key in home.sources() else generator)


def _without_generator(home: Home, books: list[str], counts: dict[str, int]) -> str:
    """What a run that wrote no samples says at its end. `counts` are those of the corpus-wide steps."""
    seals = [sealed(home.station("cot", book)) for book in books]
    there = sum(seal["counts"]["samples"] for seal in seals if seal)
    old = counts.get("left_out_pair_changed", 0) + counts.get("left_out_pair_gone", 0)
    words = f"no new samples were generated, {there:,} are there" if there else "no samples were generated"
    if old:
        words += (
            f"; {old:,} were written from an earlier state of their figure and are left out until they are written anew"
        )
    return (
        f"{words}: name a generator, `--generator extractive` (rules, free) or an endpoint described in "
        f"{home.root / 'endpoints.toml'}"
    )
