"""Who belongs together, who inherits, who is quarantined, and that nothing decided ever moves; all in memory."""

import random
from collections import defaultdict

from hypothesis import given, settings
from hypothesis import strategies as st

from assets.pairs.assign import SHARES, Known, Link, Meeting, Member, assign, deal


def pair(
    figure: str, picture: str, panel: str | None = None, book: str = "b", patient: int | None = None,
    kind: str = "he",
) -> Member:  # fmt: skip
    return Member(f"{book}/{figure}{panel or ''}", f"{book}/{figure}", picture, picture, patient, kind == "he")


class Ledger:
    """The ledger of several books in memory. Equal pictures meet; so do pictures that `alike` names."""

    def __init__(self, alike=()):
        self.clusters, self.splits, self.patients = {}, {}, defaultdict(list)
        self.alike = defaultdict(list)
        for a, b, same_view in alike:
            self.alike[a].append((b, same_view))
            self.alike[b].append((a, same_view))
        self.gone = set()

    def add(self, book, pairs):
        own = {k: c for k, c in self.clusters.items() if c.book == book}
        earlier = {k: c for k, c in self.clusters.items() if c.book != book}
        pictures = defaultdict(list)
        for image in {m.image for m in pairs}:
            for other, same, why in [(image, True, "equal pixels"), *((b, s, "hash") for b, s in self.alike[image])]:
                met = next((row for row in earlier.values() if row.pixels == other), None)
                if met:
                    pictures[image].append(Meeting(met, same, why))
        here = {m.image for m in pairs}
        links = [Link(a, b, same, "hash") for a in here for b, same in self.alike[a] if b in here and a < b]
        patients = {
            number: [Meeting(earlier[k], False, "the same slide or patient") for k in held if k in earlier]
            for number, held in self.patients.items()
        }
        known = Known(own, self.splits, pictures, patients, self.gone)
        self.decided = assign(book, pairs, links, known)
        self.splits = {k: s for k, s in self.splits.items() if s.book != book}
        self.splits |= {s.cluster_id: s for s in self.decided.splits}
        rows = {c.pair_id: c for c in self.decided.clusters}
        self.clusters = earlier | rows
        for m in pairs:
            if m.patient is not None:
                self.patients[m.patient].append(m.pair_id)
        return rows

    def lane(self, row):
        return self.splits[row.cluster_id].split, self.splits[row.cluster_id].purpose

    def two_lanes(self, book="a"):
        """Two pictures of a book that lie in different splits."""
        by_split = {self.lane(r)[0]: r.pixels for r in self.clusters.values() if r.book == book}
        return by_split["train"], by_split["validation"]


def test_a_figure_and_its_panels_share_a_cluster():
    ledger = Ledger()
    rows = ledger.add("b", [pair("f1", "whole"), pair("f1", "left", "A"), pair("f1", "right", "B")])
    assert len({row.cluster_id for row in rows.values()}) == 1
    assert all(row.duplicate_of is None for row in rows.values())


def test_a_reprint_joins_the_first_books_cluster_and_names_its_original():
    ledger = Ledger()
    first = ledger.add("a", [pair("f1", "x", book="a"), pair("f2", "y", book="a")])
    second = ledger.add("b", [pair("g1", "x", book="b")])
    (row,) = second.values()
    original = next(r for r in first.values() if r.pixels == "x")
    assert row.duplicate_of == original.pair_id
    assert row.cluster_id == original.cluster_id
    assert not [s for s in ledger.splits.values() if s.book == "b"]


def test_equal_pictures_within_a_book_are_one_cluster():
    rows = Ledger().add("b", [pair("f1", "x"), pair("f2", "x")])
    assert len({row.cluster_id for row in rows.values()}) == 1
    assert sum(row.duplicate_of is not None for row in rows.values()) == 1


def test_a_newcomer_that_bridges_two_splits_is_quarantined():
    ledger = Ledger()
    first = ledger.add("a", [pair(f"f{i}", f"x{i}", book="a") for i in range(20)])
    by_lane = {(s.split, s.purpose): s.cluster_id for s in ledger.splits.values()}
    pictures = [next(r.pixels for r in first.values() if r.cluster_id == c) for c in by_lane.values()]
    rows = ledger.add("b", [pair("g", pictures[0], "A", book="b"), pair("g", pictures[1], "B", book="b")])
    assert {ledger.splits[row.cluster_id].split for row in rows.values()} == {"quarantine"}


