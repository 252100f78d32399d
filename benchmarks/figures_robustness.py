"""python benchmarks/figures_robustness.py [--quick] [--shared DIR] [--keep DIR]: damaged and explosive PDFs.

Every file of DIR/hostile_pdfs, 2,400 mutants of good PDFs and all bombs go through the figures station's supervisor,
its children and their limits. Each must give rows or one sentence, and no process may outlive or overstep. --keep
stores the files on which something was wrong. --quick takes fewer files and small limits.
"""

import argparse
import multiprocessing
import os
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pymupdf
from _bombs import PAGES, bombs
from _claims import claim, progress
from _mutants import drawn_seeds, given_seeds, mutants, sample_seeds
from _watched import Given, Outcome, extract_all

from assets.confined import FEW
from assets.figures.limits import LIMITS

SEED = 20_261_125
MUTANTS, FEW_MUTANTS, FEW_FILES, WITH_OCR = 2_400, 50, 12, 60
SMALL = replace(LIMITS, wall=20.0, cpu=4.0, ocr_wall=20.0)
# bombs that show every kind of end within a quick run's limits
FEW_BOMBS = (
    "forms that expand to a billion", "page box of a light year", "JPX declared 60,000 x 60,000", "10,000 pages",
    "xref table in a circle", "arrays nested 100,000 deep", "20,000 small pictures", "form that draws itself",
)  # fmt: skip


def hostile(shared: Path) -> list[Path]:
    return sorted((shared / "hostile_pdfs").glob("*.pdf"))


def quick_files(shared: Path) -> Iterator[Given]:
    yield from (Given(path.name, path.read_bytes) for path in hostile(shared)[::5][:FEW_FILES])
    yield from (Given(f"bomb: {name}", make) for name, make in bombs().items() if name in FEW_BOMBS)
    yield from as_given(mutants([drawn_seeds()], FEW_MUTANTS, SEED))


def all_files(shared: Path) -> Iterator[Given]:
    with multiprocessing.get_context("fork").Pool(1) as apart:  # what this takes would count against every child
        groups = apart.apply(good_files, (shared,))
    progress(f"mutants of {sum(map(len, groups))} good files")
    yield from (Given(path.name, path.read_bytes) for path in hostile(shared))
    yield from (Given(f"bomb: {name}", make) for name, make in bombs().items())
    yield from as_given(mutants(groups, MUTANTS, SEED))


def good_files(shared: Path) -> list[list[bytes]]:
    others = [hostile(shared), sorted((shared / "pdf_corpus").glob("*.pdf"))]
    return [drawn_seeds(), sample_seeds(), *(given_seeds(files) for files in others if files)]


def as_given(made: Iterator[tuple[str, bytes]]) -> Iterator[Given]:
    """Mutants with OCR now and then: it takes a hundred times as long as reading a page that has its text."""
    return (Given(f"mutant {name}", partial(bytes, data), n % WITH_OCR == 0) for n, (name, data) in enumerate(made))


def told(outcome: Outcome) -> str:
    reasons = Counter(f"{f.stage} {f.reason}" for f in outcome.failures)
    end = "refused" if outcome.refused else f"{outcome.pages} pages, {outcome.figures} figures, {dict(reasons)}"
    return f"{outcome.name}: {outcome.seconds:.1f} s, {outcome.peak_bytes >> 20} MB, {end}"


def report(outcomes: list[Outcome], memory: int, seconds_too: bool) -> bool:
    kinds = Counter(outcome.name.split()[0].rstrip(":") for outcome in outcomes)
    rows = [failure for outcome in outcomes for failure in outcome.failures]
    ended = Counter(f.reason for f in rows if f.reason in ("crashed", "timed-out", "out-of-memory", "given-up"))
    bombed = [o for o in outcomes if o.name.removeprefix("bomb: ") in PAGES]
    claim("hostile, damaged and explosive PDFs", len(outcomes), "files")
    claim("of these bombs", kinds["bomb"], "files")
    claim("files that gave rows", sum(not o.refused for o in outcomes), "files")
    claim("files refused in one sentence", sum(o.refused for o in outcomes), "files")
    claim("failure rows", len(rows), "rows")
    claim("pages that ended their reader", sum(ended.values()), "pages")
    must_not = {
        "files that raised, or ended without rows or a sentence": sum(bool(o.trouble) for o in outcomes),
        "processes left over, zombies among them": sum(o.left_over for o in outcomes),
        "children over their time for a page": sum(o.late for o in outcomes),
        "bombs whose neighbouring pages were lost": sum(_lost_neighbours(o) for o in bombed),
    }
    claims = [
        claim("of these mutants", kinds["mutant"], "files", 2_000 if seconds_too else FEW_MUTANTS),
        *(claim(text, count, text.split()[0], 0, "lower") for text, count in must_not.items()),
        claim("peak memory of a process", max(o.peak_bytes for o in outcomes) / 2**20, "MB", memory / 2**20, "lower"),
    ]
    if seconds_too:
        slowest = max(outcomes, key=lambda outcome: outcome.seconds)
        claim(f"longest time for a file ({slowest.name})", slowest.seconds, "s")
    return all(claims)


def _lost_neighbours(outcome: Outcome) -> bool:
    """Whether a good page before or behind the bad one gave no figure or is named in a failure."""
    return outcome.figures < 2 or any(f.page != 2 for f in outcome.failures if f.stage != "figures.captions")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    shared = Path(os.environ.get("PATHCORPUS_SHARED") or Path(__file__).parents[2] / "shared")
    parser.add_argument("--shared", type=Path, default=shared)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--only", default="", help="files whose name holds this")
    options = parser.parse_args()
    if os.environ | FEW != os.environ:  # what libraries reserve for many threads counts against every child, too
        os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | FEW)
    pymupdf.TOOLS.mupdf_display_errors(False)
    pymupdf.TOOLS.mupdf_display_warnings(False)
    files, limits = (quick_files, SMALL) if options.quick else (all_files, LIMITS)
    chosen = (given for given in files(options.shared) if options.only in given.name)
    outcomes = []
    for outcome in extract_all(chosen, limits):
        outcomes.append(outcome)
        if outcome.wrong:
            progress(f"WRONG {told(outcome)}: {outcome.trouble}, late {outcome.late}, left over {outcome.left_over}")
        elif outcome.name.startswith("bomb") or outcome.seconds > 20:
            progress(told(outcome))
        if outcome.wrong and options.keep:
            options.keep.mkdir(parents=True, exist_ok=True)
            (options.keep / f"{len(outcomes):05d}.pdf").write_bytes(outcome.data)
        if len(outcomes) % 200 == 0:
            progress(f"{len(outcomes)} files")
    sys.exit(0 if report(outcomes, limits.memory, not options.quick) else 1)


if __name__ == "__main__":
    main()
