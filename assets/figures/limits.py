"""What a process of this station that touches a PDF may take: memory, time per page, file size, pixels of a picture."""

import json
import mmap
import signal
import time
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass

from PIL import Image as Pillow

from assets import confined
from assets.confined import NO_MEMORY, TOO_DEEP, signal_name

HUNG = "hung"  # the reason for a page that waited, for a machine that was busy perhaps


@dataclass(frozen=True)
class Limits:
    """Bytes of address space (more with OCR), bytes of a file, pixels of a picture, and seconds for one page.

    Seconds of computing end a page that never comes to an end, however busy the machine is; those on the wall are for
    one that waits.
    """

    memory: int = 2 << 30
    ocr_memory: int = 6 << 30
    file_size: int = 8 << 30
    pixels: int = 50_000_000
    wall: float = 90.0
    cpu: float = 30.0
    ocr_wall: float = 240.0
    ocr_cpu: float = 240.0

    def as_json(self) -> str:
        return json.dumps(asdict(self))

    def with_ocr(self) -> "Limits":
        """The limits of a child that runs OCR."""
        return Limits(self.ocr_memory, self.ocr_memory, self.file_size, self.pixels, self.ocr_wall, self.ocr_cpu)


LIMITS = Limits()


def confine(limits: Limits, parent: int) -> None:
    """Limit this process, a child of the process `parent`, for good. Timers start with `watched`."""
    confined.confine(parent, limits.memory, limits.file_size)
    Pillow.MAX_IMAGE_PIXELS = limits.pixels
    warnings.simplefilter("error", Pillow.DecompressionBombWarning)


def watched(marker: mmap.mmap, limits: Limits) -> Callable[[int], None]:
    """A function to call at the start of every page: it notes the page in `marker`, which outlives this process, and
    winds up the clocks whose alarm ends it.

    A page that is begun several times in one process gets what it left over of its time; page 0, which stands for steps
    of the whole book, all of it each time.
    """
    spent: dict[int, tuple[float, float]] = {}
    page, began = 0, (time.monotonic(), time.process_time())

    def begin(now: int) -> None:
        nonlocal page, began
        before, clocks = spent.get(page, (0.0, 0.0)), (time.monotonic(), time.process_time())
        if page:
            spent[page] = (before[0] + clocks[0] - began[0], before[1] + clocks[1] - began[1])
        page, began = now, clocks
        marker[:8] = now.to_bytes(8, "little")
        wall, cpu = spent.get(now, (0.0, 0.0))
        confined.wind_up(limits.wall - wall, limits.cpu - cpu)

    return begin


def cause(code: int, said: str, limits: Limits) -> tuple[str, str]:
    """Reason and detail for a child that ended with exit code `code` (negative: the signal that ended it)."""
    if code == NO_MEMORY or "bad_alloc" in said:
        return "out-of-memory", f"took more than {limits.memory / (1 << 30):g} GiB of memory"
    if code == TOO_DEEP:
        return "too-deep", "nests more deeply than its reader can follow"
    if code == -signal.SIGALRM:
        return HUNG, f"took more than {limits.wall:g} seconds without computing for {limits.cpu:g}"
    if code in (-signal.SIGPROF, -signal.SIGXCPU):
        return "timed-out", f"took more than {limits.cpu:g} seconds of computing"
    if code == -signal.SIGXFSZ:
        return "too-large", f"would write a file of more than {limits.file_size / (1 << 30):g} GiB"
    if code == -signal.SIGKILL:
        return "crashed", "had its reader killed, as a system does that runs out of memory"
    return "crashed", f"ended its reader by {signal_name(code)}"
