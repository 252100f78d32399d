"""python benchmarks/pairs_leaks.py [--quick] [--captions DIR]: planted leaks found, and what is taken for one wrongly.

Pictures: one field of every drawn slide is in the test set; the book shows it altered in ten ways, and the slide's
other fields, which are in no set. Texts: generated questions of few templates and terms (see _questions.py). Ids: the
spellings in which sources write a slide. `--captions` takes a folder of JATS files (*.jats.xml): the captions of one
half of the articles are the test set, captions and paragraphs of the other half are the texts.
"""

import argparse
import random
import re
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

from _altered import EDITS, ORIGINAL, fields, versions
from _claims import claim, progress
from _questions import distinct, false_share, found_shares, index_of, question

from assets.pairs.duplicates.hashes import decode, fingerprint
from assets.pairs.duplicates.station import hash_row
from assets.pairs.duplicates.verify import Features, features
from assets.pairs.labelled import language_of
from assets.pairs.leaks.ids import SlideIndex
from assets.pairs.leaks.pictures import TestPictures
from assets.records import Pair, PictureHash, TestPicture, TestSet
from assets.testsets.item import TestItem
from assets.testsets.text import TextIndex

FALSE = 0.005
SPELLINGS = ("{s}", "{s}.svs", "{s}.{u}.svs", "slides/{s}.{u}.h5", "{s}_35136_33344.jpg", "C:\\x\\{s}.tif", "{l}.svs")


def described(name: str, data: bytes) -> tuple[PictureHash, Features, Features]:
    rgb = decode(data)
    return hash_row(name, rgb, fingerprint(rgb)), features(rgb), features(rgb, mirrored=True)


def pictures(slides: int) -> bool:
    tests: list[tuple[PictureHash, Features, Features]] = []
    planted: dict[str, list[tuple[str, tuple[PictureHash, Features, Features]]]] = {}
    strangers: list[tuple[PictureHash, Features, Features]] = []
    for slide in range(slides):
        found = fields(slide)
        for order, (place, field) in enumerate(found.items()):
            for edit, data in versions(field, 3 * slide + place):
                one = described(f"{slide}", data)
                if order:
                    strangers.append(one)
                    break  # other fields of a slide as they are
                if edit == ORIGINAL:
                    tests.append(one)
                planted.setdefault(edit, []).append((f"{slide}", one))
        if slide % 50 == 49:
            progress(f"{slide + 1} of {slides} slides drawn")
    rows = [TestPicture(image=row.pixels, name=row.image, item_ids=[row.image]) for row, _, _ in tests]
    held = TestPictures(rows, [row for row, _, _ in tests], [f for _, a, b in tests for f in (a, b)])
    holds = True
    start, asked = time.process_time(), 0
    for edit in (ORIGINAL, *EDITS):
        seen = held.ask([row for _, (row, _, _) in planted[edit]], [f for _, (_, f, _) in planted[edit]])
        right = {one.image for one in seen if one.image == one.test.name}
        asked += len(planted[edit])
        holds &= claim(f"leaks: test pictures found, {edit}", len(right) / len(planted[edit]), "ratio", 1.0)
    seconds = time.process_time() - start
    seen = held.ask([row for row, _, _ in strangers], [f for _, f, _ in strangers])
    wrong = len({place for place, (row, _, _) in enumerate(strangers) if any(one.image == row.image for one in seen)})
    text = f"leaks: {len(strangers)} other fields of the test set's slides taken for it"
    holds &= claim(text, wrong / len(strangers), "ratio", FALSE, "lower")
    claim(f"leaks: time of a picture against {len(tests)}, hashes and keypoints given", seconds / asked * 1000, "ms")
    return holds


