"""What must hold over the whole corpus before shards are published; a violation stops the publication.

A figure or a duplicate cluster that is in two sets at once makes every measured result wrong, and nobody sees it later.
The ledger rules it out; this is the check that it did.
"""

from collections.abc import Iterable

from assets.errors import BadInput
from assets.shards.select import Chosen


class BrokenInvariant(BadInput):
    """A figure or cluster would be in two sets that must be disjoint. The message names the invariant and the id."""


class Disjointness:
    """Collects where every figure and cluster goes, and raises at the first that goes to two places."""

    def __init__(self) -> None:
        self._split: dict[str, str] = {}
        self._purpose: dict[str, str] = {}

    def add(self, kind: str, split: str, rows: Iterable[Chosen]) -> None:
        for row in rows:
            for what, name in (("cluster", row.cluster.cluster_id), ("figure", row.pair.figure_id)):
                key = f"{what} {name}"
                if self._split.setdefault(key, split) != split:
                    raise BrokenInvariant(
                        f"train-validation-disjoint: {key} would be in both splits (row {row.row_id} of "
                        f"{row.holding}); the split ledger is damaged, restore ledger/ from a backup"
                    )
                # Validation holds the same questions for both trainers on purpose: nothing is trained on them.
                if split == "train" and kind in ("sft", "rl") and self._purpose.setdefault(key, kind) != kind:
                    raise BrokenInvariant(
                        f"sft-rl-disjoint: {key} would feed both SFT and RL (row {row.row_id} of "
                        f"{row.holding}); the split ledger is damaged, restore ledger/ from a backup"
                    )
