"""What every filter reads and returns."""

import re

from assets.answers import read_answer
from assets.records import Sample, Verdict

TAG = re.compile(r"</?(?:think|answer)>|<image>")


def verdict(sample: Sample, rule: str, version: str, reason: str, score: float | None = None) -> Verdict:
    """Passed when `reason` is empty; `score` (1 is clean) defaults to 1 or 0 accordingly."""
    return Verdict(
        sample_id=sample.sample_id,
        content_hash=sample.content_hash,
        rule=rule,
        rule_version=version,
        passed=not reason,
        score=score if score is not None else float(not reason),
        reason=reason,
    )


def turns(sample: Sample, role: str) -> list[str]:
    """Contents of all turns of one role."""
    return [str(message["content"]) for message in sample.messages if message["role"] == role]


def parts(sample: Sample) -> list[str]:
    """Reasoning and answer of every assistant turn, as separate texts without tags."""
    out = []
    for content in turns(sample, "assistant"):
        read = read_answer(content, None)
        out += [read.reasoning or "", read.text or ""]
    return [TAG.sub("", part).strip() for part in out if part.strip()]


def quoted(text: str, limit: int = 60) -> str:
    """A piece of a sample for a reason: one line, shortened."""
    line = " ".join(text.split())
    return f'"{line[: limit - 1]}…"' if len(line) > limit else f'"{line}"'
