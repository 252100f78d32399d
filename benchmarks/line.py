"""python benchmarks/line.py [--quick]: seconds and peak memory per station on the sample textbook.

Every station runs in a process of its own, five times over fresh homes, after the stations before it. Seconds are the
station's own (imports not counted), the memory is the high-water mark of its largest process. --quick checks, in one
pass and without timings, that a second run changes no byte and that adding a second book leaves the first one's files
alone.
"""

import argparse
import hashlib
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from _claims import claim, progress

RUNS = 5
BOOK_STATIONS = ("figures", "pairs", "hashes", "ledger", "cot", "filters")
CORPUS_STATIONS = ("review", "shards")
JOBS = ("cpt", "sft", "grpo", "dapo", "clip")


def run_station(name: str, root: Path, book: str) -> None:
    """The child process: run one station and print its seconds and this process's peak memory in MB."""
    from assets.store import open_home
    from pipelines.line import run_book, run_corpus

    home = open_home(root)
    outcomes = run_corpus(home) if name in CORPUS_STATIONS else run_book(home, book, "extractive")
    outcome = next(outcome for outcome in outcomes if outcome.station == name)
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    peak = max(own_peak_kb(), children) / 1024
    print(json.dumps({"seconds": outcome.seconds, "peak_mb": peak}))


def own_peak_kb() -> int:
    """High-water mark of this program. getrusage would count what the parent held when it started us, so ask /proc."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM"))


def measured(command: list[str]) -> dict[str, float]:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def train(job: str, root: Path) -> dict[str, float]:
    """Run a training job below a small parent of its own, whose only child it is: that is how its peak is known."""
    command = [sys.executable, "-m", f"training.{job}", "--config", f"training/configs/{job}_tiny.yaml"]
    script = (
        "import json, resource, subprocess, sys\n"
        "subprocess.run(sys.argv[2:], check=True, stdout=sys.stderr)\n"
        "result = json.load(open(sys.argv[1]))\n"
        "peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024\n"
        "print(json.dumps({'seconds': result['seconds'], 'peak_mb': peak}))\n"
    )
    result = root / "training" / job / "result.json"
    return measured([sys.executable, "-c", script, str(result), *command, "--home", str(root)])


def digest(root: Path, books: tuple[str, ...]) -> dict[str, str]:
    """SHA-256 of every file that belongs to these books or is a shard of theirs."""
    found = {}
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        if path.is_file() and any(part == book or part.startswith(f"{book}-") for part in parts for book in books):
            found[str(path)] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def quick(folder: Path) -> bool:
    from assets.store import open_home
    from assets.textbooks import library
    from assets.textbooks.sample import generate
    from pipelines.line import run_book, run_corpus

    home = open_home(folder / "corpus")
    for seed, key in ((0, "first"), (1, "second")):
        generate(folder / f"{key}.pdf", seed=seed)
        library.add(home, folder / f"{key}.pdf", key=key)
        if key == "second":
            before = digest(home.root, ("first",))
        outcomes = [*run_book(home, key, "extractive"), *run_corpus(home)]
        progress(f"{key}: {sum(outcome.changed for outcome in outcomes)} stations ran")
    after = digest(home.root, ("first",))
    moved = sum(before[name] != after.get(name) for name in before)
    everything = digest(home.root, ("first", "second"))
    again = [outcome for book in home.books() for outcome in run_book(home, book, "extractive")]
    again += [*run_corpus(home)]
    rewritten = sum(everything[name] != other for name, other in digest(home.root, ("first", "second")).items())
    return all(
        [
            claim("files of the first book changed by adding a second", moved, "files", 0, "lower"),
            claim("stations that run again when nothing is new", sum(o.changed for o in again), "stations", 0, "lower"),
            claim("files changed by a run with nothing new", rewritten, "files", 0, "lower"),
        ]
    )


def full(folder: Path) -> bool:
    from assets.store import open_home
    from assets.textbooks import library
    from assets.textbooks.sample import generate

    pdf = folder / "sample.pdf"
    generate(pdf, seed=0)
    seconds, peak = defaultdict(list), defaultdict(list)
    for number in range(RUNS):
        home = open_home(folder / f"corpus{number}")
        book = library.add(home, pdf).book
        for name in (*BOOK_STATIONS, *CORPUS_STATIONS):
            command = [sys.executable, __file__, "--station", name, "--home", str(home.root), "--book", book]
            result = measured(command)
            seconds[name].append(result["seconds"])
            peak[name].append(result["peak_mb"])
        for job in JOBS:
            result = train(job, home.root)
            seconds[job].append(result["seconds"])
            peak[job].append(result["peak_mb"])
        progress(f"run {number + 1} of {RUNS}")
    holds = []
    for name in seconds:
        holds.append(claim(f"{name}: time on the sample textbook", statistics.median(seconds[name]), "s"))
        holds.append(claim(f"{name}: peak memory", statistics.median(peak[name]), "MB", 2000, "lower"))
    total = sum(statistics.median(values) for values in seconds.values())
    holds.append(claim("the whole line on the sample textbook", total, "s", 300, "lower"))
    return all(holds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--station", help=argparse.SUPPRESS)
    parser.add_argument("--home", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--book", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.station:
        run_station(options.station, options.home, options.book)
        return
    os.environ.setdefault("OMP_NUM_THREADS", "2")
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(0 if (quick if options.quick else full)(Path(folder)) else 1)


if __name__ == "__main__":
    main()
