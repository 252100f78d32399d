"""Cost: hashing a picture, joining 350,000 and 3.5 M hashes, a book of 3,000 figures against 3.5 M hashes.

The self-join of 3.5 M has 448 tables (64 for each of seven turns), all alike. Eight of them are run as they are at that
size, with the search for equal hashes before them and one of the six turnings; the rest is extrapolated from those.
350,000 are joined whole.
"""

import resource
import statistics
import time
from io import BytesIO

import numpy as np
from _altered import fields
from _claims import claim
from PIL import Image

from assets.pairs.duplicates.hashes import decode, fingerprint, turned
from assets.pairs.duplicates.join import TABLES, key_bits, match, near, self_join
from assets.pairs.duplicates.verify import agreement, features

# Deciles by area of the 188 figures and panels that the figures station reads from the open-access PDFs of pdf_corpus.
SIZES = [(504, 401), (693, 432), (766, 481), (797, 652), (890, 740), (936, 825), (1289, 727), (1449, 939), (1528, 1259)]
SMALL, LARGE, BOOK = 350_000, 3_500_000, 3_000
AT_SCALE = 8  # tables


def costs() -> bool:
    """All of it, in a process of its own: the peak of memory is the process's."""
    return all([hashing(), joining(), joining_at_scale(), a_book_against_all(), memory()])


def hashing() -> bool:
    field = next(iter(fields(0).values()))
    spent: dict[str, list[float]] = {"hash": [], "decode": [], "keypoints": []}
    for size in SIZES:
        data = BytesIO()
        Image.fromarray(field).resize(size, Image.Resampling.BICUBIC).save(data, "JPEG", quality=90)
        rgb = decode(data.getvalue())
        for name, work in (("hash", lambda rgb=rgb: fingerprint(rgb)), ("decode", lambda d=data: decode(d.getvalue())),
                           ("keypoints", lambda rgb=rgb: features(rgb))):  # fmt: skip
            spent[name].append(1000 * statistics.median(_seconds(work) for _ in range(7)))
    one, other = features(rgb), features(rgb[:, ::-1])
    held = claim(
        "hashing a picture, decoding not counted, mean of nine sizes from 504 x 401 to 1528 x 1259",
        statistics.mean(spent["hash"]), "ms", 4, "lower",
    )  # fmt: skip
    claim("the same at 890 x 740, the median size", spent["hash"][4], "ms")
    claim("the same at 1528 x 1259, the largest", spent["hash"][-1], "ms")
    claim("decoding a JPEG, mean of the nine sizes", statistics.mean(spent["decode"]), "ms")
    claim("ORB keypoints of a picture, mean of the nine sizes", statistics.mean(spent["keypoints"]), "ms")
    claim("comparing the keypoints of two pictures", 1000 * _seconds(lambda: [agreement(one, other) for _ in range(50)])
          / 50, "ms")  # fmt: skip
    return held


def _seconds(work) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def random_hashes(count: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, 32), dtype=np.uint8)


def joining() -> bool:
    planted = 2_000
    hashes = random_hashes(SMALL, 1)
    flips = np.random.default_rng(2).random((planted, 256)) < 16 / 256
    hashes[-planted:] = hashes[:planted] ^ np.packbits(flips, axis=1)
    start = time.process_time()
    found = self_join(hashes, 31)
    seconds = time.process_time() - start
    real = set(zip(range(planted), range(SMALL - planted, SMALL), strict=True))
    pairs = set(zip(found.stored.tolist(), found.query.tolist(), strict=True))
    claim(f"self-join of {SMALL:,} hashes in 8 turns", seconds / 60, "core minutes")
    return all([
        claim("planted pairs 16 bits apart found", len(real & pairs) / planted, "ratio", 0.99),
        claim("other pairs found among random hashes", len(pairs - real), "pairs", 0, "lower"),
    ])  # fmt: skip


def joining_at_scale() -> bool:
    hashes = random_hashes(LARGE, 3)
    hashes[-1000:] = hashes[:1000]
    start = time.process_time()
    order = np.lexsort(hashes.view(np.uint64).T)
    before = time.process_time() - start
    del order
    start = time.process_time()
    asked = turned(hashes, 1)
    turning = time.process_time() - start
    start = time.process_time()
    near(hashes, asked, 31, key_bits(LARGE, 8 * LARGE), tables=AT_SCALE)
    seconds = time.process_time() - start
    minutes = (before + 6 * turning + 7 * TABLES / AT_SCALE * seconds) / 60
    return claim(
        f"self-join of {LARGE:,} hashes, extrapolated from {AT_SCALE} of its {7 * TABLES} tables run at that size",
        minutes, "core minutes", 10, "lower",
    )  # fmt: skip


def a_book_against_all() -> bool:
    stored, book = random_hashes(LARGE, 3), random_hashes(BOOK, 4)
    book[:100] = stored[:100]
    rng = np.random.default_rng(5)
    for number, bits in ((100, 31), (200, 45), (300, 60)):
        changed = np.unpackbits(stored[number : number + 100], axis=1)
        for row in changed:
            row[rng.choice(256, bits, replace=False)] ^= 1
        book[number : number + 100] = np.packbits(changed, axis=1)
    start = time.process_time()
    met = match(stored, book, 60)
    seconds = time.process_time() - start
    hits = met.stored == met.query
    for number, bits in ((100, 31), (200, 45), (300, 60)):
        share = ((met.query[hits] >= number) & (met.query[hits] < number + 100)).sum() / 100
        claim(f"its reprints {bits} bits away found", share, "ratio")
    return all([
        claim(f"a book of {BOOK:,} against {LARGE:,} hashes in 8 turns", seconds, "s", 120, "lower"),
        claim("its 100 exact reprints found", int((met.distance[hits] == 0).sum()), "pictures", 100),
    ])  # fmt: skip


def memory() -> bool:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return claim("peak memory of these joins", peak, "MB", 2000, "lower")