def test_running_a_book_again_moves_nothing_even_after_a_reprint():
    ledger = Ledger()
    pairs = [pair(f"f{i}", f"x{i}", book="a") for i in range(7)]
    first = ledger.add("a", pairs)
    splits = dict(ledger.splits)
    ledger.add("b", [pair("g1", "x3", book="b"), pair("g2", "new", book="b")])
    assert ledger.add("a", pairs) == first
    assert {k: v for k, v in ledger.splits.items() if v.book == "a"} == splits


def test_a_cluster_that_lost_its_split_to_a_kill_is_decided_again():
    ledger = Ledger()
    pairs = [pair(f"f{i}", f"x{i}", book="a") for i in range(5)]
    ledger.add("a", pairs)
    ledger.splits = {}
    assert set(ledger.add("b", [pair("g", "x1", book="b")])) == {"b/g"}
    again = ledger.add("a", pairs)
    assert {row.cluster_id for row in again.values()} <= ledger.splits.keys()


def test_a_split_stays_while_another_book_lives_in_its_cluster():
    ledger = Ledger()
    first = ledger.add("a", [pair("f1", "x", book="a"), pair("f2", "y", book="a")])
    cluster = next(row.cluster_id for row in first.values() if row.pixels == "x")
    ledger.add("b", [pair("g", "x", book="b")])
    for _ in range(2):
        ledger.add("a", [pair("f2", "y", book="a")])
    assert cluster in ledger.splits
    assert ledger.add("b", [pair("g", "x", book="b")])


def test_an_old_figure_that_gains_a_picture_of_another_split_is_quarantined():
    ledger = Ledger()
    first = ledger.add("a", [pair(f"f{i}", f"x{i}", book="a") for i in range(20)])
    lanes = {ledger.splits[row.cluster_id].split: row.pixels for row in first.values()}
    ledger.add("b", [pair("g", "new", book="b")])
    mine = next(c for c in ledger.clusters.values() if c.book == "b")
    other = lanes["validation" if ledger.splits[mine.cluster_id].split == "train" else "train"]
    rows = ledger.add("b", [pair("g", "new", book="b"), pair("g", other, "A", book="b")])
    assert {ledger.splits[row.cluster_id].split for row in rows.values()} == {"quarantine"}


def test_an_added_figure_does_not_move_the_old_ones():
    ledger = Ledger()
    old = ledger.add("a", [pair(f"f{i}", f"x{i}", book="a") for i in range(5)])
    splits = dict(ledger.splits)
    new = ledger.add("a", [pair(f"f{i}", f"x{i}", book="a") for i in range(9)])
    assert {k: new[k].cluster_id for k in old} == {k: old[k].cluster_id for k in old}
    assert splits.items() <= ledger.splits.items()
    assert len(ledger.splits) == 9


def test_near_pictures_of_one_view_are_duplicates_and_details_are_not():
    ledger = Ledger(alike=[("x", "x-brighter", True), ("x", "x-detail", False)])
    ledger.add("a", [pair("f1", "x", book="a")])
    rows = ledger.add("b", [pair("g1", "x-brighter"), pair("g2", "x-detail")])
    assert rows["b/g1"].duplicate_of == "a/f1" and rows["b/g1"].duplicate_in == "a"
    assert rows["b/g2"].duplicate_of is None
    assert {row.cluster_id for row in ledger.clusters.values()} == {ledger.clusters["a/f1"].cluster_id}
    assert rows["b/g2"].founder == "a"


def test_a_copy_of_a_copy_names_the_first():
    ledger = Ledger(alike=[("x", "y", True), ("y", "z", True)])
    for book, picture in (("a", "x"), ("b", "y"), ("c", "z")):
        rows = ledger.add(book, [pair("f", picture, book=book)])
    assert (rows["c/f"].duplicate_of, rows["c/f"].duplicate_in) == ("a/f", "a")


def test_near_pictures_within_a_book_are_one_cluster_and_the_first_is_kept():
    rows = Ledger(alike=[("x", "y", True)]).add("b", [pair("f1", "x"), pair("f2", "y"), pair("f3", "z")])
    assert rows["b/f1"].cluster_id == rows["b/f2"].cluster_id != rows["b/f3"].cluster_id
    assert [rows[f"b/f{n}"].duplicate_of for n in (1, 2, 3)] == [None, "b/f1", None]


