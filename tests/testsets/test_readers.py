"""Each reader on a small file of its set's shape: what is read, and what becomes of bad rows."""

import json
import random
from pathlib import Path

import pyarrow.parquet as pq

from assets.testsets.item import TestItem, items_of
from assets.testsets.pathmmu import ALL, options_without_letters
from assets.testsets.registry import READERS, read_testset
from assets.testsets.slides import patient_of
from tests.testsets.set_files import (
    BARCODE,
    BCNB_COLUMNS,
    TCGA_COLUMNS,
    jpeg,
    pathmmu_entry,
    read,
    write_csv,
    write_json,
    write_parquet,
    write_pathmmu,
    write_picture,
)


def picture_of(item: TestItem) -> bytes:
    assert item.image is not None
    return item.image.read()


def test_pathmmu_is_all_of_test_and_test_tiny_with_val_apart(tmp_path: Path) -> None:
    lists = {
        "PubMed": {"val": [pathmmu_entry(1)], "test": [pathmmu_entry(2), pathmmu_entry(3)]},
        "Atlas": {"test_tiny": [pathmmu_entry(4)]},
    }
    items, problems = read("pathmmu", write_pathmmu(tmp_path / "p", lists, [1, 2, 3, 4]))
    assert not problems
    assert [(item.subset, item.split) for item in items if item.split in ALL] == [
        ("PubMed", "test"), ("PubMed", "test"), ("Atlas", "test_tiny"),
    ]  # fmt: skip
    assert items[0].options == ["CD20 (L26) positive", "CD3 (polyclonal) positive", "S100", "none"]
    assert (items[0].split, items[0].answer, items[0].explanation) == ("val", "B", "The small cells are brown.")
    assert picture_of(items[1]) == jpeg(2)


def test_a_picture_that_is_not_at_hand_is_counted_and_its_question_kept(tmp_path: Path) -> None:
    entries = [pathmmu_entry(1), pathmmu_entry(2, img="../data.json"), pathmmu_entry(3, img="/etc/passwd")]
    items, problems = read("pathmmu", write_pathmmu(tmp_path / "p", {"SocialPath": {"test": entries}}, []))
    assert [item.image for item in items] == [None] * 3
    assert [(p.reason, p.row, p.item_id) for p in problems] == [
        ("no-picture", row, item.item_id) for row, item in enumerate(items, 1)
    ]
    assert "SocialPath comes from tweets" in problems[0].detail


def test_bad_pathmmu_entries_are_problems(tmp_path: Path) -> None:
    entries = [
        pathmmu_entry(1, options=["A) x", "C) y"]), pathmmu_entry(1, answer="E) z"), "text",
        pathmmu_entry(1, question=" "), pathmmu_entry(1, options="A) x"), pathmmu_entry(1, question="\ud800?"),
        pathmmu_entry(1),
    ]  # fmt: skip
    folder = write_pathmmu(tmp_path / "p", {}, [1])
    data = json.loads((folder / "data.json").read_text())
    data["Atlas"] = {"test": entries, "val": []}
    (folder / "data.json").write_text(json.dumps(data))
    items, problems = read("pathmmu", folder)
    assert len(items) == 1
    assert [p.reason for p in problems] == [
        "no-list", "bad-options", "bad-answer", "bad-json", "no-text", "bad-options", "not-utf8",
    ]  # fmt: skip
    assert "Atlas/test_tiny" in problems[0].detail
    assert "Atlas/test row 1: option B is lettered C" in problems[1].detail


def test_options_lose_their_letter_alone() -> None:
    assert options_without_letters(["A) B) C)", "(B) CD20 (L26) positive", "C cells"]) == [
        "B) C)", "CD20 (L26) positive", "C cells",
    ]  # fmt: skip


def test_slidebench_tcga(tmp_path: Path) -> None:
    rows = [
        ("1", BARCODE, "BLCA", "Diagnosis", "Grading", "Which, of\nthese?", "low", "high", "", "", "B"),
        ("2", BARCODE, "BLCA", "Diagnosis", "Grading", "Which?", "low", "high", "mid", "none", "Mid"),
        ("3", BARCODE, "BLCA", "Diagnosis", "Grading", "Which?", "low", "high", "", "", "D"),
        ("4", BARCODE, "BLCA", "Diagnosis", "Grading", "Which?", "low", "", "high", "", "A"),
    ]
    write_csv(tmp_path / "SlideBench-VQA-TCGA.csv", TCGA_COLUMNS, rows)
    items, problems = read("slidebench-tcga", tmp_path)
    assert [(item.subset, item.options, item.answer, item.image) for item in items] == [
        ("Diagnosis/Grading", ["low", "high"], "B", None),
        ("Diagnosis/Grading", ["low", "high", "mid", "none"], "C", None),
    ]
    assert [(p.row, p.reason) for p in problems] == [(3, "bad-answer"), (4, "bad-options")]
    assert patient_of(items[0].testset, items[0].slide_or_patient_id) == "tcga:TCGA-F7-A50J"


