"""From turns of text to a Sample row: the one form in which every generator hands over its work."""

import json
from typing import Any

from assets.answers import write_answer
from assets.cot.plan import Cell
from assets.records import Sample, hash_of_sample


def make_sample(
    cell: Cell, turns: list[tuple[str, str, str]], *, question: str, options: list[str], prompt_id: str,
    prompt_hash: str, model: str, params: dict[str, Any], seed: int | None, usage: dict[str, Any], reply_sha256: str,
) -> Sample:  # fmt: skip
    """A sample from its turns (user text, reasoning, answer); the picture's place goes into the first user turn."""
    messages: list[dict[str, str]] = []
    for user, reasoning, answer in turns:
        messages.append({"role": "user", "content": user if messages else f"<image>\n{user}"})
        messages.append({"role": "assistant", "content": write_answer(reasoning, answer)})
    _, first_reasoning, first_answer = turns[0]
    return Sample(
        sample_id=cell.sample_id, pair_id=cell.pair.pair_id, pair_hash=cell.pair.content_hash,
        book=cell.pair.book, task=cell.task, difficulty=cell.difficulty, image_kind=cell.pair.image_kind,
        organ_system=cell.pair.organ_system, language=cell.pair.language, messages=messages, question=question,
        options=options, answer=first_answer, reasoning=first_reasoning, prompt_id=prompt_id,
        prompt_hash=prompt_hash, model=model, params=json.dumps(params, sort_keys=True, ensure_ascii=False), seed=seed,
        usage=json.dumps(usage, sort_keys=True), reply_sha256=reply_sha256, revision=0,
        parent_hash=None, content_hash=hash_of_sample(cell.task, cell.difficulty, messages, options, first_answer),
    )  # fmt: skip
