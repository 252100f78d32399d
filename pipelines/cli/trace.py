"""pathcorpus trace ID: where a sample, pair, figure or shard row comes from, step by step."""

import json
from typing import Annotated

import typer

from assets.store import existing_home
from pipelines.cli.screen import AlwaysJson


def trace(
    row_id: Annotated[str, typer.Argument(metavar="ID", help="sample_id, pair_id, panel_id, figure_id or row_id")],
    as_json: AlwaysJson = False,
) -> None:
    """Follow a row back to its book, page, box, prompt, reply, verdicts, review events and shard (JSON)."""
    from assets.shards.trace import trace as follow

    typer.echo(json.dumps(follow(existing_home(), row_id), indent=1, ensure_ascii=False, default=str))
