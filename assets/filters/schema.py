"""schema: the row is what trainers and rewards expect, read with the very reader that they use.

Every sample goes through `assets.answers.read_answer` here, so that a format which a reward cannot read never reaches
training.
"""

import re
import unicodedata

from assets.answers import LETTERS, is_well_formed, read_answer
from assets.filters.verdicts import quoted, turns, verdict
from assets.records import DIFFICULTIES, TASKS, Pair, Sample, Verdict, hash_of_sample
from assets.sources import source_hash

RULE, VERSION = "schema", source_hash(__name__)[:12]

_CATCH_ALL = re.compile(
    r"^(?:all|none|both|neither|any)\s+of\s+(?:the\s+)?(?:above|these|them|others?)|^(?:both\s+)?[A-E]\s+and\s+[A-E]$"
    r"|^(?:以上|上述)(?:都|均|皆|全)|^都(?:不)?(?:是|对)|^[A-E]\s*[和与]\s*[A-E]$",
    re.IGNORECASE,
)


def judge(sample: Sample, pair: Pair | None) -> Verdict:
    """Fails when roles, image place, think/answer form, options or the row's own fields are not in order; pure."""
    reason = _fields(sample) or _messages(sample) or (_mcq(sample) if sample.task == "mcq" else _free(sample))
    return verdict(sample, RULE, VERSION, reason)


def _fields(sample: Sample) -> str:
    if sample.task not in TASKS:
        return f"unknown task {quoted(sample.task)}"
    if sample.difficulty not in DIFFICULTIES:
        return f"unknown difficulty {quoted(sample.difficulty)}"
    made = hash_of_sample(sample.task, sample.difficulty, sample.messages, sample.options, sample.answer)
    return "" if made == sample.content_hash else "content hash does not fit the content"


def _messages(sample: Sample) -> str:
    roles = [message["role"] for message in sample.messages]
    if not roles or len(roles) % 2 or any(role != ("user", "assistant")[i % 2] for i, role in enumerate(roles)):
        return f"turns must alternate user, assistant; they are {', '.join(roles) or 'missing'}"
    users, assistants = turns(sample, "user"), turns(sample, "assistant")
    if not users[0].startswith("<image>\n"):
        return "first user turn does not start with <image>"
    if sum(text.count("<image>") for text in users + assistants) != 1:
        return "<image> must occur once"
    if any(not text.removeprefix("<image>\n").strip() for text in users):
        return "a user turn is empty"
    if not users[0].removeprefix("<image>\n").startswith(sample.question) or not sample.question.strip():
        return "question is not what the first user turn asks"
    broken = [i for i, text in enumerate(assistants, 1) if not is_well_formed(text)]
    if broken:
        return f"assistant turn {broken[0]} is not <think>…</think><answer>…</answer>"
    first = read_answer(assistants[0], None)
    if (first.reasoning or "") != sample.reasoning.strip():
        return "reasoning is not that of the first assistant turn"
    return ""


def _mcq(sample: Sample) -> str:
    options = [option.strip() for option in sample.options]
    if len(sample.messages) != 2:
        return "a multiple-choice sample has one question and one answer"
    if not 4 <= len(options) <= 5:
        return f"{len(options)} options, 4 or 5 are wanted"
    folded = [re.sub(r"[\W_]+", " ", unicodedata.normalize("NFKC", o).casefold()).strip() for o in options]
    if len(set(folded)) < len(folded) or "" in folded:
        return "options are not distinct"
    if catch_all := next((option for option in options if _CATCH_ALL.search(option)), None):
        return f"catch-all option {quoted(catch_all)}"
    if sample.answer not in LETTERS[: len(options)] or len(sample.answer) != 1:
        return f"answer {quoted(sample.answer)} is no letter of the options"
    lines = turns(sample, "user")[0].split("\n")
    asked = [f"{LETTERS[i]}. {option}" for i, option in enumerate(sample.options)]
    if not any(lines[i : i + len(asked)] == asked for i in range(len(lines))):
        return "question does not list the options as A., B., …"
    read = read_answer(turns(sample, "assistant")[0], sample.options)
    return "" if read.letter == sample.answer else "answer turn does not give the key's letter"


def _free(sample: Sample) -> str:
    if sample.options:
        return f"a {sample.task} sample has no options"
    if sample.task == "conversation" and len(sample.messages) < 4:
        return "a conversation has at least two turns"
    if sample.task != "conversation" and len(sample.messages) != 2:
        return f"a {sample.task} sample has one question and one answer"
    read = read_answer(turns(sample, "assistant")[0], None)
    return "" if read.text == sample.answer.strip() else "answer is not that of the first assistant turn"
