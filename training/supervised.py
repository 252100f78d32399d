"""Continued pretraining and fine-tuning: one Trainer, two collators (cpt.py and sft.py choose)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from transformers import Trainer, TrainingArguments

from training import checkpoints
from training.config import SupervisedConfig
from training.data import fit_picture
from training.runs import Trained
from training.trainer import arguments, history_of, report_progress


class SupervisedTrainer(checkpoints.ExactResumeMixin, Trainer):
    """Token-exact under gradient accumulation.

    Qwen's models declare `accepts_loss_kwargs = False`, for which the Trainer averages the micro-batches instead of
    their tokens. The flag is set after construction, and `compute_loss` divides by the tokens of the whole step.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.model_accepts_loss_kwargs = True

    def compute_loss(
        self, model: Any, inputs: dict[str, Any], return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        """Cross-entropy in float32, summed over labelled tokens, over their number in the step (or in the batch)."""
        outputs = model(**{name: value for name, value in inputs.items() if name != "labels"})
        labels = inputs["labels"][:, 1:]
        total = torch.nn.functional.cross_entropy(
            outputs.logits[:, :-1].float().transpose(1, 2), labels, ignore_index=-100, reduction="sum"
        )
        count = (labels != -100).sum().clamp(min=1) if num_items_in_batch is None else num_items_in_batch
        loss = total / count
        if num_items_in_batch is not None and self.args.average_tokens_across_devices:
            loss = loss * self.accelerator.num_processes  # gradients are averaged over processes afterwards
        return (loss, outputs) if return_outputs else loss


class Rows(torch.utils.data.Dataset):
    """A `datasets.Dataset` whose pictures come out in the size that the model sees."""

    def __init__(self, rows: Any, config: SupervisedConfig) -> None:
        self.rows, self.config = rows, config

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> dict[str, Any]:
        row = self.rows[index]
        bounds = self.config.min_pixels, self.config.max_pixels
        return {**row, "images": [fit_picture(picture, *bounds) for picture in row["images"]]}


def train(
    config: SupervisedConfig,
    work: Path,
    opening: Path,
    rows: Any,
    validation: Any,
    collator: Callable[[Any], Callable[[list[dict[str, Any]]], Any]],
) -> Trained:
    """Train on `rows` from the checkpoint `opening`, save to work/model. `collator` makes one from the processor.

    `validation` may be None or empty; its loss is then null.
    """
    model, processor = checkpoints.load(opening, min_pixels=config.min_pixels, max_pixels=config.max_pixels)
    trainer = SupervisedTrainer(
        model=model,
        args=TrainingArguments(
            per_device_train_batch_size=config.batch,
            per_device_eval_batch_size=config.batch,
            gradient_accumulation_steps=config.accumulation,
            lr_scheduler_type="cosine",
            **arguments(config, work),
        ),
        data_collator=collator(processor),
        train_dataset=Rows(rows, config),
    )
    report_progress(trainer)
    trainer.train(resume_from_checkpoint=checkpoints.last_checkpoint(work / "checkpoints"))
    loss = trainer.evaluate(Rows(validation, config))["eval_loss"] if validation else None
    checkpoints.save(work / "model", model, processor)
    facts = {
        "steps": trainer.state.global_step,
        "rows": len(rows),
        "validation_rows": len(validation) if validation else 0,
        "validation_loss": loss,
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
    }
    return Trained(facts, history_of(trainer))
