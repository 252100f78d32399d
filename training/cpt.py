"""Continued pretraining on pictures with their captions and citing sentences.

    python -m training.cpt --config training/configs/cpt_tiny.yaml [--home DIR] [--out DIR]

Reads shards/cpt (and, for a tiny model's tokenizer, the texts of shards/sft); writes <home>/training/cpt.
"""

from pathlib import Path
from typing import Any

from training import command
from training.checkpoints import folder_hash, opening_folder
from training.config import CptConfig
from training.data import load_rows, shard_files
from training.runs import Trained, existing_home, run_once


def run(config: CptConfig, home_root: Path, out: Path | None = None) -> dict[str, Any]:
    """Train and return the result; see training/runs.py. Raises BadInput on missing shards or checkpoints."""
    home = existing_home(home_root)
    train = shard_files(home_root, "cpt", "train")
    validation = shard_files(home_root, "cpt", "validation", may_be_empty=True)
    opening = opening_folder(config, home_root)
    chats = shard_files(home_root, "sft", "train", may_be_empty=True) if opening is None else None
    inputs = {
        "data_hash": train.data_hash,
        "validation_hash": validation.data_hash,
        "tokenizer_hash": chats.data_hash if chats else None,
        "opening_hash": folder_hash(opening) if opening else None,
    }

    def work(folder: Path) -> Trained:
        from training import supervised
        from training.collator import CaptionCollator
        from training.trainer import opening_checkpoint, quiet

        quiet()
        cache = folder / "datasets"
        rows = load_rows(train, cache)
        texts = list(rows["text"][:])
        if chats and chats.rows:
            texts += [turn["content"] for messages in load_rows(chats, cache)["messages"][:] for turn in messages]
        return supervised.train(
            config,
            folder,
            opening_checkpoint(config, opening, texts, folder),
            rows,
            load_rows(validation, cache) if validation.rows else None,
            lambda processor: CaptionCollator(processor, config.max_tokens),
        )

    return run_once("cpt", config, home, out, inputs, train.manifest_sha256, work)


if __name__ == "__main__":
    command.main("cpt", CptConfig, run)
