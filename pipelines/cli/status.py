"""pathcorpus status [--json]: books by stations, what is there and what is missing."""

import json
from collections import Counter

import typer

from assets.store import Home, existing_home, sealed
from pipelines.cli.screen import AsJson, console, counted

# Counts of each station as they are shown, with their names there.
SHOWN = {
    "figures": {"figures": "figures", "panels": "panels", "references": "references", "failures": "failures"},
    "pairs": {"pairs": "pairs"},
    "cot": {"samples": "samples", "failures": "failures", "too_thin": "cells for which the text is too thin"},
    "filters": {"passed": "passed", "samples": "judged"},
}


def status(as_json: AsJson = False) -> None:
    """Show what each station holds for each book."""
    from assets.review.decisions import read_decisions
    from assets.shards.station import read_manifest

    home = existing_home()
    books = {book: counts_of(home, book) for book in home.books()}
    reviewed = dict(sorted(Counter(decision.state for decision in read_decisions(home).values()).items()))
    shards = (read_manifest(home) or {}).get("counts", {})
    trained = sorted(path.parent.name for path in home.corpus("training").glob("*/result.json"))
    if as_json:
        typer.echo(json.dumps({"books": books, "review": reviewed, "shards": shards, "trained": trained}, indent=1))
        return
    if not books:
        console.print("no textbooks yet: pathcorpus add BOOK.pdf", markup=False)
        return
    console.print(str(home.root), markup=False)
    for book, counts in books.items():
        console.print(book, markup=False)  # whole, for it is what --book and replace want
        for station in SHOWN:
            console.print(f"  {station:<8} {words(station, counts)}", markup=False)
    console.print(f"review     {counted(reviewed)}", markup=False)
    console.print(f"shards     {counted(shards)}", markup=False)
    console.print(f"trained    {', '.join(trained) or 'nothing'}", markup=False)


def counts_of(home: Home, book: str) -> dict[str, int | None]:
    """ "station.count" to its number; null where the station has not finished this book."""
    seals = {station: sealed(home.station(station, book)) or {"counts": {}} for station in SHOWN}
    return {f"{station}.{name}": seals[station]["counts"].get(name) for station in SHOWN for name in SHOWN[station]}


def words(station: str, counts: dict[str, int | None]) -> str:
    """One station's counts in words; zeros are said, since "no failures" is news."""
    numbers = {name: counts[f"{station}.{name}"] for name in SHOWN[station]}
    if all(number is None for number in numbers.values()):
        return "-"
    return ", ".join(f"{number or 0:,} {SHOWN[station][name]}" for name, number in numbers.items())
