"""Children of the supervisor: forked for a range of pages, watched, replaced behind the page at which one died."""

import mmap
import os
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from assets.errors import BadInput, one_line
from assets.figures.limits import NO_MEMORY, REFUSED, Limits, cause, confine, watched

RANGE = 50  # pages that one child reads: what MuPDF caches is given back with it
MOST_LOST = 10  # pages of one stage that may end their child; the rest is then given up

Begin = Callable[[int], None]
Work = Callable[[int, list[int], Begin], None]  # part of the spool, pages, what to call at the start of a page


@dataclass(frozen=True)
class Loss:
    """A page that ended its child, 0 when that happened before any page."""

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
    """Run `work` over `pages` in children under `limits`, at most `workers` at a time; returns the pages lost.

    Raises Ended when a child refuses the PDF or raises an exception of ours; no child is left running.
    """
    waiting = [(part, pages[at : at + RANGE]) for part, at in enumerate(range(0, len(pages), RANGE))]
    running: dict[int, Child] = {}
    lost: list[Loss] = []
    try:
        while waiting or running:
            while waiting and len(running) < workers:
                part, wanted = waiting.pop(0)
                child = Child(part, wanted, mmap.mmap(-1, 8), folder / f"log-{part}")
                running[_fork(work, child, limits)] = child
            pid, status = os.wait()
            child = running.pop(pid)
            code, said = os.waitstatus_to_exitcode(status), child.log.read_text("utf-8", "replace")
            if code == 0:
                continue
            if code > 0 and code != NO_MEMORY:
                raise Ended(code, said)
            at = int.from_bytes(child.marker[:8], "little")
            lost.append(Loss(at, *cause(code, said, limits)))
            rest = [page for page in child.pages if page > at]
            if at and rest:
                waiting.insert(0, (child.part, rest))
            if len(lost) >= MOST_LOST:
                detail = f"was not tried after {MOST_LOST} other pages had ended their reader"
                lost += [Loss(page, "given-up", detail) for _, pages in waiting for page in pages]
                waiting = []
    finally:
        for pid in running:
            os.kill(pid, 9)
            os.waitpid(pid, 0)
    return lost


def _fork(work: Work, child: Child, limits: Limits) -> int:
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        with child.log.open("wb", buffering=0) as log:
            os.dup2(log.fileno(), 2)
            code = _confined(work, child, limits)
    finally:
        os._exit(code)  # no cleaning up of what belongs to the parent


def _confined(work: Work, child: Child, limits: Limits) -> int:
    try:
        confine(limits)
        begin = watched(child.marker, limits)
        begin(0)
        work(child.part, child.pages, begin)
    except BadInput as error:
        print(one_line(error, 1000), file=sys.stderr, flush=True)
        return REFUSED
    except MemoryError:
        return NO_MEMORY
    except BaseException:  # noqa: BLE001 it ends this child; the supervisor raises what was said
        traceback.print_exc()
        return 1
    return 0
