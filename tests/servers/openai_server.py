"""A loopback server that speaks chat.completions, misbehaves on order and keeps a ledger.

    with OpenAIServer() as server:
        server.script["row 3"] = [Status(429, {"Retry-After": "0.2"})]      # first call; later calls are answered
        ... base_url=server.url ...
        server.written["row 3"]

A request is known by the last line of its last message's text. `started` counts requests that arrived, `written`
replies that were sent whole.
"""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any


@dataclass
class Status:
    """An error answer."""

    code: int
    headers: dict[str, str] = field(default_factory=dict)
    error: dict[str, Any] = field(default_factory=lambda: {"message": "no"})


@dataclass
class Body:
    """A 200 answer with this body, whatever it is."""

    text: str


@dataclass
class Message:
    """A completion with these message fields and finish reason."""

    fields: dict[str, Any]
    finish: str = "stop"


class Drop:
    """The connection is cut in the middle of the body."""


Act = Status | Body | Message | Drop


def completion(fields: dict[str, Any], finish: str = "stop", model: str = "mock-1") -> str:
    message = {"role": "assistant", **fields}
    usage = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10,
             "completion_tokens_details": {"reasoning_tokens": 2}}  # fmt: skip
    choice = {"index": 0, "message": message, "finish_reason": finish}
    return json.dumps({"id": "c1", "object": "chat.completion", "created": 1, "model": model, "choices": [choice],
                       "usage": usage})  # fmt: skip


class OpenAIServer:
    def __init__(self, answer: Callable[[str], str] = lambda key: f"answer to {key}", latency_s: float = 0.0) -> None:
        self.answer, self.latency_s = answer, latency_s
        self.script: dict[str, list[Act]] = {}
        self.started: Counter[str] = Counter()
        self.written: Counter[str] = Counter()
        self.times: dict[str, list[float]] = {}
        self.bodies: list[dict[str, Any]] = []
        self.keys: set[str] = set()
        self.busy = self.most_busy = 0
        self.lock = threading.Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_port}/v1"

    def __enter__(self) -> "OpenAIServer":
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.shutdown()
        self._http.server_close()

    def _handler(server) -> type[BaseHTTPRequestHandler]:  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 1 << 16  # headers and body in one packet, else each answer waits for a delayed ACK
            disable_nagle_algorithm = True

            def log_message(self, *args: Any) -> None:
                pass

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                key = server._arrived(body, self.headers.get("Authorization", ""))
                try:
                    time.sleep(server.latency_s)
                    self._act(key, server._next(key))
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True
                finally:
                    with server.lock:
                        server.busy -= 1

            def _act(self, key: str, act: Act) -> None:
                if isinstance(act, Status):
                    self._send(act.code, json.dumps({"error": act.error}), act.headers)
                elif isinstance(act, Drop):
                    self.send_response(200)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", "100000")
                    self.end_headers()
                    self.wfile.write(b'{"choices": [')
                    self.wfile.flush()
                    self.close_connection = True
                else:
                    text = act.text if isinstance(act, Body) else completion(act.fields, act.finish)
                    self._send(200, text, {})
                    with server.lock:
                        server.written[key] += 1

            def _send(self, code: int, text: str, headers: dict[str, str]) -> None:
                data = text.encode()
                self.send_response(code)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)
                self.wfile.flush()

        return Handler

    def _arrived(self, body: dict[str, Any], key_header: str) -> str:
        content = body["messages"][-1]["content"]
        text = content if isinstance(content, str) else "".join(part.get("text", "") for part in content)
        key = text.strip().split("\n")[-1]
        with self.lock:
            self.started[key] += 1
            self.times.setdefault(key, []).append(time.monotonic())
            self.bodies.append(body)
            self.keys.add(key_header)
            self.busy += 1
            self.most_busy = max(self.most_busy, self.busy)
        return key

    def _next(self, key: str) -> Act:
        with self.lock:
            queue = self.script.get(key) or self.script.get("*") or []
            return queue.pop(0) if queue else Message({"content": self.answer(key)})
