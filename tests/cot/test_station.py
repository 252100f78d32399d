"""The cot station on disk, with both generators; the endpoint is a loopback server."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from assets.cot.station import generate_book
from assets.errors import BadInput
from assets.filters.station import judge_book
from assets.records import Cluster, Failure, Pair, PairKind, Sample, Split
from assets.store import Home, open_home, publish, read_rows, state_of, write_pack, write_rows
from tests.builders import kinds_of, picture
from tests.cot.pairs import book_pairs
from tests.servers.openai_server import Message, OpenAIServer, Status

TEXTS = {
    "Task: one multiple-choice": {"question": "Which finding is seen?", "reasoning": "The cells form nests.",
                                  "right": "Nests", "wrong": ["Papillae", "Single files", "Tubules"]},
    "Task: a conversation": {"turns": [
        {"question": "What do you see?", "reasoning": "Architecture comes first here.", "answer": "Nests of cells."},
        {"question": "What is it?", "reasoning": "Nests in a dense stroma point there.", "answer": "A carcinoma."}]},
    "Task:": {"question": "What is seen here?", "reasoning": "Architecture comes first.", "answer": "Nests of cells."},
}  # fmt: skip


def book_home(tmp_path: Path, pairs: list[Pair] | None = None) -> Home:
    home = open_home(tmp_path / "home")
    image = picture(1)
    rows = [replace(p, image=image.sha256) for p in (pairs or book_pairs())]
    clusters = [
        Cluster(pair_id=p.pair_id, cluster_id=p.pair_id, book="book", duplicate_of=None, evidence="", pixels="")
        for p in rows
    ]
    splits = [Split(cluster_id=p.pair_id, split="train", purpose="sft", book="book") for p in rows]

    def put(station: str, **tables: tuple[list, type]) -> None:
        def build(folder: Path) -> dict[str, int]:
            for name, (table, record) in tables.items():
                write_rows(folder / f"{name}.parquet", table, record)
            return {}

        inputs = {"rows": [row.content_hash for row in rows]}
        publish(home.station(station, "book"), station=station, book="book", inputs=inputs, build=build)

    put("pairs", pairs=(rows, Pair))
    put("kinds", kinds=(kinds_of(rows), PairKind))
    put("ledger", clusters=(clusters, Cluster), splits=(splits, Split))
    write_pack(home.station("figures", "book") / "images.parquet", [image])
    return home


def samples_of(home: Home) -> list[Sample]:
    return read_rows(home.station("cot", "book") / "samples.parquet", Sample)


def test_extractive_end_to_end_and_again_without_a_byte_changed(tmp_path: Path) -> None:
    home = book_home(tmp_path)
    outcome = generate_book(home, "book", "extractive")
    assert outcome.changed and outcome.counts["samples"] == len(samples_of(home)) > 50
    assert_written_from_the_present_pairs(home)
    assert all(s.seed is not None for s in samples_of(home))
    assert outcome.counts["samples"] + outcome.counts["too_thin"] == outcome.counts["eligible"] * 12
    before = state_of(outcome.folder)
    assert not generate_book(home, "book", "extractive").changed
    (outcome.folder / "seal.json").unlink()
    assert generate_book(home, "book", "extractive").changed
    assert state_of(outcome.folder) == before
    judged = judge_book(home, "book")
    assert judged.counts["samples"] == judged.counts["passed"] == outcome.counts["samples"]


def test_unknown_generator_and_missing_pairs_are_said(tmp_path: Path) -> None:
    home = book_home(tmp_path)
    with pytest.raises(BadInput, match=r"\[deep\].*endpoints.toml"):
        generate_book(home, "book", "deep")
    with pytest.raises(BadInput, match="no finished pairs"):
        generate_book(home, "other", "extractive")
    assert not home.station("cot", "other").exists()


def assert_written_from_the_present_pairs(home: Home) -> None:
    pairs = read_rows(home.station("pairs", "book") / "pairs.parquet", Pair)
    hashes = {pair.pair_id: pair.content_hash for pair in pairs}
    assert all(sample.pair_hash == hashes[sample.pair_id] for sample in samples_of(home))


def with_endpoint(home: Home, server: OpenAIServer, more: str = "") -> None:
    text = f'[mock]\nbase_url = "{server.url}"\nmodel = "mock-1"\nretry_wait_s = 0.01\ntries = 2\n{more}'
    (home.root / "endpoints.toml").write_text(text)


def replying(server: OpenAIServer) -> None:
    """Answer each prompt by its task; the server knows requests by their last line, so it looks at the whole body."""

    def answer(key: str) -> str:
        asked = server.bodies[-1]["messages"][-1]["content"]
        text = asked if isinstance(asked, str) else asked[-1]["text"]
        return "```json\n" + json.dumps(next(reply for task, reply in TEXTS.items() if task in text)) + "\n```"

    server.answer = answer


def test_an_endpoint_fills_every_cell_and_is_paid_once(tmp_path: Path) -> None:
    home = book_home(tmp_path, book_pairs()[:2])
    with OpenAIServer() as server:
        replying(server)
        with_endpoint(home, server, "concurrency = 1\nimages = true\n")
        outcome = generate_book(home, "book", "mock")
        calls = sum(server.started.values())
        made = samples_of(home)
        assert outcome.counts["failures"] == 0 and calls == len(made) > 15
        assert {s.model for s in made} == {"mock-1"}
        assert_written_from_the_present_pairs(home)
        assert {s.seed for s in made} == {None} and all("seed" not in body for body in server.bodies)
        assert all(s.prompt_id == f"{s.image_kind}/{s.task}/{s.difficulty}" for s in made)
        assert all(json.loads(s.usage)["total_tokens"] == 10 for s in made)
        assert server.bodies[0]["messages"][0]["content"][0]["type"] == "image_url"
        for sample in (s for s in made if s.task == "mcq"):
            assert sample.options["ABCD".index(sample.answer)] == "Nests"
        assert judge_book(home, "book").counts["dropped_schema"] == 0
        (outcome.folder / "seal.json").unlink()
        generate_book(home, "book", "mock")
        assert sum(server.started.values()) == calls


def test_failed_rows_are_kept_apart_and_transient_ones_tried_by_the_next_run(tmp_path: Path) -> None:
    home = book_home(tmp_path, book_pairs()[:1])
    with OpenAIServer() as server:
        replying(server)
        with_endpoint(home, server, "concurrency = 1\n")
        server.script["*"] = [Status(500), Status(500), Message({"content": "I would rather chat."})]
        outcome = generate_book(home, "book", "mock")
        failures = read_rows(outcome.folder / "failures.parquet", Failure)
        assert {f.reason for f in failures} == {"server", "reply-format"}
        assert outcome.counts["samples"] > 8
        calls = sum(server.started.values())
        again = generate_book(home, "book", "mock")
        assert sum(server.started.values()) == calls + 1  # the server's row alone; the chat was paid for and read
        assert again.counts["samples"] == outcome.counts["samples"] + 1
        assert not generate_book(home, "book", "mock").changed


def test_a_refused_key_leaves_no_results_but_the_journal(tmp_path: Path) -> None:
    home = book_home(tmp_path, book_pairs()[:1])
    with OpenAIServer() as server:
        replying(server)
        with_endpoint(home, server, "concurrency = 1\n")
        server.script["*"] = [Message({"content": "x"}), Status(401)]
        with pytest.raises(BadInput, match="refused the API key"):
            generate_book(home, "book", "mock")
        assert not list(home.station("cot", "book").glob("*.parquet"))
        assert list((home.root / "journal" / "book").glob("*.sqlite"))


def test_a_retry_that_is_refused_leaves_the_samples_valid(tmp_path: Path) -> None:
    home = book_home(tmp_path, book_pairs()[:1])
    with OpenAIServer() as server:
        replying(server)
        with_endpoint(home, server, "concurrency = 1\n")
        server.script["*"] = [Status(500), Status(500)]
        first = generate_book(home, "book", "mock")
        server.script["*"] = [Status(401)]
        with pytest.raises(BadInput, match="refused the API key"):
            generate_book(home, "book", "mock")
        assert judge_book(home, "book").counts["samples"] == first.counts["samples"] > 8
        server.script["*"] = []
        assert generate_book(home, "book", "mock").counts["samples"] == first.counts["samples"] + 1


def test_paid_samples_are_not_overwritten_by_the_extractive_generator(tmp_path: Path) -> None:
    home = book_home(tmp_path, book_pairs()[:1])
    generate_book(home, "book", "extractive")
    with OpenAIServer() as server:
        replying(server)
        with_endpoint(home, server, "concurrency = 1\n")
        assert generate_book(home, "book", "mock").changed
    before = state_of(home.station("cot", "book"))
    with pytest.raises(BadInput, match="samples of a language model"):
        generate_book(home, "book", "extractive")
    assert state_of(home.station("cot", "book")) == before


def test_an_endpoint_that_answers_nothing_changes_nothing(tmp_path: Path) -> None:
    home = book_home(tmp_path, book_pairs()[:1])
    generate_book(home, "book", "extractive")
    before = state_of(home.station("cot", "book"))
    text = '[dead]\nbase_url = "http://127.0.0.1:1/v1"\nmodel = "m"\ntries = 1\nretry_wait_s = 0.0\n'
    (home.root / "endpoints.toml").write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match="gave no usable reply to any of"):
        generate_book(home, "book", "dead")
    assert state_of(home.station("cot", "book")) == before


def test_a_row_names_the_call_that_was_answered_and_all_that_was_paid(tmp_path: Path) -> None:
    home = book_home(tmp_path, book_pairs()[:1])
    with OpenAIServer() as server:
        replying(server)
        with_endpoint(home, server, "concurrency = 1\nmax_tokens = 100\n")
        server.script["*"] = [Message({"content": "{ cut o"}, "length")]
        generate_book(home, "book", "mock")
        calls = sum(server.started.values())
    made = samples_of(home)
    assert calls == len(made) + 1
    asked = {s.sample_id: json.loads(s.params)["max_tokens"] for s in made}
    paid = {s.sample_id: json.loads(s.usage)["total_tokens"] for s in made}
    (twice,) = [name for name, tokens in asked.items() if tokens == 200]
    assert {name: tokens for name, tokens in asked.items() if name != twice} == dict.fromkeys(
        asked.keys() - {twice}, 100
    )
    assert paid.pop(twice) == 20 and set(paid.values()) == {10}


def test_panels_with_one_text_pay_one_reply_which_both_get(tmp_path: Path) -> None:
    """ "(A, B) Low and high power": without pictures the requests of both panels are equal."""
    one = book_pairs()[0]
    twins = [replace(one, pair_id=f"{letter * 20}", panel_id=letter * 20) for letter in "ab"]
    home = book_home(tmp_path, twins)
    with OpenAIServer(latency_s=0.02) as server:
        replies = iter(range(10_000))
        server.answer = lambda key: f"reply {next(replies)} is no JSON"  # every call gets another reply
        with_endpoint(home, server, "concurrency = 8\n")
        with pytest.raises(BadInput, match="gave no usable reply"):
            generate_book(home, "book", "mock")
        texts = {body["messages"][0]["content"] for body in server.bodies}
        assert len(server.bodies) == len(texts)  # one call for each of the different texts
        with pytest.raises(BadInput, match=f"any of {2 * len(texts)} requests"):
            generate_book(home, "book", "mock")
        assert len(server.bodies) == len(texts)
