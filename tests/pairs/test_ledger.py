"""The ledger on disk: books added one after the other, compared with all earlier ones, moving none of them."""

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image as Pillow

from assets.errors import BadInput
from assets.pairs import ledger
from assets.pairs.duplicates import index as index_module
from assets.pairs.duplicates.station import hash_book
from assets.pairs.ledger import split_book
from assets.store import Home, open_home, sealed
from tests.pairs.shelf import Drawn, edges, jpeg, lanes, rows, run, shelve, slides


@pytest.fixture(scope="module")
def fields() -> list[Pillow.Image]:
    return slides()


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory, fields: list[Pillow.Image]) -> Home:
    home = open_home(tmp_path_factory.mktemp("first") / "corpus")
    shelve(home, "first", [Drawn(field, f"Slide with gland number {n} (H&E).") for n, field in enumerate(fields[:6])])
    run(home, "first")
    return home


@pytest.fixture
def home(tmp_path: Path, first: Home) -> Home:
    """One book with six fields of two slides."""
    shutil.copytree(first.root, tmp_path / "corpus")
    return Home(tmp_path / "corpus")


def bytes_of(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*")) if path.is_file()
    }  # fmt: skip


def cropped(picture: Pillow.Image, share: float) -> Pillow.Image:
    width, height = (round(side * (1 - share)) for side in picture.size)
    return picture.crop((5, 9, 5 + width, 9 + height)).resize(picture.size)


def test_every_way_a_figure_comes_back_is_found_and_named(home, fields):
    back = [
        fields[0],
        fields[1].resize((180, 140)),
        fields[2].convert("L").convert("RGB"),
        fields[3].transpose(Pillow.Transpose.FLIP_LEFT_RIGHT),
        cropped(fields[4], 0.2),
        fields[6],
    ]
    before = rows(home, "first")
    shelve(home, "second", [Drawn(picture) for picture in back])
    outcome = run(home, "second")
    found = rows(home, "second")
    assert [row.cluster_id for row in found[:5]] == [row.cluster_id for row in before[:5]]
    assert [row.duplicate_of for row in found] == [*(row.pair_id for row in before[:5]), None]
    assert found[5].cluster_id not in {row.cluster_id for row in before}
    assert {row.duplicate_in for row in found[:5]} == {"first"}
    said = [row.evidence.split(" with pair")[0] for row in found]
    assert said[0] == "equal pixels"
    assert "bits" in said[1] and "mirrored" in said[3] and "keypoints agree" in said[4]
    assert outcome.counts["duplicates"] == 5
    joined = [edge for edge in edges(home, "second") if edge.joins]
    assert {edge.rule for edge in joined} == {"equal pixels", "hash", "keypoints"}
    assert all(edge.a < edge.b and edge.a.startswith("first/") for edge in joined)


def test_adding_a_book_leaves_every_byte_of_the_earlier_ones(home, fields):
    before = {station: bytes_of(home.station(station, "first")) for station in ("hashes", "ledger", "pairs")}
    shelve(home, "second", [Drawn(fields[0]), Drawn(fields[8])])
    run(home, "second")
    assert before == {station: bytes_of(home.station(station, "first")) for station in ("hashes", "ledger", "pairs")}
    assert not run(home, "first").changed
    assert not run(home, "second").changed


def test_a_detail_is_in_the_cluster_and_buys_its_own_samples(home, fields):
    detail = fields[4].crop((20, 20, 236, 188))  # .36 of the field
    shelve(home, "second", [Drawn(detail.resize((360, 280)))])
    run(home, "second")
    (row,) = rows(home, "second")
    assert row.cluster_id == rows(home, "first")[4].cluster_id
    assert row.duplicate_of is None
    (edge,) = [edge for edge in edges(home, "second") if edge.joins]
    assert edge.rule == "keypoints" and not edge.same_view and abs(edge.shared - 0.36) < 0.03


