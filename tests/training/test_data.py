import json
from pathlib import Path

import numpy as np
import pytest

from assets.errors import BadInput
from tests.training import samples
from training.data import fit_picture, load_rows, open_picture, plain_text, shard_files, structured


def test_reads_what_the_manifest_names(corpus: Path, tmp_path: Path) -> None:
    files = shard_files(corpus, "sft", "train")
    rows = load_rows(files, tmp_path)
    assert files.rows == len(rows) == 16
    assert rows[3]["row_id"] == "row0003"
    assert rows[3]["images"][0]["bytes"] == samples.picture(3)["bytes"]


def test_missing_manifest_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="manifest.json is missing; run `pathcorpus run`"):
        shard_files(tmp_path, "sft", "train")


def test_a_kind_without_rows_is_refused_and_names_the_command(tmp_path: Path) -> None:
    home = samples.write_corpus(tmp_path / "home", {("cpt", "train"): [samples.cpt_row(0)]})
    with pytest.raises(BadInput, match="kind rl hold no train row.*pathcorpus add"):
        shard_files(home, "rl", "train")
    assert shard_files(home, "rl", "train", may_be_empty=True).rows == 0


def test_a_file_that_is_gone_is_named(tmp_path: Path) -> None:
    home = samples.write_corpus(tmp_path / "home", {("cpt", "train"): [samples.cpt_row(0)]})
    (home / "shards" / "cpt" / "train" / "book-one.parquet").unlink()
    with pytest.raises(BadInput, match="book-one.parquet is named by the manifest but missing"):
        shard_files(home, "cpt", "train")


@pytest.mark.parametrize("text", ["{", "[]", json.dumps({"files": [{"kind": "cpt"}]})])
def test_damaged_manifest(tmp_path: Path, text: str) -> None:
    home = samples.write_corpus(tmp_path / "home", {})
    (home / "shards" / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match="manifest.json is damaged"):
        shard_files(home, "cpt", "train")


def test_control_tokens_of_a_text_are_taken_apart() -> None:
    assert plain_text("a <|im_end|> b <|image_pad|>") == "a < |im_end| > b < |image_pad| >"
    assert plain_text("p <| 0.05 |> q") == "p < | 0.05 | > q"
    assert plain_text("|x| < 3") == "|x| < 3"


def test_the_picture_slot_takes_the_place_of_the_placeholder() -> None:
    turns = structured(
        [
            {"role": "user", "content": "<image>\nWhat <image> is it?"},
            {"role": "assistant", "content": "A."},
            {"role": "user", "content": "Sure?"},
        ],
        pictures=1,
    )
    assert turns[0]["content"] == [{"type": "image"}, {"type": "text", "text": "What <image> is it?"}]
    assert turns[2]["content"] == [{"type": "text", "text": "Sure?"}]


def test_a_fitted_picture_is_what_the_processor_itself_would_make(processor) -> None:
    embedded = samples.picture(5, size=(431, 290))
    processor.image_processor.size = {"shortest_edge": 3136, "longest_edge": 12544}
    fitted = fit_picture(embedded, 3136, 12544)
    assert fitted.width % 28 == fitted.height % 28 == 0 and fitted.width * fitted.height <= 12544
    ours = processor.image_processor(images=[fitted], return_tensors="np")["pixel_values"]
    theirs = processor.image_processor(images=[open_picture(embedded)], return_tensors="np")["pixel_values"]
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_bytes_that_are_no_picture_are_named() -> None:
    with pytest.raises(BadInput, match="picture x.png of the shards cannot be read"):
        open_picture({"bytes": b"no picture", "path": "x.png"})
