"""The client: a fixed pool of workers over a lazy stream of requests, each reply journalled before the next is sent.

    complete_all(endpoint, requests, journal, take)

Retries are ours, not the SDK's: 429, 5xx, lost connections and bodies without a completion are tried again after
Retry-After (seconds or HTTP date) or an exponential wait with jitter. A reply cut off at max_tokens is asked for once
more with twice the tokens. Equal requests are sent once and share the reply. A row that fails for good becomes a
CallFailure and the others go on; an account that is refused (401, 402, 403, quota) ends the run. Left for later:
adaptive rate control (AIMD), money budgets, the batch API.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from typing import Any
from weakref import WeakValueDictionary

import openai

from assets.errors import BadInput, one_line
from assets.llm.endpoints import Endpoint
from assets.llm.journal import Journal
from assets.llm.replies import Reply, Unusable, read_reply
from assets.llm.requests import Request

LONGEST_WAIT_S = 60.0
LONGEST_ASKED_WAIT_S = 600.0  # an endpoint that asks for more is out of service: the run ends and says so
_ACCOUNT = {401: "refused the API key", 402: "says that the balance is used up", 403: "denies access"}


@dataclass(frozen=True)
class CallFailure:
    """A row that could not be had. `reason`: connection, rate-limit, server, rejected, length, content-filter, refusal
    or empty; the first three may pass."""

    reason: str
    detail: str


Take = Callable[[Request, Reply | CallFailure], None]
Send = Callable[[Request], Awaitable[Reply | CallFailure]]


def complete_all(endpoint: Endpoint, requests: Iterable[Request], journal: Journal, take: Take) -> None:
    """Complete every request and hand each outcome to `take`, in order of arrival.

    `take` gets the request that was answered, which has more `max_tokens` than the one given where that was cut off; a
    reply's usage is the sum of both calls.
    At most `endpoint.concurrency` requests are held in memory. Raises BadInput when the account is refused, the
    endpoint does not know the model, or the API key's variable is not set; replies until then stay in the journal.
    """
    asyncio.run(_run(endpoint, iter(requests), journal, take))


async def _run(endpoint: Endpoint, requests: Iterator[Request], journal: Journal, take: Take) -> None:
    async with openai.AsyncOpenAI(
        base_url=endpoint.base_url, api_key=endpoint.api_key(), timeout=endpoint.timeout_s, max_retries=0
    ) as client:
        in_flight: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

        async def once(request: Request) -> Reply | CallFailure:
            # Of equal requests the later ones wait for the first, and then find its reply in the journal.
            lock = in_flight.setdefault(request.key(), asyncio.Lock())
            async with lock:
                return await _paid_once(client, endpoint, request, journal)

        async def worker() -> None:
            for request in requests:
                take(*await _complete(request, once))

        # The pool ends with its first error and cancels the other workers; the caller gets that error as it is.
        try:
            async with asyncio.TaskGroup() as pool:
                for _ in range(endpoint.concurrency):
                    pool.create_task(worker())
        except BaseExceptionGroup as group:
            refused = [error for error in group.exceptions if isinstance(error, BadInput)]
            raise (refused or group.exceptions)[0] from None


async def _complete(request: Request, send: Send) -> tuple[Request, Reply | CallFailure]:
    """The request that was answered, and its outcome."""
    reply = await send(request)
    if isinstance(reply, Reply) and reply.finish_reason == "length":
        request, cut_off = _longer(request), reply
        reply = await send(request)
        if isinstance(reply, Reply):
            reply = replace(reply, usage=_sum(cut_off.usage, reply.usage))
    return request, reply if isinstance(reply, CallFailure) else _usable(reply)


def _longer(request: Request) -> Request:
    return replace(request, params={**request.params, "max_tokens": 2 * int(request.params.get("max_tokens") or 4096)})


def _sum(first: dict[str, int], second: dict[str, int]) -> dict[str, int]:
    return {name: first.get(name, 0) + second.get(name, 0) for name in first.keys() | second.keys()}


def _usable(reply: Reply) -> Reply | CallFailure:
    if reply.finish_reason in ("length", "refusal"):
        return CallFailure(reply.finish_reason, f"the reply ended with {reply.finish_reason}")
    if reply.finish_reason == "content_filter":
        return CallFailure("content-filter", "the endpoint's content filter withheld the reply")
    if not reply.text:
        return CallFailure("empty", "the reply holds no answer")
    return reply


async def _paid_once(
    client: openai.AsyncOpenAI, endpoint: Endpoint, request: Request, journal: Journal
) -> Reply | CallFailure:
    """The journalled reply, else the endpoint's, tried until it comes or the tries are used up."""
    key = request.key()
    known = journal.find(key)
    if known is not None:
        return read_reply(known)
    failure = CallFailure("server", "not tried")
    for attempt in range(endpoint.tries):
        journal.intend(key, request.tag, {"endpoint": endpoint.name, "model": request.model, "attempt": attempt})
        wait: float | None = None
        try:
            raw = await client.chat.completions.with_raw_response.create(**request.body())
            body = _without_key(endpoint, raw.text)
            reply = read_reply(body)
            if reply.finish_reason == "insufficient_system_resource":  # DeepSeek: interrupted, nothing to keep
                raise Unusable("the endpoint ran out of resources")
            journal.store(key, body)
            return reply
        except openai.APIStatusError as error:
            _raise_when_refused(endpoint, error)
            if error.status_code != 429 and error.status_code != 408 and error.status_code < 500:
                return CallFailure(
                    "rejected", _said(endpoint, f"HTTP {error.status_code}", error.body or error.message)
                )
            wait = retry_after(dict(error.response.headers))
            failure = CallFailure("rate-limit" if error.status_code == 429 else "server", f"HTTP {error.status_code}")
        except openai.APIConnectionError as error:
            failure = CallFailure("connection", _said(endpoint, "connection lost", error.__cause__ or error))
        except Unusable as error:
            failure = CallFailure("server", str(error))
        if attempt + 1 < endpoint.tries:
            if wait is not None and wait > LONGEST_ASKED_WAIT_S:
                raise BadInput(f"endpoint {endpoint.name} asks to wait {wait:.0f} s; run again when it is ready")
            await asyncio.sleep(_wait(endpoint, attempt) if wait is None else wait)
    return replace(failure, detail=f"{failure.detail}, {endpoint.tries} tries")


