"""The client against a loopback server that misbehaves."""

import base64
from dataclasses import replace
from email.utils import formatdate
from pathlib import Path

import pytest

from assets.errors import BadInput
from assets.llm.client import CallFailure, complete_all, retry_after
from assets.llm.endpoints import Endpoint
from assets.llm.journal import Journal
from assets.llm.replies import Reply
from assets.llm.requests import Message as Turn
from assets.llm.requests import Request
from tests.builders import picture
from tests.servers.openai_server import Body, Drop, Message, OpenAIServer, Status

SECRET = "sk-very-secret-4711"


def endpoint(server: OpenAIServer, **changes: object) -> Endpoint:
    made = Endpoint(name="mock", base_url=server.url, model="mock-1", concurrency=4, max_tokens=64, timeout_s=10,
                    tries=4, retry_wait_s=0.01)  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def rows(count: int, start: int = 0) -> list[Request]:
    return [
        Request(tag=f"row {i}", messages=(Turn("user", f"row {i}"),), model="mock-1", params={"max_tokens": 64})
        for i in range(start, start + count)
    ]


def run(
    server: OpenAIServer, folder: Path, requests: list[Request], **changes: object
) -> dict[str, Reply | CallFailure]:
    got: dict[str, Reply | CallFailure] = {}
    with Journal(folder) as journal:
        complete_all(endpoint(server, **changes), iter(requests), journal, lambda r, o: got.update({r.tag: o}))
    return got


def test_every_row_is_answered_and_no_more_than_the_pool_are_in_flight(tmp_path: Path) -> None:
    with OpenAIServer(latency_s=0.02) as server:
        got = run(server, tmp_path, rows(30))
        assert {tag: o.text for tag, o in got.items() if isinstance(o, Reply)} == {
            f"row {i}": f"answer to row {i}" for i in range(30)
        }
        assert sum(server.started.values()) == 30
        assert 1 < server.most_busy <= 4


def test_a_second_run_pays_nothing_and_one_more_row_is_one_call(tmp_path: Path) -> None:
    with OpenAIServer() as server:
        first = run(server, tmp_path, rows(20))
        again = run(server, tmp_path, rows(20))
        assert again == first
        assert sum(server.started.values()) == 20
        run(server, tmp_path, rows(21))
        assert sum(server.started.values()) == 21
        assert server.started["row 20"] == 1


def test_another_draw_model_or_picture_is_another_request(tmp_path: Path) -> None:
    (one,) = rows(1)
    red, blue = picture(1), picture(2)
    variants = [one, replace(one, draw=1), replace(one, model="mock-2"), replace(one, params={"max_tokens": 65}),
                replace(one, messages=(Turn("user", "row 0", (red,)),)),
                replace(one, messages=(Turn("user", "row 0", (blue,)),)),
                replace(one, schema={"type": "object"})]  # fmt: skip
    assert len({request.key() for request in variants}) == len(variants)
    assert one.key() == replace(one, tag="another name").key()


def test_pictures_travel_as_data_urls_before_the_text(tmp_path: Path) -> None:
    image = picture(3)
    (one,) = rows(1)
    with OpenAIServer() as server:
        run(server, tmp_path, [replace(one, messages=(Turn("user", "row 0", (image,)),))])
        parts = server.bodies[0]["messages"][0]["content"]
    assert parts[0]["image_url"]["url"] == "data:image/png;base64," + base64.b64encode(image.data).decode()
    assert parts[1] == {"type": "text", "text": "row 0"}


def test_retry_after_is_waited_for_and_the_row_arrives(tmp_path: Path) -> None:
    with OpenAIServer() as server:
        server.script["row 1"] = [Status(429, {"Retry-After": "0.4"}), Status(429, {"retry-after-ms": "300"})]
        got = run(server, tmp_path, rows(3))
        times = server.times["row 1"]
    assert isinstance(got["row 1"], Reply)
    assert times[1] - times[0] >= 0.4 and times[2] - times[1] >= 0.3