def test_an_equal_caption_proposes_and_the_picture_decides(home, fields):
    caption = "Slide with gland number 5 (H&E)."
    shelve(home, "second", [Drawn(fields[7], f"Figure 3.2 {caption}")])
    run(home, "second")
    (row,) = rows(home, "second")
    assert row.cluster_id not in {other.cluster_id for other in rows(home, "first")}
    assert not [edge for edge in edges(home, "second") if edge.joins]


def test_a_newcomer_that_bridges_two_splits_is_quarantined_and_counted(home, fields):
    where = lanes(home)
    by_lane = {where[row.pair_id]: n for n, row in enumerate(rows(home, "first"))}
    one, other = list(by_lane.values())[:2]
    shelve(home, "second", [Drawn(fields[one], figure="x"), Drawn(fields[other], figure="x"), Drawn(fields[8])])
    outcome = run(home, "second")
    assert outcome.counts["quarantined"] == 2
    after = lanes(home)
    assert [after[row.pair_id][0] for row in rows(home, "second")][:2] == ["quarantine"] * 2
    assert after[rows(home, "second")[2].pair_id][0] != "quarantine"
    assert {pair: after[pair] for pair in where} == where


def test_the_patient_of_a_slide_is_kept_whole_in_all_books(home, fields):
    shelve(home, "second", [Drawn(fields[6], slide="TCGA-F7-A50J-01Z-00-DX1.svs"), Drawn(fields[7])])
    shelve(home, "third", [Drawn(fields[8], slide="tcga-f7-a50j-01a-01-ts1")])
    run(home, "second")
    run(home, "third")
    (mine,) = rows(home, "third")
    assert mine.cluster_id == rows(home, "second")[0].cluster_id != rows(home, "second")[1].cluster_id
    assert mine.duplicate_of is None


def test_deleting_the_index_changes_no_decision(home, fields):
    shelve(home, "second", [Drawn(fields[0].resize((200, 156))), Drawn(fields[7])])
    run(home, "second")
    before = bytes_of(home.station("ledger", "second"))
    shutil.rmtree(home.corpus("duplicates"))
    shutil.rmtree(home.station("ledger", "second"))
    run(home, "second")
    assert bytes_of(home.station("ledger", "second")) == before


@pytest.mark.parametrize("damage", ["manifest", "short", "format"])
def test_a_damaged_index_is_made_again(home, fields, damage):
    shelve(home, "second", [Drawn(fields[6])])
    run(home, "second")
    folder = home.corpus("duplicates")
    if damage == "manifest":
        (folder / "index.json").write_text('{"format": 1, "books"')
    elif damage == "short":
        (folder / "pictures" / "whole.bin").write_bytes(b"")
    else:
        saved = json.loads((folder / "index.json").read_text())
        (folder / "index.json").write_text(json.dumps(saved | {"format": 99}))
    shelve(home, "third", [Drawn(fields[0])])
    run(home, "third")
    assert rows(home, "third")[0].duplicate_of == rows(home, "first")[0].pair_id


def test_a_replaced_book_is_met_as_it_is_now(home, fields):
    shelve(home, "second", [Drawn(fields[6])])
    run(home, "second")
    shelve(home, "second", [Drawn(fields[7])])
    run(home, "second")
    shelve(home, "third", [Drawn(fields[6]), Drawn(fields[7])])
    run(home, "third")
    assert [row.duplicate_in for row in rows(home, "third")] == [None, "second"]


def test_an_index_of_mostly_dead_rows_is_made_anew(home, fields):
    for number in range(6, 9):
        shelve(home, "second", [Drawn(fields[number]), Drawn(fields[number].rotate(7))])
        run(home, "second")
    for round_ in range(4):
        shelve(home, "second", [Drawn(fields[8].rotate(10 + round_)), *(Drawn(field) for field in fields[6:8])])
        run(home, "second")
    saved = json.loads((home.corpus("duplicates") / "index.json").read_text())
    counted = sum(entry["pictures"][1] for entry in saved["books"].values())
    assert saved["rows"]["pictures"] <= 2 * counted + 3


