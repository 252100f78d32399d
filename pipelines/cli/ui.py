"""pathcorpus ui: the Dagster page of a corpus home, on loopback.

Prepares <home>/dagster, closes runs that a power cut left open, and becomes `dagster dev`. The lock on the home is an
open file that this process takes along: it is free again the moment that process ends, however it ends.
"""

import fcntl
import os
import shutil
import signal
import socket
import sys
from pathlib import Path
from typing import Annotated

import typer

from assets.errors import BadInput
from assets.store import open_home

ROOT = Path(__file__).parents[2]
TEMPLATE = Path(__file__).parents[1] / "dagster.yaml"
LOOPBACK = "127.0.0.1"
MARK = "PATHCORPUS_UI"  # variable that all processes of a page inherit


def ui(
    port: Annotated[int, typer.Option(help="port on 127.0.0.1", min=1, max=65535)] = 3000,
    home: Annotated[Path | None, typer.Option(help="corpus home; default: PATHCORPUS_HOME, else ./corpus")] = None,
    generator: Annotated[
        str, typer.Option(help="who writes samples when nothing else is said at launch, e.g. extractive")
    ] = "",
) -> None:
    """Open the assets, runs and pictures of the corpus in the browser (Dagster on loopback)."""
    opened = open_home(home)
    instance = opened.root / "dagster"
    instance.mkdir(exist_ok=True)
    hold(instance / "ui.lock")
    check_alone(instance)
    check_free(port)
    if not (instance / "dagster.yaml").exists():
        shutil.copyfile(TEMPLATE, instance / "dagster.yaml")
    os.environ["DAGSTER_HOME"] = os.environ[MARK] = str(instance)
    os.environ["PATHCORPUS_HOME"] = str(opened.root)
    if generator:
        os.environ["PATHCORPUS_GENERATOR"] = generator
    # Without this a module of the current folder, say gql.py, would stand in for the library of that name.
    os.environ["PYTHONSAFEPATH"] = "1"
    # `dg dev`, which dagster recommends instead, is another package and starts the same servers.
    os.environ.setdefault("PYTHONWARNINGS", "ignore:Function `dev_command` is superseded")
    closed = close_lost_runs()
    if closed:
        print(f"{closed} runs that were cut off are marked as failed", flush=True)
    print(f"http://{LOOPBACK}:{port} opens in about half a minute; stop with Ctrl+C", flush=True)
    # Started in the background of a script, a process ignores SIGINT and hands that on; dagster could not be stopped.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.execv(sys.executable, command(port))


def command(port: int) -> list[str]:
    """`dagster dev` on the definitions, whatever the current folder."""
    module = ["--module-name", "pipelines.definitions", "--working-directory", str(ROOT)]
    return [sys.executable, "-m", "dagster", "dev", "--host", LOOPBACK, "--port", str(port), *module]


def hold(path: Path) -> None:
    """Take the lock of a home and keep it over exec. Raises BadInput when another page of this home is running."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        owner = os.read(handle, 20).decode("ascii", "replace").strip() or "unknown"
        raise BadInput(
            f"{path.parent.parent} is in use by another `pathcorpus ui` (process {owner}); stop that one first"
        ) from error
    os.ftruncate(handle, 0)
    os.pwrite(handle, f"{os.getpid()}\n".encode("ascii"), 0)
    os.set_inheritable(handle, True)


def check_alone(instance: Path) -> None:
    """Raises BadInput when processes of an earlier page of this home outlived it (`kill -9` of the first one alone).

    They would go on launching runs beside this page. Only Linux tells; elsewhere nothing is found.
    """
    mark = f"{MARK}={instance}".encode()
    left = []
    for environment in Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark in environment.read_bytes().split(b"\0"):
                left.append(environment.parent.name)
        except OSError:  # another user's, or gone in the meantime
            continue
    if left:
        numbers = " ".join(sorted(left, key=int))
        raise BadInput(
            f"processes of an earlier `pathcorpus ui` still run on {instance.parent}; end them: kill {numbers}"
        )


def check_free(port: int) -> None:
    """Raises BadInput when something listens on this port of the loopback address."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            raise BadInput(f"port {port} is taken; choose another with `pathcorpus ui --port NUMBER`") from error


def close_lost_runs() -> int:
    """Mark runs as failed that were running when everything stopped: nothing else would, and they fill the queue.

    Only to be called under the lock of the home: no other daemon is alive then.
    """
    if not (Path(os.environ["DAGSTER_HOME"]) / "history").exists():
        return 0
    from dagster import DagsterInstance, DagsterRunStatus, RunsFilter

    open_states = [DagsterRunStatus.STARTING, DagsterRunStatus.STARTED, DagsterRunStatus.CANCELING]
    with DagsterInstance.get() as instance:
        lost = instance.get_runs(RunsFilter(statuses=open_states))
        for run in lost:
            instance.report_run_failed(run, "The run was cut off: its process is gone since the page was last stopped.")
    return len(lost)
