"""Where a row comes from: one id, the whole way from the book's PDF, or the source's table, to the shard.

    from assets.shards.trace import trace
    trace(home, sample_id)      # or a pair_id, panel_id or figure_id; a shard's row_id is one of the first two

The answer is a plain dict in the order of the line: book or source, figure (page, box, caption), panel, references,
pair, image kind, cluster, split, sample with its revisions, verdicts, review, shards. A part that does not exist (yet,
or any more) is None or empty. Book, figure and pair are shown as they are now: a sample's `written_from` says whether
it was made from that state of its pair ("present"), from an "earlier" one, or whether the pair is "gone".
"""

from pathlib import Path
from typing import Any, TypeVar

import pyarrow.parquet as pq

from assets.errors import BadInput
from assets.records import (
    Annotation,
    Cluster,
    Figure,
    Pair,
    PairKind,
    Panel,
    Placed,
    Reference,
    ReviewDecision,
    Sample,
    Source,
    Split,
    Textbook,
    Verdict,
)
from assets.shards.station import read_manifest
from assets.store import Home, read_rows
from assets.tables import is_compared, read_hits, read_testsets

R = TypeVar("R")
Step = dict[str, Any]


def _where(path: Path, record: type[R], column: str, value: str) -> list[R]:
    """Rows of a table whose column has this value, read without loading the rest; none where the table is missing."""
    return read_rows(path, record, filters=[(column, "=", value)]) if path.exists() else []


def _first(home: Home, station: str, table: str, record: type[R], column: str, value: str) -> R | None:
    """The first row with this value over all books of a station."""
    for path in sorted(home.corpus(station).glob(f"*/{table}.parquet")):
        if rows := _where(path, record, column, value):
            return rows[0]
    return None


def _book(home: Home, book: str | None) -> Step | None:
    path = home.library / (book or "") / "textbook.parquet"
    if not path.exists():
        return None
    row = read_rows(path, Textbook)[0]
    return {"book": row.book, "sha256": row.sha256, "title": row.title, "file_name": row.file_name,
            "licence": row.licence}  # fmt: skip


def _source(home: Home, pair: Pair | None) -> Step | None:
    """The row of an external source's table from which a pair was made, and where its picture lies."""
    path = home.library / (pair.source if pair else "") / "source.parquet"
    if pair is None or pair.book or not path.exists():
        return None
    row = read_rows(path, Source)[0]
    placed = _where(home.station("pairs", pair.source) / "placed.parquet", Placed, "pair_id", pair.pair_id)
    names = ("file", "line", "row", "uri", "member", "facts")
    return {"source": row.source, "kind": row.kind, "path": row.path, "title": row.title, "licence": row.licence,
            **({name: getattr(placed[0], name) for name in names} if placed else {})}  # fmt: skip


def _figure_step(row: Figure) -> Step:
    names = ("figure_id", "page", "bbox", "label", "caption", "caption_page", "caption_bbox", "image", "method", "rule",
             "score")  # fmt: skip
    return {name: getattr(row, name) for name in names}


def _figure_of(home: Home, pair: Pair) -> Step | None:
    folder = home.station("figures", pair.book or "")
    found = _where(folder / "figures.parquet", Figure, "figure_id", pair.figure_id)
    if not found:
        return None
    step = _figure_step(found[0])
    panels = _where(folder / "panels.parquet", Panel, "panel_id", pair.panel_id) if pair.panel_id else []
    step["panel"] = (
        {name: getattr(panels[0], name) for name in ("panel_id", "letter", "bbox", "image")} if panels else None
    )
    references = _where(folder / "references.parquet", Reference, "figure_id", pair.figure_id)
    step["references"] = [
        {name: getattr(r, name) for name in ("reference_id", "page", "char_start", "char_end", "sentence")}
        for r in references
        if r.reference_id in pair.reference_ids
    ]
    return step


def _pair(pair: Pair) -> Step:
    names = ("pair_id", "source", "label", "image", "text", "image_kind", "image_kind_score", "image_kind_evidence",
             "organ_system", "organ_system_score", "organ_system_evidence", "licence", "slide_or_patient_id",
             "content_hash")  # fmt: skip
    return {name: getattr(pair, name) for name in names}


def _sample_step(row: Sample) -> Step:
    names = ("sample_id", "task", "difficulty", "pair_hash", "prompt_id", "prompt_hash", "model", "params", "seed",
             "usage", "reply_sha256", "revision", "parent_hash", "content_hash")  # fmt: skip
    return {name: getattr(row, name) for name in names}


def _review(home: Home, subject: str) -> Step:
    folder = home.corpus("review")
    events = _where(folder / "annotations.parquet", Annotation, "subject_id", subject)
    decisions = _where(folder / "decisions.parquet", ReviewDecision, "subject_id", subject)
    return {
        "decision": decisions[0].state if decisions else "open",
        "decision_on": decisions[0].content_hash if decisions else None,
        "events": [
            {name: getattr(e, name) for name in ("event_id", "batch_id", "reviewer", "client_seq", "verdict", "tags",
                                                 "edits", "comment", "content_hash", "tool")}
            for e in events
        ],
    }  # fmt: skip