def ids(count: int) -> bool:
    names = [f"TCGA-{chr(65 + n % 26)}{n % 10}-{n:04d}-01Z-00-DX1" for n in range(count)]
    row = TestSet(testset="wsi-vqa", form="wsi-vqa", path="", policy="drop", items=1, pictures=0, problems=0, digest="",
                  added_at=None)  # type: ignore[arg-type]  # fmt: skip
    items = [TestItem(answer="", item_id=name, slide_or_patient_id=name[: 12 if n % 2 else None])
             for n, name in enumerate(names)]  # fmt: skip
    index = SlideIndex(row, items)
    spelt = [(name, form.format(s=name, l=name.lower(), u="bf88ce1f-0601-40c8-813e-4e3df51bd2f0"))
             for name in names for form in SPELLINGS]  # fmt: skip
    found = sum(any(name in hit.item_ids for hit in index.hits(pair_of(raw), "pathgen")) for name, raw in spelt)
    others = [name.replace("TCGA-", "TCGA-Z")[:7] + name[8:] + suffix for name in names for suffix in ("", ".svs")]
    wrong = sum(bool(index.hits(pair_of(raw), "pathgen")) for raw in others)
    holds = claim("leaks: slides and patients found in seven spellings", found / len(spelt), "ratio", 1.0)
    return claim("leaks: other patients taken for one", wrong / len(others), "ratio", 0.0, "lower") and holds


def pair_of(slide: str) -> Pair:
    return Pair(
        pair_id=slide, source="pathgen", book=None, figure_id="", panel_id=None, label="", image="", text="",
        context=[], reference_ids=[], language=language_of(""), image_kind="he", image_kind_score=1.0,
        image_kind_evidence="", organ_system="breast", organ_system_score=1.0, organ_system_evidence="", licence=None,
        slide_or_patient_id=slide, content_hash="",
    )  # fmt: skip


def texts(count: int) -> bool:
    holds = True
    names = {"closed": "with options", "short": "under eight words", "chinese": "in Chinese"}
    for kind, words in names.items():
        shares = found_shares(kind, count)
        as_printed = [share for change, share in shares.items() if "noise" not in change]
        misread = [share for change, share in shares.items() if "noise" in change]
        told = f"leaks: questions {words} found, verbatim, renumbered, options in another order (the least)"
        holds &= claim(told, min(as_printed), "ratio", 1.0)
        claim(f"leaks: questions {words} found with 1.5 % of the characters misread (the least)", min(misread), "ratio")
        false = false_share(kind, count, 2 * count, seed=1)
        holds &= claim(f"leaks: unrelated questions {words} taken for one", false, "ratio", FALSE, "lower")
    rng = random.Random(9)
    index = index_of(distinct("closed", count, rng))
    asked = [question(rng, "closed", n % 2) for n in range(500)]
    times = []
    for _ in range(5):
        start = time.process_time()
        for one in asked:
            index.hits(*one)
        times.append((time.process_time() - start) / len(asked) * 1000)
    claim(f"leaks: time of a question against {len(index)}", sorted(times)[2], "ms")
    return holds


def captions(folder: Path) -> bool:
    articles = [ElementTree.parse(path).getroot() for path in sorted(folder.glob("*.jats.xml"))]
    own = [caption for article in articles[::2] for caption in plain(article, "caption")]
    others = [text for article in articles[1::2] for tag in ("caption", "p") for text in plain(article, tag)]
    index = TextIndex(TestItem(testset="real", item_id=str(n), answer=text) for n, text in enumerate(own))
    again = sum(any(("real", str(n)) in hit.items for hit in index.hits(text)) for n, text in enumerate(own)
                if len(text.split()) >= 12)  # fmt: skip
    long = sum(len(text.split()) >= 12 for text in own)
    holds = claim(f"leaks: {long} real captions found again", again / max(1, long), "ratio", 1.0)
    wrong = sum(bool(index.hits(text)) for text in others)
    text = f"leaks: {len(others)} captions and paragraphs of other articles taken for one of {len(index)}"
    return claim(text, wrong / max(1, len(others)), "ratio", FALSE, "lower") and holds


def plain(article: ElementTree.Element, tag: str) -> list[str]:
    found = (re.sub(r"\s+", " ", "".join(one.itertext())).strip() for one in article.iter(tag))
    return [text for text in found if text]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--captions", type=Path, help="folder with JATS files of real articles")
    given = parser.parse_args()
    holds = [ids(200 if given.quick else 2000), texts(300 if given.quick else 2000)]
    holds.append(pictures(24 if given.quick else 200))
    if given.captions:
        holds.append(captions(given.captions))
    return 0 if all(holds) else 1


if __name__ == "__main__":
    sys.exit(main())
