"""The filters station: verdicts on all states of a book's samples.

Judges cot/<book>/samples.parquet and, where experts have revised samples of this book, the revised states in
review/revisions.parquet. Writes filters/<book>/verdicts.parquet, one row per sample state and rule.
"""

from pathlib import Path

from assets.filters import RULES, judge
from assets.records import Pair, Sample, Verdict
from assets.sources import source_hash
from assets.store import Home, Outcome, publish, read_rows, state_of, write_rows
from assets.tables import finished, read_revisions


def judge_book(home: Home, book: str) -> Outcome:
    """counts: samples (states judged), passed, and dropped_<rule> for every rule (a sample may fail several).

    Raises BadInput when the book has no samples yet.
    """
    upstream = finished(home.station("cot", book), book, "samples")
    finished(home.station("pairs", book), book, "pairs")
    samples = read_rows(upstream / "samples.parquet", Sample)
    known = {(sample.sample_id, sample.content_hash) for sample in samples}
    revisions = [row for row in read_revisions(home).values() if row.book == book]
    revised = [row for row in revisions if (row.sample_id, row.content_hash) not in known]

    def build(folder: Path) -> dict[str, int]:
        pairs = {row.pair_id: row for row in read_rows(home.station("pairs", book) / "pairs.parquet", Pair)}
        judged = [judge(sample, pairs.get(sample.pair_id)) for sample in [*samples, *revised]]
        verdicts = [verdict for rows in judged for verdict in rows]
        write_rows(folder / "verdicts.parquet", verdicts, Verdict)
        dropped = {f"dropped_{rule}": sum(not v.passed for v in verdicts if v.rule == rule) for rule in RULES}
        passed = sum(all(verdict.passed for verdict in rows) for rows in judged)
        return {"samples": len(judged), "passed": passed} | dropped

    inputs = {
        "code": source_hash(__name__),
        "samples": state_of(upstream),
        "pairs": state_of(home.station("pairs", book)),
        "revised": sorted(row.content_hash for row in revised),
    }
    return publish(home.station("filters", book), station="filters", book=book, inputs=inputs, build=build)
