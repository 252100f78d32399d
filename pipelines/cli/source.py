"""pathcorpus source add KIND PATH · list · edit NAME · remove NAME: external sources of pictures with captions."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from assets.store import existing_home, open_home
from pipelines.cli.screen import AsJson, console, counted, say

source = typer.Typer(
    help="External sources of pictures with captions: Quilt-1M, PathGen-1.6M, PathCap, your own tables."
)
Licence = Annotated[str | None, typer.Option(help="SPDX identifier or LicenseRef-…, of rows that name none")]


@source.command("add")
def add(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="quilt, pathgen, pathcap or generic")],
    path: Annotated[Path, typer.Argument(help="the table, or the folder that holds it; it stays where it is")],
    name: Annotated[str | None, typer.Option(help="a-z, 0-9, - and _; default: the kind's or the file's name")] = None,
    images: Annotated[
        Path | None, typer.Option(help="folder or zip of its pictures, or folder of slides; default: beside the table")
    ] = None,
    layout: Annotated[Path | None, typer.Option(help="TOML file that says which columns hold what")] = None,
    licence: Licence = None,
    title: str | None = None,
    rights: Annotated[str | None, typer.Option(help="free note on who allowed what")] = None,
    as_json: AsJson = False,
) -> None:
    """Register a source. Nothing is copied; `pathcorpus run` reads it."""
    from assets.pairs.external import registry
    from assets.pairs.external.layouts import UNVERIFIED

    row = registry.add(
        open_home(), kind, path, name=name, images=images, layout=layout, licence=licence, title=title, rights=rights
    )
    if kind == "pathcap" and layout is None:
        print(f"warning: {UNVERIFIED}", file=sys.stderr)
    if as_json:
        say(vars(row))
        return
    console.print(f"added {row.source}: {row.path}, pictures in {row.images}", markup=False)
    if not row.licence:
        console.print(
            f"no licence given: rows without one stay unreleased: pathcorpus source edit {row.source} --licence …",
            markup=False,
        )
    console.print("next: pathcorpus run", markup=False)


@source.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the registered sources and how far they have been read."""
    from assets.pairs.external import registry
    from assets.pairs.external.station import progress

    home = existing_home()
    rows = registry.list_sources(home)
    for row in rows:
        counts = progress(home, row.source)
        if as_json:
            say(vars(row) | {"counts": counts})
        else:
            console.print(f"{row.source:<24} {row.kind:<8} {row.licence or '-':<14} {counted(counts)}", markup=False)
    if not rows and not as_json:
        console.print("no sources yet: pathcorpus source add KIND PATH", markup=False)


@source.command("edit")
def edit(
    name: str,
    licence: Licence = None,
    title: str | None = None,
    rights: str | None = None,
    as_json: AsJson = False,
) -> None:
    """Correct what is said of a source, for example its licence."""
    from assets.pairs.external import registry

    row = registry.edit(existing_home(), name, licence=licence, title=title, rights=rights)
    if as_json:
        say(vars(row))
        return
    console.print(f"{row.source}: {row.title} ({row.licence or 'no licence'})", markup=False)


@source.command("remove")
def remove(name: str, as_json: AsJson = False) -> None:
    """Take a source and its pairs out of the corpus; its own files are not touched."""
    from assets.pairs.external import registry

    registry.remove(existing_home(), name)
    if as_json:
        say({"removed": name})
        return
    console.print(f"removed {name}; next: pathcorpus run", markup=False)
