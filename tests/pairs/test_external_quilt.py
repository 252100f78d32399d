"""Quilt-1M as its authors lay it out, generated small."""

import hashlib
import json
import zipfile
from pathlib import Path

import pytest

from assets.errors import BadInput
from assets.records import Item, Problem, Reading
from tests.pairs.external_files import QUILT_COLUMNS, found, items, jpeg, looked, quilt, quilt_row, write_csv, write_zip

LOOKUP = "quilt_1M_lookup.csv"


def test_pictures_stay_in_their_zips(tmp_path: Path) -> None:
    write_zip(tmp_path / "images_part_1.zip", {"quilt_1m/": b"", "quilt_1m/v_1.jpg": jpeg(1)})
    write_zip(tmp_path / "images_part_2.zip", {"quilt_1m/v_2.jpg": jpeg(2)}, zipfile.ZIP_STORED)
    again = quilt_row(3, image_path="v_1.jpg", caption="Ductal carcinoma of the breast, H&E")
    write_csv(tmp_path / LOOKUP, QUILT_COLUMNS, [quilt_row(1), quilt_row(2), again], mark=True)
    before = sorted(tmp_path.rglob("*"))
    made = [one for one in looked(quilt(tmp_path)) if isinstance(one, Reading)]
    assert [one.image for one in made] == [hashlib.sha256(jpeg(seed)).hexdigest() for seed in (1, 2, 1)]
    assert made[0].text == 'Nests of "atypical" cells,\nH&E, field 1'
    assert made[0].figure == made[2].figure != made[1].figure
    assert len({one.key for one in made}) == 3
    assert made[1].uri == (tmp_path / "images_part_2.zip").as_uri()
    assert (made[1].member, made[1].size) == ("quilt_1m/v_2.jpg", len(jpeg(2)))
    assert sorted(tmp_path.rglob("*")) == before


def test_what_the_table_says_beside_the_caption_is_kept(tmp_path: Path) -> None:
    write_csv(tmp_path / LOOKUP, QUILT_COLUMNS, [quilt_row(1)])
    (item,) = items(quilt(tmp_path / "."))
    facts = json.loads(item.facts)
    assert item.topics == ["['Breast pathology', nan]"]
    assert (facts["roi_text"], facts["magnification"], facts["subset"]) == ("['nests', \"it's\"]", "1.0", "quilt")


def test_bad_rows_are_named_by_line_and_do_not_take_others_with_them(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    table = write_csv(tmp_path / LOOKUP, QUILT_COLUMNS, [quilt_row(1)])  # lines 1 to 3
    good = quilt_row(2, caption="one line")
    with table.open("ab") as file:
        file.write(b"4,too few\n")  # 4
        file.write(b"5," + b"\xff\xfe bytes,v_5.jpg" + b"," * 10 + b"\n")  # 5
        file.write(b'6,"never closed,v_6.jpg' + b"," * 10 + b"\n")  # 6
        file.write((",".join([*good.values()][:3]) + "," * 10 + "\n").encode())  # 7
        file.write(b"8,,v_8.jpg" + b"," * 10 + b"\n\n")  # 8 and a blank line
        file.write(b"10,text,../../etc/passwd" + b"," * 10 + b"\n")  # 10
        file.write(b"11,text,https://a.example/x.jpg" + b"," * 10 + b"\n")  # 11
        file.write(b"12,last,v_12.jpg" + b"," * 10)  # 12, without a line end
    reads = quilt(tmp_path)
    assert found(reads) == [
        ("item", 2, 1), ("bad-csv", 4, 2), ("not-utf8", 5, 3), ("bad-csv", 6, 4), ("item", 7, 5), ("no-text", 8, 6),
        ("unsafe-name", 10, 7), ("unsafe-name", 11, 8), ("item", 12, 9),
    ]  # fmt: skip
    problems = [read.found for read in reads if isinstance(read.found, Problem)]
    assert problems[2].raw.startswith('6,"never closed')
    assert {problem.file for problem in problems} == {LOOKUP}
    for problem in problems:
        problem.raw.encode()


def test_reading_goes_on_behind_any_row(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    table = write_csv(tmp_path / LOOKUP, QUILT_COLUMNS, [quilt_row(n) for n in range(5)], mark=True)
    table.write_bytes(table.read_bytes() + b'x,"open\n' + "9,大体标本,v_9.jpg,,,,,,,,,,\r\n".encode())
    whole = quilt(tmp_path)
    assert [type(read.found) for read in whole] == [Item] * 5 + [Problem, Item]
    for done, read in enumerate(whole, 1):
        assert quilt(tmp_path, read.after) == whole[done:]
    table.write_bytes(table.read_bytes() + b"more")
    with pytest.raises(BadInput, match="has changed since"):
        quilt(tmp_path, whole[0].after)


def test_pictures_that_cannot_be_used_are_problems_with_their_row(tmp_path: Path) -> None:
    images = tmp_path / "images"
    images.mkdir()
    (images / "v_1.jpg").write_bytes(jpeg(1))
    (images / "v_2.jpg").write_bytes(b"<html>no picture</html>")
    (images / "v_3.jpg").mkdir()
    (images / "v_5.jpg").write_bytes(jpeg(5)[:300])
    write_csv(tmp_path / LOOKUP, QUILT_COLUMNS, [quilt_row(n) for n in range(1, 6)])
    made = looked(quilt(tmp_path))
    assert [one.reason if isinstance(one, Problem) else "picture" for one in made] == [
        "picture", "bad-picture", "no-picture", "no-picture", "bad-picture",
    ]  # fmt: skip
    assert [one.line for one in made if isinstance(one, Problem)] == [4, 6, 8, 10]


def test_a_missing_column_is_one_line_that_names_it(tmp_path: Path) -> None:
    write_csv(tmp_path / LOOKUP, ("", "caption", "path"), [{"": "1", "caption": "x", "path": "y"}])
    with pytest.raises(BadInput, match=rf"{LOOKUP} has no column image_path, only , caption"):
        quilt(tmp_path)
