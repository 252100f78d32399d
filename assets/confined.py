"""A process that reads a file which may be hostile: how it is started, and how the kernel is told what it may take.

The child is a program of its own (`python -m MODULE ... PID`) and no bare fork, so that a caller with threads may start
one. It speaks by its exit code and by what it writes.
"""

import ctypes
import os
import resource
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from assets.errors import BadInput

REFUSED, NO_MEMORY, TOO_DEEP = 2, 3, 4  # exit codes of a child; 1 is an exception of ours
# The limit on memory counts what idle threads and arenas reserve, and many cores have many.
FEW = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
}
ROOT = Path(__file__).parents[1]
LOG_END = 20_000  # bytes of what a child wrote that are looked at
LEAST = 0.01  # seconds; an alarm clock set to 0 never rings
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36


def run_module(module: str, *arguments: str) -> tuple[int, str]:
    """Run `python -m MODULE ARGUMENTS PID`, PID being this process, and wait for its end.

    Returns the exit code (negative: the signal that ended it) and the end of what it wrote. It runs in the folder of
    this package, so paths among the arguments must be absolute.
    """
    command = [sys.executable, "-m", module, *arguments, str(os.getpid())]
    with tempfile.TemporaryFile() as log:
        ended = subprocess.run(
            command, cwd=ROOT, env=os.environ | FEW, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False
        )
        log.seek(max(0, log.seek(0, os.SEEK_END) - LOG_END))
        return ended.returncode, log.read().decode("utf-8", "replace").strip()


def refusal(pdf: Path, said: str) -> BadInput:
    """What a child that ended with REFUSED said of `pdf`: its last line, with the path as the caller gave it."""
    return BadInput(said.splitlines()[-1].replace(str(pdf.absolute()), str(pdf)))


def confine(parent: int, memory: int, file_size: int) -> None:
    """Limit this process, a child of the process `parent`, for good: `memory` bytes of address space, no core, files of
    `file_size` bytes. Clocks start with `wind_up`."""
    die_with_parent(parent)
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_AS, memory)
    _lower(resource.RLIMIT_FSIZE, file_size)
    for name in (signal.SIGALRM, signal.SIGPROF, signal.SIGXFSZ):
        signal.signal(name, signal.SIG_DFL)  # ends the process even inside C code; Python ignores SIGXFSZ


def wind_up(wall: float, cpu: float) -> None:
    """End this process in `wall` seconds (SIGALRM) or after `cpu` seconds of computing (SIGPROF), unless called again.

    The latter end work that never comes to an end, however busy the machine is; the former are for work that waits.
    """
    signal.setitimer(signal.ITIMER_REAL, max(LEAST, wall))
    signal.setitimer(signal.ITIMER_PROF, max(LEAST, cpu))


def _lower(kind: int, value: int) -> None:
    """Set a limit, not above one that is in force already."""
    hard = resource.getrlimit(kind)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, value))


def die_with_parent(parent: int) -> None:
    """Ask Linux to kill this process when its parent, process id `parent`, ends; other systems have no such call."""
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before we could ask
        os._exit(1)


def adopt_orphans() -> None:
    """Become, on Linux, the parent of what a child of this process leaves running, so that it can be ended."""
    _prctl(PR_SET_CHILD_SUBREAPER, 1)


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value)


def signal_name(code: int) -> str:
    """The name of the signal behind a negative exit code."""
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
