"""The line as plain function calls: what runs for one book, then what runs for the corpus.

`pathcorpus run` and `pathcorpus demo` walk it in one process, without Dagster. The Dagster assets call the same station
functions in the same order; a test holds the two together. Stations are imported when they are reached, so that reading
figures loads neither generators nor reviewers.
"""

from collections.abc import Iterator

from assets.store import Home, Outcome, sealed


def run_book(home: Home, book: str, generator: str | None) -> Iterator[Outcome]:
    """Run a book's chain, yielding each station's outcome.

    Without a generator no sample is written, and the filters judge those that are there.
    """
    yield from read_book(home, book)
    yield from finish_book(home, book, generator)


def read_book(home: Home, book: str) -> Iterator[Outcome]:
    """The first part of a book's chain: what teaches the picture classifier.

    When several books are new, all go through it before one goes on: the first classifier then learns from them all.
    """
    from assets.figures.station import extract_book
    from assets.pairs.station import pair_book

    yield extract_book(home, book)
    yield pair_book(home, book)


def read_source(home: Home, source: str) -> Iterator[Outcome]:
    """What `read_book` is for a textbook, for an external source; `finish_book` does the rest for both."""
    from assets.pairs.external import station

    yield station.read_source(home, source)
    yield station.pair_source(home, source)


def finish_book(home: Home, book: str, generator: str | None) -> Iterator[Outcome]:
    """The rest of a book's chain, from its duplicates and image kinds on."""
    from assets.pairs.deciding import kind_book
    from assets.pairs.duplicates.station import hash_book
    from assets.pairs.leaks.station import decontaminate
    from assets.pairs.ledger import split_book

    yield kind_book(home, book)
    yield hash_book(home, book)
    yield split_book(home, book)
    yield decontaminate(home, book)
    if generator:
        from assets.cot.station import generate_book

        yield generate_book(home, book, generator)
    yield from judge(home, book)


def judge(home: Home, book: str) -> Iterator[Outcome]:
    """The filters on a book's samples and on what reviewers made of them; nothing for a book without samples."""
    from assets.filters.station import judge_book

    if sealed(home.station("cot", book)):
        yield judge_book(home, book)


def run_corpus(home: Home) -> Iterator[Outcome]:
    """Train the picture classifier when that is due, compare earlier books with new test sets, apply the
    review log, judge what it revised, write the shards."""
    from assets.pairs.appearance.standing import train_classifier
    from assets.pairs.leaks.station import decontaminate_all
    from assets.pairs.report.write import write_pages
    from assets.review.decisions import apply_annotations
    from assets.shards.station import write_shards

    yield train_classifier(home)
    yield decontaminate_all(home)
    yield write_pages(home)
    yield apply_annotations(home)
    for book in home.books():
        yield from (outcome for outcome in judge(home, book) if outcome.changed)
    yield write_shards(home)
