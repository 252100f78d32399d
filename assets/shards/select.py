"""Which rows each kind of shard takes from one book: the one place where that is decided.

    cpt, clip   every pair that is no duplicate and has a caption, by its cluster's split
    sft         samples that may be used, of training clusters whose purpose is sft; every one of validation clusters
    rl          multiple-choice samples that may be used, of training clusters whose purpose is rl; of validation
                clusters too

A sample may be used when it was written from its pair as that is now (another picture or caption under the same id is
not what the sample speaks of), the filters judged its present state and all let it pass, and no review decision stands
against it. Its present state is the last applied revision. A book without samples yet gives cpt and clip alone; a book
whose pairs are not split yet gives nothing. Reads tables, changes none.
"""

from collections import Counter
from dataclasses import dataclass, field

from assets.records import Cluster, Figure, Pair, ReviewDecision, Sample, Split, Verdict, present_state
from assets.store import Home, read_rows, sealed
from assets.tables import Revisions, passed_states, read_revisions, read_splits

KINDS = ("cpt", "sft", "rl", "clip")
SPLITS = ("train", "validation")
USABLE_DECISIONS = ("open", "accepted", "revised")


@dataclass(frozen=True)
class Chosen:
    """One row to be: a pair and where it stands, and for sft and rl its sample with the state of its review."""

    pair: Pair
    page: int
    cluster: Cluster
    sample: Sample | None = None
    review: str = "open"

    @property
    def row_id(self) -> str:
        return self.sample.sample_id if self.sample else self.pair.pair_id


@dataclass
class Selection:
    """Rows of one book by (kind, split), each list in shard order; and how many were left out, by reason."""

    book: str
    rows: dict[tuple[str, str], list[Chosen]] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class CorpusTables:
    """What selection needs of the whole corpus: splits by cluster, and review results by sample."""

    splits: dict[str, Split]
    decisions: dict[str, ReviewDecision]
    revisions: Revisions


def read_corpus_tables(home: Home) -> CorpusTables:
    """The union of all books' splits (a cluster's split is stored with the book that brought it first) and reviews."""
    decisions = home.corpus("review") / "decisions.parquet"
    return CorpusTables(
        read_splits(home),
        {row.subject_id: row for row in read_rows(decisions, ReviewDecision)} if decisions.exists() else {},
        read_revisions(home),
    )


def books_ready(home: Home) -> list[str]:
    """Books whose figures, pairs and splits are all published, sorted. Others are not waited for."""
    found = sorted(path.parent.name for path in home.corpus("ledger").glob("*/clusters.parquet"))
    return [b for b in found if all(sealed(home.station(s, b)) for s in ("figures", "pairs", "ledger"))]


def usable_samples(
    home: Home, book: str, pairs: dict[str, Pair], corpus: CorpusTables, left_out: Counter[str]
) -> list[tuple[Sample, str]]:
    """Samples of a book in their present state that may be used, each with the state of its review decision.

    `pairs` are all of the book, by pair_id.
    """
    cot, filters = home.station("cot", book), home.station("filters", book)
    if not sealed(cot) or not sealed(filters):
        return []
    passed = passed_states(read_rows(filters / "verdicts.parquet", Verdict))
    usable = []
    for row in read_rows(cot / "samples.parquet", Sample):
        sample = present_state(row, corpus.revisions)
        pair = pairs.get(sample.pair_id)
        state = (sample.sample_id, sample.content_hash)
        decision = corpus.decisions.get(sample.sample_id)
        # A decision on another text than the present one says nothing about this one: it is stale.
        review = "open" if decision is None else decision.state
        if decision is not None and decision.content_hash != sample.content_hash:
            review = "stale"
        if pair is None:
            left_out["pair_gone"] += 1
        elif pair.content_hash != sample.pair_hash:
            left_out["pair_changed"] += 1
        elif not passed.get(state):
            left_out["failed_filters" if state in passed else "not_judged"] += 1
        elif review not in USABLE_DECISIONS:
            left_out[f"review_{review}"] += 1
        else:
            usable.append((sample, review))
    return usable


def select(home: Home, book: str, corpus: CorpusTables) -> Selection:
    """Everything that one book gives to the shards. Raises BadInput when one of its tables is missing or damaged."""
    chosen = Selection(book, {(kind, split): [] for kind in KINDS for split in SPLITS})
    pages = {f.figure_id: f.page for f in read_rows(home.station("figures", book) / "figures.parquet", Figure)}
    clusters = {c.pair_id: c for c in read_rows(home.station("ledger", book) / "clusters.parquet", Cluster)}
    placed: dict[str, tuple[Chosen, Split]] = {}
    pairs = {p.pair_id: p for p in read_rows(home.station("pairs", book) / "pairs.parquet", Pair)}
    for pair in pairs.values():
        cluster = clusters.get(pair.pair_id)
        split = corpus.splits.get(cluster.cluster_id) if cluster else None
        if cluster is None or split is None or pair.figure_id not in pages:
            chosen.left_out["not_split"] += 1
        elif cluster.duplicate_of is not None:
            chosen.left_out["duplicate"] += 1
        elif split.split not in SPLITS:
            chosen.left_out[split.split] += 1
        else:
            placed[pair.pair_id] = (Chosen(pair, pages[pair.figure_id], cluster), split)
    for row, split in placed.values():
        if row.pair.text.strip():
            chosen.rows["cpt", split.split].append(row)
            chosen.rows["clip", split.split].append(row)
        else:
            chosen.left_out["no_caption"] += 1
    for sample, review in usable_samples(home, book, pairs, corpus, chosen.left_out):
        if sample.pair_id not in placed:
            chosen.left_out["sample_of_unused_pair"] += 1
            continue
        row, split = placed[sample.pair_id]
        row = Chosen(row.pair, row.page, row.cluster, sample, review)
        validation = split.split == "validation"
        if validation or split.purpose == "sft":
            chosen.rows["sft", split.split].append(row)
        if sample.task == "mcq" and (validation or split.purpose == "rl"):
            chosen.rows["rl", split.split].append(row)
        elif not validation and split.purpose == "rl":
            chosen.left_out["not_a_question"] += 1
    for rows in chosen.rows.values():
        rows.sort(key=lambda r: (r.page, r.pair.figure_id, r.row_id))
    return chosen
