"""What goes into a batch, to whom, and that its folder is the same every time."""

import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image as PillowImage

from assets.errors import BadInput
from assets.records import Pair, ReviewDecision, Sample, Verdict
from assets.review.batches import PAGE, export_batch
from assets.review.decisions import apply_annotations, current_samples
from assets.review.events import import_file
from assets.review.scripted import Review, annotate_batch, items_of
from assets.store import Home, open_home, read_rows, write_rows
from tests.builders import put, small_corpus


def tree(folder: Path) -> dict[str, str]:
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


def subjects(folder: Path) -> list[str]:
    return [item["subject_id"] for item in items_of(folder)]


def test_a_batch_holds_what_passed_the_filters_and_can_be_opened(home: Home) -> None:
    outcome = export_batch(home, "r1")
    verdicts = read_rows(home.station("filters", "atlas-1") / "verdicts.parquet", Verdict)
    failed = {v.sample_id for v in verdicts if not v.passed}
    assert failed and set(subjects(outcome.folder)) == {v.sample_id for v in verdicts} - failed
    assert outcome.counts == {"samples": len(subjects(outcome.folder)), "pictures": 8}
    for item in items_of(outcome.folder):
        with PillowImage.open(outcome.folder / item["image"]) as picture:
            assert picture.format == "JPEG" and picture.size == (96, 72)


def test_the_same_corpus_gives_the_same_bytes(home: Home, tmp_path: Path) -> None:
    other = small_corpus(open_home(tmp_path / "other"))
    assert tree(export_batch(home, "r1").folder) == tree(export_batch(other, "r1").folder)


def test_reviewers_have_orders_of_their_own_and_pictures_stay_together(home: Home) -> None:
    first, second = export_batch(home, "r1").folder, export_batch(home, "r2").folder
    assert sorted(subjects(first)) == sorted(subjects(second)) and subjects(first) != subjects(second)
    images = [item["image_hash"] for item in items_of(first)]
    assert len([i for i, name in enumerate(images) if i == 0 or images[i - 1] != name]) == len(set(images))


def test_a_short_batch_is_spread_over_pictures(home: Home) -> None:
    assert export_batch(home, "r1", limit=8).counts == {"samples": 8, "pictures": 8}
    assert export_batch(home, "r1", limit=4).counts == {"samples": 4, "pictures": 4}


def test_the_next_batch_holds_the_next_samples_and_an_unfinished_one_is_given_again(home: Home) -> None:
    first = export_batch(home, "r1", limit=10)
    second = export_batch(home, "r1", limit=10)
    assert not set(subjects(first.folder)) & set(subjects(second.folder))
    again = export_batch(home, "r1", limit=10)
    assert not again.changed and again.folder in (first.folder, second.folder)
    for folder in (first.folder, second.folder):
        import_file(home, annotate_batch(folder, "r1", {s: Review("accept") for s in subjects(folder)}))
    apply_annotations(home)
    with pytest.raises(BadInput, match="no sample waits for a review by r1"):
        export_batch(home, "r1")
    with pytest.raises(BadInput, match="no sample waits"):
        export_batch(home, "r2")


def test_a_stale_decision_brings_the_sample_back(home: Home) -> None:
    folder = export_batch(home, "r1").folder
    samples = read_rows(home.station("cot", "atlas-1") / "samples.parquet", Sample)
    sample = next(s for s in samples if s.sample_id in subjects(folder))
    write_rows(
        home.corpus("review") / "decisions.parquet",
        [ReviewDecision(subject_id=sample.sample_id, content_hash="0" * 64, state="accepted", events=[])],
        ReviewDecision,
    )
    assert sample.sample_id in subjects(export_batch(home, "r2").folder)


def test_copy_to_a_folder(home: Home, tmp_path: Path) -> None:
    out = tmp_path / "stick" / "batch"
    outcome = export_batch(home, "r1", out=out)
    assert tree(out) == {name: sha for name, sha in tree(outcome.folder).items() if name != "seal.json"}
    export_batch(home, "r1", out=out)
    with pytest.raises(BadInput, match="holds other files"):
        export_batch(home, "r2", out=out)
    with pytest.raises(BadInput, match="is a file"):
        export_batch(home, "r1", out=out / "index.html")


@pytest.mark.parametrize("name", ["", "../evil", "Dr. House", "a" * 41])
def test_a_bad_pseudonym_is_refused(home: Home, name: str) -> None:
    with pytest.raises(BadInput, match="is no pseudonym"):
        export_batch(home, name)


def test_a_bad_limit_and_an_empty_home_are_refused(home: Home, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="limit 0"):
        export_batch(home, "r1", limit=0)
    with pytest.raises(BadInput, match="no sample waits"):
        export_batch(open_home(tmp_path / "empty"), "r1")


def test_the_page_says_nothing_that_blinds_not(home: Home) -> None:
    page = (export_batch(home, "r1").folder / "index.html").read_text(encoding="utf-8")
    data = json.loads(re.search(r'<script type="application/json" id="batch">(.*?)</script>', page, re.S)[1])  # type: ignore[index]
    assert set(data["items"][0]) == {
        "subject_id", "content_hash", "image_hash", "image", "pair_id", "task", "difficulty", "language", "image_kind",
        "organ_system", "options", "turns", "label", "caption", "context",
    }  # fmt: skip
    assert "extractive" not in page


def test_hostile_texts_cannot_leave_the_data_block(home: Home) -> None:
    path = home.station("pairs", "atlas-1") / "pairs.parquet"
    hostile = "</script><script>alert(1)</script><!-- & \u2028 <img src=x onerror=alert(1)>"
    put(home, "pairs", "atlas-1", {"pairs": ([replace(p, text=hostile) for p in read_rows(path, Pair)], Pair)})
    page = (export_batch(home, "r1").folder / "index.html").read_text(encoding="utf-8")
    assert page.count("<script") == 2 and "onerror" in page and "<img src=x" not in page
    data = re.search(r'id="batch">(.*?)</script>', page, re.S)
    assert data and json.loads(data[1])["items"][0]["caption"] == hostile


def test_the_page_uses_no_way_to_run_text() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in PAGE.iterdir())
    for forbidden in ("innerHTML", "outerHTML", "insertAdjacentHTML", "eval(", "document.write", "new Function",
                      "createContextualFragment", "javascript:", "http://", "https://", "localStorage", "fetch(",
                      "XMLHttpRequest", "unsafe-inline", "srcdoc"):  # fmt: skip
        assert forbidden not in code, forbidden
    assert not re.search(r"set(?:Timeout|Interval)\(\s*[\"'`]", code)
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", (PAGE / "page.html").read_text(encoding="utf-8"))


def test_a_sample_written_from_another_picture_is_not_handed_out(home: Home) -> None:
    before = items_of(export_batch(home, "r1").folder)
    pairs = read_rows(home.station("pairs", "atlas-1") / "pairs.parquet", Pair)
    changed = before[0]["subject_id"]
    pair_id = {s.sample_id: s.pair_id for s in current_samples(home, "atlas-1")}[changed]
    now = [replace(p, content_hash="now") if p.pair_id == pair_id else p for p in pairs]
    put(home, "pairs", "atlas-1", {"pairs": (now, Pair)})
    after = {item["subject_id"] for item in items_of(export_batch(home, "r2").folder)}
    assert changed not in after and after < {item["subject_id"] for item in before}