def test_a_broken_csv_row_takes_no_other_with_it(tmp_path: Path) -> None:
    table = tmp_path / "BCNB.csv"
    write_csv(table, BCNB_COLUMNS, [("12", "ER", "ER status?", "positive", "negative", "", "", "A")])
    with table.open("ab") as file:
        file.write(b'13,ER,"never closed,x,y,,,A\r\n14,ER,few\r\n\r\n15,ER,\xff?,x,y,,,A\r\n16,ER,Status?,x,y,,,B\r\n')
    items, problems = read("slidebench-bcnb", table)
    assert [item.slide_or_patient_id for item in items] == ["12", "16"]
    assert [(p.row, p.reason) for p in problems] == [(2, "bad-csv"), (3, "bad-csv"), (4, "not-utf8")]
    assert patient_of("slidebench-bcnb", items[0].slide_or_patient_id) == "bcnb:12"


def wsi_entry(patient: str, **other: object) -> dict[str, object]:
    return {"Id": patient, "Question": "what is the grade?", "Choice": ["low", "high"], "Answer": "high"} | other


def test_wsi_vqa_by_file_name(tmp_path: Path) -> None:
    write_json(tmp_path / "WsiVQA_train.json", [wsi_entry("TCGA-AA-0001")])
    open_question = {"Id": "TCGA-AA-0002", "Question": "please predict her2?", "Answer": "2+"}
    bad = [wsi_entry("TCGA-AA-0002", Choice="low"), wsi_entry("TCGA-AA-0002", Answer=None)]
    odd = wsi_entry("TCGA-AA-0002", Answer="neither")
    write_json(tmp_path / "WsiVQA_test.json", [open_question, wsi_entry("TCGA-AA-0002"), odd, *bad])
    items, problems = read("wsi-vqa", tmp_path)
    assert [(item.split, item.subset, item.answer) for item in items] == [
        ("test", "open", "2+"), ("test", "closed", "B"), ("test", "closed", "neither"), ("train", "closed", "B"),
    ]  # fmt: skip
    assert [(p.row, p.reason) for p in problems] == [(4, "bad-options"), (5, "no-text")]


def test_wsi_vqa_by_splits_file(tmp_path: Path) -> None:
    table = write_json(tmp_path / "all.json", [wsi_entry(f"TCGA-AA-000{n}") for n in (1, 2, 3, 4)])
    rows = [("0", "TCGA-AA-0001-01Z-00-DX1.aa", "TCGA-AA-0002-01Z-00-DX1.bb", "TCGA-AA-0001-01Z-00-DX2.cc"),
            ("1", "", "", "TCGA-AA-0003-01Z-00-DX1.dd"), ("2", "", "", "slide 9")]  # fmt: skip
    write_csv(tmp_path / "splits_0.csv", ("", "train", "val", "test"), rows)
    items, problems = read("wsi-vqa", table)
    assert [item.split for item in items] == ["train", "val", "test"]
    assert [(p.reason, p.row) for p in problems] == [("bad-slide", 3), ("no-split", 4)]


def parquet_row(seed: int, **other: object) -> dict[str, object]:
    return {"image": {"bytes": jpeg(seed), "path": None}, "question": f"is it {seed}?", "answer": "yes"} | other


def test_pathvqa_reads_pictures_by_row(tmp_path: Path) -> None:
    rows = [parquet_row(n) for n in range(5)]
    rows += [
        parquet_row(5, answer=None),
        parquet_row(6, image=None),
        parquet_row(7, image={"bytes": None, "path": "x"}),
    ]
    write_parquet(tmp_path / "data" / "test-00000-of-00001.parquet", rows)
    items, problems = read("pathvqa", tmp_path)
    assert {item.split for item in items} == {"test"}
    assert [picture_of(item) for item in items[:5]] == [jpeg(n) for n in range(5)]
    assert [(p.row, p.reason) for p in problems] == [(6, "no-text"), (7, "no-picture"), (8, "no-picture")]
    assert [item.item_id for item in items[5:]] == [p.item_id for p in problems[1:]]


def test_quilt_vqa_keeps_the_answer_type(tmp_path: Path) -> None:
    write_parquet(tmp_path / "test-0.parquet", [parquet_row(1, answer_type="CLOSED"), parquet_row(2, answer_type=None)])
    items, _ = read("quilt-vqa", tmp_path)
    assert [item.subset for item in items] == ["CLOSED", ""]


