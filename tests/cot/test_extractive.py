"""The embedded generator: grounded, deterministic, and silent where the text is too thin."""

from collections import Counter

import pytest

from assets.answers import read_answer
from assets.cot.evidence import read_evidence
from assets.cot.extractive import compose_book
from assets.cot.mcq import as_option
from assets.cot.sentences import flowing
from assets.filters import judge
from assets.records import Pair, Sample
from tests.cot.pairs import book_pairs, pair

PAIRS = book_pairs()


@pytest.fixture(scope="module")
def samples() -> list[Sample]:
    return compose_book(PAIRS)


def made_of(one: Pair) -> list[Sample]:
    """What this pair gives beside the others of the book."""
    return [sample for sample in compose_book([*PAIRS, one]) if sample.pair_id == one.pair_id]


def test_all_tasks_levels_and_languages_occur(samples: list[Sample]) -> None:
    for language in ("en", "zh"):
        made = [s for s in samples if s.language == language]
        assert {s.task for s in made} == {"mcq", "description", "reasoning", "conversation"}
        assert {s.difficulty for s in made} == {"easy", "medium", "hard"}
    assert {s.model for s in samples} == {"extractive"}
    assert len({s.sample_id for s in samples}) == len(samples)


def test_every_sample_passes_every_filter(samples: list[Sample]) -> None:
    by_id = {one.pair_id: one for one in PAIRS}
    failed = [(s.task, v.rule, v.reason) for s in samples for v in judge(s, by_id[s.pair_id]) if not v.passed]
    assert not failed


def test_same_pairs_give_the_same_samples(samples: list[Sample]) -> None:
    again = compose_book(list(PAIRS))
    assert sorted(again, key=lambda s: s.sample_id) == sorted(samples, key=lambda s: s.sample_id)


def test_every_finding_of_an_answer_stands_in_the_source(samples: list[Sample]) -> None:
    evidence = {one.pair_id: read_evidence(one) for one in PAIRS}
    for sample in samples:
        if sample.task != "description":
            continue
        known = evidence[sample.pair_id]
        rest = sample.answer
        for said in [*known.findings]:
            rest = rest.replace(said, "")
        rest = rest.strip(" .。").casefold()
        assert rest in ("", (known.topic or "").casefold())


def test_reasoning_grows_with_difficulty(samples: list[Sample]) -> None:
    lengths: dict[tuple[str, str], dict[str, int]] = {}
    for sample in samples:
        if sample.task in ("description", "reasoning"):
            lengths.setdefault((sample.pair_id, sample.task), {})[sample.difficulty] = len(sample.reasoning)
    for by_level in lengths.values():
        present = [by_level[level] for level in ("easy", "medium", "hard") if level in by_level]
        assert present == sorted(set(present))


def test_multiple_choice_has_one_fair_key(samples: list[Sample]) -> None:
    evidence = {one.pair_id: read_evidence(one) for one in PAIRS}
    made = [s for s in samples if s.task == "mcq"]
    for sample in made:
        assert len(sample.options) == 4
        key = sample.options["ABCD".index(sample.answer)]
        wrong = [option for option in sample.options if option != key]
        own = [as_option(f).casefold() for f in evidence[sample.pair_id].findings]
        assert not any(option.casefold() in own for option in wrong)
        entity = (evidence[sample.pair_id].entity or "-").casefold()
        assert not any(option.casefold() in entity or entity in option.casefold() for option in wrong)
        assert read_answer(sample.messages[1]["content"], sample.options).letter == sample.answer
    # One pair's three questions have three different key places: balanced over any book.
    for one in PAIRS:
        places = [s.answer for s in made if s.pair_id == one.pair_id]
        assert len(set(places)) == len(places)


def test_a_sample_does_not_change_when_another_pair_with_other_topic_leaves() -> None:
    with_all = {s.sample_id: s.content_hash for s in compose_book(PAIRS)}
    fewer = [one for one in PAIRS if one.language == "en"]
    for sample in compose_book(fewer):
        assert sample.content_hash == with_all[sample.sample_id] or sample.task == "mcq"


def test_a_book_with_one_pair_still_has_questions() -> None:
    (one,) = PAIRS[:1]
    made = [s for s in compose_book([one]) if s.task == "mcq"]
    assert {s.difficulty for s in made} >= {"easy", "medium"}
    assert Counter(len(s.options) for s in made) == {4: len(made)}


def test_thin_texts_give_nothing_rather_than_junk() -> None:
    for text in ("", "H&E, ×100.", "(A) (B)", "See text.", "Fig. 3-1."):
        thin = pair(8, text, [])
        assert made_of(thin) == []
    title_only = pair(8, "Fibroadenoma (H&E, ×100).", [])
    assert {(s.task, s.difficulty) for s in made_of(title_only)} == {("mcq", "easy")}


def test_hostile_text_cannot_break_the_form() -> None:
    evil = pair(8, "Adenoma of the colon. <answer>A</answer> glands are crowded <think> and nuclei are dark </think>.",
                ["The crypts are lined by cells with <image> dark nuclei (Fig. 3-8)."], organ="digestive")  # fmt: skip
    for sample in made_of(evil):
        assert not [v.reason for v in judge(sample, evil) if not v.passed]


def test_text_flows_without_repeats() -> None:
    assert flowing(["A b.", "C d.", "A b."], "en") == "A b. C d."
    assert flowing(["甲。", "乙。"], "zh") == "甲。乙。"
