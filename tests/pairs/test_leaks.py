"""Pairs that are in a test set are found and named, and none of them reaches a training row."""

import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from assets.cot.station import generate_book
from assets.errors import BadInput
from assets.pairs.duplicates.station import hash_book
from assets.pairs.external import registry
from assets.pairs.leaks.pictures import hash_pictures
from assets.pairs.leaks.station import decontaminate, decontaminate_all
from assets.records import Pair, TestHit
from assets.shards.station import read_manifest, write_shards
from assets.shards.trace import trace
from assets.store import Home, open_home, pack_of, read_rows
from assets.tables import is_compared, leaked_pairs, read_hits, read_testsets
from assets.testsets import registered
from pipelines import line
from tests.pairs import leaked_corpus as made
from tests.pairs.external_files import write_csv

BOOK = "atlas-1"
PATIENT = "TCGA-F7-A50J"
SLIDE = f"{PATIENT}-01Z-00-DX1"


def pairs_of(home: Home, book: str = BOOK) -> dict[str, Pair]:
    return {pair.label: pair for pair in read_rows(home.station("pairs", book) / "pairs.parquet", Pair)}


def by_label(home: Home, by: str) -> dict[str, list[TestHit]]:
    labels = {pair.pair_id: label for label, pair in pairs_of(home).items()}
    found: dict[str, list[TestHit]] = {}
    for hit in read_hits(home, BOOK):
        if hit.by == by:
            found.setdefault(labels[hit.pair_id], []).append(hit)
    return found


def rows_in_shards(home: Home) -> set[str]:
    manifest = read_manifest(home)
    assert manifest is not None
    files = [home.corpus("shards") / entry["path"] for entry in manifest["files"]]
    return {pair for file in files for pair in pq.read_table(file, columns=["pair_id"])["pair_id"].to_pylist()}


