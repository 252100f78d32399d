"""The inbox of a corpus home: which dropped PDFs are whole, and how one is registered.

A dropped file is registered in a process of its own (`python -m pipelines.inbox FILE`), so that one that takes too long
does not hold up the sensor. That a PDF may crash its reader is the library's care. Then the file is moved: a registered
one to inbox/done/, a refused one to inbox/refused/ with NAME.error.txt; the sidecar NAME.toml goes with it.
"""

import os
import subprocess
import sys
from pathlib import Path

from assets.confined import REFUSED, signal_name
from assets.errors import BadInput
from assets.store import Home, file_sha256, open_home

SECONDS = 30  # a file that takes longer to open than this is refused

Seen = dict[str, list[int]]  # file name to sizes and times of the PDF and its sidecar, as a cursor keeps it


def state_of_file(pdf: Path) -> list[int]:
    """Size and time (ns) of a PDF and, where there is one, of its sidecar."""
    sidecar = pdf.with_suffix(".toml")
    stats = [path.stat() for path in (pdf, sidecar) if path.exists()]
    return [number for stat in stats for number in (stat.st_size, stat.st_mtime_ns)]


def pdfs(inbox: Path) -> list[Path]:
    """The PDFs in an inbox, sorted. Hidden files (macOS leaves `._book.pdf`) and folders are none of them."""
    return [p for p in sorted(inbox.iterdir()) if p.suffix.lower() == ".pdf" and p.is_file() and p.name[0] != "."]


def look(inbox: Path, before: Seen) -> tuple[list[Path], Seen]:
    """PDFs that did not change since `before`, thus are whole, and what lies in the inbox now."""
    lying = pdfs(inbox)
    now = {pdf.name: state_of_file(pdf) for pdf in lying}
    return [pdf for pdf in lying if before.get(pdf.name) == now[pdf.name]], now


def take(home: Home, pdf: Path) -> str:
    """Register one whole PDF and move it out of the inbox; its book key. A file that is registered is only moved.

    Raises BadInput when it was refused, RuntimeError when registering failed for a reason that is not the file's (then
    it stays where it is).
    """
    command = [sys.executable, "-m", "pipelines.inbox", str(pdf)]
    environment = os.environ | {"PATHCORPUS_HOME": str(home.root)}
    try:
        child = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, env=environment, check=False)
    except subprocess.TimeoutExpired:
        reason = f"{pdf.name} could not be opened within {SECONDS} s; save it again with another program"
    else:
        if child.returncode == 0:
            move(pdf, home.inbox / "done")
            return child.stdout.strip()
        if child.returncode != REFUSED:
            said = child.stderr.strip()[-2000:] or f"its process was ended by {signal_name(child.returncode)}"
            raise RuntimeError(f"cannot register {pdf.name}: {said}")
        reason = child.stderr.strip()
    refused = move(pdf, home.inbox / "refused")
    refused.with_name(refused.name + ".error.txt").write_text(reason + "\n", encoding="utf-8")
    raise BadInput(reason)


def move(pdf: Path, folder: Path) -> Path:
    """Move a PDF and its sidecar; a name that is taken there by another file gets a piece of this file's hash."""
    folder.mkdir(exist_ok=True)
    name = pdf.name if not (folder / pdf.name).exists() else f"{pdf.stem}-{file_sha256(pdf)[:8]}{pdf.suffix}"
    sidecar = pdf.with_suffix(".toml")
    if sidecar.exists():
        os.replace(sidecar, (folder / name).with_suffix(".toml"))
    os.replace(pdf, folder / name)
    return folder / name


def main() -> int:
    from assets.textbooks.library import add, list_books

    pdf = Path(sys.argv[1])
    try:
        home = open_home()
        known = {row.sha256: row.book for row in list_books(home)}
    except BadInput as error:  # not the file's fault
        print(error, file=sys.stderr)
        return 1
    try:
        # Known: dropped twice, or killed after it was registered and before it was moved.
        print(known.get(file_sha256(pdf)) or add(home, pdf).book)
    except BadInput as error:
        print(error, file=sys.stderr)
        return REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main())
