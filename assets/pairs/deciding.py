"""The kinds station: words and picture of every pair of a book or source become one decision, in kinds/<key>/.

    kind_book(home, "my-book")                        in the chain, after the pairs and before anything is bought
    judge_anew(home, "my-book", "features")           by the classifier that stands now
    judge_anew(home, "my-book", "efficientnet")       by the network that `python -m training.image_kinds` left

pairs.parquet is never touched, so that a new classifier moves no pair. A book keeps the classifier that judged it,
named in every row, until `judge_anew`: a book that is added changes no decision on another. What a reviewer accepted
or rejected of a queued pair counts from the next run on.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow.parquet as pq

from assets.errors import BadInput
from assets.pairs.agreement import Decision, decide
from assets.pairs.appearance.classifier import Look
from assets.pairs.appearance.standing import load, standing, usable
from assets.pairs.appearance.vectors import vectors_of
from assets.pairs.kinds import Kind
from assets.records import IMAGE_KINDS, Pair, PairKind, PictureKind, ReviewDecision
from assets.schema import content_hash
from assets.sources import source_hash
from assets.store import Home, Outcome, each_row, publish, read_rows, sealed, state_of, write_rows
from assets.tables import finished

NETWORK = Path("training") / "image_kinds" / "model" / "predictions"
WAYS = ("features", "efficientnet")
Looking = Callable[[list[Pair]], Iterator[Look | None]]


def kind_book(home: Home, key: str) -> Outcome:
    """Write kinds/<key>/kinds.parquet, by the classifier that judged it before, else by the one that stands.

    counts: pairs, queued, by_words_alone, and pairs of every kind that are not queued. Raises BadInput when the pairs
    are not there.
    """
    before = _judged_by(home, key)
    if before and before.startswith("efficientnet"):
        return _decide_all(home, key, before)
    if before and usable(home, before):
        return _decide_all(home, key, before)
    return _decide_all(home, key, standing(home).name)


def judge_anew(home: Home, key: str, way: str) -> Outcome:
    """As `kind_book`, by the classifier of that `way` as it is now. Raises BadInput when there is none."""
    if way == "features":
        found = standing(home)
        if found.name is None:
            raise BadInput(f"no picture classifier stands: {found.why_none}; add books whose captions name stains")
        return _decide_all(home, key, found.name)
    if way == "efficientnet":
        path = home.root / NETWORK / f"{key}.parquet"
        if not path.exists():
            raise BadInput(f"{path} is missing; run `python -m training.image_kinds --config FILE` first")
        return _decide_all(home, key, _network(path))
    raise BadInput(f"no picture classifier is called {way!r}; choose one of {', '.join(WAYS)}")


def _decide_all(home: Home, key: str, model: str | None) -> Outcome:
    upstream = finished(home.station("pairs", key), key, "pairs")
    reviewed = _reviewed(home)
    learnt, looking, why_none = _classifier(home, key, model)

    def rows() -> Iterator[PairKind]:
        waiting = looking()
        for pair in each_row(upstream / "pairs.parquet", Pair):
            words = Kind(pair.image_kind, pair.image_kind_score, pair.image_kind_evidence)
            look = next(waiting, None)
            decision = decide(words, look, learnt, why_none)
            yield _row(pair, look, decision, model, reviewed.get(pair.pair_id))

    def build(scratch: Path) -> dict[str, int]:
        counts: Counter[str] = Counter()

        def counted() -> Iterator[PairKind]:
            for row in rows():
                counts["pairs"] += 1
                counts["queued" if row.queued else row.image_kind] += 1
                counts["by_words_alone"] += row.picture_kind is None
                yield row

        write_rows(scratch / "kinds.parquet", counted(), PairKind)
        return {name: counts[name] for name in ("pairs", "queued", "by_words_alone", *IMAGE_KINDS)}

    inputs = {
        "code": source_hash(__name__),
        "pairs": state_of(upstream),
        "model": model,
        "why_none": why_none,
        "reviewed": _that_matter(home, key, reviewed),
    }
    return publish(home.station("kinds", key), station="kinds", book=key, inputs=inputs, build=build)


def _row(
    pair: Pair, look: Look | None, decision: Decision, model: str | None, review: ReviewDecision | None
) -> PairKind:
    state = content_hash([pair.content_hash, decision.kind])
    kind, score, evidence, queued = decision.kind, decision.score, decision.evidence, decision.queued
    if review is not None and review.content_hash == state:
        if review.state == "accepted":
            score, evidence, queued = 1.0, f"accepted by review; {evidence}", ""
        elif review.state == "rejected":
            kind, score, evidence, queued = "other", 1.0, f"rejected by review as {kind}; {evidence}", ""
    return PairKind(
        pair_id=pair.pair_id,
        figure_id=pair.figure_id,
        image=pair.image,
        pair_hash=pair.content_hash,
        content_hash=state,
        words_kind=pair.image_kind,
        words_score=pair.image_kind_score,
        picture_kind=look.kind if look else None,
        picture_score=round(look.score, 4) if look else 0.0,
        image_kind=kind,
        image_kind_score=score,
        image_kind_evidence=f"{evidence} [{model}]" if look else evidence,
        queued=queued,
        model=model,
    )


def _classifier(
    home: Home, key: str, model: str | None
) -> tuple[tuple[str, ...], Callable[[], Iterator[Look | None]], str]:
    """The kinds that a classifier learnt, its looks in the order of the pairs, and why there are none."""
    if model is None:
        why = standing(home).why_none
        return (), lambda: iter(()), why
    if model.startswith("efficientnet"):
        return _of_network(home, key)
    trained = load(home, model)
    figures = pq.read_table(home.station("pairs", key) / "pairs.parquet", columns=["figure_id"])["figure_id"]

    def looks() -> Iterator[Look | None]:
        start = 0
        for pairs, vectors in vectors_of(home, key):
            yield from trained.look(vectors, figures[start : start + len(pairs)].to_pylist())
            start += len(pairs)

    return trained.kinds, looks, ""


def _of_network(home: Home, key: str) -> tuple[tuple[str, ...], Callable[[], Iterator[Look | None]], str]:
    path = home.root / NETWORK / f"{key}.parquet"
    found = {row.pair_id: row for row in read_rows(path, PictureKind)} if path.exists() else {}
    known = next(iter(found.values()), None)
    learnt = tuple(k for k, p in zip(IMAGE_KINDS, known.probabilities, strict=True) if p > 0) if known else ()

    def looks() -> Iterator[Look | None]:
        table = pq.read_table(home.station("pairs", key) / "pairs.parquet", columns=["pair_id", "image"])
        for pair, image in zip(*(table[name].to_pylist() for name in table.column_names), strict=True):
            row = found.get(pair)
            shares = dict(zip(IMAGE_KINDS, row.probabilities, strict=True)) if row and row.image == image else None
            yield Look({k: p for k, p in shares.items() if k in learnt}, familiar=False) if shares else None

    return learnt, looks, "the network has not seen this picture; run `python -m training.image_kinds` again"


def _network(path: Path) -> str:
    """The name of the network that wrote these predictions."""
    first = next(each_row(path, PictureKind), None)
    if first is None:
        raise BadInput(f"{path} holds no prediction; run `python -m training.image_kinds --config FILE` again")
    return first.model


def _judged_by(home: Home, key: str) -> str | None:
    folder = home.station("kinds", key)
    if not sealed(folder):
        return None
    first = next(each_row(folder / "kinds.parquet", PairKind), None)
    return first.model if first else None


def _reviewed(home: Home) -> dict[str, ReviewDecision]:
    path = home.corpus("review") / "decisions.parquet"
    return {row.subject_id: row for row in read_rows(path, ReviewDecision)} if path.exists() else {}


def _that_matter(home: Home, key: str, reviewed: dict[str, ReviewDecision]) -> list[list[str]]:
    """The decisions on pairs of this book, for the station's fingerprint."""
    if not reviewed:
        return []
    pairs = pq.read_table(home.station("pairs", key) / "pairs.parquet", columns=["pair_id"])["pair_id"].to_pylist()
    return [[pair, reviewed[pair].content_hash, reviewed[pair].state] for pair in pairs if pair in reviewed]