def test_the_keypoint_budget_is_kept(home, fields, monkeypatch):
    monkeypatch.setattr(index_module, "BUDGET", 4)
    shelve(home, "second", [Drawn(fields[7])])
    run(home, "second")
    saved = json.loads((home.corpus("duplicates") / "index.json").read_text())
    assert saved["books"]["first"]["described"] == 4


def test_a_removed_book_leaves_its_splits_and_frees_its_copies(home, fields):
    shelve(home, "second", [Drawn(fields[0])])
    run(home, "second")
    (copy,) = rows(home, "second")
    where = lanes(home)[copy.pair_id]
    for station in ("library", "figures", "pairs", "hashes"):
        shutil.rmtree(home.station(station, "first"))
    assert run(home, "second").changed
    assert not run(home, "second").changed
    (freed,) = rows(home, "second")
    assert (freed.cluster_id, freed.duplicate_of) == (copy.cluster_id, None)
    assert lanes(home)[freed.pair_id] == where
    shelve(home, "third", [Drawn(fields[0])])
    run(home, "third")
    assert rows(home, "third")[0].duplicate_of == freed.pair_id
    assert lanes(home)[rows(home, "third")[0].pair_id] == where


def test_a_ledger_of_the_old_format_is_made_again_and_moves_nothing(home, fields, monkeypatch):
    """Before near duplicates, clusters had no founder and there were no edges; rows came in another order."""
    shelve(home, "second", [Drawn(fields[0]), Drawn(fields[1].resize((180, 140))), Drawn(fields[7])])
    run(home, "second")
    for book in ("first", "second"):
        folder = home.station("ledger", book)
        table = pq.read_table(folder / "clusters.parquet").drop(["founder", "duplicate_in"])
        pq.write_table(table.take(list(reversed(range(len(table))))), folder / "clusters.parquet")
        (folder / "edges.parquet").unlink()
    before = lanes(home)
    monkeypatch.setattr(ledger, "source_hash", lambda name: "newer")
    for book in ("second", "first"):
        assert run(home, book).changed
    assert lanes(home) == before
    assert {row.founder for row in rows(home, "second")} == {"first", "second"}


def test_a_run_that_was_cut_off_is_finished_by_the_next(home, fields, monkeypatch):
    shelve(home, "second", [Drawn(fields[0]), Drawn(fields[7])])
    hash_book(home, "second")

    def killed(*args: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(ledger, "assign", killed)
        split_book(home, "second")
    assert sealed(home.station("ledger", "second")) is None
    run(home, "second")
    assert rows(home, "second")[0].duplicate_of == rows(home, "first")[0].pair_id


def test_what_is_missing_is_said_in_one_line(home, fields):
    shelve(home, "second", [Drawn(fields[6])])
    with pytest.raises(BadInput, match="second has no finished picture hashes"):
        split_book(home, "second")
    hash_book(home, "second")
    shelve(home, "second", [Drawn(fields[7])])
    with pytest.raises(BadInput, match="second has pictures that were not hashed yet"):
        split_book(home, "second")


def test_blank_and_odd_pictures_go_through_and_join_nobody(home):
    white = [Pillow.fromarray(np.full((90, 120, 3), 240 + n, np.uint8)) for n in range(3)]
    tiny = Pillow.fromarray(np.random.default_rng(0).integers(0, 255, (3, 3, 3), np.uint8))
    shelve(home, "second", [*(Drawn(one) for one in white), Drawn(tiny), Drawn(jpeg(white[0]))])
    run(home, "second")
    assert len({row.cluster_id for row in rows(home, "second")[:4]}) == 4


def test_a_book_without_pictures_and_an_unreadable_one(home):
    shelve(home, "empty", [])
    assert run(home, "empty").counts["clusters"] == 0
    shelve(home, "broken", [Drawn(b"no picture")])
    with pytest.raises(BadInput, match="picture [0-9a-f]{64} of broken cannot be decoded"):
        hash_book(home, "broken")
