"""Progress lines on stderr: `step 40 of 140, loss 2.31, 3.2 a second, 31 s left`. `--quiet` switches them off.

progress = Progress("step", 140)
progress.at(40, loss=2.31)
"""

import logging
import sys
import time

SECONDS = 5  # least time between two lines on a terminal
PARTS = 20  # lines of a short run in a pipe
LONGEST = 100  # but a line at least every so many steps

log = logging.getLogger("training.progress")


class Progress:
    """Says how far a run is: every few seconds on a terminal, every so many steps in a pipe, and at the end."""

    def __init__(self, what: str, total: int, done: int = 0) -> None:
        self.what, self.total, self.begun = what, total, done
        self.every = min(LONGEST, -(-total // PARTS))  # rounded up
        self.started = self.said = time.monotonic()

    def at(self, done: int, **figures: float) -> None:
        """`done` of the total are behind us."""
        now = time.monotonic()
        due = now - self.said >= SECONDS if sys.stderr.isatty() else done % self.every == 0
        if not due and done < self.total:
            return
        self.said = now
        speed = (done - self.begun) / max(now - self.started, 1e-6)
        parts = [f"{self.what} {done} of {self.total}", *(f"{name} {value:.3g}" for name, value in figures.items())]
        if speed > 0:
            parts += [f"{speed:.2g} a second", f"{_duration((self.total - done) / speed)} left"]
        log.info(", ".join(parts))


def _duration(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
