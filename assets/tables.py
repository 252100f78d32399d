"""Readings of the corpus that several stations need: the ledger over all books, revisions, what passed the filters.

Stations meet in tables, not by calling each other; what more than one of them must read in the same way is read here.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

from assets.errors import BadInput
from assets.records import Cluster, Compared, Pair, PairKind, Sample, Split, TestHit, TestSet, Verdict
from assets.store import Home, each_row, read_rows, sealed, state_of

RESTORE = "restore it from a backup: it holds decisions that cannot be made again"
NAMED_SCORE = 0.8  # of pairs.parquet: the words name the stain or preparation, or the picture is no photograph
Revisions = dict[tuple[str, str | None], Sample]


def finished(folder: Path, book: str, what: str) -> Path:
    """The folder of an upstream station. Raises BadInput when it is not there or was cut off while it was written."""
    if sealed(folder) is None:
        raise BadInput(f"{book} has no finished {what}; run `pathcorpus run --book {book}` first")
    return folder


def named_kind(kind: str, score: float) -> str | None:
    """The weak label of a pair: the kind that words or picture facts name on purpose, else None.

    `kind` and `score` are image_kind and image_kind_score as pairs.parquet has them.
    """
    return kind if score >= NAMED_SCORE else None


def read_pairs(home: Home, key: str) -> list[Pair]:
    """Pairs of a book or source with the kind that words and picture decided together, from pairs/ and kinds/.

    The score of a pair that waits for a review is at most 0.4, and 0 for one that is newer than the decision on it.
    Raises BadInput when either table is not finished.
    """
    pairs = read_rows(finished(home.station("pairs", key), key, "pairs") / "pairs.parquet", Pair)
    path = finished(home.station("kinds", key), key, "image kinds") / "kinds.parquet"
    kinds = {(row.pair_id, row.pair_hash): row for row in each_row(path, PairKind)}
    return [_decided(pair, kinds.get((pair.pair_id, pair.content_hash))) for pair in pairs]


def slices_of_pairs(home: Home, key: str, size: int) -> Iterator[list[Pair]]:
    """As `read_pairs`, `size` at a time in the order of pairs.parquet: a source may have a million."""
    waiting = each_row(finished(home.station("pairs", key), key, "pairs") / "pairs.parquet", Pair)
    path = finished(home.station("kinds", key), key, "image kinds") / "kinds.parquet"
    while pairs := list(islice(waiting, size)):
        mine = [("pair_id", "in", [pair.pair_id for pair in pairs])]
        kinds = {(row.pair_id, row.pair_hash): row for row in read_rows(path, PairKind, filters=mine)}
        yield [_decided(pair, kinds.get((pair.pair_id, pair.content_hash))) for pair in pairs]


def _decided(pair: Pair, kind: PairKind | None) -> Pair:
    if kind is None:
        return replace(pair, image_kind_score=0.0, image_kind_evidence="no decision on its present state yet")
    return replace(
        pair,
        image_kind=kind.image_kind,
        image_kind_score=kind.image_kind_score,
        image_kind_evidence=kind.image_kind_evidence,
    )


def read_clusters(home: Home, book: str) -> dict[str, Cluster]:
    """pair_id to Cluster of one book; empty when it is not in the ledger yet."""
    path = home.station("ledger", book) / "clusters.parquet"
    return {row.pair_id: row for row in read_rows(path, Cluster, mend=RESTORE)} if path.exists() else {}


def read_splits(home: Home, clusters: Iterable[Cluster] | None = None) -> dict[str, Split]:
    """cluster_id to Split over all books and sources (a split is stored with the one that founded its cluster).

    Give the rows of `clusters` to read only theirs, from their founders' files.
    """
    if clusters is None:
        paths = sorted(home.corpus("ledger").glob("*/splits.parquet"))
        return {row.cluster_id: row for path in paths for row in read_rows(path, Split, mend=RESTORE)}
    wanted: dict[str, set[str]] = {}
    unknown: set[str] = set()
    for one in clusters:
        (unknown if one.founder is None else wanted.setdefault(one.founder, set())).add(one.cluster_id)
    if unknown:  # rows of before founders were noted may be anyone's
        for path in home.corpus("ledger").glob("*/splits.parquet"):
            wanted.setdefault(path.parent.name, set()).update(unknown)
    rows: dict[str, Split] = {}
    for key, ids in sorted(wanted.items()):
        path = home.station("ledger", key) / "splits.parquet"
        if path.exists():
            found = read_rows(path, Split, filters=[("cluster_id", "in", sorted(ids))], mend=RESTORE)
            rows |= {row.cluster_id: row for row in found}
    return rows


def read_testsets(home: Home) -> list[TestSet]:
    """All registered test sets by name. Raises BadInput when a row is damaged."""
    mend = "delete its folder and add the test set again: `pathcorpus testset add`"
    paths = sorted(home.corpus("testsets").glob("*/testset.parquet"))
    return [row for path in paths for row in read_rows(path, TestSet, mend=mend)]


def is_compared(home: Home, key: str) -> bool:
    """Whether the present pairs of a book or source were compared with every registered test set as it is."""
    wanted = {(row.testset, row.digest) for row in read_testsets(home)}
    if not wanted:
        return True
    folder, pairs = home.station("decontamination", key), state_of(home.station("pairs", key))
    rows = read_rows(folder / "compared.parquet", Compared) if sealed(folder) else []
    return wanted <= {(row.testset, row.digest) for row in rows if row.pairs == pairs}


def read_hits(home: Home, key: str, pair: str | None = None) -> list[TestHit]:
    """Where pairs of a book or source are in test sets that are registered now; empty before they were compared.

    Give `pair` to read only its rows.
    """
    path = home.station("decontamination", key) / "hits.parquet"
    known = {row.testset for row in read_testsets(home)}
    only = None if pair is None else [("pair_id", "=", pair)]
    return [row for row in read_rows(path, TestHit, filters=only) if row.testset in known] if path.exists() else []


def leaked_pairs(home: Home, key: str) -> set[str]:
    """Ids of the pairs that are in a test set whose policy is drop: they buy no samples and enter no shard.

    Raises BadInput when the pairs were not compared with every test set yet.
    """
    if not is_compared(home, key):
        raise BadInput(f"{key} was not compared with every test set yet; run `pathcorpus run --book {key}` first")
    dropping = {row.testset for row in read_testsets(home) if row.policy == "drop"}
    return {row.pair_id for row in read_hits(home, key) if row.testset in dropping}


def read_revisions(home: Home) -> Revisions:
    """(sample_id, parent_hash) to the revision that follows that state, as `present_state` wants them."""
    path = home.corpus("review") / "revisions.parquet"
    rows = read_rows(path, Sample) if path.exists() else []
    return {(row.sample_id, row.parent_hash): row for row in rows}


def passed_states(verdicts: Iterable[Verdict]) -> dict[tuple[str, str], bool]:
    """(sample_id, content_hash) to whether every filter let that state pass; states not judged are not in it.

    Verdicts are published per book at once, so that a state has all of its verdicts or none.
    """
    passed: dict[tuple[str, str], bool] = {}
    for verdict in verdicts:
        state = (verdict.sample_id, verdict.content_hash)
        passed[state] = passed.get(state, True) and verdict.passed
    return passed
