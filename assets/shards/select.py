"""Which rows each kind of shard takes from a book or source: the one place where that is decided.

    cpt, clip   every pair that is no duplicate, in no test set that drops it, and has a caption, by its cluster's split
    sft         samples that may be used, of training clusters whose purpose is sft; every one of validation clusters
    rl          multiple-choice samples that may be used, of training clusters whose purpose is rl; of validation
                clusters too

A sample may be used when it was written from its pair as that is now (another picture or caption under the same id is
not what the sample speaks of) and for the image kind that words and picture agree on now, the filters judged its
present state and all let it pass, and no review decision stands against it. Its present state is the last applied
revision. A book without samples yet, and an external source, gives cpt and clip alone; one whose pairs are not split
yet gives nothing. Reads tables, changes none.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from assets.records import Cluster, Figure, Pair, ReviewDecision, Sample, Split, Verdict, present_state
from assets.store import Home, read_rows, sealed
from assets.tables import (
    Revisions,
    is_compared,
    leaked_pairs,
    passed_states,
    read_pairs,
    read_revisions,
    read_splits,
    slices_of_pairs,
)

KINDS = ("cpt", "sft", "rl", "clip")
SPLITS = ("train", "validation")
USABLE_DECISIONS = ("open", "accepted", "revised")
SLICE = 20_000  # pairs of a source that a file holds at most, a gigabyte or two
LEAST_KIND_SCORE = 0.5  # a pair that waits for a review of its kind scores less


@dataclass(frozen=True)
class Chosen:
    """One row to be: a pair and where it stands, and for sft and rl its sample with the state of its review."""

    pair: Pair
    page: int | None
    cluster: Cluster
    sample: Sample | None = None
    review: str = "open"

    @property
    def row_id(self) -> str:
        return self.sample.sample_id if self.sample else self.pair.pair_id

    @property
    def holding(self) -> str:
        """Key of the book, or name of the source."""
        return self.pair.book or self.pair.source


@dataclass
class Selection:
    """Rows of one book or source by (kind, split), each list in shard order; and how many were left out, by reason."""

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
    """Books and sources of which all tables are published, sorted. Others are not waited for."""
    found = sorted(path.parent.name for path in home.corpus("ledger").glob("*/clusters.parquet"))
    sources = home.sources()
    return [key for key in found if all(sealed(home.station(s, key)) for s in _needed(key in sources))]


def _needed(source: bool) -> tuple[str, ...]:
    """The stations without which a book or source gives no row. A source has no figures: its rows have no page."""
    return ("pairs", "kinds", "ledger") if source else ("figures", "pairs", "kinds", "ledger")


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
        elif pair.image_kind != sample.image_kind or pair.image_kind_score < LEAST_KIND_SCORE:
            left_out["kind_changed"] += 1
        elif not passed.get(state):
            left_out["failed_filters" if state in passed else "not_judged"] += 1
        elif review not in USABLE_DECISIONS:
            left_out[f"review_{review}"] += 1
        else:
            usable.append((sample, review))
    return usable


def selections(home: Home, key: str, corpus: CorpusTables) -> Iterator[Selection]:
    """Everything that a book gives to the shards, at once, or that a source gives, SLICE pairs at a time.

    A source has a million pairs and more: neither they nor a file of all their pictures are held. Raises BadInput when
    a table is missing or damaged.
    """
    if key in home.sources():
        yield from _slices(home, key, corpus)
    else:
        yield select(home, key, corpus)


def select(home: Home, book: str, corpus: CorpusTables) -> Selection:
    """Everything that one book gives to the shards. Raises BadInput when one of its tables is missing or damaged."""
    chosen = Selection(book, {(kind, split): [] for kind in KINDS for split in SPLITS})
    pages = {f.figure_id: f.page for f in read_rows(home.station("figures", book) / "figures.parquet", Figure)}
    clusters = {c.pair_id: c for c in read_rows(home.station("ledger", book) / "clusters.parquet", Cluster)}
    pairs = {p.pair_id: p for p in read_pairs(home, book)}
    if not is_compared(home, book):
        chosen.left_out["not_compared_with_test_sets"] += len(pairs)
        return chosen
    leaked = leaked_pairs(home, book)
    placed: dict[str, tuple[Chosen, Split]] = {}
    for pair in pairs.values():
        page = pages.get(pair.figure_id)
        cluster = clusters.get(pair.pair_id) if page else None  # a pair of a figure that is gone stands nowhere
        if place := _place(pair, page, cluster, corpus, leaked, chosen.left_out):
            placed[pair.pair_id] = place
    _take_pairs(placed.values(), chosen)
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


def _slices(home: Home, source: str, corpus: CorpusTables) -> Iterator[Selection]:
    """Rows in the order of the source's table, in which its archives and slides are read the fastest."""
    compared, leaked = is_compared(home, source), leaked_pairs(home, source)
    path = home.station("ledger", source) / "clusters.parquet"
    for pairs in slices_of_pairs(home, source, SLICE):
        chosen = Selection(source, {(kind, split): [] for kind in KINDS for split in SPLITS})
        if compared:
            mine = [("pair_id", "in", [pair.pair_id for pair in pairs])]
            clusters = {c.pair_id: c for c in read_rows(path, Cluster, filters=mine)}
            places = [_place(p, None, clusters.get(p.pair_id), corpus, leaked, chosen.left_out) for p in pairs]
            _take_pairs([place for place in places if place], chosen)
        else:
            chosen.left_out["not_compared_with_test_sets"] += len(pairs)
        yield chosen


def _place(
    pair: Pair, page: int | None, cluster: Cluster | None, corpus: CorpusTables, leaked: Collection[str],
    left_out: Counter[str],
) -> tuple[Chosen, Split] | None:  # fmt: skip
    """The pair with its split; None, and counted, when it feeds nothing."""
    split = corpus.splits.get(cluster.cluster_id) if cluster else None
    if cluster is None or split is None:
        left_out["not_split"] += 1
    elif cluster.duplicate_of is not None:
        left_out["duplicate"] += 1
    elif split.split not in SPLITS:
        left_out[split.split] += 1
    elif pair.pair_id in leaked:
        left_out["in_test_set"] += 1
    else:
        return Chosen(pair, page, cluster), split
    return None


def _take_pairs(placed: Iterable[tuple[Chosen, Split]], chosen: Selection) -> None:
    for row, split in placed:
        if row.pair.text.strip():
            chosen.rows["cpt", split.split].append(row)
            chosen.rows["clip", split.split].append(row)
        else:
            chosen.left_out["no_caption"] += 1
