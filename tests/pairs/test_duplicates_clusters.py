"""Judging and grouping: what joins by which rule, hubs, captions, the budget, and independence of order."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.pairs.duplicates.captions import key, plain, similarity
from assets.pairs.duplicates.clusters import Candidate, evidence, group, judge
from assets.pairs.duplicates.verify import Agreement
from assets.records import Edge


class Says:
    """What looking at two pictures says; `asked` are the questions."""

    def __init__(self, agreement, ink=None):
        self.agree, self.ink, self.asked = agreement, ink, []

    def agreement(self, a, b, mirrored):
        self.asked.append((a, b, mirrored))
        return self.agree(a, b, mirrored)

    def same_ink(self, a, b, turn):
        self.asked.append((a, b, turn))
        return self.ink(a, b, turn)


def _refuse(a: str, b: str, mirrored: bool) -> Agreement:
    raise AssertionError(f"the verifier was asked for {a} and {b}")


never = Says(_refuse, _refuse)


def far(a: str, b: str) -> bool:
    return False


def by_rule(candidates, verify=never, budget=None) -> dict[tuple[str, str], tuple[str, bool]]:
    return {(e.a, e.b): (e.rule, e.joins) for e in judge(candidates, verify, far, budget)}


def linked(edges: list[Edge]) -> list[tuple[str, str]]:
    return [(edge.a, edge.b) for edge in edges if edge.joins]


def test_a_close_hash_joins_and_the_grey_band_goes_to_the_verifier():
    verify = Says(lambda a, b, mirrored: Agreement(15 if a == "b" else 14, 1.0))

    candidates = [Candidate("b", "a", 31), Candidate("b", "c", 32, turn=4), Candidate("d", "c", 60)]
    rules = by_rule(candidates, verify)
    assert rules == {("a", "b"): ("hash", True), ("b", "c"): ("keypoints", True), ("c", "d"): ("not confirmed", False)}
    assert verify.asked == [("b", "c", True), ("c", "d", False)]


def test_poor_quality_never_joins_by_hash_alone():
    candidates = [Candidate("a", "b", 3, poor=True), Candidate("a", "c", 3, caption=0.95, poor=True)]
    rules = by_rule(candidates, Says(lambda a, b, mirrored: Agreement(0, 0.0)))
    assert rules == {("a", "b"): ("not confirmed", False), ("a", "c"): ("hash and caption", True)}


def test_equal_captions_alone_join_nothing_and_both_ways_are_looked_at():
    verify = Says(lambda a, b, mirrored: Agreement(0, 0.0))
    (edge,) = judge([Candidate("a", "b", 120, caption=1.0)], verify, far)
    assert not edge.joins and not edge.same_view
    assert (edge.caption, edge.keypoints) == (1.0, 0)
    assert verify.asked == [("a", "b", False), ("a", "b", True)]


def test_equal_pixels_join_whatever_else_is_proposed():
    candidates = [Candidate("a", "b", 0, equal=True), Candidate("b", "a", 50, votes=3)]
    assert by_rule(candidates) == {("a", "b"): ("equal pixels", True)}


def test_a_hub_joins_nobody_unless_the_pictures_say_so():
    spokes = [Candidate("h", other, 30) for other in "abcdef"]
    joined = judge(spokes, Says(lambda a, b, mirrored: Agreement(20 if a == "a" else 2, 1.0)), far)
    assert linked(joined) == [("a", "h")]
    true_copies = [Candidate(a, b, 20) for a in "abcdefh" for b in "abcdefh" if a < b]
    assert len(linked(judge(spokes, never, lambda a, b: True))) == 6
    assert set(group("abcdefh", linked(judge(true_copies, never, far))).values()) == {"a"}


def test_copies_with_equal_hashes_are_no_hub():
    star = [Candidate("a", other, 0) for other in "bcdef"]
    assert set(group("abcdef", linked(judge(star, never, far))).values()) == {"a"}


def test_only_what_both_pictures_show_largely_is_the_same_view():
    shares = {"b": 0.5, "c": 0.49}
    edges = judge(
        [Candidate("a", "b", votes=9), Candidate("a", "c", votes=9)],
        Says(lambda a, b, mirrored: Agreement(30, shares[b])),
        far,
    )
    assert [(edge.joins, edge.same_view) for edge in edges] == [(True, True), (True, False)]


def test_the_budget_goes_to_the_best_prospects_and_the_rest_is_kept():
    candidates = [Candidate("a", "b", votes=3), Candidate("a", "c", votes=9), Candidate("a", "d", 40)]
    rules = by_rule(candidates, Says(lambda a, b, mirrored: Agreement(20, 1.0)), budget=2)
    assert rules == {
        ("a", "b"): ("over the budget", False), ("a", "c"): ("keypoints", True), ("a", "d"): ("keypoints", True),
    }  # fmt: skip


def test_drawings_join_by_ink_alone_and_only_where_a_hash_proposed_them():
    look = Says(_refuse, lambda a, b, turn: 0.75 if b == "b" else 0.74)
    edges = judge(
        [
            Candidate("a", "b", 0, turn=3, drawn=True),
            Candidate("c", "a", 0, turn=3, drawn=True),
            Candidate("a", "d", votes=60, caption=1.0, drawn=True),
            Candidate("a", "e", 0, equal=True, drawn=True),
        ],
        look,
        far,
    )
    assert {edge.b: (edge.rule, edge.joins) for edge in edges} == {
        "b": ("ink", True), "c": ("not confirmed", False), "d": ("not confirmed", False), "e": ("equal pixels", True),
    }  # fmt: skip
    assert look.asked == [("a", "b", 3), ("a", "c", 1)]


@given(st.lists(st.tuples(st.integers(0, 14), st.integers(0, 14), st.integers(0, 60)), max_size=40), st.randoms())
def test_edges_and_clusters_do_not_depend_on_order(drawn: list[tuple[int, int, int]], chance: random.Random):
    candidates = [
        Candidate(f"p{a:02d}", f"p{b:02d}", bits, turn=bits % 8, poor=(a + b) % 5 == 0) for a, b, bits in drawn
    ]

    def verify(a: str, b: str, mirrored: bool) -> Agreement:
        return Agreement((int(a[1:]) * 7 + int(b[1:]) * 3 + mirrored) % 30, 0.6)

    edges = judge(candidates, Says(verify), far, 12)
    names = [f"p{n:02d}" for n in range(15)]
    clusters = group(names, linked(edges))
    back = {1: 3, 3: 1}
    mixed = [
        Candidate(c.b, c.a, c.distance, back.get(c.turn, c.turn), poor=c.poor) if chance.random() < 0.5 else c
        for c in candidates
    ]
    chance.shuffle(mixed)
    again = judge(mixed, Says(verify), far, 12)
    assert again == edges
    links = linked(again)
    chance.shuffle(links)
    chance.shuffle(names)
    assert group(names, links) == clusters


def test_an_edge_says_what_is_known():
    (edge,) = judge([Candidate("a", "b", 41, 4, 0.93)], Says(lambda a, b, mirrored: Agreement(22, 0.7)), far)
    assert evidence(edge) == "keypoints (41 of 256 bits, mirrored, 22 keypoints agree, captions 0.93 alike)"


def test_an_unknown_name_is_an_error():
    with pytest.raises(KeyError):
        group(["a"], [("a", "b")])


def test_captions_are_compared_without_labels_and_bear_scanning_errors():
    a = "Figure 3.14. Tubular adenoma of the sigmoid colon with low-grade dysplasia (H&E)."
    b = "Fig. 12-2 Tubular adenoma of the sigmoid co1on with low-grade dysplas1a (H&E)"
    c = "Medullary carcinoma of the thyroid with amyloid in the stroma (Congo red)."
    assert plain(a) == "tubular adenoma of the sigmoid colon with low grade dysplasia h e"
    assert similarity(plain(a), plain(b)) > 0.9 > similarity(plain(a), plain(c))
    assert key(a) == key("eFig 7.2: Tubular adenoma of the sigmoid colon, with low grade dysplasia; H&E") != key(c)
    chinese = "结肠管状腺瘤伴低级别上皮内瘤变,腺体排列拥挤,细胞核呈笔杆状"
    assert key(f"图3-1 {chinese}") == key(f"图8-22 {chinese}") > 0


def test_short_captions_say_nothing():
    assert key("Fig. 1 High power") == 0
    assert similarity("high power", "high power") == 0.0
