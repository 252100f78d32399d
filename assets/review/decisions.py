"""From the log of events to decisions and revisions: rebuilt as a whole every time, never edited.

The last event of each reviewer on a subject counts, whatever it says, if the reviewer saw the present text and picture;
an abstention or a withdrawn verdict as the last one takes back what was said before. All reviewers alike: the sample is
accepted, rejected or revised; not alike: conflict. Events on another state alone: stale, and nothing is applied. An
edit makes the next revision; events on that revision may follow and count the same way.
"""

import time
from collections import Counter, defaultdict
from datetime import datetime
from pathlib import Path
from typing import Any

from assets.records import Annotation, Pair, ReviewDecision, Sample, present_state
from assets.review.events import rebuild
from assets.review.turns import revised, tidy
from assets.schema import content_hash
from assets.sources import source_hash
from assets.store import SEAL, Home, Outcome, file_sha256, locked, read_rows, sealed, state_of, write_json, write_rows
from assets.tables import read_revisions

STATES = ("open", "accepted", "revised", "rejected", "conflict", "stale")
VERDICTS = ("accept", "revise", "reject")


def read_decisions(home: Home) -> dict[str, ReviewDecision]:
    """Decision by subject id; empty before the first import."""
    path = home.corpus("review") / "decisions.parquet"
    return {row.subject_id: row for row in read_rows(path, ReviewDecision)} if path.exists() else {}


def current_samples(home: Home, book: str) -> list[Sample]:
    """Samples of a book in their present state: as generated, or the last revision whose chain starts there."""
    revisions = read_revisions(home)
    samples = read_rows(home.station("cot", book) / "samples.parquet", Sample)
    return [present_state(sample, revisions) for sample in samples]


def votes(events: list[Annotation]) -> list[Annotation]:
    """The verdict of each reviewer that counts: the last event by client_seq on a device, then by the clock between
    devices. A reviewer whose last event abstains or withdraws has none.
    """
    last: dict[tuple[str, str, str], Annotation] = {}
    for event in sorted(events, key=lambda e: e.client_seq):
        last[event.reviewer, event.batch_id, event.device_id] = event
    by_reviewer: dict[str, Annotation] = {}
    for event in sorted(last.values(), key=lambda e: (datetime.fromisoformat(e.client_at), e.event_id)):
        by_reviewer[event.reviewer] = event
    return [by_reviewer[name] for name in sorted(by_reviewer) if by_reviewer[name].verdict in VERDICTS]


def _says(event: Annotation) -> tuple[Any, ...]:
    return event.verdict, *sorted((edit["field_path"], tidy(edit["new_text"])) for edit in event.edits)


def decide(sample: Sample, image: str, events: list[Annotation]) -> tuple[ReviewDecision, list[Sample]]:
    """Decision on one subject and the revisions that it brings. `image` names the picture as it is now."""
    state, outcome = sample, None
    counting: list[str] = []
    revisions: list[Sample] = []
    seen = {sample.content_hash}
    while outcome in (None, "revised"):
        fresh = votes([e for e in events if e.content_hash == state.content_hash and e.image_hash == image])
        if not fresh:
            break
        counting += [event.event_id for event in fresh]
        if len({_says(event) for event in fresh}) > 1:
            outcome = "conflict"
        elif fresh[0].verdict != "revise":
            outcome = "accepted" if fresh[0].verdict == "accept" else "rejected"
        else:
            following = revised(state, fresh[0].edits)
            if following is state:
                outcome = "accepted"
            elif following.content_hash in seen:
                # An edit that brings back a text that a reviewer had replaced: two opinions.
                outcome = "conflict"
            else:
                outcome, state = "revised", following
                revisions.append(following)
                seen.add(following.content_hash)
    if outcome is None:
        stale = votes([e for e in events if (e.content_hash, e.image_hash) != (state.content_hash, image)])
        outcome = "stale" if stale else "open"
        counting = [event.event_id for event in stale]
    decision = ReviewDecision(
        subject_id=sample.sample_id, content_hash=state.content_hash, state=outcome, events=counting
    )
    return decision, revisions


def _subjects(home: Home, book: str, ids: list[str]) -> list[tuple[Sample, str]]:
    """The samples of a book among `ids`, as generated, each with the name of its picture."""
    path = home.station("cot", book) / "samples.parquet"
    if not ids or not sealed(path.parent):
        return []
    samples = read_rows(path, Sample, filters=[("sample_id", "in", ids)])
    images = {p.pair_id: p.image for p in read_rows(home.station("pairs", book) / "pairs.parquet", Pair)}
    return [(sample, images.get(sample.pair_id, "")) for sample in samples]


def _replace_changed(path: Path, rows: list[Any], record: type) -> None:
    if not path.exists() or read_rows(path, record) != rows:
        write_rows(path, rows, record)


def apply_annotations(home: Home) -> Outcome:
    """Write review/decisions.parquet and review/revisions.parquet as they follow from the log and the samples.

    Run the filters again afterwards: a revision is a new text, which no filter has seen. Same log and samples: no byte
    changes. Raises BadInput when a table is damaged.
    """
    started = time.monotonic()
    folder = home.corpus("review")
    with locked(home, "review"):
        log = folder / "annotations.parquet"
        if (folder / "events").exists():
            rebuild(home)  # an import that was killed may have left the table behind its log
        books = home.books()
        inputs = {
            "code": source_hash(__name__),
            "log": file_sha256(log) if log.exists() else None,
            "books": {b: [state_of(home.station("cot", b)), state_of(home.station("pairs", b))] for b in books},
        }
        fingerprint, seal = content_hash(inputs), sealed(folder)
        if seal and seal["fingerprint"] == fingerprint and all((folder / name).exists() for name in seal["files"]):
            return Outcome("review", None, False, seal["counts"], folder, time.monotonic() - started)
        by_subject: dict[str, list[Annotation]] = defaultdict(list)
        for event in read_rows(log, Annotation) if log.exists() else []:
            by_subject[event.subject_id].append(event)
        decisions: list[ReviewDecision] = []
        revisions: list[Sample] = []
        for book in books:
            for sample, image in _subjects(home, book, sorted(by_subject)):
                decision, following = decide(sample, image, by_subject[sample.sample_id])
                decisions.append(decision)
                revisions += following
        decisions.sort(key=lambda row: row.subject_id)
        revisions.sort(key=lambda row: (row.sample_id, row.revision))
        (folder / SEAL).unlink(missing_ok=True)
        _replace_changed(folder / "revisions.parquet", revisions, Sample)
        _replace_changed(folder / "decisions.parquet", decisions, ReviewDecision)
        states = Counter(row.state for row in decisions)
        counts = {"decisions": len(decisions), "revisions": len(revisions)} | {s: states[s] for s in STATES}
        # Subjects whose sample is no longer in the corpus keep their events, and get no decision.
        counts["gone"] = len(by_subject) - len(decisions)
        names = ("annotations.parquet", "decisions.parquet", "revisions.parquet")
        files = {name: file_sha256(folder / name) for name in names if (folder / name).exists()}
        write_json(folder / SEAL, {"fingerprint": fingerprint, "counts": counts, "files": files})
    return Outcome("review", None, True, counts, folder, time.monotonic() - started)
