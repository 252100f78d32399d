"""The station of an external source: its rows are read once, where they lie, and become labelled pairs.

Reading the pictures takes hours and is kept (readings.py); making pairs of what was read takes minutes, so a changed
word list reads no picture again.
"""

import shutil
import time
from collections import Counter
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pyarrow.parquet as pq

from assets.errors import BadInput
from assets.pairs.external.pairing import Seen, pair_up
from assets.pairs.external.readers import reads_of, state_of_files
from assets.pairs.external.readings import ITEMS, PROBLEMS, counts_of, cursor_of, each, look, parts_of, store
from assets.pairs.external.registry import get
from assets.pictures.places import Places
from assets.records import Pair, Placed, Problem, Reading, Source
from assets.schema import content_hash, schema_of, to_table
from assets.sources import source_hash
from assets.store import Home, Outcome, locked, publish, read_rows, sealed


def read_source(home: Home, source: str) -> Outcome:
    """Read what is new of a source into readings/<source>/; killed at any moment, the next call goes on.

    Raises BadInput when the source's files are gone or of another shape.
    """
    started = time.monotonic()
    row = get(home, source)
    above = home.station("readings", source)
    with locked(home, f"source-{source}"):
        folder = reading_of(home, row)
        counts = counts_of(folder)
        changed = counts is None
        if counts is None:
            # Only folders whose pictures were looked at by the same code; the one with most in it.
            alike = [path for path in above.glob(f"{folder.name.split('-')[0]}-*") if path != folder]
            furthest = max(alike, key=lambda path: len(parts_of(path)), default=above / "none")
            with Places() as places:
                reads = reads_of(row, places, cursor_of(folder))
                store(folder, source, look(source, reads, places, each(furthest, ITEMS, Reading)))
            counts = counts_of(folder) or {}
        for other in above.iterdir():
            if other != folder:
                shutil.rmtree(other)
    return Outcome("readings", source, changed, counts, folder, time.monotonic() - started)


def reading_of(home: Home, row: Source) -> Path:
    """The folder for the present state of a source's files and of the code that reads them."""
    looked = source_hash("assets.pairs.picture")[:12]
    state = content_hash([source_hash("assets.pairs.external.readers"), state_of_files(row)])[:12]
    return home.station("readings", row.source) / f"{looked}-{state}"


def pair_source(home: Home, source: str) -> Outcome:
    """Write pairs/<source>/: pairs.parquet, placed.parquet in the same order, problems.parquet.

    Repeats are dropped and counted. Raises BadInput when the source was not read yet.
    """
    row = get(home, source)
    reading = reading_of(home, row)
    if counts_of(reading) is None:
        raise BadInput(f"{source} was not read to its end; run `pathcorpus run`")

    def build(scratch: Path) -> dict[str, int]:
        counts: Counter[str] = Counter(pairs=0, repeats=0, problems=0)
        seen = Seen()
        with ExitStack() as stack:
            opened = partial(_open, stack, scratch)
            pairs, placed, problems = opened("pairs", Pair), opened("placed", Placed), opened("problems", Problem)
            for part in parts_of(reading):
                made = pair_up(row, read_rows(part / ITEMS, Reading), seen)
                of_part = sorted(
                    [*read_rows(part / PROBLEMS, Problem), *made.problems], key=lambda one: (one.file, one.row)
                )
                pairs.write_table(to_table(made.pairs, Pair))
                placed.write_table(to_table(made.placed, Placed))
                problems.write_table(to_table(of_part, Problem))
                counts.update(pairs=len(made.pairs), repeats=made.repeats, problems=len(of_part))
                counts.update(pair.image_kind for pair in made.pairs)
        return dict(counts)

    inputs = {"code": source_hash(__name__), "reading": reading.name, "licence": row.licence}
    return publish(home.station("pairs", source), station="pairs", book=source, inputs=inputs, build=build)


def _open(stack: ExitStack, folder: Path, name: str, record: type) -> pq.ParquetWriter:
    """A table into which part after part is written: a row group each, so that readers need not hold it whole."""
    return stack.enter_context(pq.ParquetWriter(folder / f"{name}.parquet", schema_of(record), compression="zstd"))


def progress(home: Home, source: str) -> dict[str, int]:
    """How far a source has come: counts of its pairs, else rows read so far."""
    pairs = sealed(home.station("pairs", source))
    if pairs:
        return {name: pairs["counts"][name] for name in ("pairs", "repeats", "problems")}
    parts = home.station("readings", source).glob("*/part-*/*.parquet")
    return {"rows read so far": sum(pq.read_metadata(path).num_rows for path in parts)}
