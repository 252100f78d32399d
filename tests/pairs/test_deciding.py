"""The kinds station on disk: decisions, the queue, who keeps which classifier, and what leaves for an endpoint."""

import base64
import hashlib
from pathlib import Path

import pytest

from assets.cot.station import generate_book
from assets.errors import BadInput
from assets.pairs.appearance import standing
from assets.pairs.deciding import judge_anew, kind_book
from assets.records import IMAGE_KINDS, Pair, PairKind, PictureKind, ReviewDecision
from assets.store import Home, open_home, read_rows, state_of, write_rows
from assets.tables import read_pairs
from tests.pairs.pictured import NAMING, Shown, eight_of_each, painted, pictured
from tests.servers.openai_server import OpenAIServer

# What a second book shows, each told apart by its caption.
CONFIDENT = [Shown(kind, NAMING[kind], 40) for kind in ("he", "ihc", "cytology", "fish", "gross")]
STAY = [
    Shown("fish", "Nests of tumour cells (H&E, ×100).", 41),  # caption and picture disagree
    Shown("person", "A man with a swollen neck.", 42),
    Shown("person", "The same man after treatment. The specimen was bisected.", 43),  # a word that goes with gross
    Shown("radiograph", "Chest CT with a mass in the right upper lobe.", 44),
    Shown("radiograph", "A round shadow (histology showed adenocarcinoma).", 45),
    Shown("other", "Expression of Bax protein in the five groups.", 46),
]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = pictured(open_home(tmp_path / "corpus"), "atlas", eight_of_each())
    return pictured(home, "mixed", [*CONFIDENT, *STAY])


def kinds_of(home: Home, book: str = "mixed") -> list[PairKind]:
    return read_rows(home.station("kinds", book) / "kinds.parquet", PairKind)


def test_words_and_picture_decide_and_disagreement_is_queued(home):
    counts = kind_book(home, "mixed").counts
    rows = kinds_of(home)
    assert [row.image_kind for row in rows[:5]] == [shown.kind for shown in CONFIDENT]
    assert not any(row.queued for row in rows[:5])
    assert rows[5].words_kind == "he" and rows[5].picture_kind == "fish"
    assert rows[5].queued.startswith("the caption says H&E, the picture looks like FISH")
    assert counts["queued"] == sum(bool(row.queued) for row in rows)
    name = standing.read_standing(home)["model"]
    assert all(row.model == name and name in row.image_kind_evidence for row in rows)


def test_readers_see_the_decision_and_pairs_keep_what_the_words_say(home):
    before = state_of(home.station("pairs", "mixed"))
    kind_book(home, "mixed")
    pairs = read_pairs(home, "mixed")
    assert [pair.image_kind_score for pair in pairs] == [row.image_kind_score for row in kinds_of(home)]
    assert pairs[5].image_kind_score <= 0.4
    assert state_of(home.station("pairs", "mixed")) == before
    words = read_rows(home.station("pairs", "mixed") / "pairs.parquet", Pair)
    assert [pair.content_hash for pair in pairs] == [pair.content_hash for pair in words]


def test_only_confident_pairs_of_the_five_kinds_leave_for_an_endpoint(home):
    """A loopback endpoint records what it receives; nothing else of the corpus may be among it."""
    kind_book(home, "mixed")
    with OpenAIServer() as server:
        (home.root / "endpoints.toml").write_text(
            f'[mock]\nbase_url = "{server.url}"\nmodel = "mock-1"\nretry_wait_s = 0.01\ntries = 1\nimages = true\n',
            encoding="utf-8",
        )
        with pytest.raises(BadInput, match="gave no usable reply"):
            generate_book(home, "mixed", "mock")
        sent = {digest for body in server.bodies for digest in pictures_in(body)}
        said = repr(server.bodies)
    may_leave = {hashlib.sha256(painted(shown.kind, shown.seed)).hexdigest() for shown in CONFIDENT}
    assert sent == may_leave
    assert all(shown.caption not in said for shown in STAY)


def pictures_in(body: dict) -> list[str]:
    parts = [
        part for message in body["messages"] if isinstance(message["content"], list) for part in message["content"]
    ]
    urls = [part["image_url"]["url"] for part in parts if part.get("type") == "image_url"]
    return [hashlib.sha256(base64.b64decode(url.partition("base64,")[2])).hexdigest() for url in urls]


def test_a_second_run_changes_nothing_and_another_book_moves_no_decision(home):
    first = kind_book(home, "mixed")
    before = state_of(first.folder)
    assert not kind_book(home, "mixed").changed
    more = [Shown(kind, caption, seed) for kind, caption in NAMING.items() for seed in range(20, 28)]
    pictured(home, "later", more)
    assert standing.train_classifier(home).changed  # the labelled pictures have nearly doubled
    assert not kind_book(home, "mixed").changed and state_of(first.folder) == before
    kind_book(home, "later")
    assert kinds_of(home, "later")[0].model != kinds_of(home)[0].model
    assert judge_anew(home, "mixed", "features").changed
    assert kinds_of(home, "later")[0].model == kinds_of(home)[0].model
    assert not kind_book(home, "mixed").changed


