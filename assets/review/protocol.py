"""What goes out to a reviewer and what comes back: the batch's manifest and the lines of an annotations.jsonl.

A return file is JSON lines: first one manifest line, then one event a line in the order in which the reviewer acted.
`event_id` is the SHA-256 of the event's canonical JSON (sorted keys, NFC, LF) without `event_id` itself, and
`prev_event_hash` the `event_id` before it (the first one's is the batch hash). The page computes the same in
JavaScript. The chain proves that nothing was changed, left out or put in between; it does not prove who was typing.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from assets.errors import BadInput, one_line
from assets.schema import canonical_json, content_hash

FORMAT = 1
MANIFEST_KEYS = {"batch_id", "batch_hash", "reviewer", "role", "items"}
TOOL = "pathcorpus-page/1"
ROLE = "primary"
TAG_CODES = (
    "hallucinated_finding", "wrong_diagnosis", "leaked_caption", "image_text_mismatch", "unanswerable", "unsafe",
)  # fmt: skip
REVIEWER = re.compile(r"^[A-Za-z0-9_-]{1,40}\Z")
MAX_TEXT = 50_000
MAX_INT = 2**53 - 1  # the largest integer that the page can count exactly
# An edit that brought these would break the form of the sample's messages.
FORBIDDEN_IN_EDITS = re.compile(r"</?(?:think|answer)>|<image>", re.IGNORECASE)

Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Id = Annotated[str, Field(pattern=r"^[0-9a-f]{20}$")]
Short = Annotated[str, Field(max_length=80)]


class Line(BaseModel):
    """Strict: no unknown field, no conversion of types, no NUL in any text."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    @field_validator("*")
    @classmethod
    def _no_nul(cls, value: Any) -> Any:
        if isinstance(value, str) and "\x00" in value:
            raise ValueError("holds a NUL character")
        return value


class Tag(Line):
    code: Literal[TAG_CODES]  # type: ignore[valid-type]
    severity: Literal["major", "minor"]
    field: Short


class Edit(Line):
    field_path: Annotated[str, Field(pattern=r"^turns/\d{1,3}/(reasoning|answer)$")]
    base_hash: Hash
    new_text: Annotated[str, Field(max_length=MAX_TEXT)]

    @field_validator("new_text")
    @classmethod
    def _keeps_the_form(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("is empty")
        if FORBIDDEN_IN_EDITS.search(value):
            raise ValueError("holds a <think>, <answer> or <image> mark")
        return value


class Rating(Line):
    name: Short
    value: Annotated[int, Field(ge=1, le=5)]


class Event(Line):
    """One saved action: the whole state of one subject after it. `verdict` null means no verdict (any more)."""

    type: Literal["event"]
    event_id: Hash
    batch_id: Id
    batch_hash: Hash
    reviewer: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
    role: Literal["primary", "secondary", "adjudicator"]
    device_id: Annotated[str, Field(pattern=r"^[0-9a-f]{8,64}$")]
    client_seq: Annotated[int, Field(ge=1, le=MAX_INT)]
    subject_type: Literal["sample"]
    subject_id: Id
    content_hash: Hash
    image_hash: Hash
    verdict: Literal["accept", "revise", "reject", "abstain"] | None
    tags: Annotated[list[Tag], Field(max_length=40)]
    edits: Annotated[list[Edit], Field(max_length=100)]
    ratings: Annotated[list[Rating], Field(max_length=20)]
    comment: Annotated[str, Field(max_length=MAX_TEXT)]
    blind: bool
    client_at: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$")]
    active_ms: Annotated[int, Field(ge=0, le=MAX_INT)]
    tool: Short
    prev_event_hash: Hash

    @model_validator(mode="after")
    def _edits_belong_to_revise(self) -> "Event":
        if (self.verdict == "revise") != bool(self.edits):
            raise ValueError("a revision needs edits, and only a revision has them")
        if len({edit.field_path for edit in self.edits}) != len(self.edits):
            raise ValueError("one field is edited twice")
        return self


class Manifest(Line):
    """First line of a return file. `events` and `head` (last event_id) tell a file that was cut off."""

    type: Literal["manifest"]
    format: int
    batch_id: Id
    batch_hash: Hash
    reviewer: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
    role: Literal["primary", "secondary", "adjudicator"]
    device_id: Annotated[str, Field(pattern=r"^[0-9a-f]{8,64}$")]
    events: Annotated[int, Field(ge=0, le=MAX_INT)]
    head: Hash
    tool: Short


def read_manifest(path: Path) -> dict[str, Any]:
    """The manifest.json of an issued batch. Raises BadInput when it is damaged."""
    try:
        batch = json.loads(path.read_text(encoding="utf-8"))
        missing = MANIFEST_KEYS - batch.keys()
    except (ValueError, AttributeError, RecursionError) as error:
        raise BadInput(f"{path} is damaged ({one_line(error, 120)}); restore it from the exported batch") from error
    if missing:
        raise BadInput(f"{path} is damaged (it lacks {min(missing)}); restore it from the exported batch")
    return batch


def event_id(event: dict[str, Any]) -> str:
    """The id that an event must carry."""
    return content_hash({name: value for name, value in event.items() if name != "event_id"})


def batch_hash(items: Iterable[dict[str, Any]]) -> str:
    """SHA-256 over the sorted (subject, content hash, image hash) of a batch."""
    triples = sorted([item["subject_id"], item["content_hash"], item["image_hash"]] for item in items)
    return hashlib.sha256(canonical_json(triples)).hexdigest()


def return_file(manifest: dict[str, Any], events: list[dict[str, Any]]) -> bytes:
    """Bytes of an annotations.jsonl as the page writes it."""
    head = events[-1]["event_id"] if events else manifest["batch_hash"]
    first = {**manifest, "type": "manifest", "format": FORMAT, "events": len(events), "head": head}
    return b"".join(canonical_json(line) + b"\n" for line in [first, *events])
