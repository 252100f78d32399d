"""CLIP (arXiv 2103.00020): pictures and captions in one space, trained by contrast within a batch.

    python -m training.clip --config training/configs/clip_tiny.yaml [--home DIR] [--out DIR]

Reads shards/clip; writes <home>/training/clip.
"""

from pathlib import Path
from typing import Any

from assets.errors import BadInput
from training import command
from training.config import ClipConfig
from training.data import load_rows, shard_files
from training.runs import Trained, existing_home, run_once


def run(config: ClipConfig, home_root: Path, out: Path | None = None) -> dict[str, Any]:
    """Train and return the result; see training/runs.py. Raises BadInput on missing shards or too few pairs."""
    home = existing_home(home_root)
    files = shard_files(home_root, "clip", "train")
    if files.rows < 2:
        raise BadInput("shards/clip/train holds one pair, and contrast needs two; add books and run `pathcorpus run`")
    if config.save_every:
        raise BadInput("the CLIP job keeps no checkpoints to resume from; set save_every to 0")

    def work(folder: Path) -> Trained:
        from training import contrastive
        from training.trainer import quiet

        quiet()
        rows = load_rows(files, folder / "datasets")
        model, processor = contrastive.build(config, list(rows["text"][:]))
        history = contrastive.train(model, processor, rows, config)
        model.save_pretrained(folder / "model")
        processor.save_pretrained(folder / "model")
        facts = {
            "steps": len(history),
            "rows": len(rows),
            "parameters": sum(parameter.numel() for parameter in model.parameters()),
            "scale_last": history[-1]["scale"],
        }
        return Trained(facts, history)

    return run_once("clip", config, home, out, {"data_hash": files.data_hash}, files.manifest_sha256, work)


if __name__ == "__main__":
    command.main("clip", ClipConfig, run)
