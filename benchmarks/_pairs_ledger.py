"""Splits: 60 books added one by one, and what one more small book costs in a corpus of 10, 100 and 1,000.

The books are random hashes with keypoints, so that the ledger and its index do what they do in a corpus, and no picture
is drawn. 12 % of the figures are reprints (half of them exact, half 12 bits away), .4 % are composed of two pictures
drawn at random from all earlier ones, and a quarter of these have a picture of their own beside the two. The level
counts every quarantined pair; quarantine takes less from training, for copies of earlier pictures buy nothing anyway.
"""

import statistics
import time
from pathlib import Path

import numpy as np
from _claims import claim
from _pairs_home import Print, printed_book

from assets.pairs.ledger import split_book
from assets.store import Home, open_home
from assets.tables import read_clusters, read_splits

REPRINTS, COMPOSITES, WITH_OWN = 0.12, 0.004, 0.25
SMALL, RUNS = 20, 5


def new_prints(rng: np.random.Generator, count: int) -> list[Print]:
    return [Print(row.tobytes()) for row in rng.integers(0, 256, (count, 32), np.uint8)]


def reprint(one: Print, rng: np.random.Generator) -> Print:
    """The same picture, or one 12 bits away."""
    if rng.random() < 0.5:
        return one
    bits = np.unpackbits(np.frombuffer(one.bits, np.uint8))
    bits[rng.choice(256, 12, replace=False)] ^= 1
    return Print(np.packbits(bits).tobytes())


def splits_stand(folder: Path, books: int, figures: int) -> bool:
    """Nothing moves, nothing leaks, hardly anything is quarantined."""
    home = open_home(folder / "splits")
    rng = np.random.default_rng(17)
    seen: list[tuple[Print, int]] = []  # a picture and the number of what it shows
    shows: dict[str, int] = {}
    decided: dict[str, tuple[str, str]] = {}
    moved = quarantined = withheld = composites = 0
    for number in range(books):
        drawn, numbers = [], []
        for fresh in new_prints(rng, figures):
            dice, thing = rng.random(), 10**9 * number + len(numbers)
            if seen and dice < COMPOSITES:
                panels = [seen[n] for n in rng.choice(len(seen), 2, replace=False)]
                panels += [(fresh, thing)] if rng.random() < WITH_OWN else []
                composites += 1
            elif seen and dice < COMPOSITES + REPRINTS:
                panels = [seen[rng.integers(len(seen))]]
            else:
                panels = [(fresh, thing)]
            drawn.append([one if one is fresh else reprint(one, rng) for one, _ in panels])
            numbers += [thing for _, thing in panels]
        book = f"book{number:03d}"
        printed_book(home, book, drawn, number)
        counts = split_book(home, book).counts
        quarantined, withheld = quarantined + counts["quarantined"], withheld + counts["withheld"]
        rows = read_clusters(home, book)
        shows |= dict(zip(rows, numbers, strict=True))
        seen += list(zip([one for panels in drawn for one in panels], numbers, strict=True))
        now = {}
        splits = read_splits(home)
        for path in sorted(home.corpus("ledger").iterdir()) if number % 10 == 9 or number == books - 1 else []:
            now |= {k: _lane(splits[row.cluster_id]) for k, row in read_clusters(home, path.name).items()}
        now = now or {k: _lane(splits[row.cluster_id]) for k, row in rows.items()}
        moved += sum(decided[k] != lane for k, lane in now.items() if k in decided)
        decided |= now
    lanes: dict[int, set[tuple[str, str]]] = {}
    for pair, lane in decided.items():
        if lane[0] != "quarantine":
            lanes.setdefault(shows[pair], set()).add(lane)
    leaked = sum(len(found) > 1 for found in lanes.values())
    claim(f"pairs of {books} books added one by one", len(decided), "pairs")
    claim("figures composed of two earlier ones", composites, "figures")
    claim("pairs withheld by quarantine that are no copies", withheld / len(decided), "ratio")
    goal = 0.001 if len(decided) > 10_000 else None  # fewer cannot show it
    return all([
        claim("pairs that changed their split", moved, "pairs", 0, "lower"),
        claim("pictures in two splits, or in both SFT and RL", leaked, "pictures", 0, "lower"),
        claim("pairs quarantined, copies among them", quarantined / len(decided), "ratio", goal, "lower"),
    ])  # fmt: skip


def _lane(split) -> tuple[str, str]:
    return split.split, split.purpose


def one_more_book(folder: Path) -> bool:
    """Seconds of the ledger for one more book of 20 pictures, after 10, 100 and 1,000 of them."""
    home = open_home(folder / "growing")
    rng = np.random.default_rng(23)
    medians: dict[int, float] = {}
    cpu: dict[int, float] = {}
    added = 0
    for size in (10, 100, 1_000):
        while added < size:
            add(home, added, rng)
            added += 1
        times = []
        for _ in range(RUNS):
            times.append(add(home, added, rng))
            added += 1
        medians[size], cpu[size] = (statistics.median(column) for column in zip(*times, strict=True))
        claim(f"ledger of one more book of {SMALL} pictures after {size}", medians[size], "s")
        claim(f"the same after {size}, without waiting for the disk", cpu[size], "CPU s")
    claim("CPU seconds that 990 more books add to it", cpu[1_000] - cpu[10], "CPU s")
    claim("seconds after 1,000 books over those after 10", medians[1_000] / medians[10], "ratio")
    return claim("CPU seconds after 1,000 books over those after 10", cpu[1_000] / cpu[10], "ratio", 1.25, "lower")


def add(home: Home, number: int, rng: np.random.Generator) -> tuple[float, float]:
    """Seconds and CPU seconds of the ledger and of what reads it for samples; laying the book out is not counted."""
    printed_book(home, f"book{number:05d}", [[one] for one in new_prints(rng, SMALL)], number)
    start, cpu = time.perf_counter(), time.process_time()
    split_book(home, f"book{number:05d}")
    read_splits(home, read_clusters(home, f"book{number:05d}").values())
    return time.perf_counter() - start, time.process_time() - cpu
