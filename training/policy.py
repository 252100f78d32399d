"""Reinforcement learning on questions that rules can check: what GRPO and DAPO share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from assets.errors import BadInput
from training import checkpoints
from training.checkpoints import folder_hash, opening_folder
from training.config import PolicyConfig
from training.data import ShardFiles, fit_picture, load_rows, plain_text, shard_files
from training.runs import Trained, existing_home, run_once

MakeTrainer = Callable[..., Any]


def run(job: str, config: PolicyConfig, home_root: Path, out: Path | None, make_trainer: MakeTrainer) -> dict[str, Any]:
    """Train and return the result; see training/runs.py. `make_trainer` gets GRPOTrainer's common keyword arguments.

    Raises BadInput on missing shards or checkpoints, or fewer questions than a step needs.
    """
    home = existing_home(home_root)
    files = shard_files(home_root, "rl", "train")
    if files.rows < config.batch:
        raise BadInput(f"shards/rl/train holds {files.rows} questions, but batch asks for {config.batch}; lower it")
    opening = opening_folder(config, home_root)
    inputs = {"data_hash": files.data_hash, "opening_hash": folder_hash(opening) if opening else None}

    def work(folder: Path) -> Trained:
        return _train(config, files, opening, folder, make_trainer)

    return run_once(job, config, home, out, inputs, files.manifest_sha256, work)


def questions(rows: Any, config: PolicyConfig) -> Any:
    """RL rows as TRL wants them: prompt without `<image>` (the picture's slot is put in by TRL), fitted pictures."""
    keep = ("row_id", "prompt", "images", "options", "answer")

    def view(batch: dict[str, list[Any]]) -> dict[str, list[Any]]:
        prompts = [[{**turn, "content": _question(turn["content"])} for turn in prompt] for prompt in batch["prompt"]]
        pictures = [
            [fit_picture(picture, config.min_pixels, config.max_pixels) for picture in row] for row in batch["images"]
        ]
        return {**batch, "prompt": prompts, "images": pictures}

    return rows.select_columns(list(keep)).with_transform(view)


def _question(text: str) -> str:
    return plain_text(text.replace("<image>\n", "", 1))


def _train(
    config: PolicyConfig,
    files: ShardFiles,
    opening: Path | None,
    work: Path,
    make_trainer: MakeTrainer,
) -> Trained:
    from trl import GRPOConfig

    from training.trainer import arguments, history_of, opening_checkpoint, quiet, report_progress

    quiet()
    rows = load_rows(files, work / "datasets")
    texts = [turn["content"] for prompt in rows["prompt"][:] for turn in prompt]
    start = opening_checkpoint(config, opening, texts, work)
    processor = checkpoints.load_processor(start, config.min_pixels, config.max_pixels)
    processor.tokenizer.padding_side = "left"
    shared = {
        "per_device_train_batch_size": config.batch * config.generations,
        "num_generations": config.generations,
        "max_completion_length": config.max_completion_tokens,
        "temperature": config.temperature,
        "epsilon": config.epsilon_low,
        "epsilon_high": config.epsilon_high,
        "beta": config.beta,
        "lr_scheduler_type": "constant_with_warmup",
        "model_init_kwargs": {"dtype": "float32"},
        "gradient_checkpointing": False,
        **arguments(config, work),
    }
    trainer = make_trainer(
        model=str(start),
        train_dataset=questions(rows, config),
        processing_class=processor,
        arguments=lambda **own: GRPOConfig(**shared, **own),
    )
    report_progress(trainer)
    trainer.train(resume_from_checkpoint=checkpoints.last_checkpoint(work / "checkpoints"))
    checkpoints.save(work / "model", trainer.model, processor)
    history = history_of(trainer)
    facts = {
        "steps": trainer.state.global_step,
        "rows": len(rows),
        "parameters": sum(parameter.numel() for parameter in trainer.model.parameters()),
        "reward_first": history[0]["reward"],
        "reward_last": history[-1]["reward"],
        "rewards_last": {
            name.split("/")[1]: value
            for name, value in history[-1].items()
            if name.startswith("rewards/") and name.endswith("/mean")
        },
        "kl_last": history[-1].get("kl"),
        "groups": {
            name.split("/")[1]: round(sum(row.get(name, 0.0) for row in history))
            for name in sorted(history[-1])
            if name.startswith("groups/")
        },
    }
    return Trained(facts, history)
