"""python benchmarks/figures.py [--corpus DIR] [--peer PYTHON] [--quick]: speed and memory of the figures station.

The floor is plain PyMuPDF doing the reading that cannot be avoided: every page's text without images, its drawings, and
the bytes of the rasters that lie in figures. Floor and station run in turn in one process, five times; the claim is the
median ratio of their CPU seconds. The peer, pymupdf4llm, lives in an environment of its own (`make bench-peers`) and
reads the same pages. --quick checks, without timings, that the number of workers changes nothing. Without --corpus the
PDFs are generated sample books.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pymupdf
from _claims import claim, progress

from assets.figures.extract import extract_pdf
from assets.figures.geometry import inside
from assets.figures.sandbox import extract_into
from assets.pdf import open_pdf
from assets.store import file_sha256
from assets.textbooks.sample import generate

RUNS = 5
TEXT = pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_MEDIABOX_CLIP
PEER = """import sys, time, pymupdf4llm
started = time.process_time()
for path in sys.argv[1:]:
    pymupdf4llm.to_markdown(path, use_ocr=False)
print(time.process_time() - started)
"""
PEER_PAGES = 60


def figure_rasters(pdf: Path) -> dict[int, list[int]]:
    """Per page (1-based) the xrefs of the rasters that lie in a figure."""
    boxes: dict[int, list[tuple]] = {}
    for figure in extract_pdf(pdf, "floor").figures:
        boxes.setdefault(figure.page, []).append(tuple(figure.bbox))
    found: dict[int, list[int]] = {}
    with open_pdf(pdf) as document:
        for number, own in boxes.items():
            page = document[number - 1]
            page.set_rotation(0)
            placed = page.get_image_info(xrefs=True)
            found[number] = [i["xref"] for i in placed if i["xref"] and any(inside(i["bbox"], b) > 0.5 for b in own)]
    return found


def floor(pdf: Path, rasters: dict[int, list[int]]) -> None:
    with open_pdf(pdf) as document:
        for page in document:
            page.get_text("dict", flags=TEXT)
            page.get_drawings()
            for xref in dict.fromkeys(rasters.get(page.number + 1, [])):
                document.extract_image(xref)


def cpu(work) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before


def speed(pdfs: list[Path]) -> float:
    """Claims floor and station; returns the station's pages per CPU second."""
    rasters = {pdf: figure_rasters(pdf) for pdf in pdfs}
    pages = sum(page_count(pdf) for pdf in pdfs)
    floors, ours = [], []
    for run in range(RUNS):
        progress(f"floor and station, run {run + 1} of {RUNS}")
        floors.append(cpu(lambda: [floor(pdf, rasters[pdf]) for pdf in pdfs]))
        ours.append(cpu(lambda: [extract_pdf(pdf, "speed") for pdf in pdfs]))
    ratios = [a / b for a, b in zip(ours, floors, strict=True)]
    claim("figures: floor of plain PyMuPDF", pages / statistics.median(floors), "pages/CPU s")
    claim("figures: the station", pages / statistics.median(ours), "pages/CPU s")
    claim("figures: CPU seconds of the station over the floor's", statistics.median(ratios), "ratio", 2.0, "lower")
    return pages / statistics.median(ours)


def peer(python: Path, pdfs: list[Path], folder: Path) -> None:
    """The same pages by pymupdf4llm in its own environment and by us, in turn."""
    few = leading(pdfs, folder)
    pages = sum(page_count(pdf) for pdf in few)
    theirs, ours = [], []
    for run in range(3):
        progress(f"peer, run {run + 1} of 3 over {pages} pages")
        done = subprocess.run([python, "-c", PEER, *few], capture_output=True, text=True, check=True)
        theirs.append(float(done.stdout.split()[-1]))
        ours.append(cpu(lambda: [extract_pdf(pdf, "peer") for pdf in few]))
    ratios = [a / b for a, b in zip(theirs, ours, strict=True)]
    claim("figures: pymupdf4llm", pages / statistics.median(theirs), "pages/CPU s")
    claim("figures: pages/s over pymupdf4llm's on the same pages", statistics.median(ratios), "ratio", 10.0)


