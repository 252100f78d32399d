"""The command lines of jobs and evaluations: what they share.

    python -m training.JOB --config FILE [--home DIR] [--out DIR] [--json] [--quiet]

With --json, stdout carries the result and nothing else. Progress and the one line of bad input go to stderr.
"""

import argparse
import contextlib
import json
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from assets.errors import BadInput
from assets.store import default_root
from training.config import Settings, load_config

C = TypeVar("C", bound=Settings)
INTERRUPTED = 130  # what a shell gives a command that Ctrl+C ended


class Parser(argparse.ArgumentParser):
    """Says a usage error in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"error: {message}; see `{self.prog} --help`\n")


def main(job: str, settings: type[C], run: Callable[[C, Path, Path | None], dict[str, Any]]) -> None:
    """The command line of a training job."""
    parser = base_parser(f"training.{job}")
    parser.add_argument("--config", type=Path, required=True, help="YAML file, e.g. one of training/configs")
    parser.add_argument("--out", type=Path, help="folder for the result, default HOME/training/JOB")
    options = parser.parse_args()
    answer(options, lambda: run(load_config(options.config, settings), options.home, options.out), summary)


def base_parser(module: str) -> argparse.ArgumentParser:
    """The options that every module has."""
    parser = Parser(prog=f"python -m {module}")
    parser.add_argument("--home", type=Path, default=default_root(), help="corpus home (PATHCORPUS_HOME, ./corpus)")
    parser.add_argument("--json", action="store_true", help="print the whole result")
    parser.add_argument("--quiet", action="store_true", help="no progress lines")
    return parser


def answer(
    options: argparse.Namespace, work: Callable[[], dict[str, Any]], words: Callable[[dict[str, Any]], str]
) -> None:  # fmt: skip
    """Do the work and print its result, whole or in `words`. Exit code 2 and one line on stderr for bad input."""
    logging.basicConfig(stream=sys.stderr, format="%(message)s")
    logging.getLogger("training").setLevel(logging.WARNING if options.quiet else logging.INFO)
    try:
        with contextlib.redirect_stdout(sys.stderr):  # whatever a library prints
            result = work()
    except BadInput as error:
        print(f"error: {error}", file=sys.stderr)
        raise SystemExit(2) from error
    except KeyboardInterrupt as error:
        print("interrupted; the same command goes on from the last checkpoint", file=sys.stderr)
        raise SystemExit(INTERRUPTED) from error
    print(json.dumps(result, indent=1, ensure_ascii=False) if options.json else words(result))


def summary(result: dict[str, Any]) -> str:
    """One line for a terminal."""
    if not result["changed"]:
        return f"{result['job']}: nothing changed, {result['folder']} stays"
    losses = f"loss {result['loss_first']:.3f} -> {result['loss_last']:.3f}"
    return f"{result['job']}: {result['steps']} steps in {result['seconds']:.0f} s, {losses}, {result['folder']}"
