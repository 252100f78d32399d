import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from assets.errors import BadInput
from tests.training import samples
from tests.training.test_clip import settings as clip_settings
from training import clip
from training.evaluation import engine, mcq, retrieval
from training.evaluation.engine import Generate


def saying(*outputs: str) -> Generate:
    return lambda rows: [outputs[index % len(outputs)] for index in range(len(rows))]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Eight validation questions with the right letters A, B, C, D, A, B, C, D."""
    return samples.write_corpus(tmp_path / "home", {("rl", "validation"): [samples.rl_row(i) for i in range(8)]})


def records(result: dict[str, Any]) -> list[dict[str, Any]]:
    return pq.read_table(Path(result["folder"]) / "records.parquet").to_pylist()


def test_a_model_that_always_says_a_earns_a_quarter(home: Path, opening: Path) -> None:
    result = mcq.evaluate(str(opening), home, generate=saying("<think>x</think><answer>A</answer>"))
    assert (result["correct"], result["items"], result["accuracy"]) == (2, 8, 0.25)
    assert (result["unparsed"], result["truncated"], result["well_formed"]) == (0, 0, 8)
    assert result["random_baseline"] == 0.25
    assert [row["correct"] for row in records(result)] == [True, False, False, False] * 2


def test_what_cannot_be_read_is_wrong_and_stays_in_the_denominator(home: Path, opening: Path) -> None:
    outputs = ("<think>x</think><answer>A</answer>", "I cannot tell.", "<think>so", "<answer>pink or brown</answer>")
    result = mcq.evaluate(str(opening), home, generate=saying(*outputs))
    assert (result["correct"], result["items"]) == (2, 8)
    assert (result["unparsed"], result["truncated"], result["well_formed"]) == (4, 2, 2)
    said = records(result)
    assert [row["parsed"] for row in said[:4]] == ["A", None, None, None]
    assert said[2]["raw_output"] == "<think>so" and said[2]["expected"] == "C"


def test_the_item_set_has_a_name(home: Path, opening: Path, tmp_path: Path) -> None:
    fewer = samples.write_corpus(tmp_path / "fewer", {("rl", "validation"): [samples.rl_row(i) for i in range(7)]})
    one = mcq.evaluate(str(opening), home, generate=saying("A"))
    two = mcq.evaluate(str(opening), fewer, generate=saying("A"))
    assert one["item_set_hash"] != two["item_set_hash"] and one["model_hash"] == two["model_hash"]


def test_an_unchanged_evaluation_is_not_repeated(home: Path, opening: Path) -> None:
    first = mcq.evaluate(str(opening), home, generate=saying("A"))
    again = mcq.evaluate(str(opening), home, generate=saying("B"))
    assert first["changed"] and not again["changed"] and again["correct"] == first["correct"]
    assert mcq.evaluate(str(opening), home, generate=saying("B"), max_new_tokens=5)["changed"]


def test_two_folders_of_one_name_are_two_evaluations(home: Path, opening: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / "model"
    shutil.copytree(opening, other)
    (other / "note.txt").write_text("another checkpoint", encoding="utf-8")
    one = mcq.evaluate(str(opening), home, generate=saying("A"))
    two = mcq.evaluate(str(other), home, generate=saying("B"))
    assert one["folder"] != two["folder"] and Path(one["folder"]).name == f"mcq-{one['model_hash'][:12]}"
    assert not mcq.evaluate(str(opening), home, generate=saying("C"))["changed"]
    assert sorted(path.name for path in Path(one["folder"]).iterdir()) == [
        "records.parquet",
        "result.json",
        "seal.json",
    ]


def test_greedy_outputs_do_not_depend_on_the_batch(corpus: Path, opening: Path, tmp_path: Path) -> None:
    from training.data import load_rows, shard_files

    rows = list(load_rows(shard_files(corpus, "rl", "validation"), tmp_path))
    one, four = (engine.greedy(opening, max_new_tokens=6, batch=batch)(rows) for batch in (1, 4))
    assert one == four and len(one) == 4


def test_missing_questions_and_checkpoints(home: Path, opening: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="run `pathcorpus train sft` first"):
        mcq.evaluate("sft", home)
    with pytest.raises(BadInput, match="is no folder on this machine"):
        mcq.evaluate("Qwen/Qwen2.5-VL-3B-Instruct", home)
    empty = samples.write_corpus(tmp_path / "empty", {})
    with pytest.raises(BadInput, match="kind rl hold no validation row"):
        mcq.evaluate(str(opening), empty)


def test_ranks_by_hand() -> None:
    similarity = np.array([[0.9, 0.1, 0.2], [0.8, 0.5, 0.6], [0.3, 0.3, 0.3]])
    positive = np.eye(3, dtype=bool)
    assert retrieval.ranks(similarity, positive).tolist() == [1, 3, 3]  # ties count against the model
    positive[1, 2] = positive[2, 1] = True
    assert retrieval.ranks(similarity, positive).tolist() == [1, 2, 2]  # any positive will do


def test_pairs_that_share_text_or_picture_are_positives_of_each_other() -> None:
    positive = retrieval.positives_of(["a", "b", "a", "c"], ["1", "2", "3", "2"])
    assert positive.tolist() == [
        [True, False, True, False],
        [False, True, False, True],
        [True, False, True, False],
        [False, True, False, True],
    ]


def test_recall_of_a_random_order() -> None:
    figures = retrieval.random_recall(np.eye(20, dtype=bool))
    assert figures == pytest.approx({"recall@1": 0.05, "recall@5": 0.25, "recall@10": 0.5})
    twins = np.kron(np.eye(2, dtype=bool), np.ones((2, 2), dtype=bool))
    assert retrieval.random_recall(twins)["recall@1"] == 0.5


def test_retrieval_scores_a_trained_checkpoint_in_both_directions(tmp_path: Path) -> None:
    shards = {("clip", split): [samples.clip_row(i) for i in range(16)] for split in ("train", "validation")}
    home = samples.write_corpus(tmp_path / "home", shards)
    clip.run(clip_settings(steps=60), home)
    result = retrieval.evaluate("clip", home)
    assert result["items"] == 16 and result["random"]["recall@1"] == pytest.approx(1 / 16)
    rows = records(result)
    for direction in ("text_to_picture", "picture_to_text"):
        hits = sum(row[f"{direction}_rank"] == 1 for row in rows)
        assert result[direction]["recall@1"] == hits / 16 >= 0.5
    assert not retrieval.evaluate("clip", home)["changed"] and Path(result["folder"]).name == "retrieval-clip"
    assert sorted(path.name for path in (home / "training").iterdir()) == ["clip"], "no copies of shards stay behind"


@pytest.mark.parametrize("config", ['{"model_type": "qwen2_5_vl"}', "{}", "no JSON"])
def test_retrieval_of_another_kind_of_model_is_one_clear_line(tmp_path: Path, opening: Path, config: str) -> None:
    home = samples.write_corpus(tmp_path / "home", {("clip", "validation"): [samples.clip_row(i) for i in range(4)]})
    other = tmp_path / "model"
    shutil.copytree(opening, other)
    (other / "config.json").write_text(config, encoding="utf-8")
    with pytest.raises(
        BadInput, match="holds a model of type qwen2_5_vl, not CLIP|holds no CLIP model that can be loaded"
    ):
        retrieval.evaluate(str(other), home)


def test_retrieval_of_a_language_model_ends_with_one_line_and_exit_code_2(tmp_path: Path, opening: Path) -> None:
    home = samples.write_corpus(tmp_path / "home", {("clip", "validation"): [samples.clip_row(i) for i in range(4)]})
    command = [sys.executable, "-m", "training.evaluation.retrieval", "--home", str(home), "--model", str(opening)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])
    assert done.returncode == 2 and done.stderr.startswith("error: ") and done.stderr.count("\n") == 1, done.stderr
    assert "not CLIP" in done.stderr


def test_usage_errors_of_a_module_are_one_line(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "training.clip", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "--config" in done.stderr
