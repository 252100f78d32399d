"""pathcorpus status [--json]: books and sources by stations, what is there and what is missing."""

import json
from collections import Counter

import typer

from assets.store import Home, existing_home, sealed
from assets.tables import read_testsets
from pipelines.cli.screen import AsJson, console, counted

# Counts of each station as they are shown, with their names there.
SHOWN = {
    "figures": {"figures": "figures", "panels": "panels", "references": "references", "failures": "failures"},
    "pairs": {"pairs": "pairs"},
    "kinds": {"queued": "pairs that wait for a review of their kind"},
    "decontamination": {"pairs": "pairs in test sets", "testsets": "test sets compared"},
    "cot": {"samples": "samples", "failures": "failures", "too_thin": "cells for which the text is too thin"},
    "filters": {"passed": "passed", "samples": "judged"},
}
OF_SOURCES = {
    "pairs": {"pairs": "pairs", "repeats": "exact repeats", "problems": "rows that are no pair"},
    "kinds": SHOWN["kinds"],
    "decontamination": SHOWN["decontamination"],
}
Shown = dict[str, dict[str, str]]


def status(as_json: AsJson = False) -> None:
    """Show what each station holds for each book and source."""
    from assets.review.decisions import read_decisions
    from assets.shards.station import read_manifest

    home = existing_home()
    books = {book: counts_of(home, book, SHOWN) for book in home.books()}
    sources = {source: counts_of(home, source, OF_SOURCES) for source in home.sources()}
    reviewed = dict(sorted(Counter(decision.state for decision in read_decisions(home).values()).items()))
    shards = (read_manifest(home) or {}).get("counts", {})
    testsets = [f"{row.testset} ({row.items:,} items, {row.policy})" for row in read_testsets(home)]
    trained = sorted(path.parent.name for path in home.corpus("training").glob("*/result.json"))
    if as_json:
        found = {
            "books": books,
            "sources": sources,
            "testsets": testsets,
            "review": reviewed,
            "shards": shards,
            "trained": trained,
        }
        typer.echo(json.dumps(found, indent=1))
        return
    if not books and not sources:
        console.print("no textbooks yet: pathcorpus add BOOK.pdf", markup=False)
        return
    console.print(str(home.root), markup=False)
    for held, shown in ((books, SHOWN), (sources, OF_SOURCES)):
        for key, counts in held.items():
            console.print(key, markup=False)  # whole, for it is what --book and replace want
            for station in shown:
                console.print(f"  {station:<15} {words(shown[station], station, counts)}", markup=False)
    console.print(f"test sets  {', '.join(testsets) or 'none: nothing is kept apart from one'}", markup=False)
    console.print(f"review     {counted(reviewed)}", markup=False)
    console.print(f"shards     {counted(shards)}", markup=False)
    console.print(f"trained    {', '.join(trained) or 'nothing'}", markup=False)


def counts_of(home: Home, key: str, shown: Shown) -> dict[str, int | None]:
    """ "station.count" to its number; null where the station has not finished this book or source."""
    seals = {station: sealed(home.station(station, key)) or {"counts": {}} for station in shown}
    return {f"{station}.{name}": seals[station]["counts"].get(name) for station in shown for name in shown[station]}


def words(shown: dict[str, str], station: str, counts: dict[str, int | None]) -> str:
    """One station's counts in words; zeros are said, since "no failures" is news."""
    numbers = {name: counts[f"{station}.{name}"] for name in shown}
    if all(number is None for number in numbers.values()):
        return "-"
    return ", ".join(f"{number or 0:,} {shown[name]}" for name, number in numbers.items())
