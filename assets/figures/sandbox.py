"""A PDF read in a process of its own, so that a crash, a hang or a flood of memory in the reader ends that PDF alone.

The parent runs `python -m assets.figures.sandbox PDF BOOK FOLDER`. The child limits its memory and its time by the
kernel's own means (setrlimit, and an alarm that ends a process even inside C code) and hands over files, never objects.
"""

import resource
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from assets.errors import BadInput, one_line

MEMORY = 4 << 30  # bytes of address space
SECONDS, SECONDS_A_PAGE = 30.0, 5.0
REFUSED, NO_MEMORY = 2, 3  # exit codes of the child; 1 is an exception of ours
LOG_END = 20_000  # bytes of the child's stderr that are looked at


def extract_into(folder: Path, pdf: Path, book: str) -> None:
    """The extraction of `pdf` as tables, image pack and contact sheet in the empty `folder`.

    A child that crashes, takes too long or too much memory gives empty tables but for one Failure of the whole book:
    crashed, timed-out or out-of-memory. Raises BadInput for a PDF that cannot be used, and RuntimeError with the
    child's traceback for an exception that was not expected there.
    """
    limits = [str(MEMORY), str(SECONDS), str(SECONDS_A_PAGE)]
    command = [sys.executable, "-m", "assets.figures.sandbox", str(pdf.absolute()), book, str(folder.absolute())]
    with tempfile.TemporaryFile() as log:
        root = Path(__file__).parents[2]
        ended = subprocess.run([*command, *limits], cwd=root, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        log.seek(max(0, log.tell() - LOG_END))
        said = log.read().decode("utf-8", "replace").strip()
    if ended.returncode == 0:
        return
    if ended.returncode == REFUSED:
        raise BadInput(said.splitlines()[-1].replace(str(pdf.absolute()), str(pdf)))
    if ended.returncode > 0 and ended.returncode != NO_MEMORY:
        raise RuntimeError(f"the extraction of {pdf} failed in its own process:\n{said}")
    _give_up(folder, book, *_cause(ended.returncode, said))


def _cause(code: int, said: str) -> tuple[str, str]:
    """Reason and detail for a child that ended with `code` (negative: the signal that ended it)."""
    if code == NO_MEMORY or "bad_alloc" in said:
        return "out-of-memory", f"reading this PDF took more than {MEMORY / (1 << 30):g} GiB of memory and was stopped"
    if code == -signal.SIGALRM:
        limit = f"{SECONDS:g} seconds and {SECONDS_A_PAGE:g} more for each page"
        return "timed-out", f"reading this PDF took more than {limit} and was stopped"
    return "crashed", f"the PDF reader was ended by {signal.Signals(-code).name} while it read this PDF"


def _give_up(folder: Path, book: str, reason: str, detail: str) -> None:
    from assets.figures.extract import Extraction
    from assets.figures.tables import write_extraction
    from assets.records import Failure

    for leftover in folder.iterdir():
        leftover.unlink()
    detail += "; nothing of it is used: repair the PDF, or split it into parts"
    failure = Failure(book=book, stage="figures", page=None, reason=reason, detail=detail)
    write_extraction(folder, Extraction(failures=[failure]), book)


def _child(pdf: Path, book: str, folder: Path, memory: int, seconds: float, seconds_a_page: float) -> int:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        from assets.figures.extract import extract_pdf
        from assets.figures.tables import write_extraction
        from assets.pdf import open_pdf

        with open_pdf(pdf) as document:
            signal.setitimer(signal.ITIMER_REAL, seconds + seconds_a_page * document.page_count)
        write_extraction(folder, extract_pdf(pdf, book), book)
    except BadInput as error:
        print(one_line(error, 1000), file=sys.stderr)
        return REFUSED
    except MemoryError:
        return NO_MEMORY
    return 0


if __name__ == "__main__":
    _pdf, _book, _folder, _memory, _seconds, _a_page = sys.argv[1:]
    sys.exit(_child(Path(_pdf), _book, Path(_folder), int(_memory), float(_seconds), float(_a_page)))
