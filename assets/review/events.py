"""Bringing a reviewer's annotations.jsonl home: `import_file(home, path)`.

Every accepted event goes into the append-only log, one file per imported file (`review/events/<sha12>.jsonl`), and
`review/annotations.parquet` is rebuilt from the whole log, so that neither the order of imports nor a repeated import
makes a difference. A line that says something impossible is set aside with its number in `review/quarantine/`. A file
that is no untouched answer to one of our batches is refused as a whole, and nothing is written. No path that stands in
the file is ever opened: the batch is found by its id, which is checked against the batches of this home.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from assets.answers import LETTERS
from assets.errors import BadInput, one_line
from assets.records import Annotation
from assets.review.protocol import FORMAT, Event, Manifest, event_id, read_manifest
from assets.schema import canonical_json, to_table
from assets.store import Home, file_sha256, locked, read_rows, write_bytes, write_rows
from assets.tables import RESTORE

MAX_BYTES = 64 * 1024 * 1024
MAX_LINES = 100_000
MAX_LINE = 2 * 1024 * 1024


@dataclass(frozen=True)
class Read:
    """A return file after checking: events that stand, and lines set aside as (line number, reason, text)."""

    manifest: Manifest
    events: list[dict[str, Any]]
    set_aside: list[tuple[int, str, str]]


def _parse(line: bytes) -> dict[str, Any]:
    def refuse(name: str) -> None:
        raise ValueError(f"{name} is no JSON")

    try:
        value = json.loads(line.decode("utf-8"), parse_constant=refuse)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(value, dict):
        raise ValueError("is no JSON object")
    return value


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        return one_line(ValueError(f"{where}: {first['msg']}" if where else first["msg"]))
    return one_line(error)


def _lines_of(path: Path) -> list[bytes]:
    if not path.is_file():
        raise BadInput(f"{path} is no file; give the annotations.jsonl that the review page exported")
    if path.stat().st_size > MAX_BYTES:
        raise BadInput(f"{path} is larger than {MAX_BYTES >> 20} MiB; it is no export of the review page")
    # On \n alone: U+2028 and its like may stand inside a comment. A mail program may have added \r.
    lines = [line.removesuffix(b"\r") for line in path.read_bytes().split(b"\n")]
    while lines and not lines[-1].strip():
        lines.pop()
    if not lines:
        raise BadInput(f"{path} is empty; export again from the review page")
    if len(lines) > MAX_LINES:
        raise BadInput(f"{path} has more than {MAX_LINES} lines; it is no export of the review page")
    return lines


def _batch_of(home: Home, path: Path, manifest: Manifest) -> dict[str, Any]:
    batch_file = home.corpus("review") / "batches" / manifest.batch_id / "manifest.json"
    if not batch_file.exists():
        raise BadInput(f"{path}, line 1: batch {manifest.batch_id} is unknown here; import it into the corpus "
                       "home that exported it")  # fmt: skip
    batch = read_manifest(batch_file)
    for name in ("batch_hash", "reviewer", "role"):
        if getattr(manifest, name) != batch[name]:
            raise BadInput(f"{path}, line 1: {name} is not that of batch {manifest.batch_id} as it was issued; "
                           "export again from the page of that batch")  # fmt: skip
    return batch


def _check_edits(event: Event, item: dict[str, Any]) -> None:
    for edit in event.edits:
        if item["fields"].get(edit.field_path) != edit.base_hash:
            raise ValueError(f"edit of {edit.field_path} does not replace the text that was shown")
        letters = LETTERS[: item["options"]]
        if letters and edit.field_path.endswith("/answer") and edit.new_text.strip() not in tuple(letters):
            raise ValueError(f"the answer must be one of the letters {letters}")


def read_file(home: Home, path: Path) -> Read:
    """Check a return file against the batch that it answers, line by line. Writes nothing.

    Raises BadInput, naming the line, when the file is cut off, was changed, or answers no batch of this home.
    """
    lines = _lines_of(path)
    try:
        first = _parse(lines[0])
        manifest = Manifest(**first)
    except (ValueError, TypeError) as error:
        raise BadInput(f"{path}, line 1: no manifest of a review batch ({_reason(error)}); "
                       "give the annotations.jsonl that the review page exported") from error  # fmt: skip
    if manifest.format > FORMAT:
        raise BadInput(f"{path}, line 1: written by a newer pathcorpus (format {manifest.format}); upgrade pathcorpus")
    items = {item["subject_id"]: item for item in _batch_of(home, path, manifest)["items"]}
    if len(lines) - 1 != manifest.events:
        raise BadInput(f"{path}, line {len(lines)}: the file ends after {len(lines) - 1} of {manifest.events} events; "
                       "it was cut off or lines were removed, export again")  # fmt: skip
    events: list[dict[str, Any]] = []
    set_aside: list[tuple[int, str, str]] = []
    before: str | None = manifest.batch_hash
    for number, line in enumerate(lines[1:], start=2):
        try:
            if len(line) > MAX_LINE:
                raise ValueError(f"longer than {MAX_LINE} bytes")
            row = _parse(line)
            named = event_id(row)
        except ValueError as error:
            # Unreadable: what it hid cannot be checked, so the chain starts anew at the next line.
            set_aside.append((number, _reason(error), line[:2000].decode("utf-8", "replace")))
            before = None
            continue
        _check_chain(path, number, row, named, before, manifest)
        before = named
        try:
            event = Event(**row)
            if event.subject_id in items:
                _check_edits(event, items[event.subject_id])
        except (ValueError, TypeError) as error:
            set_aside.append((number, _reason(error), line[:2000].decode("utf-8", "replace")))
            continue
        item = items.get(event.subject_id)
        if item is None or (event.content_hash, event.image_hash) != (item["content_hash"], item["image_hash"]):
            raise BadInput(f"{path}, line {number}: sample {event.subject_id} was not issued like this in batch "
                           f"{manifest.batch_id}; the file was changed, export again")  # fmt: skip
        events.append(row)
    if before is not None and before != manifest.head:
        raise BadInput(f"{path}, line {len(lines)}: the last event is not the one that line 1 names; "
                       "the file was changed, export again")  # fmt: skip
    return Read(manifest, events, set_aside)


def _check_chain(
    path: Path, number: int, row: dict[str, Any], named: str, before: str | None, manifest: Manifest
) -> None:
    if row.get("event_id") != named:
        raise BadInput(f"{path}, line {number}: the event does not match its event_id; the file was changed, "
                       "export again")  # fmt: skip
    if before is not None and row.get("prev_event_hash") != before:
        raise BadInput(f"{path}, line {number}: the chain is broken, this event does not follow line {number - 1}; "
                       "lines were changed, removed or reordered, export again")  # fmt: skip
    if row.get("client_seq") != number - 1:
        raise BadInput(f"{path}, line {number}: client_seq is not {number - 1}; lines were removed, export again")
    for name in ("batch_id", "batch_hash", "reviewer", "role", "device_id"):
        if row.get(name) != getattr(manifest, name):
            raise BadInput(f"{path}, line {number}: {name} is not that of line 1; the file was changed, export again")


def _log(home: Home) -> tuple[dict[str, dict[str, Any]], dict[str, tuple[str, str]]]:
    """All logged events by id; and for each the smallest (imported_at, source file) that brought it."""
    events: dict[str, dict[str, Any]] = {}
    origin: dict[str, tuple[str, str]] = {}
    for path in sorted((home.corpus("review") / "events").glob("*.jsonl")):
        header, *lines = path.read_bytes().rstrip(b"\n").split(b"\n")
        try:
            source = json.loads(header)
            came = (source["imported_at"], source["source_file_sha256"])
            rows = [json.loads(line) for line in lines]
            names = [row["event_id"] for row in rows]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise BadInput(f"{path} is damaged ({one_line(error, 120)}); {RESTORE}") from error
        for name, row in zip(names, rows, strict=True):
            events[name] = row
            origin[name] = min(origin.get(name, came), came)
    return events, origin


def annotation(event: dict[str, Any], imported_at: str, source_file_sha256: str) -> Annotation:
    """The table row of a logged event."""
    fields = {name: value for name, value in event.items() if name != "type"}
    came = datetime.fromisoformat(imported_at)
    return Annotation(**fields, imported_at=came, source_file_sha256=source_file_sha256)


def rebuild(home: Home) -> int:
    """Bring review/annotations.parquet to what the log says; its bytes depend on the log alone. Returns its rows."""
    events, origin = _log(home)
    rows = [annotation(event, *origin[name]) for name, event in events.items()]
    rows.sort(key=lambda e: (e.batch_id, e.reviewer, e.device_id, e.client_seq, e.event_id))
    table = home.corpus("review") / "annotations.parquet"
    if not table.exists() or read_rows(table, Annotation) != rows:
        write_rows(table, rows, Annotation)
    return len(rows)


def import_file(home: Home, path: Path, *, imported_at: datetime | None = None) -> dict[str, int]:
    """Add a return file to the log. Returns counts: events in the file, added, known already, quarantined.

    Raises BadInput, and writes nothing, when the file is refused (see the module's docstring).
    """
    with locked(home, "review"):
        read = read_file(home, path)
        known, _ = _log(home)
        sha256 = file_sha256(path)
        folder = home.corpus("review")
        log = folder / "events" / f"{sha256[:12]}.jsonl"
        if read.set_aside:
            rows = [{"line": number, "reason": reason, "text": text} for number, reason, text in read.set_aside]
            write_bytes(folder / "quarantine" / log.name, b"".join(canonical_json(row) + b"\n" for row in rows))
        if not log.exists():
            now = (imported_at or datetime.now(UTC)).astimezone(UTC).isoformat()
            header = {"source_file_sha256": sha256, "imported_at": now, "batch_id": read.manifest.batch_id}
            to_table(
                [annotation(event, now, sha256) for event in read.events], Annotation
            )  # what fits no table, no log
            write_bytes(log, b"".join(canonical_json(row) + b"\n" for row in [header, *read.events]))
        rebuild(home)
    added = sum(event["event_id"] not in known for event in read.events)
    return {
        "events": read.manifest.events,
        "added": added,
        "known": len(read.events) - added,
        "quarantined": len(read.set_aside),
    }
