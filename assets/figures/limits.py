"""What a process that touches a PDF may take, and how the kernel is told: memory, time per page, file size, no core."""

import ctypes
import json
import mmap
import resource
import signal
import sys
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass

from PIL import Image as Pillow

REFUSED, NO_MEMORY = 2, 3  # exit codes of a child; 1 is an exception of ours
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Limits:
    """Bytes of address space (more with OCR), bytes of a file, pixels of a picture, and seconds for one page."""

    memory: int = 2 << 30
    ocr_memory: int = 6 << 30
    file_size: int = 8 << 30
    pixels: int = 50_000_000
    wall: float = 30.0
    cpu: float = 60.0
    ocr_wall: float = 240.0
    ocr_cpu: float = 240.0

    def as_json(self) -> str:
        return json.dumps(asdict(self))

    def with_ocr(self) -> "Limits":
        """The limits of a child that runs OCR."""
        return Limits(self.ocr_memory, self.ocr_memory, self.file_size, self.pixels, self.ocr_wall, self.ocr_cpu)


LIMITS = Limits()


def confine(limits: Limits) -> None:
    """Limit this process for good. Timers start with `watched`."""
    die_with_parent()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.file_size, limits.file_size))
    for name in (signal.SIGALRM, signal.SIGPROF):
        signal.signal(name, signal.SIG_DFL)  # ends the process even inside C code
    Pillow.MAX_IMAGE_PIXELS = limits.pixels
    warnings.simplefilter("error", Pillow.DecompressionBombWarning)


def die_with_parent() -> None:
    """Ask Linux to kill this process when its parent ends; other systems have no such call."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def watched(marker: mmap.mmap, limits: Limits) -> Callable[[int], None]:
    """A function to call at the start of every page: it notes the page in `marker`, which outlives this process, and
    winds up the clocks whose alarm ends it.
    """

    def begin(page: int) -> None:
        marker[:8] = page.to_bytes(8, "little")
        signal.setitimer(signal.ITIMER_REAL, limits.wall)
        signal.setitimer(signal.ITIMER_PROF, limits.cpu)

    return begin


def cause(code: int, said: str, limits: Limits) -> tuple[str, str]:
    """Reason and detail for a child that ended with exit code `code` (negative: the signal that ended it)."""
    if code == NO_MEMORY or "bad_alloc" in said:
        return "out-of-memory", f"took more than {limits.memory / (1 << 30):g} GiB of memory"
    if code == -signal.SIGALRM:
        return "timed-out", f"took more than {limits.wall:g} seconds"
    if code in (-signal.SIGPROF, -signal.SIGXCPU):
        return "timed-out", f"took more than {limits.cpu:g} seconds of computing"
    if code == -signal.SIGXFSZ:
        return "too-large", f"would write a file of more than {limits.file_size / (1 << 30):g} GiB"
    return "crashed", f"ended its reader by {signal.Signals(-code).name}"
