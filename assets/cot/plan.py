"""Which pairs get samples, and which task and difficulty: the cells of the plan.

A pair is eligible when words and picture agree on a kind that gets a Chain of Thought (score 0.5 or better; a pair that
waits for a review of its kind scores less), it is nobody's duplicate, its cluster is not in quarantine,
it is in no test set, and it is not a whole figure whose panels are pairs of their own.
Difficulty follows the evidence: easy needs one source sentence, medium two, hard three (short, medium and long
reasoning). What counts depends on the task: findings for description and conversation, background too for reasoning,
the topic too for multiple choice; reasoning and conversation need a topic to arrive at.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from assets.cot.evidence import Evidence
from assets.records import COT_KINDS, DIFFICULTIES, TASKS, Cluster, Pair, Sample, Split, sample_id

SENTENCES_NEEDED = {"easy": 1, "medium": 2, "hard": 3}
LEAST_KIND_SCORE = 0.5


@dataclass(frozen=True)
class Cell:
    """One sample to make."""

    pair: Pair
    task: str
    difficulty: str
    sample_id: str

    @property
    def seed(self) -> int:
        return int(self.sample_id[:12], 16)


def eligible_pairs(
    pairs: list[Pair], clusters: dict[str, Cluster], splits: dict[str, Split], leaked: Collection[str] = ()
) -> list[Pair]:
    """Pairs that get samples, in their order. `clusters` by pair_id, `splits` by cluster_id.

    `leaked`: ids of pairs that are in a test set and have to stay out.
    """
    with_panels = {pair.figure_id for pair in pairs if pair.panel_id}
    out = []
    for pair in pairs:
        cluster = clusters.get(pair.pair_id)
        split = splits.get(cluster.cluster_id) if cluster else None
        if pair.image_kind not in COT_KINDS or pair.image_kind_score < LEAST_KIND_SCORE:
            continue
        if cluster is None or split is None or cluster.duplicate_of is not None or split.split == "quarantine":
            continue
        if pair.panel_id is None and pair.figure_id in with_panels:
            continue
        if pair.pair_id in leaked:
            continue
        out.append(pair)
    return out


def cells_of(pair: Pair, evidence: Evidence) -> list[Cell]:
    """The cells whose task and difficulty this pair's evidence supports, in the order of TASKS and DIFFICULTIES."""
    findings = len(evidence.findings)
    sentences = {
        "mcq": evidence.weight,
        "description": findings,
        "reasoning": findings + len(evidence.background) if findings and evidence.topic else 0,
        "conversation": findings if evidence.topic else 0,
    }
    return [
        Cell(pair, task, difficulty, sample_id(pair.pair_id, task, difficulty, 0))
        for task in TASKS
        for difficulty in DIFFICULTIES
        if sentences[task] >= SENTENCES_NEEDED[difficulty]
    ]


def count_cells(samples: list[Sample], pairs: int) -> dict[str, int]:
    """Samples of each task and difficulty, and how many cells of the full plan gave none (too thin a text)."""
    tasks = Counter(sample.task for sample in samples)
    levels = Counter(sample.difficulty for sample in samples)
    missing = pairs * len(TASKS) * len(DIFFICULTIES) - len(samples)
    return {**{task: tasks[task] for task in TASKS}, **{d: levels[d] for d in DIFFICULTIES}, "too_thin": missing}
