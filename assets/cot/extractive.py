"""The embedded generator: samples composed by rule from caption and citing sentences, without a network.

    samples = compose_book(pairs)      # every row says model = "extractive"

Each step of a reasoning is a sentence of the source or a fixed sentence about the kind of preparation; nothing is
inferred. Same pairs, same samples: every choice is drawn with the sample's id as seed. A cell for which the text is too
thin gives no sample.
"""

import random
from hashlib import sha256

from assets.answers import LETTERS, write_answer
from assets.cot.compose import make_sample
from assets.cot.evidence import Evidence, read_evidence
from assets.cot.mcq import Choice, as_option, choice_for
from assets.cot.phrases import LETTER_LINE, PHRASES, QUESTIONS
from assets.cot.plan import Cell, cells_of
from assets.cot.sentences import finished, flowing, lower_first
from assets.cot.vocabulary import KIND_NAMES, KIND_STEPS, ORGAN_NAMES
from assets.records import Pair, Sample
from assets.schema import content_hash
from assets.sources import source_hash

MODEL = "extractive"
# Source sentences that a reasoning of each length may use.
STEPS = {"easy": 1, "medium": 2, "hard": 8}


def compose(cell: Cell, evidence: Evidence, book: list[tuple[Pair, Evidence]]) -> Sample | None:
    """The sample of one cell, None when its task cannot be done from this text."""
    makers = {"mcq": _mcq, "description": _description, "reasoning": _reasoning, "conversation": _conversation}
    return makers[cell.task](cell, evidence, book)


def compose_book(pairs: list[Pair]) -> list[Sample]:
    """All samples of a book's eligible pairs; wrong options are drawn from these pairs, then from the vocabulary."""
    book = [(pair, read_evidence(pair)) for pair in pairs]
    made = [compose(cell, evidence, book) for pair, evidence in book for cell in cells_of(pair, evidence)]
    return [sample for sample in made if sample]


def _ask(cell: Cell, what: str) -> str:
    return random.Random(cell.seed + 1).choice(QUESTIONS[cell.pair.language][what])


def _joined(cell: Cell, steps: list[str]) -> str:
    return flowing(steps, cell.pair.language)


def _say(cell: Cell, phrase: str, **words: str) -> str:
    return PHRASES[cell.pair.language][phrase].format(**words)


def _kind_step(cell: Cell) -> str:
    return KIND_STEPS[cell.pair.language][cell.pair.image_kind]


def _topic(evidence: Evidence) -> str:
    return evidence.topic or evidence.entity or ""


def _finish(cell: Cell, turns: list[tuple[str, str, str]], question: str, options: list[str]) -> Sample:
    """`turns` are (user text, reasoning, answer)."""
    text = "\n".join(write_answer(reasoning, answer) for _, reasoning, answer in turns)
    return make_sample(
        cell, turns, question=question, options=options, prompt_id=f"extractive/{cell.task}/{cell.difficulty}",
        prompt_hash=content_hash([source_hash(__name__), cell.task, cell.difficulty]), model=MODEL, params={},
        seed=cell.seed, usage={}, reply_sha256=sha256(text.encode()).hexdigest(),
    )  # fmt: skip


# --------------------------------------------------------------------------------------------------------------- tasks
def _mcq(cell: Cell, evidence: Evidence, book: list[tuple[Pair, Evidence]]) -> Sample | None:
    choice = choice_for(cell, evidence, book)
    if choice is None:
        return None
    question = _ask(cell, choice.about)
    lines = [f"{LETTERS[i]}. {option}" for i, option in enumerate(choice.options)]
    prompt = "\n".join([question, *lines, LETTER_LINE[cell.pair.language]])
    reasoning = _joined(cell, _mcq_steps(cell, evidence, choice))
    return _finish(cell, [(prompt, reasoning, LETTERS[choice.key])], question, choice.options)


def _mcq_steps(cell: Cell, evidence: Evidence, choice: Choice) -> list[str]:
    language, key = cell.pair.language, choice.options[choice.key]
    seen = list(evidence.findings[: STEPS[cell.difficulty]])
    if choice.about == "kind":
        named = lower_first(KIND_NAMES[language][cell.pair.image_kind])
        return [_say(cell, f"kind-{cell.pair.image_kind}"), *seen[:1], _say(cell, "kind-is", kind=named)]
    if choice.about == "organ":
        shown = [finished(_topic(evidence), cell.pair.language)] if _topic(evidence) else []
        organ = lower_first(ORGAN_NAMES[language][cell.pair.organ_system])
        return [_kind_step(cell), *(shown or seen[:1]), _say(cell, "site", organ=organ)]
    if choice.about == "finding":
        others = [finding for finding in seen if as_option(finding) != key]
        stated = _say(cell, "key-finding", finding=finished(lower_first(key), language, capital=False))
        return [_kind_step(cell), *others, stated]
    return [_kind_step(cell), *seen, _say(cell, "key-diagnosis", entity=lower_first(key))]


def _description(cell: Cell, evidence: Evidence, book: list[tuple[Pair, Evidence]]) -> Sample | None:
    findings = evidence.findings[: STEPS[cell.difficulty]]
    question = _ask(cell, f"description-{cell.difficulty}")
    reasoning = [_kind_step(cell), *findings]
    answer = [finished(_topic(evidence), cell.pair.language)] if _topic(evidence) else []
    answer += findings
    return _finish(cell, [(question, _joined(cell, reasoning), _joined(cell, answer))], question, [])


def _reasoning(cell: Cell, evidence: Evidence, book: list[tuple[Pair, Evidence]]) -> Sample | None:
    question = _ask(cell, "reasoning")
    findings = evidence.findings[: STEPS[cell.difficulty]]
    known = evidence.background[:2] if cell.difficulty == "hard" else ()
    background = [_say(cell, "background", sentence=lower_first(sentence)) for sentence in known]
    conclusion = _say(cell, "fits", topic=_topic(evidence))
    answer = [_say(cell, "indicates", topic=_topic(evidence)), *findings]
    reasoning = [_kind_step(cell), *findings, *background, conclusion]
    return _finish(cell, [(question, _joined(cell, reasoning), _joined(cell, answer))], question, [])


def _conversation(cell: Cell, evidence: Evidence, book: list[tuple[Pair, Evidence]]) -> Sample | None:
    findings = list(evidence.findings[: STEPS[cell.difficulty]])
    kind = KIND_NAMES[cell.pair.language][cell.pair.image_kind]
    look = (_ask(cell, "look"), _kind_step(cell), _joined(cell, findings))
    meaning = (
        _ask(cell, "meaning"), _joined(cell, [findings[-1], _say(cell, "fits", topic=_topic(evidence))]),
        _say(cell, "indicates", topic=_topic(evidence)),
    )  # fmt: skip
    if cell.difficulty == "easy":
        turns = [look, meaning]
    elif cell.difficulty == "medium":
        stop = "。" if cell.pair.language == "zh" else "."
        first = (_ask(cell, "kind"), _say(cell, f"kind-{cell.pair.image_kind}"), kind + stop)
        turns = [first, look, meaning]
    else:
        half = (len(findings) + 1) // 2
        turns = [
            (look[0], _joined(cell, [_kind_step(cell), findings[0]]), _joined(cell, findings[:half])),
            (_ask(cell, "more"), _joined(cell, findings[half - 1 : half + 1]), _joined(cell, findings[half:])),
            meaning,
        ]
    return _finish(cell, turns, turns[0][0], [])