def test_retry_after_forms() -> None:
    assert retry_after({"Retry-After": "3"}) == 3.0
    assert retry_after({"retry-after-ms": "250"}) == 0.25
    assert retry_after({"retry-after": "soon"}) is None
    assert retry_after({}) is None
    assert (retry_after({"Retry-After": formatdate(4102444800, usegmt=True)}) or 0) > 0
    assert retry_after({"Retry-After": formatdate(0, usegmt=True)}) == 0.0


def test_transient_faults_are_tried_again(tmp_path: Path) -> None:
    faults = {
        "row 0": [Status(500), Status(503)], "row 1": [Drop()], "row 2": [Body("<html>gateway</html>")],
        "row 3": [Body("")], "row 4": [Body('{"error": {"message": "overloaded"}}')],
        "row 5": [Body('{"choices": []}')],
        "row 6": [Message({"content": "half"}, "insufficient_system_resource")],
    }  # fmt: skip
    with OpenAIServer() as server:
        server.script = {key: list(acts) for key, acts in faults.items()}
        got = run(server, tmp_path, rows(8))
        assert {tag for tag, outcome in got.items() if isinstance(outcome, Reply)} == {f"row {i}" for i in range(8)}
        assert server.started["row 0"] == 3 and server.started["row 1"] == 2 and server.started["row 7"] == 1


def test_rows_that_fail_for_good_leave_the_others_alone(tmp_path: Path) -> None:
    with OpenAIServer() as server:
        server.script = {
            "row 2": [Status(500)] * 9,
            "row 5": [Status(400, error={"message": f"context too long for key {SECRET}"})],
            "row 7": [Message({"content": "no"}, "content_filter")],
            "row 8": [Message({"content": None, "refusal": "I will not"})],
            "row 9": [Message({"content": "", "reasoning_content": "only thoughts"})],
        }
        got = run(server, tmp_path, rows(40))
        failed = {tag: o.reason for tag, o in got.items() if isinstance(o, CallFailure)}
        assert failed == {"row 2": "server", "row 5": "rejected", "row 7": "content-filter", "row 8": "refusal",
                          "row 9": "empty"}  # fmt: skip
        assert len(got) == 40
        assert server.started["row 2"] == 4 and server.started["row 5"] == 1
        # Replies that were paid for are not paid again, though nothing can be made of them.
        run(server, tmp_path, rows(40))
        assert server.started["row 7"] == server.started["row 8"] == server.started["row 9"] == 1


def test_a_reply_cut_off_is_asked_for_once_more_with_more_tokens(tmp_path: Path) -> None:
    with OpenAIServer() as server:
        server.script = {
            "row 0": [Message({"content": "cut o"}, "length")],
            "row 1": [Message({"content": "a"}, "length"), Message({"content": "b"}, "length")],
        }
        got = run(server, tmp_path, rows(2))
        assert isinstance(got["row 0"], Reply) and got["row 0"].text == "answer to row 0"
        assert got["row 0"].usage == {
            "prompt_tokens": 14,
            "completion_tokens": 6,
            "total_tokens": 20,
            "reasoning_tokens": 4,
        }
        assert isinstance(got["row 1"], CallFailure) and got["row 1"].reason == "length"
        assert server.started == {"row 0": 2, "row 1": 2}
        assert sorted(b["max_tokens"] for b in server.bodies) == [64, 64, 128, 128]
        run(server, tmp_path, rows(2))
        assert server.started == {"row 0": 2, "row 1": 2}


