"""Rows of an external source in the shards: without a page, with licence and patient, with the picture inside."""

import hashlib
import io
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from PIL import Image as Pillow

from assets.errors import BadInput
from assets.pairs.external import registry
from assets.pairs.external.station import pair_source, read_source
from assets.records import Cluster, Pair, PairKind, Split
from assets.shards import select
from assets.shards.station import read_manifest, write_shards
from assets.shards.trace import trace
from assets.store import Home, open_home, read_rows
from tests.builders import kinds_of, put, small_corpus
from tests.pairs.external_files import jpeg, write_csv


@pytest.fixture
def atlas(tmp_path: Path) -> Path:
    """Six pictures with captions; the last is a TIFF, which no browser shows."""
    rows = [{"caption": f"Breast, field {n}", "image": f"{n}.jpg", "case": f"P-{n}"} for n in range(6)]
    for n in range(5):
        (tmp_path / f"{n}.jpg").write_bytes(jpeg(n))
    Pillow.open(io.BytesIO(jpeg(5))).save(tmp_path / "5.jpg", "TIFF")
    (tmp_path / "layout.toml").write_text('[columns]\nslide_or_patient_id = "case"\n')
    return write_csv(tmp_path / "atlas.csv", ("caption", "image", "case"), rows)


@pytest.fixture
def home(tmp_path: Path, atlas: Path) -> Home:
    """A book and the source: its third pair is a duplicate, the fourth is validation, the fifth is quarantined."""
    home = small_corpus(open_home(tmp_path / "corpus"))
    registry.add(home, "generic", atlas, layout=atlas.with_name("layout.toml"), licence="CC-BY-4.0")
    read_source(home, "atlas")
    pair_source(home, "atlas")
    pairs = pairs_of(home)
    put(home, "kinds", "atlas", {"kinds": (kinds_of(pairs), PairKind)})
    clusters = [
        Cluster(pair_id=pair.pair_id, cluster_id=f"c-{n}", book="atlas", pixels=pair.image,
                duplicate_of=pairs[1].pair_id if n == 2 else None, evidence="")
        for n, pair in enumerate(pairs)
    ]  # fmt: skip
    lanes = ["train", "train", "train", "validation", "quarantine", "train"]
    splits = [Split(cluster_id=f"c-{n}", split=lane, purpose="sft", book="atlas") for n, lane in enumerate(lanes)]
    put(home, "ledger", "atlas", {"clusters": (clusters, Cluster), "splits": (splits, Split)})
    return home


def pairs_of(home: Home) -> list[Pair]:
    return read_rows(home.station("pairs", "atlas") / "pairs.parquet", Pair)


def rows_of(home: Home, kind: str, split: str) -> list[dict]:
    files = [e["path"] for e in (read_manifest(home) or {})["files"] if (e["kind"], e["split"]) == (kind, split)]
    rows = [row for path in files for row in pq.read_table(home.corpus("shards") / path).to_pylist()]
    return [row for row in rows if row["book"] == "atlas"]


def test_cpt_and_clip_rows_without_a_page(home: Home, atlas: Path) -> None:
    write_shards(home)
    pairs = pairs_of(home)
    for kind in ("cpt", "clip"):
        rows = {row["pair_id"]: row for row in rows_of(home, kind, "train")}
        assert rows.keys() == {pairs[n].pair_id for n in (0, 1, 5)}
        for n in (0, 1, 5):
            row = rows[pairs[n].pair_id]
            shown = row["image"] if kind == "clip" else row["images"][0]
            assert (row["page"], row["licence"], row["slide_or_patient_id"]) == (None, "CC-BY-4.0", f"P-{n}")
            assert row["text"] == f"Breast, field {n}"
            if n < 5:
                assert shown["bytes"] == jpeg(n)
                assert hashlib.sha256(shown["bytes"]).hexdigest() == pairs[n].image
            else:
                assert Pillow.open(io.BytesIO(shown["bytes"])).format == "PNG"
                tiff, png = Pillow.open(atlas.with_name("5.jpg")), Pillow.open(io.BytesIO(shown["bytes"]))
                assert png.tobytes() == tiff.convert("RGB").tobytes()
        assert [row["pair_id"] for row in rows_of(home, kind, "validation")] == [pairs[3].pair_id]
    assert not rows_of(home, "sft", "train") and not rows_of(home, "rl", "train")
    entries = [e for e in (read_manifest(home) or {})["files"] if e["book"] == "atlas"]
    assert {e["licence"] for e in entries} == {"CC-BY-4.0"}
    assert not write_shards(home).changed


def test_a_source_whose_pairs_are_not_split_is_not_waited_for(home: Home) -> None:
    (home.station("ledger", "atlas") / "seal.json").unlink()
    write_shards(home)
    assert (read_manifest(home) or {})["books"] == ["atlas-1"]


def test_a_picture_that_went_stops_the_publication_and_names_it(home: Home, atlas: Path) -> None:
    atlas.with_name("0.jpg").unlink()
    with pytest.raises(BadInput, match=r"0\.jpg in .* cannot be read"):
        write_shards(home)
    assert read_manifest(home) is None


def test_a_removed_source_leaves_the_shards(home: Home) -> None:
    write_shards(home)
    registry.remove(home, "atlas")
    write_shards(home)
    assert not rows_of(home, "cpt", "train")
    assert not [path for path in home.corpus("shards").rglob("atlas-[0-9a-f]*.parquet") if "atlas-1-" not in path.name]


def test_trace_goes_back_to_the_row_of_the_table(home: Home, atlas: Path) -> None:
    write_shards(home)
    pair = pairs_of(home)[1]
    way = trace(home, pair.pair_id)
    said = {name: way["source"][name] for name in ("source", "kind", "path", "file", "line", "row", "member")}
    assert said == {"source": "atlas", "kind": "generic", "path": str(atlas), "file": "atlas.csv", "line": 3, "row": 2,
                    "member": "1.jpg"}  # fmt: skip
    assert way["book"] is None and way["figure"] is None
    assert way["pair"]["slide_or_patient_id"] == "P-1"
    assert {place["kind"] for place in way["shards"]} == {"cpt", "clip"}
    json.dumps(way)


def test_a_large_source_is_written_in_slices_that_hold_every_row_once(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_shards(home)
    whole = {kind: rows_of(home, kind, "train") for kind in ("cpt", "clip")}
    monkeypatch.setattr(select, "SLICE", 2)
    assert write_shards(home).changed
    files = [e for e in (read_manifest(home) or {})["files"] if e["book"] == "atlas" and e["kind"] == "cpt"]
    assert sorted(e["rows"] for e in files) == [1, 1, 2]
    for kind, rows in whole.items():
        assert sorted(rows_of(home, kind, "train"), key=str) == sorted(rows, key=str)
    assert not write_shards(home).changed
