"""pathcorpus filter FILE: the filters' verdicts on any JSONL of samples."""

import json
from pathlib import Path

import typer

from pipelines.cli.screen import AlwaysJson


def filter_(file: Path, as_json: AlwaysJson = False) -> None:
    """Judge a JSONL file of samples; one JSON verdict a line on stdout."""
    from assets.filters.jsonl import filter_file

    for verdict in filter_file(file):
        typer.echo(json.dumps(verdict, ensure_ascii=False))
