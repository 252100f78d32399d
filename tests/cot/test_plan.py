"""Which pairs get samples."""

from dataclasses import replace

from assets.cot.evidence import Evidence
from assets.cot.plan import cells_of, eligible_pairs
from assets.records import Cluster, Pair, Split
from tests.cot.pairs import pair


def ledger(pairs: list[Pair]) -> tuple[dict[str, Cluster], dict[str, Split]]:
    ids = [p.pair_id for p in pairs]
    clusters = [Cluster(pair_id=i, cluster_id=i, book="book", duplicate_of=None, evidence="", pixels=i) for i in ids]
    splits = [Split(cluster_id=i, split="train", purpose="sft", book="book") for i in ids]
    return {row.pair_id: row for row in clusters}, {row.cluster_id: row for row in splits}


def test_the_rule_of_eligibility() -> None:
    good, other, unsure, twin, caged, unknown = (pair(i, "Adenoma.", []) for i in range(1, 7))
    other, unsure = replace(other, image_kind="other"), replace(unsure, image_kind_score=0.4)
    pairs = [good, other, unsure, twin, caged, unknown]
    clusters, splits = ledger(pairs)
    clusters[twin.pair_id] = replace(clusters[twin.pair_id], duplicate_of=good.pair_id)
    splits[caged.pair_id] = replace(splits[caged.pair_id], split="quarantine")
    del clusters[unknown.pair_id]
    assert eligible_pairs(pairs, clusters, splits) == [good]


def test_a_figure_with_panel_pairs_is_skipped() -> None:
    whole, left, right = pair(1, "x", []), pair(1, "x", [], panel="A"), pair(1, "x", [], panel="B")
    pairs = [whole, left, right]
    assert eligible_pairs(pairs, *ledger(pairs)) == [left, right]


def levels(evidence: Evidence) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for cell in cells_of(pair(1, "", []), evidence):
        found.setdefault(cell.task, []).append(cell.difficulty)
    return found


def test_evidence_decides_tasks_and_levels() -> None:
    assert levels(Evidence(None, None, (), ())) == {}
    assert levels(Evidence("adenoma", "adenoma", (), ())) == {"mcq": ["easy"]}
    assert levels(Evidence(None, None, ("a.",), ())) == {"mcq": ["easy"], "description": ["easy"]}
    assert levels(Evidence("adenoma", "adenoma", ("a.", "b."), ("c.",))) == {
        "mcq": ["easy", "medium", "hard"],
        "description": ["easy", "medium"],
        "reasoning": ["easy", "medium", "hard"],
        "conversation": ["easy", "medium"],
    }
