"""Supervised fine-tuning on Chain-of-Thought conversations; only assistant turns are learned.

    python -m training.sft --config training/configs/sft_tiny.yaml [--home DIR] [--out DIR]

Reads shards/sft; writes <home>/training/sft.
"""

from pathlib import Path
from typing import Any

from assets.errors import BadInput
from training import command
from training.checkpoints import folder_hash, opening_folder
from training.config import SftConfig
from training.data import PLACEHOLDER, load_rows, plain_text, shard_files
from training.runs import Trained, existing_home, run_once


def run(config: SftConfig, home_root: Path, out: Path | None = None) -> dict[str, Any]:
    """Train and return the result; see training/runs.py. Raises BadInput on missing shards or checkpoints."""
    home = existing_home(home_root)
    train = shard_files(home_root, "sft", "train")
    validation = shard_files(home_root, "sft", "validation", may_be_empty=True)
    opening = opening_folder(config, home_root)
    inputs = {
        "data_hash": train.data_hash,
        "validation_hash": validation.data_hash,
        "opening_hash": folder_hash(opening) if opening else None,
    }

    def work(folder: Path) -> Trained:
        from training import supervised
        from training.checkpoints import load_processor
        from training.collator import ChatCollator
        from training.trainer import opening_checkpoint, quiet

        quiet()
        cache = folder / "datasets"
        rows = load_rows(train, cache)
        texts = [turn["content"] for messages in rows["messages"][:] for turn in messages]
        start = opening_checkpoint(config, opening, texts, folder)
        tokenizer = load_processor(start, config.min_pixels, config.max_pixels).tokenizer
        kept = short_enough(rows, tokenizer, config)
        if not len(kept):
            raise BadInput(f"no conversation fits into max_tokens {config.max_tokens}; raise it in the settings")
        checked = short_enough(load_rows(validation, cache), tokenizer, config) if validation.rows else None
        trained = supervised.train(config, folder, start, kept, checked, ChatCollator)
        trained.facts["rows_too_long"] = len(rows) - len(kept)
        return trained

    return run_once("sft", config, home, out, inputs, train.manifest_sha256, work)


def short_enough(rows: Any, tokenizer: Any, config: SftConfig) -> Any:
    """Rows whose tokens fit, counting each picture at its largest (one token for 28 x 28 pixels)."""
    fitting = []
    for index, messages in enumerate(rows["messages"][:]):
        text = "".join(f"<|im_start|>{turn['role']}\n{plain_text(turn['content'])}<|im_end|>\n" for turn in messages)
        pictures = text.count(PLACEHOLDER) * (config.max_pixels // 784 + 2)
        if len(tokenizer(text).input_ids) + pictures <= config.max_tokens:
            fitting.append(index)
    return rows.select(fitting)


if __name__ == "__main__":
    command.main("sft", SftConfig, run)
