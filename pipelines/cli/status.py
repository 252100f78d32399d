"""pathcorpus status [--json]: books by stations, what is there and what is missing."""

import json
from typing import Annotated

import typer
from rich.table import Table

from assets.store import open_home, sealed
from pipelines.cli.screen import console

COLUMNS = {
    "figures": ("figures", "panels", "references", "failures"),
    "pairs": ("pairs",),
    "cot": ("samples",),
    "filters": ("passed",),
}


def status(as_json: Annotated[bool, typer.Option("--json", help="machine-readable")] = False) -> None:
    """Show what each station holds for each book."""
    from assets.shards.station import read_manifest

    home = open_home()
    rows = {
        book: {
            f"{station}.{name}": (sealed(home.station(station, book)) or {"counts": {}})["counts"].get(name)
            for station, names in COLUMNS.items()
            for name in names
        }
        for book in home.books()
    }
    manifest = read_manifest(home) or {}
    trained = sorted(path.parent.name for path in home.corpus("training").glob("*/result.json"))
    if as_json:
        typer.echo(json.dumps({"books": rows, "shards": manifest.get("counts", {}), "trained": trained}, indent=1))
        return
    if not rows:
        console.print("no textbooks yet: pathcorpus add BOOK.pdf", markup=False)
        return
    table = Table("book", *(name for names in COLUMNS.values() for name in names), title=str(home.root))
    for book, counts in rows.items():
        table.add_row(book, *("-" if count is None else f"{count:,}" for count in counts.values()))
    console.print(table)
    console.print(f"shards: {json.dumps(manifest.get('counts', {})) or '-'}", markup=False)
    console.print(f"trained: {', '.join(trained) or '-'}", markup=False)
