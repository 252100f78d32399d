"""The trained models and their evaluations as assets: each is a `python -m training.…` in a process of its own.

Nothing here is ever launched by itself; the process keeps torch out of Dagster and its memory to itself.
"""

from collections import deque
from pathlib import Path
from typing import Any

import dagster as dg

from assets.asset import picture, plain, readable, version_of
from assets.store import open_home
from training.jobs import EVALUATIONS, IMAGE_KINDS_CONFIG, JOBS, Job
from training.launch import ModuleFailed, run_module

LAST_LINES = 20
QUESTIONED = tuple(one.model for one in EVALUATIONS if one.score == "mcq")  # models that have learnt to answer


class Launch(dg.Config):
    """Settings of one training run."""

    config: str = ""  # a YAML file; empty: the tiny one of training/configs, which runs on a CPU
    out: str = ""  # the folder for the result; empty: <home>/training/<job>


def launched(context: dg.AssetExecutionContext, module: str, *options: str) -> dict[str, Any]:
    """Run a training module on this corpus home, its progress line by line in the run's log; its result.

    Raises dg.Failure with the last lines of what it said when it ends with an error.
    """
    last: deque[str] = deque(maxlen=LAST_LINES)

    def hear(line: str) -> None:
        last.append(line)
        context.log.info(line)

    context.log.info(f"{module} {' '.join(options)}")
    with readable():
        try:
            return run_module(module, open_home().root, *options, hear=hear)
        except ModuleFailed as failed:
            raise dg.Failure("\n".join(last) or str(failed), allow_retries=False) from failed


def shown(result: dict[str, Any]) -> dict[str, Any]:
    """A result as metadata: single values one by one (numbers become curves over the runs), the rest as JSON."""
    result = {k.replace("_", " "): v for k, v in result.items() if k not in ("folder", "changed")}
    single = {k: plain(v) for k, v in result.items() if isinstance(v, str | int | float)}
    rest = {k: dg.MetadataValue.json(v) for k, v in result.items() if isinstance(v, dict)}
    return rest | single


def where(result: dict[str, Any]) -> dict[str, Any]:
    return {"folder": dg.MetadataValue.path(result["folder"]), "changed by this run": result["changed"]}


def trained(job: Job) -> dg.AssetsDefinition:
    """The checkpoint that one job leaves behind."""

    @dg.asset(
        name=job.name,
        deps=["shards", job.starts_from] if job.starts_from else ["shards"],
        group_name="training",
        kinds={"pytorch"},
        code_version=version_of("training.runs"),
        description=f"The checkpoint that {job.title} leaves behind, learnt from the {job.shard_kind} shards. "
        f"Without Dagster: `pathcorpus train {job.name}`.",
    )
    def model(context: dg.AssetExecutionContext, config: Launch) -> None:
        out = ["--out", config.out] if config.out else []
        result = launched(context, job.module, "--config", config.config or str(job.config), *out)
        curve = picture(Path(result["folder"]) / "loss.png", "loss over steps")
        context.add_output_metadata({"loss": curve} | shown(result) | where(result))

    return model


models = [trained(job) for job in JOBS]


@dg.asset(
    deps=["pairs", "source_pairs"],
    group_name="training",
    kinds={"pytorch"},
    code_version=version_of("training.runs"),
)
def image_kind_network(context: dg.AssetExecutionContext, config: Launch) -> None:
    """EfficientNet for image kinds, the larger choice; books are judged by it with `pathcorpus pairs classify`.

    Learnt from pictures whose captions name stain or preparation. Without Dagster: `python -m training.image_kinds`.
    """
    out = ["--out", config.out] if config.out else []
    result = launched(context, "training.image_kinds", "--config", config.config or str(IMAGE_KINDS_CONFIG), *out)
    folder = Path(result["folder"])
    matrix = picture(folder / "model" / "confusion.png", "confusion matrix")
    curve = picture(folder / "loss.png", "loss over steps")
    context.add_output_metadata({"confusion matrix": matrix, "loss": curve} | shown(result) | where(result))


@dg.asset(
    deps=["shards", *QUESTIONED],
    group_name="evaluation",
    kinds={"pytorch"},
    code_version=version_of("training.evaluation.mcq"),
)
def evaluation_mcq(context: dg.AssetExecutionContext) -> None:
    """Accuracy on the validation split's multiple-choice questions, model by model, beside what guessing earns."""
    rows = []
    for model in QUESTIONED:
        result = launched(context, "training.evaluation.mcq", "--model", model)
        columns = ["accuracy", "correct", "items", "unparsed", "truncated", "random_baseline"]
        rows.append(dg.TableRecord({"model": model} | {name: result[name] for name in columns}))
        context.add_output_metadata({f"accuracy {model}": result["accuracy"], f"records {model}": result["folder"]})
    context.add_output_metadata({"scores": dg.MetadataValue.table(rows)})


@dg.asset(
    deps=["shards", "clip"],
    group_name="evaluation",
    kinds={"pytorch"},
    code_version=version_of("training.evaluation.retrieval"),
)
def evaluation_retrieval(context: dg.AssetExecutionContext) -> None:
    """Recall of pictures by text and of texts by picture on the validation split, beside chance."""
    result = launched(context, "training.evaluation.retrieval", "--model", "clip")
    context.add_output_metadata(shown(result) | where(result))