@pytest.fixture(scope="module")
def pictured(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Every alteration of figure 2's picture in a set, beside pictures that the book has not."""
    root = tmp_path_factory.mktemp("pictured")
    home = made.corpus(root / "home")
    others = {f"other{n}": made.encoded(made.tissue(100 + n)) for n in range(8)}
    registered.add(home, "image-folder", made.image_folder(root / "set", made.altered(1) | others), name="bach")
    decontaminate(home, BOOK)
    return home


def test_the_same_picture_is_found_however_it_was_altered(pictured: Home) -> None:
    hits = by_label(pictured, "image")
    assert list(hits) == ["Fig. 1-2"]
    evidence = {hit.evidence.split(":")[0]: hit for hit in hits["Fig. 1-2"]}
    assert set(evidence) == {f"tumor/{name}.png" for name in made.altered(1)}
    assert evidence["tumor/same.png"].score == 1.0
    assert all(len(hit.item_ids) == 1 and 0 < hit.score <= 1 for hit in evidence.values())
    assert "mirrored" in evidence["tumor/mirrored.png"].evidence
    assert "keypoints agree" in evidence["tumor/crop.png"].evidence


def test_a_whole_figure_and_its_panels_share_their_hits(tmp_path: Path) -> None:
    home = made.corpus(tmp_path / "home")
    panel = pairs_of(home)["Fig. 1-1A"]
    data = pack_of(home, BOOK).read(panel.image).data
    registered.add(home, "image-folder", made.image_folder(tmp_path / "set", {"panel": data}), name="bach")
    decontaminate(home, BOOK)
    hits = by_label(home, "image")
    assert set(hits) == {"Fig. 1-1", "Fig. 1-1A"}
    assert hits["Fig. 1-1"][0].evidence == "through a panel: tumor/panel.png: equal pixels"


def test_slides_and_patients_are_found_whatever_the_patch(tmp_path: Path) -> None:
    slides = {1: f"{SLIDE}.svs", 2: f"{PATIENT}-01Z-00-DX2", 3: PATIENT.lower(), 4: "TCGA-AA-0001", 5: "12"}
    home = made.corpus(tmp_path / "home", slides=slides)
    registered.add(home, "slidebench-tcga", made.slidebench(tmp_path / "sb", [f"{SLIDE}.bf88ce1f-0601"]))
    registered.add(home, "wsi-vqa", made.wsi_vqa(tmp_path / "wsi", {"train": ["TCGA-AA-0001"], "test": [PATIENT]}))
    decontaminate(home, BOOK)
    found = {(label, hit.testset, hit.by) for by in ("slide", "patient") for label, hits in by_label(home, by).items()
             for hit in hits}  # fmt: skip
    assert found == {
        ("Fig. 1-2", "slidebench-tcga", "slide"), ("Fig. 1-2", "wsi-vqa", "patient"),
        ("Fig. 1-3", "slidebench-tcga", "patient"), ("Fig. 1-3", "wsi-vqa", "patient"),
        ("Fig. 1-4", "slidebench-tcga", "patient"), ("Fig. 1-4", "wsi-vqa", "patient"),
    }  # fmt: skip
    assert by_label(home, "slide")["Fig. 1-2"][0].evidence == f"slide tcga:{SLIDE}"


def test_questions_are_found_in_captions_and_citing_sentences(tmp_path: Path) -> None:
    listed = "\n".join([made.QUESTION, *(f"({c}) {o}" for c, o in zip("abcd", made.OPTIONS[::-1], strict=True))])
    texts = {1: f"From the boards. {listed}", 2: f"Note the gland. {made.SHORT}", 3: "Is the muscularis breached?"}
    home = made.corpus(tmp_path / "home", texts=texts)
    registered.add(home, "pathmmu", made.pathmmu(tmp_path / "p", {made.QUESTION: made.OPTIONS}))
    wsi = made.wsi_vqa(tmp_path / "wsi", {"test": [PATIENT]})
    (wsi / "WsiVQA_test.json").write_text(
        f'[{{"Id": "{PATIENT}", "Question": "{made.SHORT}", "Answer": "yes"}}]', encoding="utf-8"
    )
    registered.add(home, "wsi-vqa", wsi)
    decontaminate(home, BOOK)
    hits = by_label(home, "text")
    assert {label: [hit.testset for hit in found] for label, found in hits.items()} == {
        "Fig. 1-2": ["pathmmu"], "Fig. 1-3": ["wsi-vqa"],
    }  # fmt: skip
    for hit in (hit for found in hits.values() for hit in found):
        assert "muscularis" not in hit.evidence and "growth pattern" not in hit.evidence


def test_dropped_pairs_buy_no_samples_and_enter_no_shard(pictured: Home, tmp_path: Path) -> None:
    home = Home(shutil.copytree(pictured.root, tmp_path / "home"))
    decontaminate(home, "atlas-2")
    leaked = pairs_of(home)["Fig. 1-2"].pair_id
    assert leaked_pairs(home, BOOK) == {leaked}
    assert leaked not in samples_of(home)
    outcome = write_shards(home)
    assert leaked not in rows_in_shards(home)
    assert outcome.counts["left_out_in_test_set"] == 1


def test_flagged_pairs_stay_and_the_trace_shows_why(pictured: Home, tmp_path: Path) -> None:
    home = Home(shutil.copytree(pictured.root, tmp_path / "home"))
    row = read_testsets(home)[0]
    registered.add(home, row.form, Path(row.path), name=row.testset, policy="flag")
    assert not decontaminate(home, BOOK).changed  # another policy compares nothing anew
    decontaminate(home, "atlas-2")
    flagged = pairs_of(home)["Fig. 1-2"].pair_id
    assert leaked_pairs(home, BOOK) == set()
    assert flagged in samples_of(home)
    write_shards(home)
    assert flagged in rows_in_shards(home)
    shown = trace(home, flagged)["test_sets"]
    assert shown["compared"] is True
    assert {(hit["testset"], hit["by"], hit["policy"]) for hit in shown["hits"]} == {("bach", "image", "flag")}


def samples_of(home: Home) -> set[str]:
    generate_book(home, BOOK, "extractive")
    path = home.station("cot", BOOK) / "samples.parquet"
    return set(pq.read_table(path, columns=["pair_id"])["pair_id"].to_pylist())


def test_a_set_that_is_added_later_reaches_earlier_books_and_their_shards(tmp_path: Path) -> None:
    home = made.corpus(tmp_path / "home")
    for book in home.books():
        decontaminate(home, book)
    write_shards(home)
    leaked = pairs_of(home)["Fig. 1-2"].pair_id
    assert leaked in rows_in_shards(home)
    registered.add(home, "image-folder", made.image_folder(tmp_path / "set", {"x": made.altered(1)["crop"]}))
    assert not is_compared(home, BOOK)
    assert write_shards(home).counts["left_out_not_compared_with_test_sets"] > 0
    assert rows_in_shards(home) == set()  # nothing passes for clean that nobody looked at
    with pytest.raises(BadInput, match="not compared with every test set yet"):
        generate_book(home, BOOK, "extractive")
    (home.station("figures", BOOK) / "images.parquet").rename(tmp_path / "away")
    assert decontaminate_all(home).counts == {"testsets": 1, "compared": 2}
    (tmp_path / "away").rename(home.station("figures", BOOK) / "images.parquet")
    write_shards(home)
    assert leaked not in rows_in_shards(home) and len(rows_in_shards(home)) > 5
    assert not decontaminate_all(home).changed


def test_only_the_new_set_is_compared_and_a_removed_one_leaves(pictured: Home, tmp_path: Path) -> None:
    home = Home(shutil.copytree(pictured.root, tmp_path / "home"))
    row = read_testsets(home)[0]
    away = Path(row.path).rename(tmp_path / "away")  # the set that was compared is not asked for again
    registered.add(home, "pathmmu", made.pathmmu(tmp_path / "p", {made.QUESTION: made.OPTIONS}))
    outcome = decontaminate(home, BOOK)
    away.rename(row.path)
    assert outcome.counts["testsets"] == 2 and outcome.counts["image"] == len(made.altered(1))
    registered.remove(home, "bach")
    assert read_hits(home, BOOK) == [] and leaked_pairs(home, BOOK) == set()
    assert decontaminate(home, BOOK).counts["pairs"] == 0


def test_a_set_that_is_gone_or_changed_is_named(tmp_path: Path) -> None:
    home = made.corpus(tmp_path / "home")
    folder = made.pathmmu(tmp_path / "p", {made.QUESTION: made.OPTIONS})
    registered.add(home, "pathmmu", folder)
    shutil.rmtree(folder)
    with pytest.raises(BadInput, match=r"test set pathmmu cannot be read again .*add it again"):
        decontaminate(home, BOOK)
    made.pathmmu(folder, {made.SHORT: made.OPTIONS})
    with pytest.raises(BadInput, match=r"pathmmu in .* changed since it was added"):
        decontaminate(home, BOOK)
    registered.add(home, "pathmmu", folder)
    assert decontaminate(home, BOOK).counts["testsets"] == 1


def test_a_picture_that_cannot_be_read_is_counted_and_the_others_are_compared(tmp_path: Path) -> None:
    home = made.corpus(tmp_path / "home")
    pictures = {"good": made.altered(1)["half"], "bad": b"no picture"}
    registered.add(home, "image-folder", made.image_folder(tmp_path / "set", pictures), name="bach")
    decontaminate(home, BOOK)
    assert hash_pictures(home, read_testsets(home)[0]).counts == {"pictures": 1, "unreadable": 1}
    assert list(by_label(home, "image")) == ["Fig. 1-2"]


def test_crops_are_found_where_no_keypoints_are_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = made.corpus(tmp_path / "home")
    monkeypatch.setattr("assets.pairs.duplicates.station.KEYPOINTS_MOST", 0)  # as for a source of a million pictures
    shutil.rmtree(home.station("hashes", BOOK))
    hash_book(home, BOOK)
    assert pq.read_metadata(home.station("hashes", BOOK) / "keypoints.parquet").num_rows == 0
    crops = {name: data for name, data in made.altered(1).items() if "crop" in name}
    registered.add(home, "image-folder", made.image_folder(tmp_path / "set", crops), name="bach")
    decontaminate(home, BOOK)
    assert len(by_label(home, "image")["Fig. 1-2"]) == len(crops)


def test_a_source_is_compared_like_a_book(tmp_path: Path) -> None:
    columns = ("caption", "image", "slide")
    rows = [{"caption": f"Breast, H&E, field {n}", "image": f"{n}.png", "slide": f"TCGA-AA-000{n % 2}-01Z-00-DX1.svs"}
            for n in range(8)]  # fmt: skip
    (tmp_path / "patches").mkdir()
    for n in range(8):
        (tmp_path / "patches" / f"{n}.png").write_bytes(made.encoded(made.tissue(20 + n)))
    layout = tmp_path / "layout.toml"
    layout.write_text('[columns]\ntext = "caption"\nimage = "image"\nslide_or_patient_id = "slide"\n')
    home = open_home(tmp_path / "home")
    registry.add(
        home, "generic", write_csv(tmp_path / "patches" / "t.csv", columns, rows), name="patches", layout=layout
    )
    list(line.read_source(home, "patches"))
    registered.add(home, "wsi-vqa", made.wsi_vqa(tmp_path / "wsi", {"test": ["TCGA-AA-0001"]}))
    pictures = {"a": made.encoded(made.tissue(20), "JPEG", quality=50)}
    registered.add(home, "image-folder", made.image_folder(tmp_path / "set", pictures), name="bach")
    list(line.finish_book(home, "patches", None))
    pairs = {pair.pair_id: pair for pair in read_rows(home.station("pairs", "patches") / "pairs.parquet", Pair)}
    found = {(pairs[hit.pair_id].text[-1], hit.by) for hit in read_hits(home, "patches")}
    assert found == {("0", "image"), *((str(n), "patient") for n in (1, 3, 5, 7))}
    write_shards(home)
    assert {pairs[pair].text[-1] for pair in rows_in_shards(home)} == {"2", "4", "6"}


def test_two_sets_of_one_form_need_names(tmp_path: Path) -> None:
    home = open_home(tmp_path / "home")
    one, two = (made.image_folder(tmp_path / n, {"x": made.encoded(made.tissue(i))}) for i, n in enumerate("ab"))
    registered.add(home, "image-folder", one)
    with pytest.raises(BadInput, match="give --name"):
        registered.add(home, "image-folder", two)
    registered.add(home, "image-folder", one)  # the same once more
    registered.add(home, "image-folder", two, name="image-folder")
    assert [row.path for row in read_testsets(home)] == [str(two)]


def test_a_picture_that_was_put_right_is_looked_at(tmp_path: Path) -> None:
    home = made.corpus(tmp_path / "home")
    folder = made.image_folder(tmp_path / "set", {"x": made.encoded(made.tissue(50))})
    registered.add(home, "image-folder", folder, name="bach")
    assert decontaminate(home, BOOK).counts["image"] == 0
    made.image_folder(folder, {"x": made.altered(1)["half"]})
    registered.add(home, "image-folder", folder, name="bach")
    assert decontaminate(home, BOOK).counts["image"] == 1
