from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from assets.errors import BadInput
from tests.training import samples
from training import checkpoints, cpt, sft, supervised
from training.collator import CaptionCollator, ChatCollator
from training.config import CptConfig, SftConfig
from training.data import load_rows, shard_files
from training.runs import Trained


def settings(opening: Path | None = None, **changes: Any) -> SftConfig:
    values: dict[str, Any] = {
        **samples.STEPS, **samples.SIZES, "model": str(opening), "steps": 40, "batch": 8, "accumulation": 1,
        "max_tokens": 256, "learning_rate": 0.003,
    }  # fmt: skip
    return SftConfig(**(values | changes))


def cpt_settings(**changes: Any) -> CptConfig:
    return CptConfig(**(settings().model_dump() | {"model": "tiny", "tiny": samples.TINY} | changes))


def train(corpus: Path, opening: Path, work: Path, collator: Callable[[Any], Any] = ChatCollator, **c: Any) -> Trained:
    work.mkdir(exist_ok=True)
    rows = load_rows(shard_files(corpus, "sft", "train"), work / "cache")
    return supervised.train(settings(opening, **c), work, opening, rows, None, collator)


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return checkpoints.load(folder, **samples.SIZES)[0].state_dict()


def test_cpt_then_sft_from_shards_to_checkpoints(tmp_path: Path) -> None:
    make = samples.MAKE
    home = samples.write_corpus(
        tmp_path / "home",
        {
            (kind, split): [make[kind](i) for i in range(8)]
            for kind in ("cpt", "sft")
            for split in ("train", "validation")
        },
    )
    first = cpt.run(cpt_settings(), home)
    assert first["loss_last"] < first["loss_first"] / 3 and first["validation_loss"] < first["loss_first"] / 3
    tuned = sft.run(settings(model=None, start_from="cpt"), home)
    assert tuned["opening_hash"] == first["model_hash"]
    assert tuned["loss_last"] < tuned["loss_first"] / 5
    model, processor = checkpoints.load(home / "training" / "sft" / "model", **samples.SIZES)
    assert sum(p.numel() for p in model.parameters()) == tuned["parameters"]
    assert type(processor).__name__ == "Qwen2_5_VLProcessor"


def test_the_tiny_tokenizer_comes_from_captions_and_conversations(corpus: Path, tmp_path: Path) -> None:
    result = cpt.run(cpt_settings(steps=1), corpus, tmp_path / "cpt")
    tokenizer = checkpoints.load_processor(Path(result["folder"]) / "model", **samples.SIZES).tokenizer
    assert len(tokenizer("<think> cells</think>").input_ids) == 3
    assert tokenizer.decode(tokenizer("<answer>B</answer>").input_ids, skip_special_tokens=True) == "<answer>B</answer>"
    assert tokenizer.decode(tokenizer("核分裂像 naïve").input_ids) == "核分裂像 naïve"


def test_long_conversations_are_left_out_and_counted(opening: Path, tmp_path: Path) -> None:
    long = [{"role": "user", "content": "<image>\nWhat?"}, {"role": "assistant", "content": "cells " * 400}]
    rows = [samples.sft_row(0), samples.sft_row(1, long), samples.sft_row(2)]
    home = samples.write_corpus(tmp_path / "home", {("sft", "train"): rows})
    result = sft.run(settings(opening, steps=1, batch=2), home)
    assert (result["rows"], result["rows_too_long"]) == (2, 1)
    with pytest.raises(BadInput, match="no conversation fits into max_tokens 10"):
        sft.run(settings(opening, max_tokens=10), home, tmp_path / "none")


def test_accumulation_is_token_exact(corpus: Path, opening: Path, tmp_path: Path) -> None:
    def unequal(processor: Any) -> Any:  # conversations of different lengths, so that a mean of means is wrong
        collator = ChatCollator(processor)

        def collate(rows: list[dict]) -> Any:
            for row in rows:
                extra = " nest" * (int(row["row_id"][-2:]) % 5 * 4)
                row["messages"] = [row["messages"][0], {"role": "assistant", "content": "cells" + extra}]
            return collator(rows)

        return collate

    runs = {}
    for batch, accumulation in ((8, 1), (4, 2), (2, 4)):
        work = tmp_path / f"{batch}x{accumulation}"
        shape = {"batch": batch, "accumulation": accumulation, "steps": 2, "learning_rate": 1e-4}
        trained = train(corpus, opening, work, unequal, **shape)
        runs[batch] = (trained.history, weights(work / "model"))
    for batch in (4, 2):
        for step, reference in zip(runs[batch][0], runs[8][0], strict=True):
            assert step["loss"] == pytest.approx(reference["loss"], abs=2e-6)
            assert step["grad_norm"] == pytest.approx(reference["grad_norm"], rel=1e-4)