@pytest.mark.parametrize("code", [401, 402, 403])
def test_a_refused_account_ends_the_run_and_names_the_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    monkeypatch.setenv("MOCK_KEY", SECRET)
    with OpenAIServer() as server:
        server.script["row 3"] = [Status(code, error={"message": f"Incorrect API key provided: {SECRET}"})]
        with pytest.raises(BadInput, match="MOCK_KEY") as caught:
            run(server, tmp_path, rows(50), api_key_env="MOCK_KEY", concurrency=1)
        assert SECRET not in str(caught.value)
        assert sum(server.started.values()) == 4
        got = run(server, tmp_path, rows(50), api_key_env="MOCK_KEY")
        assert len(got) == 50
        assert server.started["row 0"] == 1


def test_a_missing_key_is_said_before_anything_is_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MOCK_KEY", raising=False)
    with OpenAIServer() as server:
        with pytest.raises(BadInput, match="MOCK_KEY"):
            run(server, tmp_path, rows(1), api_key_env="MOCK_KEY")
        assert not server.started


def test_quota_and_unknown_model_end_the_run(tmp_path: Path) -> None:
    with OpenAIServer() as server:
        server.script["row 0"] = [Status(429, error={"message": "x", "code": "insufficient_quota"})]
        with pytest.raises(BadInput, match="quota"):
            run(server, tmp_path, rows(1))
        server.script["row 0"] = [Status(404)]
        with pytest.raises(BadInput, match="mock-1"):
            run(server, tmp_path, rows(1))


def test_the_secret_is_sent_and_written_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCK_KEY", SECRET)
    with OpenAIServer() as server:
        server.script["row 1"] = [Status(400, error={"message": f"bad request of {SECRET}"})]
        got = run(server, tmp_path, rows(3), api_key_env="MOCK_KEY")
        assert server.keys == {f"Bearer {SECRET}"}
    assert isinstance(got["row 1"], CallFailure) and SECRET not in got["row 1"].detail and "***" in got["row 1"].detail
    for path in tmp_path.rglob("*"):
        assert SECRET.encode() not in path.read_bytes()


def test_no_server_at_all_is_a_failure_of_the_rows(tmp_path: Path) -> None:
    with OpenAIServer() as server:
        pass
    got = run(server, tmp_path, rows(2), tries=2)
    assert [o.reason for o in got.values() if isinstance(o, CallFailure)] == ["connection", "connection"]


def test_an_error_of_the_caller_is_passed_on_as_it_is(tmp_path: Path) -> None:
    def broken(request: Request, outcome: Reply | CallFailure) -> None:
        raise RuntimeError("caller's own bug")

    with OpenAIServer() as server, Journal(tmp_path) as journal, pytest.raises(RuntimeError, match="own bug"):
        complete_all(endpoint(server), rows(5), journal, broken)


def test_the_caller_gets_the_request_that_was_answered(tmp_path: Path) -> None:
    asked: dict[str, int] = {}
    with OpenAIServer() as server, Journal(tmp_path) as journal:
        server.script["row 1"] = [Message({"content": "cut o"}, "length")]
        complete_all(endpoint(server), rows(3), journal, lambda r, o: asked.update({r.tag: r.params["max_tokens"]}))
    assert asked == {"row 0": 64, "row 1": 128, "row 2": 64}


def test_equal_requests_in_flight_are_sent_once_and_share_the_reply(tmp_path: Path) -> None:
    counter = iter(range(100))
    (one,) = rows(1)
    twins = [replace(one, tag=f"twin {i}") for i in range(6)] + [replace(one, tag="another draw", draw=1)]
    with OpenAIServer(answer=lambda key: f"reply {next(counter)}", latency_s=0.05) as server:
        got = run(server, tmp_path, twins, concurrency=7)
        assert sum(server.started.values()) == 2
        texts = {tag: o.text for tag, o in got.items() if isinstance(o, Reply)}
        assert len(texts) == 7 and len({text for tag, text in texts.items() if tag.startswith("twin")}) == 1
        assert texts["another draw"] != texts["twin 0"]
        assert run(server, tmp_path, twins) == got
        assert sum(server.started.values()) == 2
