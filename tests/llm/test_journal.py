"""The journal survives kill -9: no journalled reply is ever asked for again."""

import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from assets.errors import BadInput
from assets.llm.journal import Journal
from tests.servers.openai_server import OpenAIServer

CLIENT = """
import sys
from pathlib import Path
from assets.llm.client import complete_all
from assets.llm.endpoints import Endpoint
from assets.llm.journal import Journal
from assets.llm.requests import Message, Request

url, folder, count = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
endpoint = Endpoint(name="mock", base_url=url, model="m", concurrency=8, timeout_s=10, retry_wait_s=0.01)
requests = (Request(tag=str(i), messages=(Message("user", f"row {i}"),), model="m") for i in range(count))
done = []
with Journal(folder) as journal:
    complete_all(endpoint, requests, journal, lambda request, outcome: done.append(request.tag))
print(len(done))
"""
ROWS = 80


def client(url: str, folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", CLIENT, url, str(folder), str(ROWS)], stdout=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize("kill_after", [15, 50])
def test_killed_in_mid_run_nothing_journalled_is_paid_again(tmp_path: Path, kill_after: int) -> None:
    with OpenAIServer(latency_s=0.01) as server:
        process = client(server.url, tmp_path)
        while sum(server.written.values()) < kill_after:
            assert process.poll() is None, "the client ended before it could be killed"
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        process.wait()
        journalled = rows_of(tmp_path, "select tag from intent join result using (key)")
        assert journalled, "nothing was journalled before the kill"
        before = dict(server.started)
        again = client(server.url, tmp_path)
        assert again.communicate(timeout=60)[0].strip() == str(ROWS)
        repeated = {key for key, count in server.started.items() if count > 1}
        assert not repeated & {f"row {tag}" for tag in journalled}
        assert len(repeated) <= 8  # the pool: at most the calls in flight
        assert set(before) <= set(server.started) and len(server.started) == ROWS
        assert client(server.url, tmp_path).communicate(timeout=60)[0].strip() == str(ROWS)
        assert sum(server.started.values()) == ROWS + len(repeated)


def rows_of(folder: Path, query: str) -> set[str]:
    found: set[str] = set()
    for path in folder.glob("*.sqlite"):
        with sqlite3.connect(path) as segment:
            found |= {row[0] for row in segment.execute(query)}
    return found


def test_the_intent_is_on_disk_before_the_result(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        journal.intend("k1", "row 1", {"endpoint": "mock"})
        assert rows_of(tmp_path, "select key from intent") == {"k1"}
        assert journal.find("k1") is None
        journal.store("k1", "body")
        assert rows_of(tmp_path, "select key from result") == {"k1"}
    with Journal(tmp_path) as later:
        assert later.find("k1") == "body"
        assert later.find("k2") is None


def test_a_run_without_calls_leaves_no_segment(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        journal.find("k")
    assert not list(tmp_path.iterdir())


def test_a_damaged_segment_is_named(tmp_path: Path) -> None:
    (tmp_path / "20260101T000000-aa.sqlite").write_bytes(b"this is no database, " * 100)
    with pytest.raises(BadInput, match="20260101T000000-aa.sqlite"), Journal(tmp_path):
        pass


def test_a_segment_killed_while_it_was_made_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "20260101T000000-aa.sqlite").write_bytes(b"")
    with Journal(tmp_path) as journal:
        assert journal.find("k") is None


def test_a_paid_reply_is_never_replaced(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        journal.store("k1", "first")
        with pytest.raises(sqlite3.IntegrityError):
            journal.store("k1", "second")
        assert journal.find("k1") == "first"
