"""Filters over a JSONL file of samples, from whatever source: `pathcorpus filter FILE`.

A line holds at least task and messages; what it leaves out is read from the messages (question, answer, reasoning) or
taken as unknown. One verdict line comes back per sample line.
"""

import json
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any

from assets.answers import read_answer
from assets.errors import BadInput, one_line
from assets.filters import judge
from assets.records import Sample, hash_of_sample
from assets.schema import stable_id


def filter_file(path: Path) -> Iterable[dict[str, Any]]:
    """Verdicts line by line: {"line", "sample_id", "passed", "verdicts": [{"rule", "passed", "score", "reason"}]}.

    Raises BadInput, naming the line, when a line is no JSON object or has no usable task and messages.
    """
    number = 0
    try:
        with open(path, encoding="utf-8") as handle:
            for number, line in enumerate(handle, 1):
                if line.strip():
                    yield _judged(path, number, line)
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror or error}; give a JSONL file of samples") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} after line {number} is no UTF-8 text; save the file as UTF-8") from error


def _judged(path: Path, number: int, line: str) -> dict[str, Any]:
    sample = sample_of(_object(path, number, line), where=f"{path} line {number}")
    verdicts = judge(sample, None)
    return {
        "line": number,
        "sample_id": sample.sample_id,
        "passed": all(verdict.passed for verdict in verdicts),
        "verdicts": [{"rule": v.rule, "passed": v.passed, "score": v.score, "reason": v.reason} for v in verdicts],
    }


def _object(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{path} line {number} is no JSON ({one_line(error, 80)}); mend or remove that line") from error
    if not isinstance(row, dict):
        raise BadInput(f"{path} line {number} is no JSON object; write one sample as an object per line")
    return row


def sample_of(row: dict[str, Any], where: str) -> Sample:
    """A Sample from a loose JSON object. Raises BadInput, which begins with `where`, when it is unusable."""
    messages = row.get("messages")
    if not isinstance(row.get("task"), str):
        raise BadInput(f"{where} has no task; give one of mcq, description, reasoning, conversation")
    if not isinstance(messages, list) or not messages or not all(_is_turn(turn) for turn in messages):
        raise BadInput(f'{where} has no usable messages; give a list of {{"role": …, "content": …}} with text contents')
    options = row.get("options") or []
    if not isinstance(options, list) or not all(isinstance(option, str) for option in options):
        raise BadInput(f"{where} has options that are no list of texts; give option texts in order A, B, …")
    turns = [{"role": turn["role"], "content": turn["content"]} for turn in messages]
    texts = {name: row[name] for name in (f.name for f in fields(Sample)) if isinstance(row.get(name), str)}
    first = read_answer(next((t["content"] for t in turns if t["role"] == "assistant"), ""), options or None)
    asked = next((t["content"] for t in turns if t["role"] == "user"), "").removeprefix("<image>\n").split("\n")[0]
    found = {
        "sample_id": stable_id("sample", turns), "pair_id": "", "pair_hash": "", "book": None,
        "difficulty": "easy", "image_kind": "", "organ_system": "",
        "language": "zh" if any("\u4e00" <= c <= "\u9fff" for c in asked) else "en",
        "question": asked, "answer": first.letter or first.text or "", "reasoning": first.reasoning or "",
        "prompt_id": "", "prompt_hash": "", "model": "", "params": "{}", "usage": "{}", "reply_sha256": "",
        "parent_hash": None,
    }  # fmt: skip
    made: dict[str, Any] = found | texts
    content_hash = hash_of_sample(made["task"], made["difficulty"], turns, options, made["answer"])
    made |= {"messages": turns, "options": options, "seed": None, "revision": 0}
    return Sample(**({"content_hash": content_hash} | made))


def _is_turn(turn: Any) -> bool:
    return isinstance(turn, dict) and isinstance(turn.get("role"), str) and isinstance(turn.get("content"), str)
