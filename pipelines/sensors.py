"""What starts by itself: the chain of a book or source that is registered, corpus-wide assets when all is quiet.

The sensors compare what is on disk with a short cursor. A cursor is saved after the requests of its tick, so a tick
that was cut off is repeated. A run that was asked for and then fails is not asked for again: a book's until it is
registered anew, the corpus-wide one until a book or the review log changes. The page shows it as failed; launch it
again from there.

Dagster drops a run key that it has seen before, for ever: a key here therefore names one registration (book, file and
time), so that a book that was taken down and is registered again gets its run, and the corpus-wide run, whose state may
return to an earlier one, has no key. Training is never started by itself.
"""

import json
import time
from pathlib import Path
from typing import Any, TypeVar

import dagster as dg
from dagster import DagsterRunStatus as Status

from assets.asset import SOURCES, TEXTBOOKS
from assets.errors import BadInput
from assets.records import Source, Textbook
from assets.schema import content_hash
from assets.store import Home, open_home, read_rows, state_of
from assets.tables import read_testsets
from pipelines import inbox
from pipelines.jobs import book_chain, corpus_wide, source_chain
from pipelines.partitions import new_keys, registered, registered_sources

R = TypeVar("R")
TICK_SECONDS = 10
ALWAYS: dict[str, Any] = {"minimum_interval_seconds": TICK_SECONDS, "default_status": dg.DefaultSensorStatus.RUNNING}
BUDGET_SECONDS = 20  # a tick is cut off by Dagster after a minute; what is left over waits for the next one
IN_FLIGHT = [Status.QUEUED, Status.NOT_STARTED, Status.STARTING, Status.STARTED, Status.CANCELING]
BOOK_TAGS = ("dagster/partition", "dagster/asset_partition_range_start")
BOOK_STATIONS = ("pairs", "ledger", "decontamination", "cot", "filters")


@dg.sensor(name="inbox", job=book_chain, **ALWAYS)
def inbox_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """Registers whole PDFs from the inbox and launches the chain of every newly registered book."""
    home = open_home()
    cursor: dict[str, Any] = json.loads(context.cursor) if context.cursor else {"seen": {}, "library": ""}
    whole, seen = inbox.look(home.inbox, cursor["seen"])
    deadline = time.monotonic() + BUDGET_SECONDS
    for pdf in whole:
        if time.monotonic() > deadline:
            break
        try:
            context.log.info(f"{pdf.name}: registered as {inbox.take(home, pdf)}")
        except BadInput as error:
            context.log.warning(f"refused: {error}")
        except RuntimeError as error:  # not the file's fault; the next tick tries again
            context.log.error(f"stays in the inbox: {error}")

    rows = [home.library / book / "textbook.parquet" for book in registered(home)]
    library = content_hash([[path.parent.name, path.stat().st_mtime_ns] for path in rows])
    added = new_keys(context.instance, registered(home), TEXTBOOKS)
    changed = readable_rows(context, rows, Textbook) if library != cursor["library"] else []
    # All books are named again: the keys of those that had their run are known, and nothing is launched for them.
    requests = [
        dg.RunRequest(run_key=f"{row.book} {row.sha256[:16]} {row.added_at.isoformat()}", partition_key=row.book)
        for row in changed
    ]
    return dg.SensorResult(
        run_requests=requests,
        dynamic_partitions_requests=[TEXTBOOKS.build_add_request(added)],
        cursor=json.dumps({"seen": seen, "library": library}),
    )


@dg.sensor(name="sources", job=source_chain, **ALWAYS)
def source_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """Launches the chain of every external source that was added or edited."""
    home = open_home()
    names = registered_sources(home)
    rows = [home.library / source / "source.parquet" for source in names]
    state = content_hash([[path.parent.name, path.stat().st_mtime_ns] for path in rows])
    changed = readable_rows(context, rows, Source) if state != context.cursor else []
    # A source that was edited is another registration: its pairs carry its licence.
    requests = [
        dg.RunRequest(run_key=f"{row.source} {content_hash([str(row)])[:16]}", partition_key=row.source)
        for row in changed
    ]
    return dg.SensorResult(
        run_requests=requests,
        dynamic_partitions_requests=[SOURCES.build_add_request(new_keys(context.instance, names, SOURCES))],
        cursor=state,
    )


def readable_rows(context: dg.SensorEvaluationContext, paths: list[Path], record: type[R]) -> list[R]:
    """The registered books or sources; one whose row is damaged is logged and does not hold up the others."""
    rows: list[R] = []
    for path in paths:
        try:
            rows += read_rows(path, record)
        except BadInput as error:
            context.log.error(str(error))
    return rows


@dg.sensor(name="corpus", job=corpus_wide, **ALWAYS)
def corpus_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Brings review decisions and shards up to date once no book is on its way and something has changed."""
    home = open_home()
    if inbox.pdfs(home.inbox):
        return dg.SkipReason("there are PDFs in the inbox")
    in_flight = context.instance.get_runs(dg.RunsFilter(statuses=IN_FLIGHT), limit=100)
    if any(run.job_name == corpus_wide.name or any(tag in run.tags for tag in BOOK_TAGS) for run in in_flight):
        return dg.SkipReason("books are on their way")
    state = corpus_state(home)
    if state is None or state == context.cursor:
        return dg.SkipReason("nothing has changed")
    return dg.SensorResult(run_requests=[dg.RunRequest()], cursor=state)


def corpus_state(home: Home) -> str | None:
    """Hash over what the corpus-wide assets read: tables, test sets, the review log. None before there are pairs."""
    keys = [*registered(home), *registered_sources(home)]
    held = [[key, *(state_of(home.station(station, key)) for station in BOOK_STATIONS)] for key in keys]
    ready = [states for states in held if states[1]]
    events = [[path.name, path.stat().st_size] for path in sorted(home.corpus("review").glob("events/*.jsonl"))]
    sets = [[row.testset, row.digest, row.policy] for row in read_testsets(home)]
    return content_hash([ready, events, sets]) if ready else None
