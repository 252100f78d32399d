"""Readings of the corpus that several stations need: the ledger over all books, revisions, what passed the filters.

Stations meet in tables, not by calling each other; what more than one of them must read in the same way is read here.
"""

from collections.abc import Iterable
from pathlib import Path

from assets.errors import BadInput
from assets.records import Cluster, Sample, Split, Verdict
from assets.store import Home, read_rows, sealed

RESTORE = "restore it from a backup: it holds decisions that cannot be made again"
Revisions = dict[tuple[str, str | None], Sample]


def finished(folder: Path, book: str, what: str) -> Path:
    """The folder of an upstream station. Raises BadInput when it is not there or was cut off while it was written."""
    if sealed(folder) is None:
        raise BadInput(f"{book} has no finished {what}; run `pathcorpus run --book {book}` first")
    return folder


def read_clusters(home: Home, book: str) -> dict[str, Cluster]:
    """pair_id to Cluster of one book; empty when it is not in the ledger yet."""
    path = home.station("ledger", book) / "clusters.parquet"
    return {row.pair_id: row for row in read_rows(path, Cluster, mend=RESTORE)} if path.exists() else {}


def read_splits(home: Home, clusters: Iterable[str] | None = None) -> dict[str, Split]:
    """cluster_id to Split over all books (a split is stored with the book that founded its cluster).

    Give `clusters` to read only theirs.
    """
    only = None if clusters is None else [("cluster_id", "in", sorted(set(clusters)))]
    if only == [("cluster_id", "in", [])]:
        return {}
    rows: dict[str, Split] = {}
    for path in sorted(home.corpus("ledger").glob("*/splits.parquet")):
        rows |= {row.cluster_id: row for row in read_rows(path, Split, filters=only, mend=RESTORE)}
    return rows


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
