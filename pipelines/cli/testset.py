"""pathcorpus testset add FORM PATH · list · remove NAME: the test sets that training rows are kept apart from."""

from pathlib import Path
from typing import Annotated

import typer

from assets.store import existing_home, open_home
from assets.tables import read_testsets
from pipelines.cli.screen import AsJson, console, counted, say, working

testset = typer.Typer(help="Test sets that pairs are compared with, so that no training row is in one of them.")
SHOWN_PROBLEMS = 3


@testset.command("add")
def add(
    form: Annotated[
        str,
        typer.Argument(
            metavar="FORM",
            help="pathmmu, slidebench-tcga, slidebench-bcnb, wsi-vqa, pathvqa, quilt-vqa, slake, image-folder (a "
            "folder a class) or retrieval (pictures with captions)",
        ),
    ],
    path: Annotated[Path, typer.Argument(help="the folder or file of the set; it stays where it is")],
    name: Annotated[str | None, typer.Option(help="a-z, 0-9, - and _; default: FORM")] = None,
    policy: Annotated[str, typer.Option(help="drop: pairs in it are left out; flag: they are kept and shown")] = "drop",
    as_json: AsJson = False,
) -> None:
    """Register a test set, or register it anew after its files or the policy have changed. Nothing is copied."""
    from assets.pairs.leaks.pictures import hash_pictures
    from assets.testsets import registered

    home = open_home()
    with working("reading the test set"):
        row, problems = registered.add(home, form, path, name=name, policy=policy)
    with working(f"hashing {row.pictures:,} pictures"):
        hashed = hash_pictures(home, row)
    reasons = registered.reasons(problems)
    if as_json:
        say(vars(row) | {"reasons": reasons, "hashed": hashed.counts})
        return
    console.print(
        f"added {row.testset}: {row.items:,} items, {row.pictures:,} with a picture ({row.policy})", markup=False
    )
    if problems:
        console.print(f"{row.problems:,} problems: {counted(reasons)}", markup=False)
        for problem in problems[:SHOWN_PROBLEMS]:
            console.print(f"  {problem.file}: {problem.detail}", markup=False)
    if unreadable := hashed.counts["unreadable"]:
        console.print(f"{unreadable:,} pictures cannot be read and are not looked for", markup=False)
    console.print("next: pathcorpus run", markup=False)


@testset.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the registered test sets."""
    rows = read_testsets(existing_home())
    for row in rows:
        if as_json:
            say(vars(row))
        else:
            numbers = f"{row.items:>7,} items {row.pictures:>7,} pictures"
            console.print(f"{row.testset:<20} {row.form:<16} {numbers}  {row.policy}  {row.path}", markup=False)
    if not rows and not as_json:
        console.print("no test sets yet: pathcorpus testset add FORM PATH", markup=False)


@testset.command("remove")
def remove(name: str, as_json: AsJson = False) -> None:
    """Forget a test set; pairs that were left out for it come back with the next run."""
    from assets.testsets import registered

    registered.remove(existing_home(), name)
    if as_json:
        say({"removed": name})
        return
    console.print(f"removed {name}; next: pathcorpus run", markup=False)
