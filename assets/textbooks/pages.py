"""How many pages a PDF has, counted in a process of its own: a PDF may crash its reader, never end, or flood memory.

`count_pages` starts `python -m assets.textbooks.pages PDF LIMITS PID`, which opens the PDF under limits of the kernel.
"""

import json
import signal
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from assets.confined import NO_MEMORY, REFUSED, confine, refusal, run_module, signal_name, wind_up
from assets.errors import BadInput, one_line


@dataclass(frozen=True)
class CountLimits:
    """Bytes of address space, seconds of computing and seconds on the wall for opening a PDF."""

    memory: int = 2 << 30
    cpu: float = 30.0
    wall: float = 60.0


LIMITS = CountLimits()
MOST_SAID = 1 << 20  # bytes that the child may write


def count_pages(pdf: Path, limits: CountLimits = LIMITS) -> int:
    """Number of pages of a usable PDF.

    Raises BadInput for what `open_pdf` refuses and for a PDF that cannot be opened within `limits`, and RuntimeError
    with the child's traceback for an exception that was not expected there.
    """
    if not pdf.is_file():
        raise BadInput(f"{pdf}: no such file")
    code, said = run_module("assets.textbooks.pages", str(pdf.absolute()), json.dumps(asdict(limits)))
    if code == 0:
        return int(said.splitlines()[-1])
    if code == REFUSED:
        raise refusal(pdf, said)
    if code > 0 and code != NO_MEMORY:
        raise RuntimeError(f"the pages of {pdf} could not be counted:\n{said}")
    raise BadInput(f"{pdf} {_cause(code, said, limits)}; save it again with another program, or give another file")


def _cause(code: int, said: str, limits: CountLimits) -> str:
    """What a PDF did whose reader ended with exit code `code`, in words that follow its name."""
    if code == NO_MEMORY or "bad_alloc" in said:
        return f"takes more than {limits.memory / (1 << 30):.2g} GiB of memory to open"
    if code == -signal.SIGPROF:
        return f"takes more than {limits.cpu:g} seconds of computing to open"
    if code == -signal.SIGALRM:
        return f"takes more than {limits.wall:g} seconds to open"
    if code == -signal.SIGKILL:
        return "had its reader killed when it was opened, as a system does that runs out of memory"
    return f"makes the PDF library crash when it is opened ({signal_name(code)})"


def main(pdf: Path, limits: CountLimits, parent: int) -> int:
    from assets.pdf import lacks_memory, open_pdf  # here, for whoever asks for a count needs no PDF library

    confine(parent, limits.memory, MOST_SAID)
    wind_up(limits.wall, limits.cpu)
    try:
        with open_pdf(pdf) as document:
            print(document.page_count)
    except BadInput as error:
        print(one_line(error, 1000))
        return REFUSED
    except Exception as error:
        if not lacks_memory(error):
            raise
        return NO_MEMORY
    return 0


if __name__ == "__main__":
    _pdf, _limits, _parent = sys.argv[1:]
    sys.exit(main(Path(_pdf), CountLimits(**json.loads(_limits)), int(_parent)))
