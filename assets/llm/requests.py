"""A request as it is sent, and the key under which its reply is journalled.

The key covers what decides the reply: messages (a picture by its SHA-256), model, parameters, output schema, and the
draw, which tells repeated samples of one request apart. Endpoint, prompt id and cost are attributes, no part of it.
"""

import base64
from dataclasses import dataclass, field
from typing import Any

from assets.records import Image
from assets.schema import content_hash


@dataclass(frozen=True)
class Message:
    """One turn of a request; pictures come before the text."""

    role: str
    text: str
    pictures: tuple[Image, ...] = ()


@dataclass(frozen=True)
class Request:
    """`tag` is the caller's own name for the row; `schema` the JSON Schema that the reply is asked to follow."""

    tag: str
    messages: tuple[Message, ...]
    model: str
    params: dict[str, Any] = field(default_factory=dict)
    schema: dict[str, Any] | None = None
    draw: int = 0

    def key(self) -> str:
        """64 hex digits; equal for equal content, whatever the endpoint."""
        turns = [[m.role, m.text, [picture.sha256 for picture in m.pictures]] for m in self.messages]
        return content_hash([turns, self.model, self.params, self.schema, self.draw])

    def body(self) -> dict[str, Any]:
        """Arguments of chat.completions.create; pictures as data: URLs."""
        return {"model": self.model, "messages": [_wire(m) for m in self.messages], **self.params}


def _wire(message: Message) -> dict[str, Any]:
    if not message.pictures:
        return {"role": message.role, "content": message.text}
    parts: list[dict[str, Any]] = [
        {"type": "image_url", "image_url": {"url": f"data:{p.media_type};base64,{base64.b64encode(p.data).decode()}"}}
        for p in message.pictures
    ]
    return {"role": message.role, "content": [*parts, {"type": "text", "text": message.text}]}
