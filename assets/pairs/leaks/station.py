"""The decontamination station: every pair of a book or source is compared with every registered test set.

Writes decontamination/<book>/hits.parquet and compared.parquet. What becomes of the pairs that are hit is decided where
rows are chosen, by the policy of the test set (assets.tables.leaked_pairs). When a test set is added, earlier books are
compared with that one alone, from the hashes and texts that they have; when one is removed, its hits go.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from pathlib import Path

from assets.pairs.duplicates.hashes import decode
from assets.pairs.duplicates.verify import Features, features
from assets.pairs.leaks.ids import SlideIndex
from assets.pairs.leaks.pictures import BUDGET, Seen, hash_pictures, pictures_at
from assets.pictures.reader import pictures_of
from assets.records import Compared, Keypoints, Pair, PictureHash, TestHit, TestSet
from assets.sources import source_hash
from assets.store import Home, Outcome, each_row, publish, read_rows, sealed, state_of, write_rows
from assets.tables import finished, read_testsets
from assets.testsets.registered import scored_items
from assets.testsets.text import TextIndex

PART = 2_000  # pictures of a book or source that are held at a time
WAYS = ("slide", "patient", "image", "text")


def decontaminate(home: Home, key: str) -> Outcome:
    """Compare a book's or source's pairs with all test sets. counts: testsets, pairs (in any), hits by way.

    Raises BadInput when its pairs or hashes are not there yet, or a test set that has to be read cannot be.
    """
    upstream = finished(home.station("pairs", key), key, "pairs")
    folder = home.station("decontamination", key)
    sets, code = read_testsets(home), source_hash(__name__)
    pairs, pictures = state_of(upstream) or "", _pictures_state(home, key, sets)
    compared = [
        Compared(testset=row.testset, digest=row.digest, pairs=pairs, pictures=pictures, code=code) for row in sets
    ]

    def build(scratch: Path) -> dict[str, int]:
        done = set(_compared_before(folder)) & set(compared)
        rows = _hits_before(folder, {one.testset for one in done})
        for row, one in zip(sets, compared, strict=True):
            if one not in done:
                rows += _hits(home, key, row)
        rows.sort(key=lambda hit: (hit.testset, hit.pair_id, WAYS.index(hit.by), hit.evidence))
        write_rows(scratch / "hits.parquet", rows, TestHit)
        write_rows(scratch / "compared.parquet", compared, Compared)
        ways = Counter(hit.by for hit in rows)
        return {"testsets": len(sets), "pairs": len({hit.pair_id for hit in rows}), **{by: ways[by] for by in WAYS}}

    inputs = {"compared": [vars(one) for one in compared]}
    return publish(folder, station="decontamination", book=key, inputs=inputs, build=build)


def decontaminate_all(home: Home) -> Outcome:
    """Compare all books and sources that are hashed with the test sets as they are now.

    counts: testsets, compared (books and sources that were not yet compared with all of them).
    """
    started = time.monotonic()
    ready = [key for key in home.holdings() if all(sealed(home.station(s, key)) for s in ("pairs", "hashes"))]
    compared = sum(decontaminate(home, key).changed for key in ready)
    counts = {"testsets": len(read_testsets(home)), "compared": compared}
    return Outcome("testsets", None, compared > 0, counts, home.corpus("testsets"), time.monotonic() - started)


def _pictures_state(home: Home, key: str, sets: list[TestSet]) -> str:
    if not any(row.pictures for row in sets):
        return ""
    return state_of(finished(home.station("hashes", key), key, "hashes of its pictures")) or ""


def _compared_before(folder: Path) -> list[Compared]:
    return read_rows(folder / "compared.parquet", Compared) if sealed(folder) else []


def _hits_before(folder: Path, testsets: set[str]) -> list[TestHit]:
    return [hit for hit in read_rows(folder / "hits.parquet", TestHit) if hit.testset in testsets] if testsets else []


@lru_cache(maxsize=8)  # the same sets are asked for every book of a run
def _indices(row: TestSet) -> tuple[SlideIndex, TextIndex]:
    items = scored_items(row)
    return SlideIndex(row, items), TextIndex(items)


def _hits(home: Home, key: str, row: TestSet) -> list[TestHit]:
    """All hits of one test set."""
    slides, texts = _indices(row)
    seen: dict[str, list[Seen]] = defaultdict(list)
    for one in _seen(home, key, row) if row.pictures else ():
        seen[one.image].append(one)
    hits: list[TestHit] = []
    figures: dict[str, list[tuple[str, str | None]]] = defaultdict(list)
    for pair in each_row(home.station("pairs", key) / "pairs.parquet", Pair):
        hits += slides.hits(pair, key)
        hits += (
            _hit(pair.pair_id, key, row, "image", one.test.item_ids, one.score, f"{one.test.name}: {one.evidence}")
            for one in seen.get(pair.image, ())
        )
        hits += _text_hits(pair, key, row, texts)
        if pair.book:
            figures[pair.figure_id].append((pair.pair_id, pair.panel_id))
    return hits + _through_figures(hits, figures.values())


def _text_hits(pair: Pair, key: str, row: TestSet, texts: TextIndex) -> Iterator[TestHit]:
    best: dict[tuple[tuple[str, str], ...], tuple[float, str]] = {}
    for place, text in (("caption", pair.text), *(("citing sentence", sentence) for sentence in pair.context)):
        for hit in texts.hits(text):
            said = f"{place} has {hit.coverage:.0%} of a question or caption ({hit.rule})"
            best[hit.items] = max(best.get(hit.items, (0.0, "")), (hit.coverage, said))
    for items, (coverage, said) in best.items():
        yield _hit(pair.pair_id, key, row, "text", [item for _, item in items], coverage, said)


def _hit(
    pair: str, key: str, row: TestSet, by: str, items: list[str], score: float, evidence: str
) -> TestHit:  # fmt: skip
    return TestHit(
        pair_id=pair, book=key, testset=row.testset, item_ids=sorted(items), by=by, score=score, evidence=evidence
    )


def _through_figures(hits: list[TestHit], figures: Iterable[list[tuple[str, str | None]]]) -> list[TestHit]:
    """A whole figure shows its panels and they are parts of it: what is seen in one is hit in the other."""
    by_pair: dict[str, list[TestHit]] = defaultdict(list)
    for hit in hits:
        if hit.by == "image":
            by_pair[hit.pair_id].append(hit)
    more = []
    for members in figures:
        for pair, panel in members:
            known = {tuple(hit.item_ids) for hit in by_pair[pair]}
            for other, other_panel in members:
                if (panel is None) == (other_panel is None):
                    continue
                for hit in by_pair[other]:
                    if tuple(hit.item_ids) not in known:
                        where = "a panel" if panel is None else "the whole figure"
                        values = {**vars(hit), "pair_id": pair, "evidence": f"through {where}: {hit.evidence}"}
                        more.append(TestHit(**values))
    return more


def _seen(home: Home, key: str, row: TestSet) -> Iterator[Seen]:
    """Which pictures of the book or source show which pictures of the test set."""
    hash_pictures(home, row)
    folder = home.station("testset_pictures", row.testset)
    state, start = state_of(folder) or "", 0
    while (held := pictures_at(folder, state, start)) is not None:
        for hashes, keypoints in _described(home, key):
            yield from held.ask(hashes, keypoints)
        start += BUDGET


def _described(home: Home, key: str) -> Iterator[tuple[list[PictureHash], list[Features]]]:
    """All pictures of a book or source with their keypoints, PART at a time.

    A source that is too large to store keypoints is read again: crops of test pictures would not be found without.
    """
    folder = home.station("hashes", key)
    rows = each_row(folder / "hashes.parquet", PictureHash)
    stored = each_row(folder / "keypoints.parquet", Keypoints)
    while part := list(islice(rows, PART)):
        described = [Features.of(one) for one in islice(stored, len(part))]
        yield part, described or _described_anew(home, key, part)


def _described_anew(home: Home, key: str, part: list[PictureHash]) -> list[Features]:
    with pictures_of(home, key) as read:
        return [features(decode(read(one.image).data)) for one in part]
