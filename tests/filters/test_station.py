"""Verdicts on disk, revised states included; and filters over a JSONL file."""

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from assets.cot.extractive import compose_book
from assets.errors import BadInput
from assets.filters import RULES
from assets.filters.jsonl import filter_file
from assets.filters.station import judge_book
from assets.records import Pair, Sample, Verdict, hash_of_sample
from assets.store import Home, open_home, publish, read_rows, write_rows
from tests.cot.pairs import book_pairs


def revised(sample: Sample, reasoning: str) -> Sample:
    content = f"<think>{reasoning}</think><answer>{sample.answer}</answer>"
    messages = [sample.messages[0], {"role": "assistant", "content": content}]
    made = hash_of_sample(sample.task, sample.difficulty, messages, sample.options, sample.answer)
    return replace(sample, messages=messages, reasoning=reasoning, revision=1, parent_hash=sample.content_hash,
                   content_hash=made)  # fmt: skip


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = open_home(tmp_path / "home")
    pairs = book_pairs()[:2]

    def put(station: str, rows: list, record: type, name: str) -> None:
        build: Callable[[Path], dict[str, int]] = lambda folder: write_rows(folder / name, rows, record) or {}  # noqa: E731
        publish(home.station(station, "book"), station=station, book="book", inputs={"n": len(rows)}, build=build)

    put("pairs", pairs, Pair, "pairs.parquet")
    put("cot", compose_book(pairs), Sample, "samples.parquet")
    return home


def verdicts(home: Home) -> list[Verdict]:
    return read_rows(home.station("filters", "book") / "verdicts.parquet", Verdict)


def test_every_rule_judges_every_sample_once(home: Home) -> None:
    outcome = judge_book(home, "book")
    samples = read_rows(home.station("cot", "book") / "samples.parquet", Sample)
    assert {(v.sample_id, v.rule) for v in verdicts(home)} == {(s.sample_id, r) for s in samples for r in RULES}
    assert outcome.counts["passed"] == outcome.counts["samples"] == len(samples)
    assert not judge_book(home, "book").changed


def test_revised_states_are_judged_beside_the_first(home: Home) -> None:
    judge_book(home, "book")
    sample = next(s for s in read_rows(home.station("cot", "book") / "samples.parquet", Sample) if s.task == "mcq")
    edited = revised(sample, "The caption states that nests are present.")
    elsewhere = replace(revised(sample, "Nests are present here."), book="other", sample_id="elsewhere")
    write_rows(home.corpus("review") / "revisions.parquet", [edited, elsewhere], Sample)
    outcome = judge_book(home, "book")
    assert outcome.changed and outcome.counts["dropped_leak"] == 1
    states = {v.content_hash: v.passed for v in verdicts(home) if v.sample_id == sample.sample_id and v.rule == "leak"}
    assert states == {sample.content_hash: True, edited.content_hash: False}


def test_a_book_without_samples_is_said(home: Home) -> None:
    with pytest.raises(BadInput, match="no finished samples"):
        judge_book(home, "other")


def rows(home: Home) -> list[Sample]:
    return read_rows(home.station("cot", "book") / "samples.parquet", Sample)


def test_a_file_of_samples_is_judged_line_by_line(home: Home, tmp_path: Path) -> None:
    good = rows(home)[0]
    leaking = revised(next(s for s in rows(home) if s.task == "mcq"), "The caption states it.")
    loose = {"task": "reasoning", "messages": [
        {"role": "user", "content": "<image>\nWhat is seen?"},
        {"role": "assistant", "content": "<think>Nests are seen.</think><answer>A carcinoma.</answer>"}]}  # fmt: skip
    path = tmp_path / "samples.jsonl"
    lines = [json.dumps(asdict(good)), "", json.dumps(asdict(leaking)), json.dumps(loose)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    out = list(filter_file(path))
    assert [(row["line"], row["passed"]) for row in out] == [(1, True), (3, False), (4, True)]
    assert out[0]["sample_id"] == good.sample_id
    assert [v["rule"] for v in out[1]["verdicts"] if not v["passed"]] == ["leak"]
    json.dumps(out)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"{", "line 2 is no JSON"), (b"[]", "line 2 is no JSON object"),
        (b'{"task": "mcq"}', "line 2 has no usable messages"),
        (b'{"messages": []}', "line 2 has no task"), (b'{"task": "mcq", "messages": [{"role": "user"}]}', "line 2"),
        (b'{"task": "mcq", "messages": [{"role": "user", "content": [1]}]}', "line 2"),
        (b'{"task": "mcq", "messages": [{"role": "user", "content": "x"}], "options": [1]}', "line 2 has options"),
        (b"\xff\xfe", "UTF-8"),
    ],
)  # fmt: skip
def test_a_bad_line_is_named(home: Home, tmp_path: Path, line: bytes, said: str) -> None:
    path = tmp_path / "samples.jsonl"
    path.write_bytes(json.dumps(asdict(rows(home)[0])).encode() + b"\n" + line + b"\n")
    with pytest.raises(BadInput, match=said):
        list(filter_file(path))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="nothing.jsonl"):
        list(filter_file(tmp_path / "nothing.jsonl"))
