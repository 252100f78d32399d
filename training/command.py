"""The command line that every job shares: `python -m training.JOB --config FILE [--home DIR] [--out DIR] [--json]`."""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from assets.errors import BadInput
from assets.store import default_root
from training.config import Settings, load_config

C = TypeVar("C", bound=Settings)


def main(job: str, settings: type[C], run: Callable[[C, Path, Path | None], dict[str, Any]]) -> None:
    """Exit code 2 and one line on stderr for bad input."""
    parser = argparse.ArgumentParser(prog=f"python -m training.{job}")
    parser.add_argument("--config", type=Path, required=True, help="YAML file, e.g. one of training/configs")
    parser.add_argument("--home", type=Path, default=default_root(), help="corpus home (PATHCORPUS_HOME, ./corpus)")
    parser.add_argument("--out", type=Path, help="folder for the result, default HOME/training/JOB")
    parser.add_argument("--json", action="store_true", help="print the whole result")
    options = parser.parse_args()
    try:
        result = run(load_config(options.config, settings), options.home, options.out)
    except BadInput as error:
        print(f"error: {error}", file=sys.stderr)
        raise SystemExit(2) from error
    print(json.dumps(result, indent=1, ensure_ascii=False) if options.json else summary(result))


def summary(result: dict[str, Any]) -> str:
    """One line for a terminal."""
    if not result["changed"]:
        return f"{result['job']}: nothing changed, {result['folder']} stays"
    losses = f"loss {result['loss_first']:.3f} -> {result['loss_last']:.3f}"
    return f"{result['job']}: {result['steps']} steps in {result['seconds']:.0f} s, {losses}, {result['folder']}"
