"""python benchmarks/pairs.py [--quick] [PART...]: duplicate pictures found, splits that stand, and what both cost.

Parts, all by default: found (some 19,600 drawn pictures; --quick 400), splits (60 books of 1,500 figures; --quick 10 of
100), growing (a small book after 10, 100 and 1,000), costs (hashing and joins up to 3.5 M hashes). --quick runs the
first two, without timings.
"""

import argparse
import multiprocessing
import sys
import tempfile
from pathlib import Path

PARTS = ("found", "splits", "growing", "costs")


def run(part: str, folder: Path, quick: bool) -> bool:
    """One part, imported only then: each runs in a process of its own, whose memory is its own."""
    if part == "found":
        from _pairs_found import found_and_kept_apart

        return found_and_kept_apart(folder, 12 if quick else 606, timed=not quick)
    if part == "splits":
        from _pairs_ledger import splits_stand

        return splits_stand(folder, *((10, 100) if quick else (60, 1_500)))
    if part == "growing":
        from _pairs_ledger import one_more_book

        return one_more_book(folder)
    from _pairs_scale import costs

    return costs()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a small sample, no timings")
    parser.add_argument("part", nargs="*", help=f"of {', '.join(PARTS)}")
    options = parser.parse_args()
    parts = options.part or (PARTS[:2] if options.quick else PARTS)
    if set(parts) - set(PARTS):
        parser.error(f"unknown part {parts}; there are {', '.join(PARTS)}")
    held = True
    for part in parts:
        with (
            tempfile.TemporaryDirectory() as folder,
            multiprocessing.get_context("spawn").Pool(1) as alone,
        ):
            held &= alone.apply(run, (part, Path(folder), options.quick))
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
