"""The folder that a training run leaves behind: made beside its place, renamed into it when whole, never made twice.

    <home>/training/<job>/      model/  config.yaml  result.json  loss.csv  loss.png

A run works in `.<job>.training-<config hash>-<inputs hash>` beside it: killed and started again with the same inputs,
it goes on from its last checkpoint there. Inputs are the settings, the shards that are read and the checkpoint that
opens the run. A result, whole or half, is replaced by a run of the same settings only: those of others may have taken
days.
"""

import csv
import glob
import json
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from assets import store
from assets.errors import BadInput
from assets.schema import content_hash
from assets.store import Home, locked, write_json
from training.config import Settings, config_hash

VERSION = "1"
FILES = ("model", "config.yaml", "result.json", "loss.csv", "loss.png")


@dataclass
class Trained:
    """What a job's training function hands back: facts for result.json and one dict of figures per logged step."""

    facts: dict[str, Any]
    history: list[dict[str, float]] = field(default_factory=list)


def existing_home(root: Path) -> Home:
    """The corpus home at `root`, ready to be written to. Raises BadInput when there is none: a run never makes one."""
    return store.open_home(store.existing_home(root).root)


def run_once(
    job: str,
    config: Settings,
    home: Home,
    out: Path | None,
    inputs: dict[str, Any],
    manifest_sha256: str,
    train: Callable[[Path], Trained],
) -> dict[str, Any]:
    """Train in a working folder unless `out` (default <home>/training/<job>) already holds the result of `inputs`.

    Returns result.json's content with `changed` (whether anything was trained) and `folder`. `train(work)` saves the
    model to `work/model`. The manifest's hash is recorded, not compared: shards of other kinds may have come since.
    Raises BadInput when `out` holds anything but the result of a run with these settings, or an unfinished run with
    other settings lies beside it.
    """
    out = (out or home.root / "training" / job).absolute()
    inputs_hash = content_hash({"job": job, "version": VERSION, "config": config.model_dump(mode="json"), **inputs})
    settings_hash = config_hash(config)
    retired = out.parent / f".{out.name}.training-retired"
    out.parent.mkdir(parents=True, exist_ok=True)
    with locked(home, f"training-{job}"):
        if retired.exists() and not out.exists():  # killed between the two renamings
            os.replace(retired, out)
        shutil.rmtree(retired, ignore_errors=True)
        if done := _result(out, inputs_hash):
            return {**done, "changed": False, "folder": str(out)}
        _check_own(out, settings_hash)
        work = _working_folder(out, settings_hash, inputs_hash)
        result = _result(work, inputs_hash)  # whole, but killed before the renaming
        if result is None:
            started = time.monotonic()
            trained = train(work)
            facts = {
                "job": job,
                "inputs_hash": inputs_hash,
                "config_hash": settings_hash,
                "manifest_sha256": manifest_sha256,
                **inputs,
                "seconds": round(time.monotonic() - started, 2),
                **trained.facts,
            }
            result = _write(work, config, facts, trained.history)
        if out.exists():
            os.replace(out, retired)
        os.replace(work, out)
        shutil.rmtree(retired, ignore_errors=True)
    return {**result, "changed": True, "folder": str(out)}


def _check_own(out: Path, settings_hash: str) -> None:
    """Raises BadInput when `out` is there, is not empty, and is not the result of a run with these settings."""
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    try:
        holder = json.loads((out / "result.json").read_text(encoding="utf-8"))["config_hash"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput(f"{out} exists and holds no training result; give --out, or remove it") from error
    if holder != settings_hash:
        raise BadInput(f"{out} holds the result of other settings; give --out, or remove it")


def _working_folder(out: Path, settings_hash: str, inputs_hash: str) -> Path:
    """The folder to work in. Those of the same settings on other shards are removed: nothing would finish them."""
    prefix = f".{out.name}.training-"
    work = out.parent / f"{prefix}{settings_hash[:12]}-{inputs_hash[:12]}"
    others = [path for path in out.parent.glob(glob.escape(prefix) + "*") if path != work]
    for other in others:
        if not other.name.startswith(f"{prefix}{settings_hash[:12]}-"):
            raise BadInput(f"{other} holds an unfinished run of other settings; give --out, or remove it")
    for other in others:
        shutil.rmtree(other)
    work.mkdir(exist_ok=True)
    return work


def _result(folder: Path, inputs_hash: str) -> dict[str, Any] | None:
    try:
        result = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    whole = all((folder / name).exists() for name in FILES)
    return result if whole and result.get("inputs_hash") == inputs_hash else None


def _write(work: Path, config: Settings, facts: dict[str, Any], history: list[dict[str, float]]) -> dict[str, Any]:
    """Leave nothing in the working folder but the model and what describes the run; result.json comes last."""
    from training.checkpoints import folder_hash

    for path in work.iterdir():
        if path.name != "model":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    header = "".join(f"# {name}: {facts[name]}\n" for name in ("job", "config_hash", "manifest_sha256"))
    settings = yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False)
    (work / "config.yaml").write_text(header + settings, encoding="utf-8")
    names = sorted({name for row in history for name in row} - {"step"})
    with open(work / "loss.csv", "w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, ["step", *names])
        writer.writeheader()
        writer.writerows(history)
    _plot(work / "loss.png", facts["job"], history)
    losses = [row["loss"] for row in history]
    result = {**facts, "loss_first": losses[0], "loss_last": losses[-1], "model_hash": folder_hash(work / "model")}
    write_json(work / "result.json", result)
    return result


def _plot(path: Path, job: str, history: list[dict[str, float]]) -> None:
    """Loss over steps, and the reward below it where there is one."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    names = [name for name in ("loss", "reward") if any(name in row for row in history)]
    figure = Figure(figsize=(6, 3 * max(1, len(names))), layout="constrained")
    for index, name in enumerate(names):
        axes = figure.add_subplot(len(names), 1, index + 1)
        points = [(row["step"], row[name]) for row in history if row.get(name) is not None]
        axes.plot(*zip(*points, strict=True), linewidth=1.5, marker="." if len(points) < 30 else "")
        axes.set(ylabel=name, title=f"{job}: {name}")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(alpha=0.3)
        axes.set_xlabel("optimiser step")
    figure.savefig(path, dpi=110, format="png")
