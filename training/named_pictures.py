"""The named pictures that a network of image kinds learns from: those of kinds that each of its folds would see."""

from collections import defaultdict

from assets.errors import BadInput
from assets.store import Home
from assets.weak_labels import Named, all_named, fold_of, in_order


def named_pictures(home: Home, most: int, folds: int) -> list[Named]:
    """At most `most` of each kind, chosen by the hash of their pair, in the order of pairs.

    Kinds that a fold's network would not see are left out. Raises BadInput when fewer than two kinds are left.
    """
    found: dict[str, list[Named]] = defaultdict(list)
    for row in all_named(home):
        found[row.kind].append(row)
    kept = {kind: rows for kind, rows in found.items() if _in_every_training_set(rows, folds)}
    if len(kept) < 2:
        named = ", ".join(f"{kind} {len(rows)}" for kind, rows in sorted(found.items())) or "none"
        raise BadInput(
            f"a network needs pictures of two kinds in every one of {folds} folds, and captions name {named}; add books"
        )
    return in_order(kept, most)


def _in_every_training_set(rows: list[Named], folds: int) -> bool:
    seen = {fold_of(row.figure, folds) for row in rows}
    return all(seen - {fold} for fold in range(folds))
