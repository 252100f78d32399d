"""From events to decisions, revisions and shards."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from assets.errors import BadInput
from assets.records import Annotation, Sample, hash_of_sample
from assets.review.batches import export_batch
from assets.review.decisions import apply_annotations, current_samples, decide, read_decisions
from assets.review.events import import_file
from assets.review.scripted import Review, annotate_batch, items_of
from assets.review.turns import base_hash, fields_of, revised
from assets.shards.station import write_shards
from assets.shards.trace import trace
from assets.store import Home, read_rows
from tests.builders import change_sample, put
from tests.review.conftest import judge_again

REASONING = "turns/0/reasoning"


def samples_of(home: Home) -> dict[str, Sample]:
    return {s.sample_id: s for s in read_rows(home.station("cot", "atlas-1") / "samples.parquet", Sample)}


def say(home: Home, reviewer: str, reviews: dict[str, Review]) -> None:
    import_file(home, annotate_batch(export_batch(home, reviewer).folder, reviewer, reviews))


def state(home: Home, subject: str) -> str:
    return read_decisions(home)[subject].state


def in_shards(home: Home) -> dict[str, dict]:
    write_shards(home)
    files = home.corpus("shards").glob("sft/*/*.parquet")
    return {row["row_id"]: row for path in files for row in pq.read_table(path).to_pylist()}


@pytest.fixture
def subject(home: Home) -> str:
    """A sample that is in the SFT shards."""
    rows = in_shards(home)
    return next(name for name, row in sorted(rows.items()) if row["task"] == "reasoning")


def test_one_review_stands(home: Home, subject: str) -> None:
    others = [i["subject_id"] for i in items_of(export_batch(home, "r1").folder) if i["subject_id"] != subject]
    say(home, "r1", {subject: Review("accept"), others[0]: Review("reject"), others[1]: Review("abstain")})
    outcome = apply_annotations(home)
    assert outcome.changed and outcome.counts["decisions"] == 3
    assert [state(home, s) for s in (subject, others[0], others[1])] == ["accepted", "rejected", "open"]
    rows = in_shards(home)
    assert rows[subject]["review"] == "accepted" and others[0] not in rows
    again = apply_annotations(home)
    assert not again.changed and again.counts == outcome.counts


def test_accept_against_reject_is_a_conflict_and_withheld(home: Home, subject: str) -> None:
    for reviewer in ("r1", "r2"):
        export_batch(home, reviewer)
    say(home, "r1", {subject: Review("accept")})
    apply_annotations(home)
    assert subject in in_shards(home)
    say(home, "r2", {subject: Review("reject")})
    apply_annotations(home)
    assert state(home, subject) == "conflict" and len(read_decisions(home)[subject].events) == 2
    assert subject not in in_shards(home)


def test_an_edit_makes_a_revision_that_waits_for_the_filters(home: Home, subject: str) -> None:
    before = samples_of(home)[subject]
    text = "Nests of cells without glands;\r\nthis <b>points</b> to a squamous origin. "
    say(home, "r1", {subject: Review("revise", edits={REASONING: text})})
    assert apply_annotations(home).counts["revisions"] == 1
    [after] = [s for s in current_samples(home, "atlas-1") if s.sample_id == subject]
    assert after.revision == 1 and after.parent_hash == before.content_hash
    assert after.reasoning == "Nests of cells without glands;\nthis <b>points</b> to a squamous origin."
    assert after.messages[1]["content"] == f"<think>{after.reasoning}</think><answer>{before.answer}</answer>"
    assert after.messages[0] == before.messages[0] and after.answer == before.answer
    assert after.content_hash == hash_of_sample(after.task, after.difficulty, after.messages, [], after.answer)
    assert state(home, subject) == "revised" and read_decisions(home)[subject].content_hash == after.content_hash
    assert subject not in in_shards(home)
    judge_again(home)
    row = in_shards(home)[subject]
    assert row["review"] == "revised" and row["content_hash"] == after.content_hash
    assert after.reasoning in row["messages"][1]["content"]
    way = trace(home, subject)
    assert way["review"]["decision"] == "revised" and way["revisions"][0]["content_hash"] == after.content_hash
    assert way["review"]["events"][0]["reviewer"] == "r1" and way["shards"][0]["kind"] == "sft"


def test_identical_edits_agree_and_different_ones_conflict(home: Home, subject: str) -> None:
    for reviewer in ("r1", "r2", "r3"):
        export_batch(home, reviewer)
    say(home, "r1", {subject: Review("revise", edits={REASONING: "The same better text."})})
    say(home, "r2", {subject: Review("revise", edits={REASONING: "The same better text. "})})
    apply_annotations(home)
    assert state(home, subject) == "revised"
    say(home, "r3", {subject: Review("revise", edits={REASONING: "Another text."})})
    apply_annotations(home)
    assert state(home, subject) == "conflict"
    assert all(s.revision == 0 for s in current_samples(home, "atlas-1"))


def test_an_edit_that_changes_nothing_is_an_acceptance(home: Home, subject: str) -> None:
    same = samples_of(home)[subject].reasoning + " \r\n"
    say(home, "r1", {subject: Review("revise", edits={REASONING: same})})
    apply_annotations(home)
    assert state(home, subject) == "accepted"


def test_a_stale_review_is_never_applied_and_the_sample_comes_back(home: Home, subject: str) -> None:
    say(home, "r1", {subject: Review("revise", edits={REASONING: "An edit of the old text."})})
    samples = samples_of(home)
    samples[subject] = change_sample(samples[subject], reasoning="Generated anew with a better prompt.")
    put(home, "cot", "atlas-1", {"samples": (list(samples.values()), Sample)})
    judge_again(home)
    assert apply_annotations(home).counts["stale"] == 1
    assert state(home, subject) == "stale" and subject not in in_shards(home)
    folder = export_batch(home, "r1").folder
    assert subject in [i["subject_id"] for i in items_of(folder)]
    say(home, "r1", {subject: Review("accept")})
    apply_annotations(home)
    assert state(home, subject) == "accepted" and in_shards(home)[subject]["review"] == "accepted"


def test_a_revision_of_a_regenerated_sample_no_longer_counts(home: Home, subject: str) -> None:
    say(home, "r1", {subject: Review("revise", edits={REASONING: "An edit of the old text."})})
    apply_annotations(home)
    samples = samples_of(home)
    samples[subject] = change_sample(samples[subject], reasoning="Generated anew.")
    put(home, "cot", "atlas-1", {"samples": (list(samples.values()), Sample)})
    judge_again(home)
    # even before the decisions are rebuilt
    assert {s.sample_id: s for s in current_samples(home, "atlas-1")}[subject].reasoning == "Generated anew."
    assert subject not in in_shards(home)


def test_every_turn_of_a_conversation_can_be_edited(home: Home) -> None:
    sample = next(s for s in samples_of(home).values() if s.task == "conversation")
    say(home, "r1", {sample.sample_id: Review("revise", edits={"turns/1/answer": "No staging is needed."})})
    apply_annotations(home)
    after = {s.sample_id: s for s in current_samples(home, "atlas-1")}[sample.sample_id]
    assert after.messages[3]["content"] == "<think>Invasion is seen.</think><answer>No staging is needed.</answer>"
    assert after.messages[:3] == sample.messages[:3] and after.answer == sample.answer


def test_a_corrected_letter_changes_the_question_s_answer(home: Home) -> None:
    sample = next(s for s in samples_of(home).values() if s.task == "mcq")
    say(home, "r1", {sample.sample_id: Review("revise", edits={"turns/0/answer": "C"})})
    apply_annotations(home)
    after = {s.sample_id: s for s in current_samples(home, "atlas-1")}[sample.sample_id]
    assert after.answer == "C" and after.messages[1]["content"].endswith("<answer>C</answer>")
    assert after.options == sample.options


def test_the_same_log_gives_the_same_bytes_whatever_the_order(home: Home, subject: str) -> None:
    folders = {reviewer: export_batch(home, reviewer).folder for reviewer in ("r1", "r2")}
    files = [annotate_batch(folders[r], r, {subject: Review(v)}) for r, v in (("r1", "accept"), ("r2", "reject"))]
    seen = set()
    for order in (files, files[::-1]):
        for name in ("events", "annotations.parquet", "decisions.parquet", "revisions.parquet", "seal.json"):
            path = home.corpus("review") / name
            for file in [path] if path.is_file() else list(path.glob("*")):
                file.unlink()
        for file in order:
            import_file(home, file)
        apply_annotations(home)
        names = ("decisions.parquet", "revisions.parquet")
        seen.add(tuple(hashlib.sha256((home.corpus("review") / n).read_bytes()).hexdigest() for n in names))
    assert len(seen) == 1


def test_events_on_samples_that_are_gone_are_counted(home: Home, subject: str) -> None:
    say(home, "r1", {subject: Review("accept")})
    samples = {name: s for name, s in samples_of(home).items() if name != subject}
    put(home, "cot", "atlas-1", {"samples": (list(samples.values()), Sample)})
    counts = apply_annotations(home).counts
    assert (counts["decisions"], counts["gone"]) == (0, 1)


def test_without_any_review_there_is_nothing_to_decide(home: Home) -> None:
    assert apply_annotations(home).counts["decisions"] == 0
    assert read_decisions(home) == {}


def test_an_edit_of_another_state_is_no_edit_of_this_one(home: Home) -> None:
    sample = next(iter(samples_of(home).values()))
    edit = {"field_path": REASONING, "base_hash": base_hash("something else"), "new_text": "x"}
    with pytest.raises(ValueError, match="does not belong to this state"):
        revised(sample, [edit])
    odd = make_sample_like(sample)
    assert fields_of(odd) == {}


def make_sample_like(sample: Sample) -> Sample:
    """A sample whose assistant text is not in the corpus' form: shown, not editable."""
    messages = [sample.messages[0], {"role": "assistant", "content": "plain text"}]
    return Sample(**{**vars(sample), "messages": messages})


