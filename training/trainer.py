"""What the jobs share: logging in the right places, threads, the opening model, the Trainer's common arguments."""

import os
import warnings
from pathlib import Path
from typing import Any

from training.config import JobConfig, VisionLanguageConfig
from training.progress import Progress


def quiet() -> None:
    """No progress bars, no warnings meant for library authors; CPU threads as OMP_NUM_THREADS says, else 1.

    Small models gain nothing from a second thread, and on a busy machine a step took 13 times as long (measured).
    """
    import torch
    import transformers

    if "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(1)
    transformers.logging.disable_progress_bar()
    transformers.logging.set_verbosity_error()
    warnings.filterwarnings("ignore", message=".*gradient_checkpointing", category=FutureWarning)


def report_progress(trainer: Any) -> None:
    """Our progress lines in place of the dict that the Trainer would print for every step."""
    from transformers import PrinterCallback, TrainerCallback

    class Reporter(TrainerCallback):
        def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            self.progress = Progress("step", state.max_steps, state.global_step)

        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
            if "loss" in (logs or {}):
                rewards = {"reward": logs["reward"]} if "reward" in logs else {}
                self.progress.at(state.global_step, loss=logs["loss"], **rewards)

    trainer.remove_callback(PrinterCallback)
    trainer.add_callback(Reporter())


def opening_checkpoint(config: VisionLanguageConfig, opening: Path | None, texts: list[str], work: Path) -> Path:
    """The folder to load: the given one, or a tiny model that is built on the corpus's texts and saved under `work`.

    Always by way of a folder: TRL loads its reference model from the path that the policy came from.
    """
    if opening is not None:
        return opening
    from training import checkpoints, tiny

    folder = work / "opening"
    if config.tiny is None:
        raise ValueError("only model: tiny has no folder")
    processor = tiny.build_processor(texts, config.tiny.vocabulary)
    checkpoints.save(folder, tiny.build_model(config.tiny, processor, config.seed), processor)
    return folder


def arguments(config: JobConfig, work: Path) -> dict[str, Any]:
    """Keyword arguments that HF's TrainingArguments and TRL's GRPOConfig share. float32, one loss figure a step."""
    return {
        "output_dir": str(work / "checkpoints"),
        "max_steps": config.steps,
        "learning_rate": config.learning_rate,
        "warmup_steps": config.warmup_steps,
        "weight_decay": config.weight_decay,
        "max_grad_norm": config.max_grad_norm,
        "seed": config.seed,
        "data_seed": config.seed,
        "save_strategy": "steps" if config.save_every else "no",
        "save_steps": config.save_every or 500,
        "save_total_limit": 2,
        "logging_steps": 1,
        "report_to": "none",
        "disable_tqdm": True,
        "remove_unused_columns": False,
        "dataloader_pin_memory": False,
        "bf16": False,
    }


def history_of(trainer: Any) -> list[dict[str, float]]:
    """One dict of figures per logged step, from the state that checkpoints carry on."""
    return [
        {name: value for name, value in row.items() if isinstance(value, int | float)}
        for row in trainer.state.log_history
        if "loss" in row
    ]
