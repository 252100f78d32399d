"""Import of return files: what is taken, what is set aside, what is refused; and that order makes no difference."""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from assets.errors import BadInput
from assets.records import Annotation
from assets.review import events as events_module
from assets.review.batches import export_batch
from assets.review.events import import_file
from assets.review.protocol import event_id, return_file
from assets.review.scripted import Review, annotate_batch, items_of
from assets.schema import canonical_json
from assets.store import Home, open_home, read_rows
from tests.builders import small_corpus

AT = datetime(2026, 5, 1, tzinfo=UTC)


def returned(home: Home, reviewer: str = "r1", number: int | None = None) -> Path:
    folder = export_batch(home, reviewer).folder
    chosen = [item["subject_id"] for item in items_of(folder)][:number]
    return annotate_batch(folder, reviewer, {s: Review("accept", comment="ok \u2028 中文 🔬 a\u0301") for s in chosen})


def parts(path: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    manifest, *events = [json.loads(line) for line in path.read_bytes().split(b"\n") if line]
    return {k: v for k, v in manifest.items() if k not in ("type", "format", "events", "head")}, events


def sealed_again(events: list[dict[str, Any]], start: str) -> list[dict[str, Any]]:
    """The events with a fresh, whole chain: what a page with a fault would write."""
    before, made = start, []
    for number, event in enumerate(events, start=1):
        event = {**event, "client_seq": number, "prev_event_hash": before}
        event["event_id"] = before = event_id(event)
        made.append(event)
    return made


def table_hash(home: Home) -> str:
    return hashlib.sha256((home.corpus("review") / "annotations.parquet").read_bytes()).hexdigest()


def test_import_adds_every_event_exactly(home: Home) -> None:
    path = returned(home)
    counts = import_file(home, path)
    assert counts == {"events": 16, "added": 16, "known": 0, "quarantined": 0}
    rows = read_rows(home.corpus("review") / "annotations.parquet", Annotation)
    assert [r.event_id for r in rows] == [e["event_id"] for e in parts(path)[1]]
    assert rows[0].comment == "ok \u2028 中文 🔬 á" and rows[0].tool == "pathcorpus-scripted/1"
    assert rows[0].source_file_sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_importing_again_adds_nothing_and_changes_no_byte(home: Home) -> None:
    path = returned(home)
    import_file(home, path)
    before = {p: (p.read_bytes(), p.stat().st_mtime_ns) for p in home.corpus("review").rglob("*") if p.is_file()}
    assert import_file(home, path) == {"events": 16, "added": 0, "known": 16, "quarantined": 0}
    copy = path.with_name("annotations (1).jsonl")
    copy.write_bytes(path.read_bytes())
    assert import_file(home, copy)["added"] == 0
    copy.unlink()
    after = {p: (p.read_bytes(), p.stat().st_mtime_ns) for p in home.corpus("review").rglob("*") if p.is_file()}
    assert after == before


def test_order_and_overlap_of_files_make_no_difference(home: Home, tmp_path: Path) -> None:
    whole = tmp_path / "whole.jsonl"
    whole.write_bytes(returned(home).read_bytes())
    early = tmp_path / "early.jsonl"
    manifest, events = parts(whole)
    early.write_bytes(return_file(manifest, events[:5]))
    second = tmp_path / "second.jsonl"
    second.write_bytes(returned(home, "r2").read_bytes())
    hashes = set()
    for number, order in enumerate([[early, whole, second], [second, whole, early], [whole, second, early, whole]]):
        fresh = small_corpus(open_home(tmp_path / f"home-{number}"))
        for reviewer in ("r1", "r2"):
            export_batch(fresh, reviewer)
        for path in order:
            import_file(fresh, path, imported_at=AT)
        hashes.add(table_hash(fresh))
    assert len(hashes) == 1


def test_a_killed_import_is_finished_by_the_next(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    path = returned(home)
    with monkeypatch.context() as patch:
        patch.setattr(events_module, "write_rows", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            import_file(home, path)
    assert not (home.corpus("review") / "annotations.parquet").exists()
    assert import_file(home, path)["known"] == 16
    assert len(read_rows(home.corpus("review") / "annotations.parquet", Annotation)) == 16


def refused(home: Home, path: Path, data: bytes, match: str) -> None:
    bad = path.with_name("bad.jsonl")
    bad.write_bytes(data)
    with pytest.raises(BadInput, match=match):
        import_file(home, bad)
    assert not (home.corpus("review") / "events").exists()
    assert not (home.corpus("review") / "annotations.parquet").exists()


def test_a_tampered_line_is_refused_by_its_number(home: Home) -> None:
    path = returned(home)
    data = path.read_bytes()
    refused(home, path, data.replace(b'"accept"', b'"reject"', 1), r"bad\.jsonl, line 2: the event does not match")
    lines = data.split(b"\n")
    refused(home, path, b"\n".join([*lines[:2], lines[3], lines[2], *lines[4:]]), "line 3: the chain is broken")
    refused(home, path, b"\n".join([*lines[:4], *lines[5:]]), "line 16: the file ends after 15 of 16 events")
    refused(home, path, b"\n".join([*lines[:4], lines[3], *lines[5:]]), "line 5: the chain is broken")
    refused(home, path, b"\n".join(lines[1:]), "line 1: no manifest")


def test_a_changed_event_with_a_new_id_breaks_the_chain(home: Home) -> None:
    path = returned(home)
    manifest, events = parts(path)
    changed = {**events[3], "verdict": "reject"}
    changed["event_id"] = event_id(changed)
    good = return_file(manifest, events)
    bad = good.replace(canonical_json(events[3]), canonical_json(changed))
    refused(home, path, bad, "line 6: the chain is broken")
    last = {**events[-1], "verdict": "reject"}
    last["event_id"] = event_id(last)
    refused(home, path, good.replace(canonical_json(events[-1]), canonical_json(last)), "line 17: the last event")


def test_a_foreign_batch_reviewer_or_sample_is_refused(home: Home) -> None:
    path = returned(home)
    manifest, events = parts(path)
    refused(home, path, return_file({**manifest, "batch_id": "0" * 20}, events), "line 1: batch 0{20} is unknown here")
    refused(home, path, return_file({**manifest, "batch_hash": "0" * 64}, events), "line 1: batch_hash is not that")
    refused(home, path, return_file({**manifest, "reviewer": "r2"}, events), "line 1: reviewer is not that")
    refused(home, path, return_file({**manifest, "batch_id": "../../../etc"}, events), "line 1: no manifest")
    for name, value in (("subject_id", "f" * 20), ("content_hash", "f" * 64), ("image_hash", "f" * 64)):
        foreign = sealed_again([{**events[0], name: value}, *events[1:]], manifest["batch_hash"])
        refused(home, path, return_file(manifest, foreign), "line 2: sample .* was not issued like this")
    other = sealed_again([{**events[0], "reviewer": "r2"}, *events[1:]], manifest["batch_hash"])
    refused(home, path, return_file(manifest, other), "line 2: reviewer is not that of line 1")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"verdict": "perhaps"}, "verdict"),
        ({"tags": [{"code": "unknown", "severity": "major", "field": ""}]}, "tags.0.code"),
        ({"verdict": "revise"}, "a revision needs edits"),
        ({"comment": "a\x00b"}, "NUL"),
        ({"active_ms": -1}, "active_ms"),
        ({"extra": 1}, "extra"),
        ({"client_at": "yesterday"}, "client_at"),
    ],
)
def test_an_impossible_line_is_set_aside_with_its_number(home: Home, change: dict[str, Any], reason: str) -> None:
    path = returned(home)
    manifest, events = parts(path)
    events[2] |= change
    path.write_bytes(return_file(manifest, sealed_again(events, manifest["batch_hash"])))
    assert import_file(home, path) == {"events": 16, "added": 15, "known": 0, "quarantined": 1}
    [aside] = (home.corpus("review") / "quarantine").glob("*.jsonl")
    row = json.loads(aside.read_text(encoding="utf-8"))
    assert row["line"] == 4 and reason in row["reason"]