def test_a_book_that_runs_again_does_not_become_the_copy_of_a_later_one():
    ledger = Ledger(alike=[("x", "y", True)])
    first = ledger.add("a", [pair("f", "x", book="a")])
    ledger.add("b", [pair("g", "y")])
    assert ledger.add("a", [pair("f", "x", book="a")]) == first


def test_slides_and_patients_stay_whole_over_figures_and_books():
    ledger = Ledger()
    rows = ledger.add("a", [pair(f"f{n}", f"x{n}", book="a", patient=n // 3) for n in range(30)])
    for n in range(30):
        assert rows[f"a/f{n}"].cluster_id == rows[f"a/f{n // 3 * 3}"].cluster_id
    later = ledger.add("b", [pair("g", "new", patient=4)])
    assert later["b/g"].cluster_id == rows["a/f12"].cluster_id
    assert later["b/g"].duplicate_of is None and later["b/g"].evidence.startswith("the same slide or patient")


def test_a_better_detector_moves_no_old_pair_and_counts_the_leak():
    ledger = Ledger()
    ledger.add("a", [pair(f"f{i}", f"x{i}", book="a") for i in range(20)])
    train, _ = ledger.two_lanes()
    old = ledger.add("b", [pair(f"g{i}", f"y{i}") for i in range(20)])
    _, validation = ledger.two_lanes("b")
    better = Ledger(alike=[(train, validation, True)])
    better.clusters, better.splits = ledger.clusters, ledger.splits
    again = better.add("b", [pair(f"g{i}", f"y{i}") for i in range(20)])
    assert {k: (row.cluster_id, row.duplicate_of) for k, row in again.items()} == {
        k: (row.cluster_id, row.duplicate_of) for k, row in old.items()
    }
    assert better.decided.counts["known_leaks"] == 1 and better.decided.counts["quarantined"] == 0


def test_quarantine_is_counted_in_pairs_and_catches_those_who_come_later():
    ledger = Ledger()
    ledger.add("a", [pair(f"f{i}", f"x{i}", book="a") for i in range(20)])
    one, other = ledger.two_lanes()
    ledger.add("b", [pair("g", one, "A"), pair("g", other, "B"), pair("g", "own", "C")])
    assert ledger.decided.counts["quarantined"] == 3
    rows = ledger.add("c", [pair("h", "own", book="c")])
    assert ledger.lane(rows["c/h"])[0] == "quarantine" and ledger.decided.counts["quarantined"] == 1


def test_a_removed_book_leaves_its_split_and_frees_its_copies():
    ledger = Ledger()
    ledger.add("a", [pair("f", "x", book="a")])
    ledger.add("b", [pair("g", "x")])
    cluster, lane = ledger.clusters["a/f"].cluster_id, ledger.lane(ledger.clusters["a/f"])
    ledger.gone = {"a"}
    again = ledger.add("b", [pair("g", "x")])["b/g"]
    assert (again.cluster_id, again.duplicate_of) == (cluster, None)
    newcomer = ledger.add("c", [pair("h", "x", book="c")])["c/h"]
    assert ledger.lane(newcomer) == lane


def test_shares_are_met_and_small_books_feed_sft_and_rl_first():
    assert sorted(deal(["a", "b"]).values()) == [("train", "rl"), ("train", "sft")]
    lanes = list(deal([str(i) for i in range(200)]).values())
    for lane, share in SHARES.items():
        assert abs(lanes.count(lane) - 200 * share) <= 1


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000))
def test_no_cluster_or_picture_ever_lies_in_two_splits(seed):
    """Books come, come again with other figures and panels, and reprint each other, in any order."""
    rng = random.Random(seed)
    ledger = Ledger()
    decided = {}
    for _ in range(9):
        book = f"book{rng.randrange(5)}"
        pairs = [
            pair(f"f{f}", f"picture{rng.randrange(40)}", panel, book=book)
            for f in range(rng.randrange(1, 8))
            for panel in rng.choice([(None,), (None, "A"), ("A", "B")])
        ]
        ledger.add(book, pairs)
        now = {k: ledger.lane(c) for k, c in ledger.clusters.items()}
        moved = {k for k in decided.keys() & now.keys() if decided[k] != now[k] and now[k][0] != "quarantine"}
        assert not moved, "a pair moved from one split to another"
        decided = now
        lanes = {}
        for key, row in ledger.clusters.items():
            if now[key][0] != "quarantine" and row.duplicate_of is None:
                lanes.setdefault(row.pixels, set()).add(now[key])
        assert all(len(found) == 1 for found in lanes.values())
