"""pathcorpus review export | import | status: batches for pathologists, and what comes back."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from assets.errors import BadInput, one_line
from assets.store import existing_home
from pipelines.cli.screen import AsJson, console, counted, say, show, spinning
from pipelines.line import run_corpus

review = typer.Typer(help="Expert review: export a batch, import its annotations, see what was decided.")


@review.command("export")
def export_(
    reviewer: Annotated[str, typer.Option(help="pseudonym of the pathologist who gets the batch")],
    out: Annotated[Path | None, typer.Option(help="also copy the batch's folder here, e.g. to a USB stick")] = None,
    limit: Annotated[int, typer.Option(help="samples at most")] = 50,
    as_json: AsJson = False,
) -> None:
    """Write a batch that opens with a double-click on its index.html, without a network."""
    from assets.review.batches import export_batch

    outcome = export_batch(existing_home(), reviewer, out=out, limit=limit)
    if as_json:
        show(outcome, as_json)
        return
    console.print(
        f"{counted(outcome.counts)}: open {(out or outcome.folder) / 'index.html'} in a browser", markup=False
    )


@review.command("import")
def import_(
    files: Annotated[list[Path], typer.Argument(help="annotations.jsonl as downloaded from the page")],
    as_json: AsJson = False,
) -> None:
    """Import annotations and apply them; a file may be imported again at any time."""
    from assets.review.events import import_file

    home = existing_home()
    refused = []
    for file in files:
        try:
            counts = import_file(home, file)
        except BadInput as error:
            refused.append(one_line(error))
            continue
        if as_json:
            say({"file": file.name, "counts": counts})
        else:
            console.print(f"{file.name}: {counted(counts)}", markup=False)
    for outcome in spinning(run_corpus(home)):
        show(outcome, as_json)
    if refused:
        raise BadInput(f"{len(refused)} of {len(files)} files were refused: {'; '.join(refused)}")


@review.command("status")
def status_(as_json: AsJson = False) -> None:
    """Count review decisions by state."""
    from assets.review.decisions import read_decisions

    states = Counter(decision.state for decision in read_decisions(existing_home()).values())
    if as_json:
        say(dict(states))
        return
    console.print(
        counted(states) if states else "nothing was reviewed yet: pathcorpus review export --reviewer NAME",
        markup=False,
    )
