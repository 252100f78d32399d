"""From a shard's row back to the book, over real tables."""

import json
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from assets.errors import BadInput
from assets.records import Pair, Sample
from assets.shards.station import write_shards
from assets.shards.trace import trace
from assets.store import Home, open_home, read_rows
from tests.builders import put, small_corpus


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return small_corpus(open_home(tmp_path / "corpus"))


def rows_of(home: Home, kind: str, split: str) -> list[dict]:
    files = sorted((home.corpus("shards") / kind / split).glob("*.parquet"))
    return [row for path in files for row in pq.read_table(path).to_pylist()]


def samples_of(home: Home) -> list[Sample]:
    return read_rows(home.station("cot", "atlas-1") / "samples.parquet", Sample)


def test_trace_tells_the_whole_way(home: Home) -> None:
    write_shards(home)
    row = next(r for r in rows_of(home, "sft", "train") if r["task"] == "mcq")
    way = trace(home, row["row_id"])
    assert list(way) == ["id", "book", "source", "figure", "pair", "kind", "test_sets", "cluster", "split", "sample",
                         "revisions", "verdicts", "review", "shards"]  # fmt: skip
    assert way["book"]["title"] == "Atlas 1" and len(way["book"]["sha256"]) == 64
    assert way["figure"]["page"] == row["page"] and way["figure"]["bbox"] == [72.0, 72.0, 272.0, 222.0]
    assert (way["figure"]["caption_page"], way["figure"]["caption_bbox"]) == (row["page"], [72.0, 226.0, 272.0, 240.0])
    reference = way["figure"]["references"][0]
    assert reference["char_end"] - reference["char_start"] == len(reference["sentence"])
    assert way["cluster"]["cluster_id"] == row["cluster_id"] and way["split"]["split"] == "train"
    assert way["sample"]["written_from"] == "present" and way["sample"]["pair_hash"] == way["pair"]["content_hash"]
    assert way["sample"]["model"] == "extractive" and len(way["sample"]["prompt_hash"]) == 64
    assert {v["rule"] for v in way["verdicts"]} == {"schema", "length"}
    assert way["review"]["decision"] == "open"
    [place] = way["shards"]
    table = pq.read_table(home.root / place["path"], columns=["row_id"])
    assert table.column("row_id")[place["row"]].as_py() == row["row_id"]
    json.dumps(way)


def test_trace_of_a_pair_names_its_samples_and_an_unknown_id_is_refused(home: Home) -> None:
    write_shards(home)
    row = next(r for r in rows_of(home, "cpt", "train"))
    way = trace(home, row["row_id"])
    assert {p["kind"] for p in way["shards"]} == {"cpt", "clip"}
    assert {s for s in way["samples"]} <= {s.sample_id for s in samples_of(home)}
    with pytest.raises(BadInput, match="'nothing' is no sample, pair, panel, figure or shard row"):
        trace(home, "nothing")
    with pytest.raises(BadInput, match="no sample"):
        trace(open_home(home.root.parent / "fresh"), row["row_id"])


def test_trace_takes_figures_and_panels(home: Home) -> None:
    write_shards(home)
    pairs = read_rows(home.station("pairs", "atlas-1") / "pairs.parquet", Pair)
    panel = next(p for p in pairs if p.panel_id)
    way = trace(home, panel.figure_id)
    assert way["book"]["book"] == "atlas-1" and way["figure"]["label"] == "Fig. 1-1"
    assert [p["pair_id"] for p in way["pairs"]] == [p.pair_id for p in pairs if p.figure_id == panel.figure_id]
    by_panel = trace(home, str(panel.panel_id))
    assert by_panel["pair"]["pair_id"] == panel.pair_id and by_panel["figure"]["panel"]["panel_id"] == panel.panel_id
    assert by_panel["shards"] == trace(home, panel.pair_id)["shards"] != []


@pytest.mark.parametrize("state", ["earlier", "gone"])
def test_trace_says_that_a_sample_was_written_from_another_state_of_its_pair(home: Home, state: str) -> None:
    sample = samples_of(home)[0]
    pairs = read_rows(home.station("pairs", "atlas-1") / "pairs.parquet", Pair)
    mine = [p for p in pairs if p.pair_id == sample.pair_id]
    others = [p for p in pairs if p.pair_id != sample.pair_id]
    now = [replace(p, content_hash="now") for p in mine] if state == "earlier" else []
    put(home, "pairs", "atlas-1", {"pairs": (others + now, Pair)})
    way = trace(home, sample.sample_id)
    assert way["sample"]["written_from"] == state and way["book"]["book"] == "atlas-1"
    assert (way["pair"] is None) == (way["figure"] is None) == (state == "gone")