class Killed(Exception):
    pass


def killed_after(batches: int) -> Callable[[Any], Any]:
    def make(processor: Any) -> Any:
        collator, seen = ChatCollator(processor), []

        def collate(rows: list[dict]) -> Any:
            seen.append(1)
            if len(seen) > batches:
                raise Killed
            return collator(rows)

        return collate

    return make


def test_a_killed_run_goes_on_bit_by_bit(corpus: Path, opening: Path, tmp_path: Path) -> None:
    shape = {"steps": 6, "save_every": 2}
    whole = train(corpus, opening, tmp_path / "whole", **shape)
    with pytest.raises(Killed):
        train(corpus, opening, tmp_path / "cut", killed_after(5), **shape)
    again = train(corpus, opening, tmp_path / "cut", **shape)
    assert [row["loss"] for row in again.history] == [row["loss"] for row in whole.history]
    assert checkpoints.folder_hash(tmp_path / "cut" / "model") == checkpoints.folder_hash(tmp_path / "whole" / "model")


@pytest.mark.parametrize("exact", [True, False])
def test_resuming_restores_the_weights_only_with_the_mixin(opening: Path, tmp_path: Path, exact: bool) -> None:
    """The second case shows the trap: the library's own loading leaves the weights as they were, with a warning."""
    from transformers import Trainer, TrainingArguments

    saved, _ = checkpoints.load(opening, **samples.SIZES)
    with torch.no_grad():
        for parameter in saved.parameters():
            parameter.add_(1.0)
    saved.save_pretrained(tmp_path / "checkpoint-1")
    model, _ = checkpoints.load(opening, **samples.SIZES)
    kind = supervised.SupervisedTrainer if exact else Trainer
    trainer = kind(model=model, args=TrainingArguments(output_dir=str(tmp_path), report_to="none"))
    trainer._load_from_checkpoint(str(tmp_path / "checkpoint-1"))
    restored = all(torch.equal(a, b) for a, b in zip(saved.parameters(), model.parameters(), strict=True))
    assert restored is exact


def test_a_cut_off_checkpoint_is_passed_over(tmp_path: Path) -> None:
    for name, whole in (("checkpoint-2", True), ("checkpoint-10", True), ("checkpoint-12", False)):
        (tmp_path / name).mkdir()
        if whole:
            (tmp_path / name / "trainer_state.json").write_text("{}", encoding="utf-8")
    assert checkpoints.last_checkpoint(tmp_path) == str(tmp_path / "checkpoint-10")
    assert checkpoints.last_checkpoint(tmp_path / "nowhere") is None


def test_the_same_seed_gives_the_same_weights(corpus: Path, tmp_path: Path) -> None:
    one, two, other = (
        cpt.run(cpt_settings(steps=2, seed=seed), corpus, tmp_path / name)
        for name, seed in (("one", 0), ("two", 0), ("other", 1))
    )
    assert one["model_hash"] == two["model_hash"] != other["model_hash"]


def test_pretraining_reads_no_chat_format(corpus: Path, opening: Path, tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    rows = load_rows(shard_files(corpus, "cpt", "train"), tmp_path / "cache")
    trained = supervised.train(
        settings(opening, steps=3), work, opening, rows, rows, lambda processor: CaptionCollator(processor, 64)
    )
    assert trained.facts["validation_rows"] == 16 and trained.history[-1]["loss"] < trained.history[0]["loss"]


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_a_folder_without_a_readable_model_is_refused(corpus: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / name).write_text("{}", encoding="utf-8")
    with pytest.raises(BadInput, match="holds no"):
        sft.run(settings(tmp_path / "model"), corpus, tmp_path / "out")
