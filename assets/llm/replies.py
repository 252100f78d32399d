"""The reply normaliser: one form for what the providers send.

Reasoning arrives as `reasoning_content` (DeepSeek, vLLM up to 0.11.1), as `reasoning` (vLLM since), or inline in
<think> tags, of which a chat template may have swallowed the opening one. Whatever the shape: reasoning here, answer
there, no tag in either.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any

_OPEN, _CLOSE = re.compile(r"<think(?:ing)?>", re.I), re.compile(r"</think(?:ing)?>", re.I)


@dataclass(frozen=True)
class Reply:
    """A reply that can be used. `sha256` is that of the body as received."""

    text: str
    reasoning: str
    finish_reason: str
    model: str
    usage: dict[str, Any]
    sha256: str
    system_fingerprint: str = ""


class Unusable(Exception):
    """A body that is no completion (HTML, empty, an error object): worth another try."""


def read_reply(body: str) -> Reply:
    """Normalise a response body. Raises Unusable when it holds no completion."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unusable("the endpoint answered with something that is no JSON") from error
    choices = data.get("choices") if isinstance(data, dict) and not data.get("error") else None
    if not isinstance(choices, list) or not choices:
        raise Unusable("the endpoint answered without a completion")
    choice = choices[0]
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(message, dict):
        raise Unusable("the endpoint answered without a message")
    reasoning, text = split_thinking(_text(message.get("content")))
    given = _text(message.get("reasoning_content")) or _text(message.get("reasoning"))
    finish = str(choice.get("finish_reason") or "stop")
    if message.get("refusal"):
        finish = "refusal"
    return Reply(
        text=text, reasoning=_untagged(given) or reasoning, finish_reason=finish, model=str(data.get("model") or ""),
        usage=_usage(data.get("usage")), sha256=hashlib.sha256(body.encode()).hexdigest(),
        system_fingerprint=str(data.get("system_fingerprint") or ""),
    )  # fmt: skip


def split_thinking(content: str) -> tuple[str, str]:
    """(reasoning, answer) of a content with inline thinking: closed, without its opening tag, nested, or cut off."""
    closing = list(_CLOSE.finditer(content))
    opening = _OPEN.search(content)
    if closing and (opening is None or opening.start() < closing[-1].start()):
        head, text = content[: closing[-1].start()], content[closing[-1].end() :]
        before = head[: opening.start()] if opening else ""
        if before.strip():  # text before the first tag belongs to the answer
            head, text = head[len(before) :], before + text
    elif opening:
        head, text = content[opening.end() :], content[: opening.start()]
    else:
        head, text = "", content
    return _untagged(head), _untagged(text)


def _untagged(text: str) -> str:
    return _CLOSE.sub("", _OPEN.sub("", text)).strip()


def _text(value: Any) -> str:
    """Text of a content field: a string, or a list of typed parts."""
    if isinstance(value, list):
        return "".join(str(part.get("text") or "") for part in value if isinstance(part, dict))
    return value if isinstance(value, str) else ""


def _usage(value: Any) -> dict[str, int]:
    """Token counts as flat integers, details included under their own names."""
    flat: dict[str, int] = {}
    for name, number in (value if isinstance(value, dict) else {}).items():
        nested = number if isinstance(number, dict) else {name: number}
        flat |= {key: count for key, count in nested.items() if isinstance(count, int) and count >= 0}
    return flat