def _shards(home: Home, row_id: str, book: str | None) -> list[Step]:
    """Every published shard file that holds the row, and its 0-based row number there."""
    found = []
    manifest = read_manifest(home) or {"files": []}
    for entry in manifest["files"]:
        path = home.corpus("shards") / entry["path"]
        if entry["book"] != book or not path.exists():
            continue
        ids = pq.read_table(path, columns=["row_id"]).column("row_id").to_pylist()
        if row_id in ids:
            found.append({"kind": entry["kind"], "split": entry["split"], "path": f"shards/{entry['path']}",
                          "row": ids.index(row_id), "sha256": entry["sha256"]})  # fmt: skip
    return found


def trace(home: Home, name: str) -> dict[str, Any]:
    """The way of one shard row, sample, pair, panel or figure. Raises BadInput when the home holds no such id."""
    sample = _first(home, "cot", "samples", Sample, "sample_id", name)
    pair = _first(home, "pairs", "pairs", Pair, "pair_id", sample.pair_id if sample else name)
    if sample:
        return {"id": name, **_way_to(home, pair, sample.book), **_way_of(home, sample, pair)}
    pair = pair or _first(home, "pairs", "pairs", Pair, "panel_id", name)
    if pair:
        samples = _where(home.station("cot", pair.book or "") / "samples.parquet", Sample, "pair_id", pair.pair_id)
        way = {"id": name, **_way_to(home, pair, pair.book), "samples": [row.sample_id for row in samples]}
        return {**way, "shards": _shards(home, pair.pair_id, pair.book or pair.source)}
    figure = _first(home, "figures", "figures", Figure, "figure_id", name)
    if figure is None:
        raise BadInput(
            f"{name!r} is no sample, pair, panel, figure or shard row of {home.root}; copy an id from a shard's column "
            "row_id or from pairs/<book>/pairs.parquet"
        )
    pairs = _where(home.station("pairs", figure.book) / "pairs.parquet", Pair, "figure_id", name)
    return {"id": name, "book": _book(home, figure.book), "figure": _figure_step(figure),
            "pairs": [_pair(row) for row in pairs]}  # fmt: skip


def _way_to(home: Home, pair: Pair | None, book: str | None) -> Step:
    """From the book to the pair and its split; all but the book None when the pair is gone."""
    if pair is None:
        return {"book": _book(home, book), "source": None, "figure": None, "pair": None, "kind": None,
                "test_sets": None, "cluster": None, "split": None}  # fmt: skip
    cluster = _first(home, "ledger", "clusters", Cluster, "pair_id", pair.pair_id)
    split = _first(home, "ledger", "splits", Split, "cluster_id", cluster.cluster_id) if cluster else None
    return {
        "book": _book(home, book),
        "source": _source(home, pair),
        "figure": _figure_of(home, pair),
        "pair": _pair(pair),
        "kind": _kind(home, pair),
        "test_sets": _test_sets(home, pair),
        "cluster": {n: getattr(cluster, n) for n in ("cluster_id", "duplicate_of", "evidence")} if cluster else None,
        "split": {n: getattr(split, n) for n in ("split", "purpose", "book")} if split else None,
    }


def _test_sets(home: Home, pair: Pair) -> Step:
    """Whether the pair was compared with every test set as it is now, and in which it is, with that set's policy."""
    key = pair.book or pair.source
    policies = {row.testset: row.policy for row in read_testsets(home)}
    hits = [
        {**{n: getattr(hit, n) for n in ("testset", "item_ids", "by", "score", "evidence")},
         "policy": policies[hit.testset]}
        for hit in read_hits(home, key, pair.pair_id)
    ]  # fmt: skip
    return {"compared": is_compared(home, key), "hits": hits}


def _kind(home: Home, pair: Pair) -> Step | None:
    """What words and picture decided of the pair's kind; None before they did."""
    kind = _first(home, "kinds", "kinds", PairKind, "pair_id", pair.pair_id)
    names = ("image_kind", "image_kind_score", "image_kind_evidence", "queued", "model")
    return {name: getattr(kind, name) for name in names} if kind else None


def _way_of(home: Home, sample: Sample, pair: Pair | None) -> Step:
    """From the sample to its shards."""

    def written_from(row: Sample) -> str:
        return "gone" if pair is None else "present" if row.pair_hash == pair.content_hash else "earlier"

    revisions = _where(home.corpus("review") / "revisions.parquet", Sample, "sample_id", sample.sample_id)
    folder = home.station("filters", sample.book or "")
    verdicts = _where(folder / "verdicts.parquet", Verdict, "sample_id", sample.sample_id)
    states = [sample, *sorted(revisions, key=lambda row: row.revision)]
    first, *later = [{**_sample_step(row), "written_from": written_from(row)} for row in states]
    return {
        "sample": first,
        "revisions": later,
        "verdicts": [
            {n: getattr(v, n) for n in ("rule", "rule_version", "passed", "score", "reason", "content_hash")}
            for v in verdicts
        ],
        "review": _review(home, sample.sample_id),
        "shards": _shards(home, sample.sample_id, sample.book),
    }
