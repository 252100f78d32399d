"""EfficientNet for image kinds: the larger choice beside the corpus' own classifier on features.

    python -m training.image_kinds --config training/configs/image_kinds_b0.yaml [--home DIR] [--out DIR]
    pathcorpus pairs classify --by efficientnet

Learns straight from the pairs tables and their pictures, from those whose kind the words name; every figure belongs to
a fold and is judged by the network that never saw that fold. Writes <home>/training/image_kinds: model/fold-<n>/,
model/predictions/<book or source>.parquet for every pair, model/confusion.png.
"""

from pathlib import Path
from typing import Any

from assets.errors import BadInput
from training import command
from training.config import ImageKindsConfig
from training.runs import Trained, existing_home, run_once

JOB = "image_kinds"


def run(config: ImageKindsConfig, home_root: Path, out: Path | None = None) -> dict[str, Any]:
    """Train and return the result; see training/runs.py. Raises BadInput when captions name too few kinds."""
    from assets.weak_labels import learnt_from
    from training.named_pictures import named_pictures

    home = existing_home(home_root)
    if config.save_every:
        raise BadInput("the image kinds job keeps no checkpoints to resume from; set save_every to 0")
    named = named_pictures(home, config.most, config.folds)
    hashes = learnt_from(named)

    def work(folder: Path) -> Trained:
        from training import efficientnet
        from training.trainer import quiet

        quiet()
        return efficientnet.train_and_judge(home, named, config, folder)

    return run_once(JOB, config, home, out, {"learnt_from": hashes}, "none: it reads the pairs", work)


if __name__ == "__main__":
    command.main(JOB, ImageKindsConfig, run)
