"""Pictures of test sets: hashed once and kept in the home, then asked which pictures of a book or source show the same.

A picture is in the set when its pixels are equal, when hashes of good quality are close in any turn, or when keypoints
agree (crops, frames, what a far hash proposes). Keypoints are kept of the mirror image too, so that nothing of the book
is read again. A test picture takes 12 kB on disk and 25 kB while it is searched: all of its keypoints are indexed, as
those that suffice for duplicates miss a crop in twenty. Thresholds are those of the duplicates.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assets.errors import BadInput
from assets.pairs.duplicates.clusters import CLOSE, FAR, GOOD, MIRRORED
from assets.pairs.duplicates.hashes import TURNS, decode, fingerprint
from assets.pairs.duplicates.join import match
from assets.pairs.duplicates.station import hash_row
from assets.pairs.duplicates.verify import INLIERS, KEYPOINTS, Features, agreement, features
from assets.pairs.duplicates.votes import stacked, votes
from assets.records import Keypoints, PictureHash, TestPicture, TestSet
from assets.sources import source_hash
from assets.store import Home, Outcome, each_row, publish, read_rows, write_rows
from assets.testsets.pictures import Picture
from assets.testsets.registered import scored_items

BUDGET = 30_000  # pictures of a test set that are searched at a time: .75 GB
MOST = 50  # test pictures that keypoints propose for one picture; each costs a third of a millisecond
MIRROR = " mirrored"


@dataclass(frozen=True)
class Seen:
    """A picture of a book that shows a test picture."""

    image: str
    test: TestPicture
    score: float
    evidence: str


def hash_pictures(home: Home, row: TestSet) -> Outcome:
    """Hash the pictures of a registered test set, unless it is done. counts: pictures, unreadable.

    Writes testset_pictures/<name>/. Raises BadInput when the set's files are gone or have changed.
    """

    def build(scratch: Path) -> dict[str, int]:
        items: dict[Picture, list[str]] = defaultdict(list)
        names: dict[Picture, str] = {}
        for item in scored_items(row):
            if item.image is not None:
                items[item.image].append(item.item_id)
                names[item.image] = item.image_name or item.image.path
        counts = Counter(pictures=0, unreadable=0)
        shown: dict[str, TestPicture] = {}
        hashes: list[PictureHash] = []

        def keypoints() -> Iterator[Keypoints]:
            for place, ids in items.items():
                try:
                    rgb = decode(place.read())
                    found = fingerprint(rgb)
                except (BadInput, OSError, ValueError, SyntaxError):  # Pillow's ways of refusing a picture
                    counts["unreadable"] += 1
                    continue
                if found.pixels in shown:
                    shown[found.pixels].item_ids.extend(ids)
                    continue
                counts["pictures"] += 1
                shown[found.pixels] = TestPicture(image=found.pixels, name=names[place], item_ids=list(ids))
                hashes.append(hash_row(found.pixels, rgb, found))
                yield features(rgb).row(found.pixels)
                yield features(rgb, mirrored=True).row(found.pixels + MIRROR)

        write_rows(scratch / "keypoints.parquet", keypoints(), Keypoints)
        write_rows(scratch / "hashes.parquet", hashes, PictureHash)
        write_rows(scratch / "pictures.parquet", shown.values(), TestPicture)
        return dict(counts)

    inputs = {"code": source_hash(__name__), "form": row.form, "path": row.path, "digest": row.digest}
    folder = home.station("testset_pictures", row.testset)
    return publish(folder, station="testset", book=row.testset, inputs=inputs, build=build)


class TestPictures:
    """Some pictures of a test set, ready to be asked."""

    __test__ = False

    def __init__(self, pictures: list[TestPicture], hashes: list[PictureHash], keypoints: list[Features]) -> None:
        """`keypoints`: two of each picture, as it is and mirrored."""
        self.pictures = pictures
        self.by_pixels = {row.pixels: place for place, row in enumerate(hashes) if not row.blank}
        self.blank = [row.blank for row in hashes]
        self.owner, self.hashes = good_hashes(hashes)
        self.features = keypoints
        self.descriptors, self.described = stacked(keypoints, KEYPOINTS)

    def ask(self, hashes: list[PictureHash], keypoints: list[Features]) -> list[Seen]:
        """Which of these pictures of a book, with their keypoints in the same order, show which test pictures."""
        found: dict[tuple[int, int], tuple[float, str]] = {}
        doubtful: set[tuple[int, int]] = set()  # place among `features`, place among the asked
        owner, asked = good_hashes(hashes)
        close = match(self.hashes, asked, FAR)
        for stored, query, bits, turn in zip(close.stored, close.query, close.distance, close.turn, strict=True):
            pair, how = (int(self.owner[stored]), int(owner[query])), f"{bits} of 256 bits differ"
            how += f", {TURNS[turn]}" if turn else ""
            if bits <= CLOSE:
                found[pair] = max(found.get(pair, (0.0, "")), (1 - int(bits) / 256, how))
            else:
                doubtful.add((2 * pair[0] + int(turn >= MIRRORED), pair[1]))
        for place, row in enumerate(hashes):
            if row.pixels in self.by_pixels and not row.blank:
                found[self.by_pixels[row.pixels], place] = 1.0, "equal pixels"
        proposed = votes(self.descriptors, self.described, keypoints, indexed=KEYPOINTS, most=MOST)
        doubtful |= {(held, query) for query, held, _ in proposed}
        for described, query in sorted(doubtful):
            pair = described // 2, query
            if pair in found or hashes[query].blank or self.blank[pair[0]]:
                continue
            spots = agreement(self.features[described], keypoints[query]).spots
            if spots >= INLIERS:
                mirrored = ", mirrored" if described % 2 else ""
                found[pair] = min(1.0, spots / KEYPOINTS), f"{spots} keypoints agree{mirrored}"
        return [Seen(hashes[b].image, self.pictures[a], *how) for (a, b), how in sorted(found.items())]


def good_hashes(rows: Sequence[PictureHash]) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Owner, (n,), and hashes, (n, 32), of the views that say enough."""
    views = [
        (place, code)
        for place, row in enumerate(rows)
        if not row.blank
        for code, quality in ((row.whole, row.whole_quality), (row.trimmed, row.trimmed_quality))
        if code is not None and quality >= GOOD
    ]
    hashes = np.frombuffer(b"".join(code for _, code in views), np.uint8).reshape(-1, 32)
    return np.array([place for place, _ in views], np.int64), hashes


@lru_cache(maxsize=2)  # the same sets are asked for every book of a run
def pictures_at(folder: Path, state: str, start: int) -> TestPictures | None:
    """BUDGET of a set's pictures from the place `start` on, None behind the last; `state` is state_of(folder)."""
    rows = list(islice(each_row(folder / "pictures.parquet", TestPicture), start, start + BUDGET))
    if not rows:
        return None
    hashes = read_rows(folder / "hashes.parquet", PictureHash)[start : start + BUDGET]
    described = islice(each_row(folder / "keypoints.parquet", Keypoints), 2 * start, 2 * (start + BUDGET))
    return TestPictures(rows, hashes, [Features.of(one) for one in described])