def _wait(endpoint: Endpoint, attempt: int) -> float:
    # Jitter only spreads the load, it decides nothing that is kept.
    return min(LONGEST_WAIT_S, endpoint.retry_wait_s * 2**attempt) * random.uniform(0.75, 1.25)


def retry_after(headers: dict[str, str]) -> float | None:
    """Seconds that the endpoint asks to wait: retry-after-ms, Retry-After in seconds or as date (RFC 9110, 10.2.3)."""
    given = {name.lower(): value for name, value in headers.items()}
    try:
        if "retry-after-ms" in given:
            return max(0.0, float(given["retry-after-ms"]) / 1000)
        value = given.get("retry-after")
        if value is None:
            return None
        if value.strip().replace(".", "", 1).isdigit():
            return float(value)
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, TypeError):
        return None


def _raise_when_refused(endpoint: Endpoint, error: openai.APIStatusError) -> None:
    """An account or model problem is the same for every row: raise BadInput and end the run."""
    variable = endpoint.api_key_env or "api_key_env (none is named in endpoints.toml)"
    if error.status_code in _ACCOUNT:
        raise BadInput(f"endpoint {endpoint.name} {_ACCOUNT[error.status_code]} (HTTP {error.status_code}); "
                       f"check the key in {variable} and the account, then run again") from None  # fmt: skip
    if error.status_code == 429 and error.code == "insufficient_quota":
        raise BadInput(f"endpoint {endpoint.name} says that the quota of the key in {variable} is used up; "
                       "raise it, then run again") from None  # fmt: skip
    if error.status_code == 404:
        raise BadInput(f"endpoint {endpoint.name} knows no model {endpoint.model!r} at {endpoint.base_url} (HTTP 404); "
                       "check base_url and model in endpoints.toml") from None  # fmt: skip


def _said(endpoint: Endpoint, what: str, detail: Any) -> str:
    """A failure's detail without the API key, which some endpoints echo."""
    text = one_line(Exception(_without_key(endpoint, str(detail))), 200)
    return f"{what}: {text}" if text else what


def _without_key(endpoint: Endpoint, text: str) -> str:
    return text.replace(endpoint.api_key(), "***") if endpoint.api_key_env else text
