"""The trained models and their evaluations as assets: each is a `python -m training.…` in a process of its own.

Nothing here is ever launched by itself; the process keeps torch out of Dagster and its memory to itself.
"""

import json
import subprocess
import sys
from collections import deque
from pathlib import Path
from typing import Any

import dagster as dg

from assets.asset import picture, plain, version_of
from assets.store import open_home
from training.jobs import JOBS, Job

LAST_LINES = 20
QUESTIONED = tuple(job.name for job in JOBS if job.starts_from)  # models that have learnt to answer


class Launch(dg.Config):
    """Settings of one training run."""

    config: str = ""  # a YAML file; empty: the tiny one of training/configs, which runs on a CPU


def run_module(context: dg.AssetExecutionContext, module: str, *arguments: str) -> None:
    """Run a training module on this corpus home, its output line by line in the run's log.

    Raises dg.Failure with the last lines of the output when it ends with an error. The process ends with the run.
    """
    command = [sys.executable, "-u", "-m", module, "--home", str(open_home().root), *arguments]
    context.log.info(" ".join(command))
    last: deque[str] = deque(maxlen=LAST_LINES)
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", errors="replace"
    )
    try:
        for line in process.stdout or ():
            if line.strip():
                last.append(line.rstrip())
                context.log.info(line.rstrip())
        code = process.wait()
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()
    if code:
        raise dg.Failure("\n".join(last) or f"{module} ended with exit code {code}", allow_retries=False)


def read_result(folder: Path) -> dict[str, Any]:
    """result.json as metadata: single values one by one (numbers become curves over the runs), the rest as JSON."""
    result = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    single = {k.replace("_", " "): plain(v) for k, v in result.items() if isinstance(v, str | int | float)}
    rest = {k.replace("_", " "): dg.MetadataValue.json(v) for k, v in result.items() if isinstance(v, dict)}
    return rest | single | {"folder": dg.MetadataValue.path(str(folder))}


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
        folder = open_home().corpus("training") / job.name
        run_module(context, job.module, "--config", config.config or str(job.config), "--out", str(folder))
        context.add_output_metadata({"loss": picture(folder / "loss.png", "loss over steps")} | read_result(folder))

    return model


models = [trained(job) for job in JOBS]


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
        run_module(context, "training.evaluation.mcq", "--model", model)
        folder = open_home().corpus("evaluation") / f"mcq-{model}"
        result = json.loads((folder / "result.json").read_text(encoding="utf-8"))
        shown = ["accuracy", "correct", "items", "unparsed", "truncated", "random_baseline"]
        rows.append(dg.TableRecord({"model": model} | {name: result[name] for name in shown}))
        context.add_output_metadata({f"accuracy {model}": result["accuracy"], f"records {model}": str(folder)})
    context.add_output_metadata({"scores": dg.MetadataValue.table(rows)})


@dg.asset(
    deps=["shards", "clip"],
    group_name="evaluation",
    kinds={"pytorch"},
    code_version=version_of("training.evaluation.retrieval"),
)
def evaluation_retrieval(context: dg.AssetExecutionContext) -> None:
    """Recall of pictures by text and of texts by picture on the validation split, beside chance."""
    run_module(context, "training.evaluation.retrieval", "--model", "clip")
    context.add_output_metadata(read_result(open_home().corpus("evaluation") / "retrieval-clip"))
