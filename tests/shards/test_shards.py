"""Shards on real Parquet: what is selected, how it reads back, what stays untouched, what stops a publication."""

import hashlib
import io
import json
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from PIL import Image as PillowImage

from assets.errors import BadInput
from assets.records import Cluster, Image, Pair, PairKind, ReviewDecision, Sample, Split, Verdict
from assets.shards import writer
from assets.shards.invariants import BrokenInvariant
from assets.shards.select import SPLITS
from assets.shards.station import read_manifest, write_shards
from assets.store import Home, open_home, pack_of, read_rows, write_pack, write_rows, write_table
from tests.builders import change_sample, kinds_of, put, small_book, small_corpus, verdicts_for


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return small_corpus(open_home(tmp_path / "corpus"))


def files_of(home: Home) -> dict[str, tuple[str, int]]:
    """Hash and modification time of everything below shards/."""
    folder = home.corpus("shards")
    return {
        str(p.relative_to(folder)): (hashlib.sha256(p.read_bytes()).hexdigest(), p.stat().st_mtime_ns)
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


def rows_of(home: Home, kind: str, split: str) -> list[dict]:
    manifest = read_manifest(home)
    assert manifest is not None
    paths = [e["path"] for e in manifest["files"] if (e["kind"], e["split"]) == (kind, split)]
    return [row for path in paths for row in pq.read_table(home.corpus("shards") / path).to_pylist()]


def samples_of(home: Home, book: str = "atlas-1") -> list[Sample]:
    return read_rows(home.station("cot", book) / "samples.parquet", Sample)


def set_samples(home: Home, samples: list[Sample], verdicts: list[Verdict], book: str = "atlas-1") -> None:
    put(home, "cot", book, {"samples": (samples, Sample)})
    put(home, "filters", book, {"verdicts": (verdicts, Verdict)})


def test_selection_follows_split_purpose_filters_and_duplicates(home: Home) -> None:
    small_book(home, "atlas-2", 2, duplicates=True)
    outcome = write_shards(home)
    assert outcome.changed and outcome.counts["books"] == 2
    places = {c.pair_id: c for b in ("atlas-1", "atlas-2")
              for c in read_rows(home.station("ledger", b) / "clusters.parquet", Cluster)}  # fmt: skip
    splits = {s.cluster_id: s for b in ("atlas-1", "atlas-2")
              for s in read_rows(home.station("ledger", b) / "splits.parquet", Split)}  # fmt: skip
    for kind in ("cpt", "sft", "rl", "clip"):
        for split in ("train", "validation"):
            rows = rows_of(home, kind, split)
            assert rows and len(rows) == outcome.counts[f"{kind}_{split}"]
            for row in rows:
                assert places[row["pair_id"]].duplicate_of is None
                place = splits[row["cluster_id"]]
                assert place.split == split
                if split == "train" and kind in ("sft", "rl"):
                    assert place.purpose == kind
    failed = {v.sample_id for v in read_rows(home.station("filters", "atlas-1") / "verdicts.parquet", Verdict)
              if not v.passed}  # fmt: skip
    everything = {r["row_id"] for k in ("sft", "rl") for s in ("train", "validation") for r in rows_of(home, k, s)}
    assert failed and not failed & everything
    assert all(len(r["options"]) == 4 and r["answer"] == "B" for r in rows_of(home, "rl", "train"))
    assert all([m["role"] for m in r["prompt"]] == ["user"] for r in rows_of(home, "rl", "train"))
    assert {r["task"] for r in rows_of(home, "sft", "validation")} == {"mcq", "reasoning"}
    # duplicate, quarantine and the failed question are counted, not lost
    assert outcome.counts["left_out_duplicate"] == 1
    assert outcome.counts["left_out_quarantine"] == 2
    assert outcome.counts["left_out_failed_filters"] == 2


def test_cpt_text_is_caption_then_citing_sentences_and_clip_text_the_caption(home: Home) -> None:
    write_shards(home)
    pairs = {p.pair_id: p for p in read_rows(home.station("pairs", "atlas-1") / "pairs.parquet", Pair)}
    for row in rows_of(home, "cpt", "train"):
        pair = pairs[row["pair_id"]]
        assert row["text"] == "\n".join([pair.text, *pair.context])
    for row in rows_of(home, "clip", "train"):
        assert row["text"] == pairs[row["pair_id"]].text
        assert hashlib.sha256(row["image"]["bytes"]).hexdigest() == pairs[row["pair_id"]].image


@pytest.mark.parametrize("streaming", [False, True])
def test_datasets_reads_decoded_pictures(home: Home, tmp_path: Path, streaming: bool) -> None:
    datasets = pytest.importorskip("datasets")
    write_shards(home)
    pack = pack_of(home, "atlas-1")
    for kind in ("cpt", "sft", "rl", "clip"):
        files = str(home.corpus("shards") / kind / "train" / "*.parquet")
        loaded = datasets.load_dataset("parquet", data_files={"train": files}, split="train", streaming=streaming,
                                       cache_dir=str(tmp_path / "cache"))  # fmt: skip
        rows = list(loaded)
        assert [r["row_id"] for r in rows] == [r["row_id"] for r in rows_of(home, kind, "train")]
        for row in rows:
            shown = row["image"] if kind == "clip" else row["images"][0]
            assert isinstance(shown, PillowImage.Image) and shown.size == (96, 72)
            pair = next(p for p in read_rows(home.station("pairs", "atlas-1") / "pairs.parquet", Pair)
                        if p.pair_id == row["pair_id"])  # fmt: skip
            stored = PillowImage.open(io.BytesIO(pack.read(pair.image).data))
            assert shown.convert("RGB").tobytes() == stored.convert("RGB").tobytes()
            assert isinstance(row["page"], int)
        if kind == "sft":
            assert rows[0]["messages"][0]["content"].startswith("<image>\n")


def test_file_layout(home: Home) -> None:
    write_shards(home)
    path = next((home.corpus("shards") / "sft" / "train").glob("*.parquet"))
    parquet = pq.ParquetFile(path)
    assert parquet.schema_arrow.field("page").metadata[b"doc"].startswith(b"1-based page of the figure")
    group = parquet.metadata.row_group(0)
    columns = {group.column(i).path_in_schema: group.column(i) for i in range(group.num_columns)}
    for name, column in columns.items():
        assert column.compression == ("UNCOMPRESSED" if name.endswith(".bytes") else "ZSTD")
        assert column.is_stats_set == (name in writer.WITH_STATISTICS)
        assert ("RLE_DICTIONARY" in column.encodings) == (name in writer.WITH_DICTIONARY)
    assert columns["row_id"].has_offset_index and columns["row_id"].has_column_index
    rows = rows_of(home, "sft", "train")
    assert rows == sorted(rows, key=lambda r: (r["page"], r["figure_id"], r["row_id"]))


def test_row_groups_are_small_and_leave_no_row_out(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "MAX_ROWS", 3)
    write_shards(home)
    path = next((home.corpus("shards") / "cpt" / "train").glob("*.parquet"))
    meta = pq.ParquetFile(path).metadata
    assert [meta.row_group(i).num_rows for i in range(meta.num_row_groups)] == [3, 3, 1]
    rows = writer.row_groups([])
    assert list(rows) == []


def test_a_picture_over_the_limit_gets_a_group_of_its_own(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "MAX_BYTES", 1)
    write_shards(home)
    path = next((home.corpus("shards") / "clip" / "train").glob("*.parquet"))
    meta = pq.ParquetFile(path).metadata
    assert meta.num_row_groups == meta.num_rows == 7


def test_second_run_changes_no_byte(home: Home) -> None:
    assert write_shards(home).changed
    before = files_of(home)
    again = write_shards(home)
    assert not again.changed and files_of(home) == before


def test_two_homes_with_the_same_books_hold_the_same_bytes(home: Home, tmp_path: Path) -> None:
    other = small_corpus(open_home(tmp_path / "other"))
    write_shards(home)
    write_shards(other)
    assert {n: h for n, (h, _) in files_of(home).items()} == {n: h for n, (h, _) in files_of(other).items()}


def test_a_new_book_leaves_every_file_of_the_first_untouched(home: Home) -> None:
    write_shards(home)
    before = files_of(home)
    first = read_manifest(home)
    small_book(home, "atlas-2", 2)
    assert write_shards(home).changed
    after = files_of(home)
    assert all(after[name] == state for name, state in before.items() if name != "manifest.json")
    manifest = read_manifest(home)
    assert manifest is not None and first is not None and manifest["books"] == ["atlas-1", "atlas-2"]
    assert len(manifest["parents"]) == 1 and first["parents"] == []
    for entry in manifest["files"]:
        data = (home.corpus("shards") / entry["path"]).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (entry["bytes"], entry["sha256"])
        assert entry["licence"] == "CC-BY-4.0" and entry["path"].endswith(f"{entry['logical_hash'][:12]}.parquet")


def test_changed_selection_is_a_new_file_and_the_old_one_goes(home: Home) -> None:
    write_shards(home)
    before = set(files_of(home))
    samples = samples_of(home)
    changed = [change_sample(samples[0], reasoning="Another chain of thought, just as long."), *samples[1:]]
    set_samples(home, changed, [v for s in changed for v in verdicts_for(s)])
    write_shards(home)
    after = set(files_of(home))
    assert {n.split("/")[0] for n in before ^ after} <= {"sft", "rl"}
    listed = {e["path"] for e in (read_manifest(home) or {})["files"]}
    assert after - {"manifest.json"} == listed


def test_a_damaged_shard_and_leftovers_of_a_killed_run_are_mended(home: Home) -> None:
    write_shards(home)
    before = {n: h for n, (h, _) in files_of(home).items()}
    folder = home.corpus("shards")
    damaged = next((folder / "cpt" / "train").glob("*.parquet"))
    damaged.write_bytes(b"torn")
    (folder / "cpt" / "train" / ".tmp-0000-x.parquet").write_bytes(b"half")
    (folder / "rl" / "train" / "atlas-9-000000000000.parquet").write_bytes(b"orphan")
    assert not write_shards(home).changed
    assert {n: h for n, (h, _) in files_of(home).items()} == before


def test_a_book_without_samples_gives_cpt_and_clip_only(tmp_path: Path) -> None:
    home = small_corpus(open_home(tmp_path / "corpus"))
    for station in ("cot", "filters"):
        for path in home.station(station, "atlas-1").iterdir():
            path.unlink()
    counts = write_shards(home).counts
    assert counts["cpt_train"] == counts["clip_train"] == 7
    assert counts["sft_train"] == counts["rl_train"] == counts["sft_validation"] == 0
    assert {e["kind"] for e in (read_manifest(home) or {})["files"]} == {"cpt", "clip"}


def test_an_empty_home_and_a_book_not_split_yet_give_an_empty_manifest(tmp_path: Path) -> None:
    home = open_home(tmp_path / "empty")
    write_shards(home)
    assert (read_manifest(home) or {})["files"] == []
    small_corpus(home)
    (home.station("ledger", "atlas-1") / "seal.json").unlink()
    write_shards(home)
    assert (read_manifest(home) or {})["books"] == []


def test_a_sample_whose_present_state_is_not_judged_is_withheld(home: Home) -> None:
    samples = samples_of(home)
    verdicts = [v for s in samples for v in verdicts_for(s)]
    changed = change_sample(samples[0], reasoning="Regenerated since the filters ran.")
    set_samples(home, [changed, *samples[1:]], verdicts)
    counts = write_shards(home).counts
    assert counts["left_out_not_judged"] == 1
    assert samples[0].sample_id not in {r["row_id"] for r in rows_of(home, "sft", "train")}


@pytest.mark.parametrize("state", ["rejected", "conflict", "stale", "accepted"])
def test_review_decides(home: Home, state: str) -> None:
    sample = next(s for s in samples_of(home) if s.task == "reasoning")
    decision = ReviewDecision(subject_id=sample.sample_id, content_hash=sample.content_hash, state=state, events=["e"])
    write_rows(home.corpus("review") / "decisions.parquet", [decision], ReviewDecision)
    counts = write_shards(home).counts
    rows = {r["row_id"]: r for r in rows_of(home, "sft", "train")}
    if state == "accepted":
        assert rows[sample.sample_id]["review"] == "accepted"
    else:
        assert sample.sample_id not in rows and counts[f"left_out_review_{state}"] == 1


def test_a_revision_replaces_its_parent_once_it_is_judged(home: Home) -> None:
    sample = next(s for s in samples_of(home) if s.task == "reasoning")
    edited = replace(change_sample(sample, answer="A better answer."), revision=1, parent_hash=sample.content_hash)
    unrelated = replace(edited, parent_hash="0" * 64, content_hash="1" * 64)
    decision = ReviewDecision(subject_id=sample.sample_id, content_hash=edited.content_hash, state="revised", events=[])
    write_rows(home.corpus("review") / "decisions.parquet", [decision], ReviewDecision)
    write_rows(home.corpus("review") / "revisions.parquet", [edited, unrelated], Sample)
    write_shards(home)
    assert sample.sample_id not in {r["row_id"] for r in rows_of(home, "sft", "train")}
    samples = samples_of(home)
    set_samples(home, samples, [v for s in [*samples, edited] for v in verdicts_for(s)])
    write_shards(home)
    row = {r["row_id"]: r for r in rows_of(home, "sft", "train")}[sample.sample_id]
    assert row["content_hash"] == edited.content_hash and row["review"] == "revised"
    assert "A better answer." in row["messages"][1]["content"]


def ledger_of(home: Home) -> tuple[list[Cluster], list[Split]]:
    folder = home.station("ledger", "atlas-1")
    return read_rows(folder / "clusters.parquet", Cluster), read_rows(folder / "splits.parquet", Split)


def test_a_figure_in_both_splits_stops_the_publication(home: Home) -> None:
    write_shards(home)
    before = files_of(home)
    clusters, splits = ledger_of(home)
    validation = next(s.cluster_id for s in splits if s.split == "validation")
    pairs = read_rows(home.station("pairs", "atlas-1") / "pairs.parquet", Pair)
    panel = next(p for p in pairs if p.panel_id)
    moved = [replace(c, cluster_id=validation) if c.pair_id == panel.pair_id else c for c in clusters]
    put(home, "ledger", "atlas-1", {"clusters": (moved, Cluster), "splits": (splits, Split)})
    with pytest.raises(BrokenInvariant, match=f"train-validation-disjoint: figure {panel.figure_id}"):
        write_shards(home)
    assert files_of(home) == before


def test_a_figure_that_feeds_sft_and_rl_stops_the_publication(home: Home) -> None:
    clusters, splits = ledger_of(home)
    rl = next(s.cluster_id for s in splits if s.split == "train" and s.purpose == "rl")
    pairs = read_rows(home.station("pairs", "atlas-1") / "pairs.parquet", Pair)
    panel = next(p for p in pairs if p.panel_id)
    moved = [replace(c, cluster_id=rl) if c.pair_id == panel.pair_id else c for c in clusters]
    put(home, "ledger", "atlas-1", {"clusters": (moved, Cluster), "splits": (splits, Split)})
    with pytest.raises(BrokenInvariant, match="sft-rl-disjoint: figure"):
        write_shards(home)
    assert not (home.corpus("shards") / "manifest.json").exists()


@pytest.mark.parametrize("damage", ["bytes", "format"])
def test_a_picture_that_does_not_decode_stops_the_publication(home: Home, damage: str) -> None:
    path = home.station("figures", "atlas-1") / "images.parquet"
    images = read_rows(path, Image)
    data = images[0].data[:60]
    name = hashlib.sha256(data).hexdigest()
    torn = replace(images[0], data=data, sha256=name if damage == "format" else images[0].sha256)
    write_pack(path, [torn, *images[1:]])
    pairs = read_rows(home.station("pairs", "atlas-1") / "pairs.parquet", Pair)
    old = images[0].sha256
    put(home, "pairs", "atlas-1", {
        "pairs": ([replace(p, image=torn.sha256) if p.image == old else p for p in pairs], Pair)})  # fmt: skip
    with pytest.raises(BadInput, match="cannot be decoded" if damage == "format" else "has other bytes"):
        write_shards(home)
    assert not (home.corpus("shards") / "manifest.json").exists()


def test_damaged_inputs_are_named(home: Home) -> None:
    manifest = home.corpus("shards") / "manifest.json"
    write_shards(home)
    manifest.write_text("{")
    with pytest.raises(BadInput, match="manifest.json is damaged"):
        write_shards(home)
    manifest.write_text(json.dumps({"format": 99, "files": []}))
    with pytest.raises(BadInput, match="newer pathcorpus"):
        write_shards(home)
    manifest.unlink()
    table = home.station("pairs", "atlas-1") / "pairs.parquet"
    write_table(table, pq.read_table(table).drop_columns(["text"]))
    with pytest.raises(BadInput, match="pairs.parquet is damaged"):
        write_shards(home)


def test_a_book_without_licence_is_named_in_the_manifest(home: Home) -> None:
    pairs = read_rows(home.station("pairs", "atlas-1") / "pairs.parquet", Pair)
    put(home, "pairs", "atlas-1", {"pairs": ([replace(p, licence=None) for p in pairs], Pair)})
    write_shards(home)
    assert {e["licence"] for e in (read_manifest(home) or {})["files"]} == {None}


def set_pairs(home: Home, pairs: list[Pair]) -> None:
    put(home, "pairs", "atlas-1", {"pairs": (pairs, Pair)})
    put(home, "kinds", "atlas-1", {"kinds": (kinds_of(pairs), PairKind)})


def pairs_of(home: Home) -> list[Pair]:
    return read_rows(home.station("pairs", "atlas-1") / "pairs.parquet", Pair)


def with_samples_on(home: Home, pair_id: str) -> set[str]:
    return {r["row_id"] for k in ("sft", "rl") for s in SPLITS for r in rows_of(home, k, s) if r["pair_id"] == pair_id}


def test_samples_of_a_pair_that_has_another_picture_now_are_left_out(home: Home) -> None:
    write_shards(home)
    pairs = pairs_of(home)
    changed = next(p for p in pairs if with_samples_on(home, p.pair_id))
    other = next(p for p in pairs if p.image != changed.image)
    new = replace(changed, image=other.image, content_hash="another state")
    set_pairs(home, [new if p is changed else p for p in pairs])
    counts = write_shards(home).counts
    mine = [s for s in samples_of(home) if s.pair_id == changed.pair_id]
    assert counts["left_out_pair_changed"] == len(mine) > 1
    assert not with_samples_on(home, changed.pair_id)
    # written anew, they come back with the new picture
    anew = [replace(s, pair_hash=new.content_hash) if s.pair_id == new.pair_id else s for s in samples_of(home)]
    set_samples(home, anew, [v for s in anew for v in verdicts_for(s)])
    assert "left_out_pair_changed" not in write_shards(home).counts
    assert with_samples_on(home, changed.pair_id) == {s.sample_id for s in mine}


def test_samples_of_a_pair_that_is_gone_are_left_out_and_counted(home: Home) -> None:
    write_shards(home)
    gone = next(p for p in pairs_of(home) if with_samples_on(home, p.pair_id))
    set_pairs(home, [p for p in pairs_of(home) if p.pair_id != gone.pair_id])
    counts = write_shards(home).counts
    assert counts["left_out_pair_gone"] == sum(s.pair_id == gone.pair_id for s in samples_of(home)) > 1
    assert not with_samples_on(home, gone.pair_id)


def test_a_revision_of_a_text_on_an_earlier_picture_is_none_of_the_present_text(home: Home) -> None:
    sample = next(s for s in samples_of(home) if s.task == "reasoning")
    edited = replace(change_sample(sample, answer="As the old picture shows."), revision=1,
                     parent_hash=sample.content_hash, pair_hash="an earlier state")  # fmt: skip
    write_rows(home.corpus("review") / "revisions.parquet", [edited], Sample)
    write_shards(home)
    row = {r["row_id"]: r for r in rows_of(home, "sft", "train")}[sample.sample_id]
    assert row["content_hash"] == sample.content_hash


def test_samples_of_a_pair_whose_kind_is_in_doubt_are_left_out(home: Home) -> None:
    """A pair that was judged anew and is queued now takes its samples with it, and comes back with them."""
    write_shards(home)
    queued = next(pair for pair in pairs_of(home) if with_samples_on(home, pair.pair_id))
    before = with_samples_on(home, queued.pair_id)
    rows = kinds_of(pairs_of(home))
    doubted = [replace(r, image_kind_score=0.3, queued="?") if r.pair_id == queued.pair_id else r for r in rows]
    put(home, "kinds", "atlas-1", {"kinds": (doubted, PairKind)})
    assert write_shards(home).counts["left_out_kind_changed"] >= len(before)
    assert not with_samples_on(home, queued.pair_id)
    other = [replace(r, image_kind="ihc") if r.pair_id == queued.pair_id else r for r in rows]
    put(home, "kinds", "atlas-1", {"kinds": (other, PairKind)})
    write_shards(home)
    assert not with_samples_on(home, queued.pair_id)  # they were written for another kind
    put(home, "kinds", "atlas-1", {"kinds": (rows, PairKind)})
    assert "left_out_kind_changed" not in write_shards(home).counts
    assert with_samples_on(home, queued.pair_id) == before
