"""From a shard's row back to the book, over real tables."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from assets.errors import BadInput
from assets.records import Sample
from assets.shards.station import write_shards
from assets.shards.trace import trace
from assets.store import Home, open_home, read_rows
from tests.builders import small_corpus


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
    assert list(way) == ["id", "book", "figure", "pair", "cluster", "split", "sample", "revisions", "verdicts",
                         "review", "shards"]  # fmt: skip
    assert way["book"]["title"] == "Atlas 1" and len(way["book"]["sha256"]) == 64
    assert way["figure"]["page"] == row["page"] and way["figure"]["bbox"] == [72.0, 72.0, 272.0, 222.0]
    reference = way["figure"]["references"][0]
    assert reference["char_end"] - reference["char_start"] == len(reference["sentence"])
    assert way["cluster"]["cluster_id"] == row["cluster_id"] and way["split"]["split"] == "train"
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
    with pytest.raises(BadInput, match="'nothing' is no sample, pair or shard row"):
        trace(home, "nothing")
    with pytest.raises(BadInput, match="no sample"):
        trace(open_home(home.root.parent / "fresh"), row["row_id"])