def test_without_enough_labels_words_and_facts_decide_and_say_so(tmp_path):
    home = pictured(open_home(tmp_path / "corpus"), "few", [*CONFIDENT, *STAY])
    assert kind_book(home, "few").counts["by_words_alone"] == len(CONFIDENT) + len(STAY)
    rows = kinds_of(home, "few")
    assert [row.image_kind for row in rows[:5]] == [shown.kind for shown in CONFIDENT]
    assert all(row.model is None and "words and picture facts alone: captions name too few" in row.image_kind_evidence
               for row in rows)  # fmt: skip
    assert rows[6].queued  # a photograph of which nothing is said


def test_a_reviewers_word_counts_for_the_state_that_was_seen(home):
    kind_book(home, "mixed")
    queued = [row for row in kinds_of(home) if row.queued][:3]
    states = zip(queued, ("accepted", "rejected", "accepted"), strict=True)
    decisions = [
        ReviewDecision(subject_id=row.pair_id, content_hash=row.content_hash, state=state, events=[])
        for row, state in states
    ]
    decisions[2] = ReviewDecision(subject_id=queued[2].pair_id, content_hash="0" * 64, state="accepted", events=[])
    write_rows(home.corpus("review") / "decisions.parquet", decisions, ReviewDecision)
    assert kind_book(home, "mixed").changed
    after = {row.pair_id: row for row in kinds_of(home)}
    accepted, rejected, stale = (after[row.pair_id] for row in queued)
    assert (accepted.image_kind, accepted.image_kind_score, accepted.queued) == (queued[0].image_kind, 1.0, "")
    assert (rejected.image_kind, rejected.queued) == (
        "other",
        "",
    ) and "rejected by review" in rejected.image_kind_evidence
    assert stale.queued == queued[2].queued
    assert not kind_book(home, "mixed").changed


def test_a_pair_that_changed_since_the_decision_is_not_used(home):
    kind_book(home, "mixed")
    before = {pair.label: pair for pair in read_pairs(home, "mixed")}
    changed = [
        Shown(CONFIDENT[0].kind, "Glands of another organ (H&E, ×40).", CONFIDENT[0].seed),
        *CONFIDENT[1:],
        *STAY,
    ]
    pictured(home, "mixed", changed)
    pair = read_pairs(home, "mixed")[0]
    assert pair.content_hash != before[pair.label].content_hash and pair.image_kind_score == 0.0
    kind_book(home, "mixed")
    assert read_pairs(home, "mixed")[0].image_kind_score > 0.9


def test_a_network_judges_what_it_has_seen_and_the_rest_is_left_to_words(home):
    with pytest.raises(BadInput, match=r"mixed.parquet is missing; run `python -m training.image_kinds"):
        judge_anew(home, "mixed", "efficientnet")
    pairs = read_rows(home.station("pairs", "mixed") / "pairs.parquet", Pair)
    shares = [0.04 if kind != "ihc" else 0.8 for kind in IMAGE_KINDS]
    rows = [
        PictureKind(pair_id=p.pair_id, image=p.image, probabilities=shares, model="efficientnet-1") for p in pairs[:2]
    ]
    folder = home.root / "training" / "image_kinds" / "model" / "predictions"
    write_rows(folder / "mixed.parquet", rows, PictureKind)
    judge_anew(home, "mixed", "efficientnet")
    he, ihc, unseen, *_ = kinds_of(home)
    assert he.queued == "the caption says H&E, the picture looks like IHC 0.80"
    assert ihc.image_kind == "ihc" and not ihc.queued and ihc.model == "efficientnet-1"
    assert unseen.picture_kind is None and "has not seen this picture" in unseen.image_kind_evidence
    assert not kind_book(home, "mixed").changed  # it stays with the network


def test_what_is_missing_is_said(tmp_path):
    home = pictured(open_home(tmp_path / "corpus"), "few", CONFIDENT)
    with pytest.raises(BadInput, match="no picture classifier stands: captions name too few figures"):
        judge_anew(home, "few", "features")
    with pytest.raises(BadInput, match="no picture classifier is called 'vgg'; choose one of features, efficientnet"):
        judge_anew(home, "few", "vgg")
    with pytest.raises(BadInput, match="nothing has no finished pairs"):
        kind_book(home, "nothing")
    with pytest.raises(BadInput, match="few has no finished image kinds"):
        read_pairs(home, "few")
