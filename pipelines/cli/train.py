"""pathcorpus train {cpt,sft,grpo,dapo,clip} [--config FILE]: a training job, in a process of its own."""

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer

from assets.errors import BadInput
from assets.store import Home, open_home
from pipelines.cli.screen import console, working
from training.jobs import JOBS


def run_module(module: str, home: Home, *options: str) -> dict[str, Any]:
    """Run `python -m MODULE` on this home and return the result that it prints.

    Raises BadInput with the module's own line when it ends with exit code 2; any other failure shows what it printed.
    """
    if not find_spec("torch"):
        raise BadInput(
            "torch is not installed; install the training extra: pip install -c constraints.txt -e '.[train]'"
        )
    command = [sys.executable, "-m", module, "--home", str(home.root), "--json", *options]
    with working(f"{module} {' '.join(options[1:2])}"):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 2:
        raise BadInput(done.stderr.strip().splitlines()[-1].removeprefix("error: "))
    if done.returncode:
        sys.stderr.write(done.stderr)
        raise SystemExit(done.returncode)
    return json.loads(done.stdout[done.stdout.index("{") :])


def train(
    job: Annotated[str, typer.Argument(help="cpt, sft, grpo, dapo or clip")],
    config: Annotated[Path | None, typer.Option(help="YAML; default: the tiny one that runs on a CPU")] = None,
) -> None:
    """Train from the shards to a checkpoint; also: python -m training.JOB --config FILE."""
    jobs = {one.name: one for one in JOBS}
    if job not in jobs:
        raise BadInput(f"no training job {job!r}; known are {', '.join(jobs)}")
    result = run_module(jobs[job].module, open_home(), "--config", str(config or jobs[job].config))
    console.print_json(data=result)
