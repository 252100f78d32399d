"""Extractions of many files, two at a time, watched from outside: what each took, what it said, what it left running.

Every file gets the station's own supervisor with its children and limits. The supervisor is forked from this process,
so that a second of imports is paid once and not per file; that starting it as a program works is for the tests.
"""

import mmap
import os
import struct
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from assets.confined import REFUSED, adopt_orphans
from assets.figures import children, supervisor
from assets.figures.limits import Limits
from assets.figures.ocr import rapid
from assets.figures.tables import read_extraction
from assets.records import Failure

GRACE = 3.0  # seconds by which a kernel timer may be late on a busy machine
CLOCK = struct.Struct("dddd")  # the page worked on: time at its start and seconds allowed; the same of computing
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Given:
    """A file to extract. `ocr` says whether the OCR engines of this machine may be found."""

    name: str
    make: Callable[[], bytes]
    ocr: bool = True


@dataclass
class Outcome:
    """How the extraction of one file ended. `trouble` says in words what must not be: "" when all is well."""

    name: str
    refused: bool = False
    pages: int = 0
    figures: int = 0
    failures: list[Failure] = field(default_factory=list)
    trouble: str = ""
    seconds: float = 0.0
    peak_bytes: int = 0
    late: bool = False
    left_over: int = 0
    data: bytes = b""  # the file, when something was wrong

    @property
    def wrong(self) -> bool:
        return bool(self.trouble or self.late or self.left_over)


@dataclass
class _Running:
    name: str
    folder: tempfile.TemporaryDirectory[str]
    clock: mmap.mmap  # see CLOCK
    started: float
    late: bool = False

    def look(self, supervisor: int) -> None:
        """Note when its child is longer at a page than it may be."""
        began, wall, before, cpu = CLOCK.unpack(self.clock[: CLOCK.size])
        for child in _children_of(supervisor) if began else ():
            self.late |= time.monotonic() - began > wall + GRACE or _computed(child) - before > cpu + GRACE


def extract_all(files: Iterable[Given], limits: Limits, at_once: int = 2) -> Iterator[Outcome]:
    """Extract each file; outcomes come as they end."""
    adopt_orphans()
    waiting, running = iter(files), dict[int, _Running]()
    while True:
        while len(running) < at_once and (given := next(waiting, None)) is not None:
            pid, process = _start(given, limits)
            running[pid] = process
        if not running:
            return
        for pid in list(running):
            running[pid].look(pid)
            ended, status, usage = os.wait4(pid, os.WNOHANG)
            if ended:
                yield _outcome(running.pop(pid), status, usage.ru_maxrss * 1024, _left_over(set(running)))
        time.sleep(0.01)


def _start(given: Given, limits: Limits) -> tuple[int, _Running]:
    folder = tempfile.TemporaryDirectory()
    path = Path(folder.name)
    (path / "given.pdf").write_bytes(given.make())
    (path / "results").mkdir()
    process = _Running(given.name, folder, mmap.mmap(-1, CLOCK.size), time.monotonic())
    parent = os.getpid()
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            with (path / "log").open("wb", buffering=0) as log:
                os.dup2(log.fileno(), 1)
                os.dup2(log.fileno(), 2)
                _note_begins(process.clock)
                if not given.ocr:
                    _hide_ocr()
                code = supervisor.main(path / "given.pdf", "given", path / "results", 1, limits, parent)
        except BaseException:  # noqa: BLE001 what the program would print at its end
            traceback.print_exc()
        finally:
            os._exit(code)
    return pid, process


def _note_begins(clock: mmap.mmap) -> None:
    """Have children note when they begin with a page, beside winding up their alarm."""
    watched = children.watched

    def noting(marker: mmap.mmap, limits: Limits) -> children.Begin:
        begin = watched(marker, limits)

        def noted(page: int) -> None:
            clock[: CLOCK.size] = CLOCK.pack(time.monotonic(), limits.wall, time.process_time(), limits.cpu)
            begin(page)

        return noted

    children.watched = noting


def _hide_ocr() -> None:
    os.environ["PATH"] = ""
    rapid.find_rapidocr = lambda: False


def _outcome(process: _Running, status: int, peak: int, left_over: int) -> Outcome:
    made = Outcome(process.name, seconds=time.monotonic() - process.started, peak_bytes=peak, late=process.late,
                   left_over=left_over)  # fmt: skip
    folder, code = Path(process.folder.name), os.waitstatus_to_exitcode(status)
    said = (folder / "log").read_text("utf-8", "replace").strip()
    if code == REFUSED:
        made.refused = True
        sentence = len(said.splitlines()) == 1 and "given.pdf" in said
        made.trouble = "" if sentence else f"refused without a sentence: {said}"
    elif code != 0:
        made.trouble = f"ended with {code}: {said[-3000:]}"
    else:
        found = read_extraction(folder / "results")
        made.pages, made.figures, made.failures = len(found.pages), len(found.figures), found.failures
        if not found.pages and not found.failures:
            made.trouble = "neither pages nor failures"
        elif any(not f.detail or not f.reason or "\n" in f.detail for f in found.failures):
            made.trouble = "a failure without a reason"
        elif (folder / "results" / ".work").exists():
            made.trouble = "the work folder was left"
    made.data = (folder / "given.pdf").read_bytes() if made.wrong else b""
    process.folder.cleanup()
    process.clock.close()
    return made


def _children_of(pid: int) -> set[int]:
    try:
        return set(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))
    except OSError:
        return set()


def _computed(pid: int) -> float:
    """Seconds that a process has computed, 0 when it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


def _left_over(supervisors: set[int]) -> int:
    """Processes that lost their supervisor and became ours, zombies among them."""
    return len(_children_of(os.getpid()) - supervisors)
