"""The console script `pathcorpus`: one verb a file, loaded only when it is called.

Bad input of any verb and usage errors end here: one line on stderr, exit code 2.
"""

import sys

import typer

from assets.errors import BadInput, one_line
from pipelines.cli.add import add, edit, list_, replace
from pipelines.cli.demo import demo
from pipelines.cli.evaluate import evaluate
from pipelines.cli.extract import extract
from pipelines.cli.filter import filter_
from pipelines.cli.pairs import pairs
from pipelines.cli.review import review
from pipelines.cli.run import run
from pipelines.cli.source import source
from pipelines.cli.status import status
from pipelines.cli.testset import testset
from pipelines.cli.trace import trace
from pipelines.cli.train import train
from pipelines.cli.ui import ui

app = typer.Typer(
    name="pathcorpus",
    help="Turns pathology textbooks into reasoning corpora and trains on them. The corpus home is PATHCORPUS_HOME, "
    "default ./corpus.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for verb in (demo, add, edit, replace, extract, run, status, trace, train, evaluate, ui):
    app.command()(verb)
app.command(name="list")(list_)
app.command(name="filter")(filter_)
app.add_typer(review, name="review")
app.add_typer(pairs, name="pairs")
app.add_typer(source, name="source")
app.add_typer(testset, name="testset")


def main() -> None:
    try:
        sys.exit(app(standalone_mode=False) or 0)  # verbs return nothing; Ctrl+C and --help come back as exit codes
    except typer.TyperException as error:
        said = error.format_message()
        words = one_line(ValueError(said), 1000).rstrip(".") if said else "no command is named"
        place = getattr(getattr(error, "ctx", None), "command_path", "pathcorpus")
        sys.exit(_refuse(f"{words}; see `{place} --help`"))
    except BadInput as error:
        sys.exit(_refuse(one_line(error, 1000)))
    except OSError as error:
        if error.errno is None:
            raise
        where = error.filename2 or error.filename or "a file"
        sys.exit(_refuse(f"cannot use {where}: {error.strerror}; check the path, its permissions and the disk space"))


def _refuse(line: str) -> int:
    print(f"error: {line}", file=sys.stderr)
    return 2
