"""pathcorpus pairs report | classify: what the pairs show, and who judges their image kind."""

from pathlib import Path
from typing import Annotated

import typer

from assets.errors import BadInput, one_line
from assets.store import Home, existing_home
from pipelines.cli.screen import AsJson, console, say, show, working

pairs = typer.Typer(help="Pairs of pictures and texts: a page for every book and source, and their image kinds.")
Key = Annotated[str | None, typer.Option("--book", help="a book or source; default: all")]


@pairs.command("report")
def report(
    book: Key = None,
    out: Annotated[Path | None, typer.Option(help="also copy the pages into this folder")] = None,
    as_json: AsJson = False,
) -> None:
    """Write a page for every book and source: counts, pictures by kind and organ, duplicates, hits in test sets."""
    from assets.pairs.report.write import copy_page, write_page, write_pages

    home = existing_home()
    keys = _keys(home, book)
    if out is not None and out.exists() and not out.is_dir():
        raise BadInput(f"{out} is a file; name a folder for the pages")
    with working("writing pages"):
        pages = [write_page(home, key) for key in keys]
        index = write_pages(home).folder / "index.html"
        copied = [copy_page(page, out) for page in pages] if out is not None else []
    for page in pages:
        show(page, as_json)
    shown = (
        copied[0] if len(copied) == 1 else out if out is not None else pages[0].folder / "index.html" if book else index
    )
    if as_json:
        say({"open": str(shown)})
    else:
        console.print(f"open {shown} in a browser", markup=False)


@pairs.command("classify")
def classify(
    by: Annotated[
        str,
        typer.Option(help="features: the corpus' own classifier; efficientnet: what `training.image_kinds` left"),
    ] = "features",
    book: Key = None,
    as_json: AsJson = False,
) -> None:
    """Judge the image kinds of books and sources anew, by a classifier as it is now. The pairs stay as they are."""
    from assets.pairs.deciding import judge_anew

    home = existing_home()
    keys, refused = _keys(home, book), []
    for key in keys:
        try:
            with working(f"judging {key}"):
                outcome = judge_anew(home, key, by)
        except BadInput as error:
            refused.append(one_line(error))
            continue
        show(outcome, as_json)
    if refused:
        raise BadInput(refused[0] if len(refused) == len(keys) else "; ".join(refused))
    if not as_json:
        console.print("`pathcorpus run` brings samples and shards up to date with it", markup=False)


def _keys(home: Home, book: str | None) -> list[str]:
    """The book or source that is named, or all that have pairs. Raises BadInput when there is none."""
    from assets.pairs.report.view import ready

    if book is not None:
        if book not in home.holdings():
            raise BadInput(f"{book!r} is no book or source of {home.root}; see `pathcorpus list`")
        return [book]
    keys = [key for key in home.holdings() if ready(home, key)]
    if not keys:
        raise BadInput("no book or source has pairs yet; run `pathcorpus run` first")
    return keys
