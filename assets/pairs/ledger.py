"""The ledger: duplicate clusters and the split of each, decided once when a book or source arrives and never again.

Files: ledger/<book>/clusters.parquet (every pair), splits.parquet (only clusters that this book founded; the ledger is
the union over books) and edges.parquet (what its pictures were compared with, and what was found). How pictures are
compared is in duplicates/, what follows from it in assign.py.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from assets.errors import BadInput
from assets.pairs.assign import Known, Link, Meeting, Member, assign
from assets.pairs.duplicates.clusters import evidence
from assets.pairs.duplicates.index import Index, patient_number, read_columns
from assets.pairs.duplicates.search import Met, search
from assets.records import COT_KINDS, Cluster, Edge, Split
from assets.sources import source_hash
from assets.store import Home, Outcome, expire, locked, publish, read_rows, state_of, write_rows
from assets.tables import RESTORE, finished, read_clusters, read_splits

ORDER = {"equal pixels": 0, "hash": 1, "ink": 2, "hash and caption": 3, "keypoints": 4}  # which evidence is named first


def split_book(home: Home, book: str) -> Outcome:
    """Write ledger/<book>/ of a book or source. Only its own pairs decide whether it runs again; other books never
    move it, but for pairs that are free again since the book with their original was removed.

    counts: clusters, duplicates, edges, over_budget (candidates not looked at), those of `assign`, and clusters
    founded per lane. Raises BadInput when its pairs or hashes are not there yet.
    """
    pairs = finished(home.station("pairs", book), book, "pairs")
    hashes = finished(home.station("hashes", book), book, "picture hashes")
    folder = home.station("ledger", book)

    def build(scratch: Path) -> dict[str, int]:
        members = read_members(home, book)
        index = Index(home)
        met = search(home, book, index)
        links, known = _known(home, book, index, met, members)
        decided = assign(book, members, links, known)
        write_rows(scratch / "clusters.parquet", decided.clusters, Cluster)
        write_rows(scratch / "splits.parquet", decided.splits, Split)
        write_rows(scratch / "edges.parquet", met.edges, Edge)
        lanes = Counter(row.split if row.split != "train" else row.purpose for row in decided.splits)
        return {
            "clusters": len({row.cluster_id for row in decided.clusters}),
            "duplicates": sum(row.duplicate_of is not None for row in decided.clusters),
            "edges": sum(edge.joins for edge in met.edges),
            "over_budget": met.unseen,
            **decided.counts,
            **lanes,
        }

    with locked(home, "ledger"):
        if _lost_originals(folder, home):
            expire(folder)
        inputs = {"code": source_hash(__name__), "pairs": state_of(pairs), "hashes": state_of(hashes)}
        return publish(folder, station="ledger", book=book, inputs=inputs, build=build)


def read_members(home: Home, book: str) -> list[Member]:
    """The pairs of a book or source, as far as they decide where they belong."""
    hashes = read_columns(home.station("hashes", book) / "hashes.parquet", ["image", "pixels"])
    pixels = dict(zip(hashes["image"].to_pylist(), hashes["pixels"].to_pylist(), strict=True))
    names = ["pair_id", "figure_id", "image", "slide_or_patient_id", "image_kind"]
    table = read_columns(home.station("pairs", book) / "pairs.parquet", names)
    if set(table["image"].unique().to_pylist()) - pixels.keys():
        raise BadInput(f"{book} has pictures that were not hashed yet; run `pathcorpus run --book {book}`")
    return [
        Member(pair, figure, image, pixels[image], patient_number(book, patient) if patient else None,
               kind in COT_KINDS)
        for batch in table.to_batches()
        for pair, figure, image, patient, kind in zip(*(column.to_pylist() for column in batch.columns), strict=True)
    ]  # fmt: skip


def _known(home: Home, book: str, index: Index, met: Met, members: list[Member]) -> tuple[list[Link], Known]:
    """Links within the book, and what the ledger holds of all that it met."""
    row_of = {
        picture: row
        for other, pairs in met.pairs.items()
        for picture, row in zip(pairs, _rows_of(home, other, pairs.values()), strict=True)
        if row
    }
    links: list[Link] = []
    pictures: dict[str, list[Meeting]] = defaultdict(list)
    for edge in sorted(met.edges, key=lambda e: (ORDER.get(e.rule, 9), e.distance or 0, e.a, e.b)):
        if not edge.joins:
            continue
        ours, other = (edge.a, edge.b) if edge.a.startswith(f"{book}/") else (edge.b, edge.a)
        image = ours.split("/")[1]
        if other.startswith(f"{book}/"):
            links.append(Link(image, other.split("/")[1], edge.same_view, evidence(edge)))
        elif other in row_of:
            pictures[image].append(Meeting(row_of[other], edge.same_view, evidence(edge)))
    patients = _patients(home, book, index, {m.patient for m in members if m.patient is not None})
    own = read_clusters(home, book)
    rows = [*own.values(), *row_of.values(), *(one.row for several in patients.values() for one in several)]
    named = {name for row in rows for name in (row.book, row.duplicate_in) if name}
    gone = {name for name in named if not _is_registered(home, name)}
    standing = home.station("ledger", book) / "splits.parquet"
    mine = read_rows(standing, Split, mend=RESTORE) if standing.exists() else []
    splits = read_splits(home, rows) | {row.cluster_id: row for row in mine}
    return links, Known(own, splits, pictures, patients, gone)


def _patients(home: Home, book: str, index: Index, wanted: set[int]) -> dict[int, list[Meeting]]:
    """Whom the book's patients met in other books: the first pair of each there."""
    found: dict[int, list[Meeting]] = defaultdict(list)
    patient = index.tables["patients"]["patient"]
    rows = index.patients(np.array(sorted(wanted), np.uint64), but=book)
    for other, held in index.places("patients", rows).items():
        for (row, _), cluster in zip(held, _rows_of(home, other, [pair for _, pair in held]), strict=True):
            if cluster:
                found[int(patient[row])].append(Meeting(cluster, False, "the same slide or patient"))
    return found


def _rows_of(home: Home, book: str, pair_rows: Iterable[int]) -> list[Cluster | None]:
    """The ledger's rows of some pairs of another book; None for one that is newer than its book's ledger."""
    ids = read_columns(home.station("pairs", book) / "pairs.parquet", ["pair_id"])["pair_id"]
    wanted = ids.take(list(pair_rows)).to_pylist()
    path = home.station("ledger", book) / "clusters.parquet"
    rows = read_rows(path, Cluster, filters=[("pair_id", "in", wanted)], mend=RESTORE) if wanted else []
    by_pair = {row.pair_id: row for row in rows}
    return [by_pair.get(pair) for pair in wanted]


def _lost_originals(folder: Path, home: Home) -> bool:
    """Whether duplicates of this book point to a book that is no longer registered."""
    path = folder / "clusters.parquet"
    if not path.exists() or "duplicate_in" not in pq.read_schema(path).names:
        return False
    where = set(read_columns(path, ["duplicate_in"])["duplicate_in"].unique().to_pylist()) - {None}
    return any(not _is_registered(home, name) for name in where)


def _is_registered(home: Home, key: str) -> bool:
    """Whether a book or source is in the library. Listing them all would take longer with every book."""
    return any((home.library / key / name).exists() for name in ("textbook.parquet", "source.parquet"))
