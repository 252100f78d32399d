"""Checkpoints: a folder that `from_pretrained` loads, its hash, and resuming that really restores the weights.

model, processor = load(folder, min_pixels=3136, max_pixels=12544)
save(folder, model, processor)
"""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assets.errors import BadInput, one_line
from assets.store import file_sha256
from training.config import VisionLanguageConfig
from training.jobs import JOBS

if TYPE_CHECKING:
    from training.processor import ImageProcessor


def folder_hash(folder: Path) -> str:
    """SHA-256 over the names and contents of all files of a checkpoint. Raises BadInput when it holds no weights."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    if not any(path.suffix == ".safetensors" for path in files):
        raise BadInput(f"{folder} holds no *.safetensors weights; give the folder of a saved model")
    lines = [f"{path.relative_to(folder)} {file_sha256(path)}\n" for path in files]
    return hashlib.sha256("".join(lines).encode("utf-8")).hexdigest()


def model_folder(model: str, home_root: Path) -> Path:
    """Folder of a job's checkpoint (`sft`), or the folder of a saved model. Raises BadInput when it is not there."""
    if model in {job.name for job in JOBS}:
        folder = home_root / "training" / model / "model"
        if not folder.is_dir():
            raise BadInput(f"{folder} is missing; run `pathcorpus train {model}` first")
        return folder
    if not Path(model).is_dir():
        raise BadInput(
            f"model {model} is no folder on this machine, and models are never downloaded; "
            "give the folder of a saved model"
        )
    return Path(model)


def evaluation_name(score: str, model: str, model_hash: str) -> str:
    """Name of an evaluation's folder: `mcq-sft` for a job's checkpoint, `mcq-<hash>` for one that is given by folder.

    The names of folders say too little: every job calls its checkpoint `model`.
    """
    return f"{score}-{model if model in {job.name for job in JOBS} else model_hash[:12]}"


def opening_folder(config: VisionLanguageConfig, home_root: Path) -> Path | None:
    """The checkpoint that a job opens with; None for `model: tiny`. Raises BadInput when it is not there."""
    if config.model == "tiny":
        return None
    return model_folder(str(config.start_from or config.model), home_root)


def load_processor(folder: Path, min_pixels: int, max_pixels: int) -> "ImageProcessor":
    """Picture sizes are settings of the run, not of the checkpoint. Raises BadInput when the folder holds none."""
    from training.processor import ImageProcessor

    try:
        processor = ImageProcessor.from_pretrained(folder)
    except (OSError, ValueError, KeyError) as error:
        raise BadInput(f"{folder} holds no processor that can be loaded ({one_line(error, 120)})") from error
    processor.image_processor.size = {"shortest_edge": min_pixels, "longest_edge": max_pixels}
    return processor


def load(folder: Path, *, min_pixels: int, max_pixels: int) -> tuple[Any, "ImageProcessor"]:
    """Model (float32, its own class) and processor of a folder. Raises BadInput when it holds no readable model."""
    import torch
    from transformers import AutoModelForImageTextToText

    processor = load_processor(folder, min_pixels, max_pixels)
    try:
        return AutoModelForImageTextToText.from_pretrained(folder, dtype=torch.float32), processor
    except (OSError, ValueError, KeyError) as error:
        raise BadInput(f"{folder} holds no model that can be loaded ({one_line(error, 120)})") from error


def save(folder: Path, model: Any, processor: "ImageProcessor") -> None:
    model.save_pretrained(folder)
    processor.save_pretrained(folder)


def last_checkpoint(folder: Path) -> str | None:
    """Newest complete `checkpoint-N` of a Trainer; its state file is written last, so one without it was cut off."""
    complete = [path.parent for path in folder.glob("checkpoint-*/trainer_state.json")]
    return str(max(complete, key=lambda path: int(path.name.split("-")[1]))) if complete else None


class ExactResumeMixin:
    """Put before a `transformers.Trainer`: resuming loads the weights through the model's own class.

    Qwen2.5-VL is saved under its published weight names, which differ from the names in memory. The Trainer loads
    them without that mapping and with strict=False: no key matches, one warning, and training goes on from random
    weights. Raises RuntimeError when a key is missing.
    """

    model: Any

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
        model = model if model is not None else self.model
        fresh = type(model).from_pretrained(resume_from_checkpoint, dtype=next(model.parameters()).dtype)
        model.load_state_dict(fresh.state_dict(), strict=True)