@pytest.mark.parametrize("text", ["", "  ", "a</think>b", "<ANSWER>x", "<image> again"])
def test_an_edit_that_would_break_the_form_is_set_aside(home: Home, text: str) -> None:
    folder = export_batch(home, "r1").folder
    item = items_of(folder)[0]
    path = annotate_batch(folder, "r1", {item["subject_id"]: Review("revise", edits={"turns/0/reasoning": text})})
    assert import_file(home, path) == {"events": 1, "added": 0, "known": 0, "quarantined": 1}


def test_an_edit_of_another_text_or_to_no_option_is_set_aside(home: Home) -> None:
    folder = export_batch(home, "r1").folder
    item = next(i for i in items_of(folder) if i["options"])
    path = annotate_batch(folder, "r1", {item["subject_id"]: Review("revise", edits={"turns/0/answer": "E"})})
    assert import_file(home, path)["quarantined"] == 1
    manifest, events = parts(path)
    events[0]["edits"] = [{"field_path": "turns/0/answer", "base_hash": "0" * 64, "new_text": "A"}]
    path.write_bytes(return_file(manifest, sealed_again(events, manifest["batch_hash"])))
    assert import_file(home, path)["quarantined"] == 1


def test_an_unreadable_line_costs_that_line_alone(home: Home) -> None:
    path = returned(home)
    lines = path.read_bytes().split(b"\n")
    for number, line in ((4, b'{"torn'), (7, b"[" * 100_000), (9, b'{"a": "\\ud800"}'), (11, b'{"a": NaN}')):
        lines[number] = line
    path.write_bytes(b"\r\n".join(lines))
    assert import_file(home, path) == {"events": 16, "added": 12, "known": 0, "quarantined": 4}
    [aside] = (home.corpus("review") / "quarantine").glob("*.jsonl")
    assert [json.loads(line)["line"] for line in aside.read_text().splitlines()] == [5, 8, 10, 12]


def test_files_that_are_none_are_refused(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = returned(home)
    with pytest.raises(BadInput, match="is no file"):
        import_file(home, tmp_path / "missing.jsonl")
    refused(home, path, b"\n\n", "is empty")
    refused(home, path, b"\x89PNG\r\n", "line 1: no manifest")
    newer = path.read_bytes().replace(b'"format":1', b'"format":2')
    refused(home, path, newer, "newer pathcorpus")
    monkeypatch.setattr(events_module, "MAX_LINES", 3)
    refused(home, path, path.read_bytes(), "more than 3 lines")
    monkeypatch.setattr(events_module, "MAX_BYTES", 10)
    refused(home, path, path.read_bytes(), "is larger than")


def test_a_number_that_fits_no_table_never_reaches_the_log(tmp_path: Path) -> None:
    """An event of the log that no table holds would stop every later run."""
    home = open_home(tmp_path / "corpus")
    small_corpus(home)
    path = returned(home, number=1)
    manifest, event = [json.loads(line) for line in path.read_bytes().split(b"\n") if line]
    event["active_ms"] = 10**30
    event["event_id"] = manifest["head"] = event_id(event)
    path.write_bytes(b"".join(canonical_json(row) + b"\n" for row in (manifest, event)))
    assert import_file(home, path)["quarantined"] == 1
    assert read_rows(home.corpus("review") / "annotations.parquet", Annotation) == []
