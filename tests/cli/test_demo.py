"""`pathcorpus demo` from nothing to checkpoints that load, and again without changing a byte."""

import hashlib
import os
import subprocess
import sys

import pyarrow.parquet as pq
import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    root = tmp_path_factory.mktemp("demo") / "corpus"

    def run():
        done = subprocess.run(
            [sys.executable, "-m", "pipelines.cli", "demo"], env={**os.environ, "PATHCORPUS_HOME": str(root)},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    return root, run(), run


def files_of(root):
    """Results of all stations; locks, and what only says when something was looked at, left out."""
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.parts[len(root.parts)] != "locks"
    }


@pytest.mark.parametrize("kind", ["cpt", "sft", "rl", "clip"])
def test_every_kind_of_shard_has_rows(demo, kind):
    files = list((demo[0] / "shards" / kind / "train").glob("*.parquet"))
    assert files
    assert all(pq.read_metadata(file).num_rows > 0 for file in files)


@pytest.mark.parametrize("job", ["cpt", "sft", "grpo", "dapo"])
def test_language_checkpoints_load(demo, job):
    from transformers import Qwen2_5_VLForConditionalGeneration

    folder = demo[0] / "training" / job / "model"
    model, loading = Qwen2_5_VLForConditionalGeneration.from_pretrained(folder, output_loading_info=True)
    assert not any(loading.values()), loading
    assert sum(p.numel() for p in model.parameters()) > 100_000


def test_clip_checkpoint_loads(demo):
    from transformers import CLIPModel

    _, loading = CLIPModel.from_pretrained(demo[0] / "training" / "clip" / "model", output_loading_info=True)
    assert not any(loading.values()), loading


def test_the_screen_names_every_station_and_what_to_type_next(demo):
    for word in (
        "figures",
        "pairs",
        "ledger",
        "cot",
        "filters",
        "review",
        "shards",
        "grpo",
        "dapo",
        "clip",
        "recall@5",
    ):
        assert word in demo[1]
    for words in ("pathcorpus ui", "review export", "pathcorpus add", "pathcorpus trace"):
        assert words in demo[1]


def test_a_second_demo_changes_no_byte(demo):
    root, _, run = demo
    before = files_of(root)
    screen = run()
    assert files_of(root) == before
    stations = [line for line in screen.splitlines() if line.startswith("  ") and line.endswith(")")]
    assert len(stations) > 12
    assert all(line.endswith("(unchanged)") for line in stations)