def test_a_broken_row_group_is_one_problem(tmp_path: Path) -> None:
    shard = write_parquet(tmp_path / "test-0.parquet", [parquet_row(n) for n in range(6)])
    at = pq.read_metadata(shard).row_group(1).column(0).data_page_offset
    with shard.open("r+b") as file:
        file.seek(at)
        file.write(b"\xff" * 40)
    items, problems = read("pathvqa", tmp_path)
    assert [item.question for item in items] == ["is it 0?", "is it 1?", "is it 4?", "is it 5?"]
    assert [(p.row, p.reason) for p in problems] == [(3, "bad-parquet")]
    assert "row 3: this row and those up to 4 cannot be read" in problems[0].detail


def test_slake_keeps_languages_apart(tmp_path: Path) -> None:
    entry = {"img_name": "xmlab1/source.jpg", "question": "图中有肿瘤吗?", "answer": "有", "q_lang": "zh", "qid": 1}
    write_json(tmp_path / "test.json", [entry, entry | {"q_lang": "en", "img_name": "xmlab2/source.jpg"}, {"qid": 3}])
    write_picture(tmp_path / "imgs" / "xmlab1" / "source.jpg", 1)
    items, problems = read("slake", tmp_path)
    assert [(item.subset, item.split, item.answer) for item in items] == [("zh", "test", "有"), ("en", "test", "有")]
    assert picture_of(items[0]) == jpeg(1)
    assert [(p.row, p.reason) for p in problems] == [(2, "no-picture"), (3, "no-text")]


def test_class_folders(tmp_path: Path) -> None:
    write_picture(tmp_path / "tumor" / "a.jpg", 1)
    write_picture(tmp_path / "normal" / "deep" / "b.png", 2)
    write_picture(tmp_path / "stray.jpg", 3)
    (tmp_path / "empty").mkdir()
    (tmp_path / "tumor" / "labels.txt").write_text("x")
    (tmp_path / "tumor" / ".DS_Store").write_text("x")
    items, problems = read("image-folder", tmp_path, "bach")
    assert [(item.testset, item.answer, item.image_name) for item in items] == [
        ("bach", "normal", "normal/deep/b.png"), ("bach", "tumor", "tumor/a.jpg"),
    ]  # fmt: skip
    assert items[0].options == ["empty", "normal", "tumor"]
    assert picture_of(items[1]) == jpeg(1)
    assert sorted(p.reason for p in problems) == ["empty-class", "no-class", "no-picture"]


def test_retrieval_lists(tmp_path: Path) -> None:
    write_picture(tmp_path / "images" / "u1.png", 1)
    entries = {"0": {"uuid": "u1", "caption": "Nests."}, "1": {"uuid": "u2", "caption": "Glands."}, "2": {"uuid": "u3"}}
    write_json(tmp_path / "captions.json", entries)
    items, problems = read("retrieval", tmp_path, "arch")
    assert [(item.answer, item.question, item.image is not None) for item in items] == [
        ("Nests.", "", True), ("Glands.", "", False),
    ]  # fmt: skip
    assert [(p.row, p.reason) for p in problems] == [(2, "no-picture"), (3, "no-text")]
    items, _ = read("retrieval", write_csv(tmp_path / "r.csv", ("image", "caption"), [("u1.png", "Nests, H&E")]))
    assert (items[0].answer, picture_of(items[0])) == ("Nests, H&E", jpeg(1))


def test_ids_do_not_depend_on_the_order_of_files_and_rows(tmp_path: Path) -> None:
    rows = [parquet_row(n % 4) for n in range(9)]  # some rows come twice or three times
    write_parquet(tmp_path / "a" / "test-00000-of-00001.parquet", rows)
    random.Random(1).shuffle(rows)
    write_parquet(tmp_path / "b" / "test-00000-of-00002.parquet", rows[:4])
    write_parquet(tmp_path / "b" / "test-00001-of-00002.parquet", rows[4:])
    ids = [sorted(item.item_id for item in items_of(read_testset("pathvqa", tmp_path / name))) for name in "ab"]
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 9
    entries = [pathmmu_entry(n) for n in range(4)]
    one = write_pathmmu(tmp_path / "c", {"Atlas": {"test": entries}}, [0])
    two = write_pathmmu(tmp_path / "d", {"Atlas": {"test": entries[::-1]}}, [])
    first, second = ({item.image_name: item.item_id for item in read("pathmmu", path)[0]} for path in (one, two))
    assert first == second
    assert len(set(first.values())) == 4


def test_every_reader_is_named() -> None:
    assert set(READERS) == {
        "pathmmu", "slidebench-tcga", "slidebench-bcnb", "wsi-vqa", "pathvqa", "quilt-vqa", "slake", "image-folder",
        "retrieval",
    }  # fmt: skip
