import math
from pathlib import Path
from typing import Any

import pytest
import torch

from assets.errors import BadInput
from tests.training import samples
from training import clip, contrastive
from training.config import ClipConfig
from training.data import load_rows, shard_files
from training.evaluation import retrieval


def settings(**changes: Any) -> ClipConfig:
    values: dict[str, Any] = {
        **samples.STEPS, "vocabulary": 320, "max_tokens": 32, "image_size": 32, "patch_size": 8, "hidden": 64,
        "layers": 2, "heads": 4, "projection": 64, "max_scale": 100.0, "steps": 100, "batch": 16,
        "learning_rate": 0.001, "weight_decay": 0.1,
    }  # fmt: skip
    return ClipConfig(**(values | changes))


def recall_at_1(model: Any, processor: Any, rows: Any) -> tuple[float, float]:
    pictures, texts = contrastive.embed(model, processor, rows)
    similarity = (texts @ pictures.T).numpy()
    positive = retrieval.positives_of(rows["text"][:], [str(i) for i in range(len(rows))])
    of_text, of_picture = retrieval.ranks(similarity, positive), retrieval.ranks(similarity.T, positive)
    return retrieval.recall(of_text)["recall@1"], retrieval.recall(of_picture)["recall@1"]


def test_learns_to_find_each_picture_and_each_text(corpus: Path, tmp_path: Path) -> None:
    rows = load_rows(shard_files(corpus, "clip", "train"), tmp_path / "cache")
    before = recall_at_1(*contrastive.build(settings(), rows["text"][:]), rows)
    result = clip.run(settings(), corpus, tmp_path / "clip")
    after = recall_at_1(*contrastive.load(tmp_path / "clip" / "model"), rows)
    assert max(before) <= 0.25 and min(after) >= 0.75
    assert result["loss_last"] < result["loss_first"] / 2 and 1 <= result["scale_last"] <= 100


def test_the_text_is_pooled_at_its_end(corpus: Path, tmp_path: Path) -> None:
    """With id 2 as end of text transformers would pool at the largest id: padding must not change a text's features."""
    model, processor = contrastive.build(settings(), [samples.caption(index) for index in range(16)])
    assert model.config.text_config.eos_token_id == processor.tokenizer.eos_token_id not in (None, 2)
    rows = [{"text": text, "image": samples.picture(0)} for text in ("Pink.", "A dotted nest of green cells.")]
    model.eval()
    with torch.no_grad():
        together = contrastive.features(model, contrastive.prepared(processor, rows))[1][0]
        alone = contrastive.features(model, contrastive.prepared(processor, rows[:1]))[1][0]
        other_ending = contrastive.prepared(processor, [rows[0] | {"text": "Pink!"}])
        assert torch.allclose(together, alone, atol=1e-5)
        assert not torch.allclose(contrastive.features(model, other_ending)[1][0], alone, atol=1e-3)


def test_loss_is_what_a_hand_would_compute() -> None:
    pictures, texts = torch.eye(2), torch.tensor([[1.0, 0.0], [1.0, 0.0]])
    # logits [[2, 2], [0, 0]]: rows log 2 each; columns log(1 + e^-2) and log(1 + e^2)
    expected = (2 * math.log(2) + math.log(1 + math.exp(-2)) + math.log(1 + math.exp(2))) / 4
    assert contrastive.contrastive_loss(pictures, texts, torch.tensor(2.0)).item() == pytest.approx(expected)


def test_the_scale_stays_within_its_bound(corpus: Path, tmp_path: Path) -> None:
    result = clip.run(settings(steps=3, max_scale=5.0), corpus, tmp_path / "clip")
    assert 4.9 < result["scale_last"] <= 5.00001  # it opens at 14


def test_batches_are_distinct_and_seeded() -> None:
    def first(number: int, rows: int, size: int, seed: int) -> list[list[int]]:
        return [batch for batch, _ in zip(contrastive.batches(rows, size, seed), range(number), strict=False)]

    assert all(len(set(batch)) == 4 for batch in first(6, 10, 4, 0))
    assert first(6, 10, 4, 0) == first(6, 10, 4, 0) != first(6, 10, 4, 1)
    assert sorted(first(1, 3, 8, 0)[0]) == [0, 1, 2]


def test_one_pair_is_no_contrast(tmp_path: Path) -> None:
    home = samples.write_corpus(tmp_path / "home", {("clip", "train"): [samples.clip_row(0)]})
    with pytest.raises(BadInput, match="contrast needs two"):
        clip.run(settings(), home)
