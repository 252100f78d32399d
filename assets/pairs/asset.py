"""Picture-text pairs of a book, what their pictures show, and where their clusters belong, as assets."""

from typing import Any

import dagster as dg

from assets.asset import PER_BOOK, columns, each_book, first_rows, numbers, picture, readable
from assets.records import Cluster, Pair, PairKind, PictureHash
from assets.sources import source_hash
from assets.store import Home, Outcome, open_home


@dg.asset(
    **PER_BOOK,
    deps=["figures"],
    group_name="pairs",
    kinds={"parquet"},
    code_version=source_hash("assets.pairs.station")[:12],
    metadata=columns(Pair),
)
def pairs(context: dg.AssetExecutionContext) -> None:
    """Picture-text pairs: whole figures and panels, with image kind, organ system and the sentences that cite them."""
    from assets.pairs.station import pair_book

    def pair(home: Home, book: str) -> tuple[Outcome, dict[str, Any]]:
        outcome = pair_book(home, book)
        shown = ["label", "image_kind", "organ_system", "text"]
        return outcome, numbers(outcome, rows="pairs") | {
            "first pairs": first_rows(outcome.folder / "pairs.parquet", shown)
        }

    each_book(context, pair)


@dg.asset(
    deps=["pairs"],
    group_name="pairs",
    kinds={"scikitlearn"},
    code_version=source_hash("assets.pairs.appearance.standing")[:12],
)
def picture_classifier(context: dg.AssetExecutionContext) -> None:
    """The corpus' own classifier of image kinds, learnt from the pictures whose captions name stain or preparation.

    Trained anew only when it is due; books keep the classifier that judged them until `pathcorpus pairs classify`.
    """
    from assets.pairs.appearance.standing import read_standing, train_classifier

    home = open_home()
    with readable():
        outcome = train_classifier(home)
        note = read_standing(home)
    context.add_output_metadata(numbers(outcome, rows="pictures") | {"named by captions": note["named"]})
    if note["model"]:
        matrix = picture(outcome.folder / "confusion.png", "confusion matrix")
        context.add_output_metadata({"classifier": note["model"], "confusion matrix": matrix})
    else:
        context.add_output_metadata({"classifier": f"none: {note['why_none']}"})


@dg.asset(
    **PER_BOOK,
    deps=["pairs"],  # a classifier helps where there is one; nobody waits for it
    group_name="pairs",
    kinds={"parquet"},
    code_version=source_hash("assets.pairs.deciding")[:12],
    metadata=columns(PairKind),
)
def image_kinds(context: dg.AssetExecutionContext) -> None:
    """What words and picture say together of every pair's image kind; where they disagree, it waits for a review."""
    from assets.pairs.deciding import kind_book

    def decide(home: Home, book: str) -> tuple[Outcome, dict[str, Any]]:
        outcome = kind_book(home, book)
        shown = ["image_kind", "image_kind_score", "queued", "image_kind_evidence"]
        return outcome, numbers(outcome, rows="pairs") | {
            "first kinds": first_rows(outcome.folder / "kinds.parquet", shown)
        }

    each_book(context, decide)


@dg.asset(
    **PER_BOOK,
    deps=["pairs"],
    group_name="pairs",
    kinds={"opencv"},
    code_version=source_hash("assets.pairs.duplicates.station")[:12],
    metadata=columns(PictureHash),
)
def picture_hashes(context: dg.AssetExecutionContext) -> None:
    """Fingerprints and keypoints of every picture, made once, with which duplicates are found in all later books."""
    from assets.pairs.duplicates.station import hash_book

    def fingerprint(home: Home, book: str) -> tuple[Outcome, dict[str, Any]]:
        outcome = hash_book(home, book)
        return outcome, numbers(outcome, rows="pictures")

    each_book(context, fingerprint)


@dg.asset(
    **PER_BOOK,
    deps=["pairs", "picture_hashes"],
    group_name="pairs",
    kinds={"parquet"},
    code_version=source_hash("assets.pairs.ledger")[:12],
    metadata=columns(Cluster),
)
def ledger(context: dg.AssetExecutionContext) -> None:
    """Duplicate clusters over all books, and the split of every cluster, decided once and for ever."""
    from assets.pairs.ledger import split_book

    def split(home: Home, book: str) -> tuple[Outcome, dict[str, Any]]:
        outcome = split_book(home, book)
        return outcome, numbers(outcome, rows="clusters") | {
            "first clusters": first_rows(
                outcome.folder / "clusters.parquet", ["pair_id", "cluster_id", "duplicate_of", "evidence"]
            ),
            "first splits": first_rows(outcome.folder / "splits.parquet", ["cluster_id", "split", "purpose"]),
            "first edges": first_rows(
                outcome.folder / "edges.parquet", ["rule", "joins", "distance", "keypoints", "a", "b"]
            ),
        }

    each_book(context, split)
