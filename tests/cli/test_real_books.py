"""Two open-access papers from PDF to shards, through the console script, and the sample's rows back to page and box."""

import json
import os
import subprocess
import sys
from operator import attrgetter

import pyarrow.parquet as pq
import pytest

from assets.records import Figure, Pair, Sample
from assets.store import open_home, read_rows

LABEL = attrgetter("label")


@pytest.fixture(scope="module")
def home(shared, tmp_path_factory):
    root = tmp_path_factory.mktemp("real") / "corpus"
    environment = {**os.environ, "PATHCORPUS_HOME": str(root)}

    def call(*arguments):
        command = [sys.executable, "-m", "pipelines.cli", *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    for name in ("PMC3178181", "PMC1397864"):
        call("add", str(shared / "pdf_corpus" / f"{name}.pdf"), "--key", name.lower(), "--licence", "CC-BY-3.0")
    call("run", "--generator", "extractive")
    call.home = open_home(root)
    return call


def kinds(home, book):
    pairs = read_rows(home.station("pairs", book) / "pairs.parquet", Pair)
    return {pair.label: pair.image_kind for pair in pairs if pair.panel_id is None}


def test_all_figures_with_their_captions(home):
    lipids = sorted(read_rows(home.home.station("figures", "pmc3178181") / "figures.parquet", Figure), key=LABEL)
    assert [figure.label for figure in lipids] == ["Figure 1", "Figure 2", "Figure 3", "Figure 4"]
    assert lipids[1].caption.startswith("Histopathological appearance of liver (H&E×400).")
    hearts = sorted(read_rows(home.home.station("figures", "pmc1397864") / "figures.parquet", Figure), key=LABEL)
    assert [figure.label for figure in hearts] == [f"Figure {n}" for n in range(1, 10)]
    assert hearts[4].caption.startswith("Curcuma longa (100 mg/kg) upregulated Bcl-2 protein")


def test_kinds_of_their_pictures(home):
    lipids, hearts = kinds(home.home, "pmc3178181"), kinds(home.home, "pmc1397864")
    assert lipids == {"Figure 1": "other", "Figure 2": "he", "Figure 3": "he", "Figure 4": "he"}
    assert [hearts[f"Figure {n}"] for n in range(1, 7)] == ["ihc"] * 6


def test_charts_yield_no_samples(home):
    pairs = {p.pair_id: p for p in read_rows(home.home.station("pairs", "pmc3178181") / "pairs.parquet", Pair)}
    samples = read_rows(home.home.station("cot", "pmc3178181") / "samples.parquet", Sample)
    assert samples
    assert all(not pairs[sample.pair_id].label.startswith("Figure 1") for sample in samples)


@pytest.mark.parametrize("kind", ["sft", "rl"])
def test_rows_lead_back_to_page_and_box(home, kind):
    files = sorted((home.home.root / "shards" / kind / "train").glob("*.parquet"))
    rows = [row for file in files for row in pq.read_table(file, columns=["row_id", "page"]).to_pylist()]
    assert rows
    story = json.loads(home("trace", rows[0]["row_id"]))
    text = json.dumps(story)
    assert rows[0]["page"] == story["figure"]["page"]
    assert len(story["figure"]["bbox"]) == 4
    assert '"extractive"' in text
