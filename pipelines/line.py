"""The line as plain function calls: what runs for one book, then what runs for the corpus.

`pathcorpus run` and `pathcorpus demo` walk this list in one process, without Dagster. The Dagster assets call the same
station functions; a test holds the two orders together.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from assets.store import Home, Outcome


@dataclass(frozen=True)
class Step:
    """One station of the line: its name, what it makes, and how to run it."""

    station: str
    makes: str
    run: Callable[..., Outcome]


def _figures(home: Home, book: str) -> Outcome:
    from assets.figures.station import extract_book

    return extract_book(home, book)


def _pairs(home: Home, book: str) -> Outcome:
    from assets.pairs.station import pair_book

    return pair_book(home, book)


def _ledger(home: Home, book: str) -> Outcome:
    from assets.pairs.ledger import split_book

    return split_book(home, book)


def _cot(home: Home, book: str, generator: str) -> Outcome:
    from assets.cot.station import generate_book

    return generate_book(home, book, generator)


def _filters(home: Home, book: str) -> Outcome:
    from assets.filters.station import judge_book

    return judge_book(home, book)


def _review(home: Home) -> Outcome:
    from assets.review.decisions import apply_annotations

    return apply_annotations(home)


def _shards(home: Home) -> Outcome:
    from assets.shards.station import write_shards

    return write_shards(home)


# What a book needs before anything is paid for, then what is generated from it.
FREE_STEPS = (
    Step("figures", "figures, captions, panels and citing sentences", _figures),
    Step("pairs", "picture-text pairs with image kind and organ system", _pairs),
    Step("ledger", "duplicate clusters and their splits", _ledger),
)
SAMPLE_STEPS = (
    Step("cot", "Chain-of-Thought samples", _cot),
    Step("filters", "filter verdicts", _filters),
)
CORPUS_STEPS = (
    Step("review", "review decisions", _review),
    Step("shards", "Parquet shards", _shards),
)


def run_book(home: Home, book: str, generator: str | None) -> Iterator[Outcome]:
    """Run a book's chain, yielding each station's outcome; without a generator it ends before the samples."""
    for step in FREE_STEPS:
        yield step.run(home, book)
    cot, filters = SAMPLE_STEPS
    if generator:
        yield cot.run(home, book, generator)
    if (home.station("cot", book) / "samples.parquet").exists():
        yield filters.run(home, book)


def run_corpus(home: Home) -> Iterator[Outcome]:
    """Apply the review log, judge what it revised, write the shards."""
    review, shards = CORPUS_STEPS
    yield review.run(home)
    for book in home.books():
        if (home.station("cot", book) / "samples.parquet").exists():
            outcome = _filters(home, book)
            if outcome.changed:
                yield outcome
    yield shards.run(home)