def test_scripted_reviews_of_another_s_batch_are_refused(home: Home, tmp_path: Path) -> None:
    folder = export_batch(home, "r1").folder
    with pytest.raises(BadInput, match="was issued to r1"):
        annotate_batch(folder, "r2", {})
    with pytest.raises(BadInput, match="holds no sample"):
        annotate_batch(folder, "r1", {"0" * 20: Review("accept")})
    subject = items_of(folder)[0]["subject_id"]
    with pytest.raises(BadInput, match="has no field"):
        annotate_batch(folder, "r1", {subject: Review("revise", edits={"turns/9/answer": "x"})})


@pytest.mark.parametrize(
    ("said", "decided"),
    [
        ([("a" * 20, 1, "accept", "10:00:00.000"), ("b" * 20, 1, "abstain", "11:00:00.000")], "open"),
        ([("a" * 20, 1, "accept", "10:00:00.000"), ("b" * 20, 1, "reject", "11:00:00.000"),
          ("b" * 20, 2, None, "11:05:00.000")], "open"),
        ([("a" * 20, 1, "abstain", "10:00:00.000"), ("b" * 20, 1, "accept", "11:00:00.000")], "accepted"),
        ([("a" * 20, 1, "reject", "10:00:00.500"), ("b" * 20, 1, "accept", "10:00:00")], "rejected"),
    ],
)  # fmt: skip
def test_the_last_event_of_a_reviewer_over_all_devices_counts(
    home: Home, subject: str, said: list[tuple[str, int, str | None, str]], decided: str
) -> None:
    sample = samples_of(home)[subject]
    events = [
        Annotation(event_id=f"{n}", batch_id="b" * 20, batch_hash="h", reviewer="r1", role="primary", device_id=device,
                   client_seq=seq, subject_type="sample", subject_id=subject, content_hash=sample.content_hash,
                   image_hash="picture", verdict=verdict, tags=[], edits=[], ratings=[], comment="", blind=True,
                   client_at=f"2026-05-01T{at}Z", active_ms=0, tool="t", prev_event_hash="", source_file_sha256="",
                   imported_at=datetime(2026, 5, 2, tzinfo=UTC))
        for n, (device, seq, verdict, at) in enumerate(said)
    ]  # fmt: skip
    decision, _ = decide(sample, "picture", events)
    assert decision.state == decided
