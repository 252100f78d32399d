"""The turns of a sample as a reviewer sees and edits them, and the sample that an edit makes.

A field is named by its path, `turns/<n>/reasoning` or `turns/<n>/answer`, n counting the assistant's turns from 0. Turn
0 is also what the sample's own columns `reasoning` and `answer` hold.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from assets.answers import read_answer, write_answer
from assets.records import Sample, hash_of_sample
from assets.schema import content_hash

IMAGE_MARK = "<image>\n"


@dataclass(frozen=True)
class Turn:
    """One exchange. `editable` is False where the assistant's text is not in the corpus' form."""

    question: str
    reasoning: str
    answer: str
    editable: bool

    def fields(self, number: int) -> dict[str, str]:
        """Path to text of what may be edited."""
        if not self.editable:
            return {}
        return {f"turns/{number}/reasoning": self.reasoning, f"turns/{number}/answer": self.answer}


def turns_of(sample: Sample) -> list[Turn]:
    turns: list[Turn] = []
    asked = ""
    for message in sample.messages:
        if message["role"] != "assistant":
            asked = message["content"].removeprefix(IMAGE_MARK)
            continue
        said = read_answer(message["content"], None)
        question = sample.question if sample.options else asked
        if said.well_formed:
            turns.append(Turn(question, said.reasoning or "", said.text or "", True))
        else:
            turns.append(Turn(question, "", message["content"], False))
        asked = ""
    return turns


def fields_of(sample: Sample) -> dict[str, str]:
    """Path to text of every editable field."""
    return {path: text for n, turn in enumerate(turns_of(sample)) for path, text in turn.fields(n).items()}


def base_hash(text: str) -> str:
    """Names the text that an edit replaces."""
    return content_hash(text)


def tidy(text: str) -> str:
    """NFC, LF line ends, no blanks around: what a text area and a keyboard may change without meaning it."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def revised(sample: Sample, edits: Iterable[Mapping[str, Any]]) -> Sample:
    """The next revision of a sample: edited fields replaced, messages rebuilt, content hash computed again.

    Returns the sample itself when nothing changes. Raises ValueError when an edit names an unknown field or replaces
    another text than the present one.
    """
    present = fields_of(sample)
    changed: dict[str, str] = {}
    for edit in edits:
        path = edit["field_path"]
        if path not in present or edit["base_hash"] != base_hash(present[path]):
            raise ValueError(f"edit of {path} does not belong to this state of sample {sample.sample_id}")
        if tidy(edit["new_text"]) != tidy(present[path]):
            changed[path] = tidy(edit["new_text"])
    if not changed:
        return sample
    fields = present | changed
    messages = [dict(message) for message in sample.messages]
    number = 0
    for message in messages:
        if message["role"] != "assistant":
            continue
        paths = (f"turns/{number}/reasoning", f"turns/{number}/answer")
        if changed.keys() & set(paths):
            message["content"] = write_answer(fields[paths[0]], fields[paths[1]])
        number += 1
    answer = changed.get("turns/0/answer", sample.answer)
    return replace(
        sample,
        messages=messages,
        reasoning=changed.get("turns/0/reasoning", sample.reasoning),
        answer=answer,
        revision=sample.revision + 1,
        parent_hash=sample.content_hash,
        content_hash=hash_of_sample(sample.task, sample.difficulty, messages, sample.options, answer),
    )