def leading(pdfs: list[Path], folder: Path) -> list[Path]:
    """The first pages of all PDFs, PEER_PAGES in all, as files of their own."""
    each = max(1, PEER_PAGES // len(pdfs))
    made = []
    for pdf in pdfs:
        with open_pdf(pdf) as document:
            document.select(range(min(each, document.page_count)))
            made.append(folder / pdf.name)
            document.save(made[-1], garbage=3)
    return made


def two_workers(pdfs: list[Path]) -> None:
    """All PDFs through the sandbox by one and by two at a time."""
    ratios = []
    for run in range(RUNS):
        progress(f"one and two workers, run {run + 1} of {RUNS}")
        seconds = [elapsed(pdfs, workers) for workers in (1, 2)]
        ratios.append(seconds[0] / seconds[1])
    claim("figures: speed with two workers over one", statistics.median(ratios), "ratio", 1.8)


def elapsed(pdfs: list[Path], workers: int) -> float:
    def one(pdf: Path) -> None:
        with tempfile.TemporaryDirectory() as folder:
            extract_into(Path(folder), pdf, "workers")

    before = time.monotonic()
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(one, pdfs))
    return time.monotonic() - before


def long_book(pdf: Path, pages: int, path: Path) -> Path:
    """A PDF of `pages` pages: the first ten with figures of `pdf` again and again, every copy with its own objects."""
    first = min(figure_rasters(pdf), default=1) - 1
    whole = pymupdf.open()
    with open_pdf(pdf) as document:
        last = min(first + 9, document.page_count - 1)
        while whole.page_count < pages:
            whole.insert_pdf(document, from_page=first, to_page=min(last, first + pages - whole.page_count - 1))
    whole.save(path)
    return path


def memory(pdf: Path, folder: Path, sizes: tuple[int, int]) -> None:
    peaks = []
    for pages in sizes:
        progress(f"memory over {pages} pages")
        peaks.append(peak_mb(long_book(pdf, pages, folder / f"long-{pages}.pdf"), folder))
        claim(f"figures: peak memory of all processes over {pages} pages", peaks[-1], "MB")
    claim(f"figures: peak memory at {sizes[1]} pages over {sizes[0]}", peaks[1] / peaks[0], "ratio", 1.25, "lower")


def peak_mb(pdf: Path, folder: Path) -> float:
    """Highest sum of proportional set sizes (PSS) of the sandbox's processes, sampled every 50 ms."""
    out = folder / f"{pdf.stem}-out"
    out.mkdir()
    code = f"from pathlib import Path; from assets.figures.sandbox import extract_into; " \
           f"extract_into(Path({str(out)!r}), Path({str(pdf)!r}), 'memory')"  # fmt: skip
    running = subprocess.Popen([sys.executable, "-c", code])
    peak = 0
    while running.poll() is None:
        peak = max(peak, sum(pss_kb(pid) for pid in below(running.pid)))
        time.sleep(0.05)
    if running.returncode:
        sys.exit(f"the extraction of {pdf} failed")
    return peak / 1024


def below(pid: int) -> list[int]:
    """Descendants of a process."""
    try:
        own = [int(p) for t in os.listdir(f"/proc/{pid}/task")
               for p in Path(f"/proc/{pid}/task/{t}/children").read_text().split()]  # fmt: skip
    except OSError:
        return []
    return own + [p for child in own for p in below(child)]


def pss_kb(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def same_for_any_workers(pdf: Path, folder: Path) -> None:
    made = []
    for workers in (1, 2):
        out = folder / f"workers-{workers}"
        out.mkdir()
        extract_into(out, pdf, "workers", workers)
        made.append({path.name: file_sha256(path) for path in out.iterdir()})
    changed = len(set(made[0].items()) ^ set(made[1].items()))
    claim("figures: files that differ between one and two workers", changed, "files", 0, "lower")


def page_count(pdf: Path) -> int:
    with open_pdf(pdf) as document:
        return document.page_count


def generated(folder: Path, seeds: range) -> list[Path]:
    for seed in seeds:
        generate(folder / f"sample-{seed}.pdf", seed)
    return sorted(folder.glob("sample-*.pdf"))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--corpus", type=Path, help="a folder of PDFs with a text layer")
    parser.add_argument("--peer", type=Path, help="the Python that has pymupdf4llm")
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        pdfs = [p for p in sorted(asked.corpus.glob("*.pdf")) if not p.name.startswith("scan")] if asked.corpus else []
        pdfs = pdfs or generated(folder, range(90, 91 if asked.quick else 93))
        if asked.quick:
            same_for_any_workers(long_book(pdfs[0], 110, folder / "two-ranges.pdf"), folder)
            return
        speed(pdfs)
        if asked.peer:
            peer(asked.peer, pdfs, folder)
        two_workers(pdfs)
        memory(max(pdfs, key=page_count), folder, (10, 2000))


if __name__ == "__main__":
    main()
