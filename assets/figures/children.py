"""Children of the supervisor: forked for a range of pages, watched, replaced behind the page at which one died."""

import mmap
import os
import signal
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from assets.confined import NO_MEMORY, REFUSED, TOO_DEEP, adopt_orphans
from assets.errors import BadInput, one_line
from assets.figures.limits import Limits, cause, confine, watched
from assets.pdf import lacks_memory

MOST_PAGES, LEAST_PAGES = 50, 8  # that one child reads: what MuPDF caches is given back with it
MOST_LOST = 10  # children of one stage that may die; the pages behind are then given up
LOG_END = 20_000  # bytes of a child's stderr that are looked at

Begin = Callable[[int], None]
Work = Callable[[int, list[int], Begin], None]  # part of the spool, pages, what to call at the start of a page


@dataclass(frozen=True)
class Loss:
    """A page that ended its child, 0 for a whole stage that is not done page by page."""

    page: int
    reason: str
    detail: str


class Ended(Exception):
    """A child ended with what the caller of the whole extraction must hear: a refusal, or an exception of ours."""

    def __init__(self, code: int, said: str) -> None:
        super().__init__(said)
        self.code, self.said = code, said


@dataclass
class Child:
    part: int
    pages: list[int]
    marker: mmap.mmap  # shared with the child: the page that it is at
    log: Path


def run_pages(work: Work, pages: list[int], folder: Path, workers: int, limits: Limits) -> list[Loss]:
    """Run `work` over `pages` (ascending) in children under `limits`, at most `workers` at a time.

    Returns the pages lost, in order. Which ones does not depend on `workers`: behind the MOST_LOST-th page at which a
    child died, counted from the first page, all are given up, even those that another child had done in the meantime;
    `work` may have left results of lost pages, which the caller must not use. Raises Ended when a child refuses the PDF
    or raises an exception of ours. No child is left running.
    """
    adopt_orphans()
    size = max(LEAST_PAGES, min(MOST_PAGES, -(-len(pages) // (4 * workers))))
    waiting = [(part, pages[at : at + size]) for part, at in enumerate(range(0, len(pages), size))]
    running: dict[int, Child] = {}
    lost: dict[int, Loss] = {}
    deaths: list[int] = []
    try:
        while waiting or running:
            while waiting and len(running) < workers:
                part, wanted = waiting.pop(0)
                child = Child(part, wanted, mmap.mmap(-1, 8), folder / f"log-{part}")
                running[_fork(work, child, limits)] = child
            pid, code = _wait(running)
            child = running.pop(pid)
            said = _said(child.log)
            if code > 0 and code not in (NO_MEMORY, TOO_DEEP):
                raise Ended(code, said)
            if code == 0:
                continue
            at = int.from_bytes(child.marker[:8], "little")
            reason, detail = cause(code, said, limits)
            if at:
                lost[at] = Loss(at, reason, detail)
                rest = [page for page in child.pages if page > at]
                waiting[:0] = [(child.part, rest)] if rest else []
            else:
                opening = f"{detail} when the PDF was opened to read it" if child.pages != [0] else detail
                lost.update((page, Loss(page, reason, opening)) for page in child.pages)
            deaths.append(at or child.pages[0])
            last = _last_tried(deaths)
            waiting = [(part, wanted) for part, wanted in waiting if wanted[0] <= last]
            for pid in [pid for pid, child in running.items() if child.pages[0] > last]:
                _end(pid)
                del running[pid]
    finally:
        for pid in running:
            _end(pid)
    last = _last_tried(deaths)
    detail = f"was not tried after {MOST_LOST} other pages had ended their reader"
    lost.update((page, Loss(page, "given-up", detail)) for page in pages if page > last)
    return [lost[page] for page in sorted(lost)]


def _last_tried(deaths: list[int]) -> float:
    return sorted(deaths)[MOST_LOST - 1] if len(deaths) >= MOST_LOST else float("inf")


def _wait(running: dict[int, Child]) -> tuple[int, int]:
    """The next child that ends, and its exit code (negative: the signal); what it had started ends with it."""
    while True:
        pid, status = os.wait()
        if pid in running:  # else an orphan of a child
            _end_group(pid)
            return pid, os.waitstatus_to_exitcode(status)


def _end(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    _end_group(pid)


def _end_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return  # it had started nothing, or all of that has ended
    while True:
        try:
            os.waitpid(-pid, 0)
        except ChildProcessError:
            return


def _said(log: Path) -> str:
    with log.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - LOG_END))
        return file.read().decode("utf-8", "replace").strip()


def _fork(work: Work, child: Child, limits: Limits) -> int:
    sys.stderr.flush()
    child.log.write_bytes(b"")
    parent = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        os.setpgid(0, 0)
        with child.log.open("wb", buffering=0) as log:
            os.dup2(log.fileno(), 2)
            code = _confined(work, child, limits, parent)
    finally:
        os._exit(code)  # no cleaning up of what belongs to the parent


def _confined(work: Work, child: Child, limits: Limits, parent: int) -> int:
    try:
        confine(limits, parent)
        begin = watched(child.marker, limits)
        begin(0)
        work(child.part, child.pages, begin)
    except BadInput as error:
        print(one_line(error, 1000), file=sys.stderr, flush=True)
        return REFUSED
    except RecursionError:
        return TOO_DEEP
    except BaseException as error:  # noqa: BLE001 it ends this child; the supervisor raises what was said
        if lacks_memory(error):
            return NO_MEMORY
        traceback.print_exc()
        return 1
    return 0
