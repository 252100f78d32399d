"""What words and picture say together."""

import pytest

from assets.pairs.agreement import QUEUED, decide
from assets.pairs.appearance.classifier import Look
from assets.pairs.kinds import Kind

ALL = ("cytology", "fish", "gross", "he", "ihc", "other")
SILENT = Kind("other", 0.5, "no stain or preparation named")


def look(kind: str, score: float, second: str = "other", familiar: bool = True) -> Look:
    rest = [name for name in ALL if name not in (kind, second)]
    shares = {kind: score, second: (1 - score) * 0.8, **{name: (1 - score) * 0.2 / len(rest) for name in rest}}
    return Look(shares, familiar)


def named(kind: str, score: float = 0.95) -> Kind:
    return Kind(kind, score, f"caption: {kind}")


def test_agreement_is_surer_than_either():
    found = decide(named("ihc", 0.85), look("ihc", 0.8), ALL)
    assert found.kind == "ihc" and found.score > 0.95 and not found.queued


def test_disagreement_is_queued_and_scores_below_any_use():
    found = decide(named("he"), look("ihc", 0.95), ALL)
    assert found.kind == "he" and found.score <= QUEUED
    assert found.queued == "the caption says H&E, the picture looks like IHC 0.95"
    assert "caption: he" in found.evidence and "looks like IHC 0.95" in found.evidence


def test_a_circumstantial_word_yields_the_proposal_to_the_picture():
    found = decide(named("he", 0.7), look("cytology", 0.9), ALL)
    assert found.kind == "cytology" and found.queued


def test_an_undecided_picture_leaves_a_named_stain_standing_with_less_belief():
    found = decide(named("he"), look("ihc", 0.5, second="he"), ALL)
    assert found.kind == "he" and 0.6 <= found.score < 0.95 and not found.queued


def test_neither_sure_is_queued():
    found = decide(named("he", 0.7), look("ihc", 0.5, second="gross"), ALL)
    assert found.queued == "not sure that it is H&E" and found.score <= QUEUED


@pytest.mark.parametrize("kind", ["he", "ihc", "cytology", "fish"])
def test_a_clear_familiar_micrograph_speaks_where_the_words_are_silent(kind):
    found = decide(SILENT, look(kind, 0.97), ALL)
    assert found.kind == kind and not found.queued and found.score > 0.7


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        (look("he", 0.97, familiar=False), "unlike those that were learnt"),
        (look("he", 0.8), "no stain or preparation is named"),
        (look("gross", 0.99), "no stain or preparation is named"),  # photographs of people look like it
    ],
)
def test_other_photographs_without_words_wait(seen, reason):
    found = decide(SILENT, seen, ALL)
    assert reason in found.queued and found.score <= QUEUED


def test_silent_words_and_a_chart_are_other_and_wait_for_no_one():
    found = decide(SILENT, look("other", 0.9, second="he"), ALL)
    assert (found.kind, found.queued) == ("other", "")


def test_a_kind_that_was_not_learnt_is_left_to_the_words():
    found = decide(named("fish"), look("he", 0.99), ("he", "ihc"))
    assert (found.kind, found.score, found.queued) == ("fish", 0.95, "")
    assert "the classifier learnt no FISH" in found.evidence


def test_without_a_classifier_words_decide_and_the_evidence_says_so():
    sure = decide(named("he"), None, (), "captions name too few figures")
    assert not sure.queued and sure.evidence.endswith("words and picture facts alone: captions name too few figures")
    assert decide(SILENT, None, (), "none").queued
    assert decide(Kind("he", 0.4, "caption: H&E; but also ihc"), None, (), "none").queued


def test_every_queued_pair_is_below_every_pair_that_is_not():
    kinds = [named(k, s) for k in ALL for s in (0.4, 0.5, 0.7, 0.8, 0.95)]
    looks = [
        None,
        *(look(k, s, "he" if k != "he" else "ihc", f) for k in ALL for s in (0.4, 0.7, 0.99) for f in (0, 1)),
    ]
    found = [decide(words, seen, ALL, "none") for words in kinds for seen in looks]
    assert max(d.score for d in found if d.queued) <= QUEUED < 0.5 <= min(d.score for d in found if not d.queued)
