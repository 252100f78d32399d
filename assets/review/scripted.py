"""A reviewer by script: writes the annotations.jsonl that the page would write. For the demo and tests.

    annotate_batch(folder, "demo", {subject_id: Review("accept"), other: Review("reject", comment="no such cell")})

Every event names this program as its tool, so that no such row passes for an expert's.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assets.errors import BadInput
from assets.review.protocol import event_id, return_file
from assets.schema import stable_id
from assets.store import write_bytes

TOOL = "pathcorpus-scripted/1"
# One fixed time: the same script on the same batch writes the same events, and importing them again adds nothing.
CLIENT_AT = "2000-01-01T00:00:00Z"


@dataclass(frozen=True)
class Review:
    """What the script says of one subject. `edits` maps a field path (turns/0/reasoning) to its new text."""

    verdict: str | None
    edits: Mapping[str, str] = field(default_factory=dict)
    tags: tuple[tuple[str, str], ...] = ()
    comment: str = ""


def items_of(folder: Path) -> list[dict[str, Any]]:
    """The items of an exported batch, in the order of its page."""
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["items"]


def annotate_batch(folder: Path, reviewer: str, verdicts: Mapping[str, Review]) -> Path:
    """Write `folder/annotations.jsonl` with one event per entry of `verdicts`, in the batch's order.

    Raises BadInput when the batch was issued to another reviewer or does not hold a subject or field.
    """
    batch = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    if batch["reviewer"] != reviewer:
        raise BadInput(f"batch {batch['batch_id']} was issued to {batch['reviewer']}, not to {reviewer}")
    unknown = sorted(set(verdicts) - {item["subject_id"] for item in batch["items"]})
    if unknown:
        raise BadInput(f"batch {batch['batch_id']} holds no sample {unknown[0]}")
    device = stable_id("scripted", batch["batch_id"], reviewer)
    common = {name: batch[name] for name in ("batch_id", "batch_hash", "reviewer", "role")} | {"device_id": device}
    events: list[dict[str, Any]] = []
    for item in batch["items"]:
        review = verdicts.get(item["subject_id"])
        if review is None:
            continue
        missing = sorted(set(review.edits) - set(item["fields"]))
        if missing:
            raise BadInput(f"sample {item['subject_id']} has no field {missing[0]}")
        event: dict[str, Any] = {
            **common,
            "type": "event",
            "client_seq": len(events) + 1,
            "subject_type": "sample",
            "subject_id": item["subject_id"],
            "content_hash": item["content_hash"],
            "image_hash": item["image_hash"],
            "verdict": review.verdict,
            "tags": [{"code": code, "severity": severity, "field": ""} for code, severity in review.tags],
            "edits": [
                {"field_path": path, "base_hash": item["fields"][path], "new_text": text}
                for path, text in sorted(review.edits.items())
            ],
            "ratings": [],
            "comment": review.comment,
            "blind": True,
            "client_at": CLIENT_AT,
            "active_ms": 0,
            "tool": TOOL,
            "prev_event_hash": events[-1]["event_id"] if events else batch["batch_hash"],
        }
        events.append(event | {"event_id": event_id(event)})
    path = folder / "annotations.jsonl"
    write_bytes(path, return_file({**common, "tool": TOOL}, events))
    return path
