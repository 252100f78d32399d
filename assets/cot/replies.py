"""What an endpoint has to reply for each task, as pydantic models, and the reader that turns a reply into turns.

A prompt part names its model by `output_schema`. Replies are read strictly; the only repair is to take the one JSON
object out of a code fence or surrounding words. A reply that does not fit is a failure of its row, never a guess.
"""

import json
import random
import re
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assets.answers import LETTERS
from assets.cot.phrases import LETTER_LINE
from assets.cot.plan import Cell
from assets.records import DIFFICULTIES, stable_id


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, strict=True)


class Mcq(_Strict):
    question: str = Field(min_length=5)
    reasoning: str = Field(min_length=10)
    right: str = Field(min_length=1, description="text of the right option")
    wrong: list[str] = Field(min_length=3, max_length=3, description="texts of three wrong options")


class Single(_Strict):
    question: str = Field(min_length=4)
    reasoning: str = Field(min_length=10)
    answer: str = Field(min_length=2)


class Conversation(_Strict):
    turns: list[Single] = Field(min_length=2, max_length=3)


MODELS: dict[str, type[BaseModel]] = {"mcq": Mcq, "single": Single, "conversation": Conversation}
_TAGS = re.compile(r"</?(?:think|answer)>|<image>", re.IGNORECASE)

# turns (user text, reasoning, answer), first question, options
Turns = tuple[list[tuple[str, str, str]], str, list[str]]


class NotAsAsked(Exception):
    """A reply that does not follow its schema; the message says where."""


def json_schema(name: str) -> dict[str, Any]:
    return MODELS[name].model_json_schema()


def read_turns(cell: Cell, schema: str, text: str) -> Turns:
    """Turns of a sample from the text of a reply. Raises NotAsAsked."""
    if _TAGS.search(text):
        raise NotAsAsked("the reply holds <think>, <answer> or <image> tags inside its JSON")
    try:
        reply = MODELS[schema].model_validate_json(json.dumps(_the_object(text)))
    except ValidationError as error:
        first = error.errors()[0]
        raise NotAsAsked(f"{'.'.join(map(str, first['loc'])) or 'reply'}: {first['msg']}") from error
    if isinstance(reply, Mcq):
        return _mcq_turns(cell, reply)
    turns = reply.turns if isinstance(reply, Conversation) else [reply]
    return [(t.question, t.reasoning, t.answer) for t in turns], turns[0].question, []  # type: ignore[attr-defined]


def _the_object(text: str) -> dict[str, Any]:
    """The one JSON object of a reply; fences and words around it are dropped."""
    found = []
    decoder = json.JSONDecoder(strict=False, parse_constant=_refuse)
    position = text.find("{")
    while position >= 0:
        try:
            value, end = decoder.raw_decode(text, position)
            found.append(value)
        except (ValueError, RecursionError):
            end = position + 1
        position = text.find("{", end)
    if len(found) != 1:
        raise NotAsAsked(f"the reply holds {len(found)} JSON objects, one was asked for")
    return dict(found[0])


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON value")


def _mcq_turns(cell: Cell, reply: Mcq) -> Turns:
    # Same rule as the embedded generator: the key's place comes from the pair and moves on with the difficulty.
    place = (int(stable_id("key", cell.pair.pair_id), 16) + DIFFICULTIES.index(cell.difficulty)) % 4
    wrong = list(reply.wrong)
    random.Random(cell.seed).shuffle(wrong)
    options = [*wrong[:place], reply.right, *wrong[place:]]
    lines = [f"{LETTERS[i]}. {option}" for i, option in enumerate(options)]
    asked = "\n".join([reply.question, *lines, LETTER_LINE[cell.pair.language]])
    return [(asked, reply.reasoning, LETTERS[place])], reply.question, options
