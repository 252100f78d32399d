"""Tables of a source: the same rows in every format that is read, and what is refused."""

import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from assets.errors import BadInput
from assets.pairs.external.layouts import KINDS, Layout, layout_of
from assets.pictures.places import Places
from assets.records import Problem, Reading
from tests.pairs.external_files import found, items, jpeg, looked, reads, write_csv, write_tar

TEXTS = ['=HYPERLINK("http://a.example","x")', "<script>alert(1)</script> H&E", "肺腺癌，HE染色", "@SUM(1) | -2"]
LAYOUT = Layout(
    columns={"text": "legend", "image": "file", "slide_or_patient_id": "case", "topics": "organ", "key": "id"},
)
ROWS: list[dict[str, Any]] = [
    {"id": f"k{n}", "legend": text, "file": f"a/{n}.jpg", "case": f"p{n}", "organ": "Lung", "note": "x"}
    for n, text in enumerate(TEXTS)
]


def write(folder: Path, ending: str, rows: list[dict[str, Any]] = ROWS) -> Path:
    """The rows as a table, with their pictures in a folder, within the Parquet file, or within the tar."""
    path = folder / f"table.{ending}"
    for n in range(len(rows)):
        (folder / "pictures" / "a").mkdir(parents=True, exist_ok=True)
        (folder / "pictures" / "a" / f"{n}.jpg").write_bytes(jpeg(n))
    if ending == "csv":
        write_csv(path, tuple(rows[0]), rows)
    elif ending == "json":
        path.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    elif ending == "jsonl":
        path.write_text("\n".join(json.dumps(row) for row in rows) + "\n\n", encoding="utf-8")
    elif ending == "parquet":
        held = [row | {"file": {"bytes": jpeg(n), "path": None}} for n, row in enumerate(rows)]
        pq.write_table(pa.Table.from_pylist(held), path, row_group_size=3)
    else:
        samples = [
            [
                (f"s/{n}.jpg", jpeg(n)),
                (f"s/{n}.json", json.dumps({k: v for k, v in row.items() if k != "file"}).encode()),
            ]
            for n, row in enumerate(rows)
        ]
        write_tar(path, [file for sample in samples for file in sample])
    return path


def layout_for(ending: str) -> Layout:
    if ending != "tar":
        return LAYOUT
    return Layout(columns=LAYOUT.columns | {"image": "__image__"})


@pytest.mark.parametrize("ending", ["csv", "json", "jsonl", "parquet", "tar"])
def test_every_format_gives_the_same_pairs_and_reads_on_behind_any_row(tmp_path: Path, ending: str) -> None:
    path, layout, images = write(tmp_path, ending), layout_for(ending), tmp_path / "pictures"
    whole = reads(path, layout, images)
    for done, read in enumerate(whole, 1):
        assert reads(path, layout, images, read.after) == whole[done:]
    made = [one for one in looked(whole) if isinstance(one, Reading)]
    with Places() as places:
        for one in reversed(made):  # pictures can be fetched in any order
            data = places.read(one.uri, one.member)
            assert (hashlib.sha256(data).hexdigest(), len(data)) == (one.image, one.size)
    assert [one.text for one in made] == TEXTS
    assert [one.image for one in made] == [hashlib.sha256(jpeg(n)).hexdigest() for n in range(4)]
    assert [one.slide_or_patient_id for one in made] == ["p0", "p1", "p2", "p3"]
    assert [(one.key, one.topics, one.facts) for one in made] == [
        (f"k{n}", ["Lung"], '{"note": "x"}') for n in range(4)
    ]


@pytest.mark.parametrize("ending", ["csv", "json", "jsonl", "parquet", "tar"])
@pytest.mark.parametrize("gone", ["legend", "case"])
def test_a_missing_column_is_one_line_that_names_file_and_column(tmp_path: Path, ending: str, gone: str) -> None:
    path = write(tmp_path, ending, [{k: v for k, v in row.items() if k != gone} for row in ROWS])
    with pytest.raises(BadInput, match=rf"first row of table\.{ending} has no column {gone}, only"):
        reads(path, layout_for(ending), tmp_path / "pictures")


def test_bad_lines_of_jsonl_are_problems(tmp_path: Path) -> None:
    path = write(tmp_path, "jsonl")
    good = path.read_text().splitlines()[0]
    bad = ["{", "[1]", '{"legend": "x"}', '{"legend": 7, "file": ["a.jpg", "b.jpg"]}',
           '{"legend": true, "file": "a"}',
           '{"legend": "x", "file": "/etc/passwd"}', '{"legend": "x", "file": "a\\\\..\\\\b"}',
           "[" * 100_000]  # fmt: skip
    path.write_text("\n".join([good, *bad, good]))
    said = found(reads(path, LAYOUT, tmp_path / "pictures"))
    assert [what for what, _, _ in said] == [
        "item", "bad-json", "bad-json", "no-column", "two-pictures", "no-text", "unsafe-name", "unsafe-name",
        "bad-json", "item",
    ]  # fmt: skip
    assert [line for _, line, _ in said] == list(range(1, 11))


def test_bad_samples_of_a_shard_are_problems_and_hostile_names_do_no_harm(tmp_path: Path) -> None:
    shards = tmp_path / "shards"
    shards.mkdir()
    write_tar(shards / "0.tar", [("1.jpg", jpeg(1)), ("1.txt", b"first"), ("2.txt", b"no picture"), ("3.jpg", jpeg(3)),
                                 ("4.jpg", jpeg(4)), ("4.png", b"x"), ("4.txt", b"two"), ("5.jpg", b""),
                                 ("5.json", b"{"), ("../6.jpg", jpeg(6)), ("../6.txt", b"up")])  # fmt: skip
    write_tar(shards / "1.tar", [("7.jpg", jpeg(7)), ("7.txt", b"second shard")])
    whole = reads(shards, Layout())
    for done, read in enumerate(whole, 1):
        assert reads(shards, Layout(), after=read.after) == whole[done:]
    assert [one.reason if isinstance(one, Problem) else one.text for one in looked(whole)] == [
        "first", "no-column", "no-column", "two-pictures", "bad-json", "up", "second shard",
    ]  # fmt: skip
    assert not (tmp_path / "6.jpg").exists()


def test_a_shard_that_is_damaged_in_the_middle_says_so(tmp_path: Path) -> None:
    path = write_tar(
        tmp_path / "0.tar", [file for n in range(4) for file in ((f"{n}.txt", b"text"), (f"{n}.jpg", jpeg(n)))]
    )
    whole = reads(path, Layout())
    data = bytearray(path.read_bytes())
    data[whole[1].after.offset : whole[1].after.offset + 512] = b"\xff" * 512
    path.write_bytes(data)
    assert [what for what, _, _ in found(reads(path, Layout()))] == ["item", "damaged"]


def test_a_compressed_shard_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "0.tar"
    path.write_bytes(gzip.compress(write_tar(tmp_path / "x", [("1.txt", b"a")]).read_bytes()))
    with pytest.raises(BadInput, match="is no plain tar"):
        reads(path, Layout())


def test_a_damaged_row_group_costs_only_itself(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    rows = [{"caption": f"text {n}" * 50, "image": jpeg(n)} for n in range(6)]
    pq.write_table(pa.Table.from_pylist(rows), path, row_group_size=2, compression="none", use_dictionary=False)
    group = pq.ParquetFile(path).metadata.row_group(1).column(0)
    data = bytearray(path.read_bytes())
    data[group.data_page_offset : group.data_page_offset + 40] = b"\xff" * 40
    path.write_bytes(data)
    whole = reads(path, Layout())
    assert [what for what, _, _ in found(whole)] == ["item", "item", "damaged", "item", "item"]
    assert reads(path, Layout(), after=whole[2].after) == whole[3:]


def test_layouts_come_from_toml(tmp_path: Path) -> None:
    path = tmp_path / "layout.toml"
    path.write_text('source = "atlas"\nlicence = "CC0-1.0"\n[columns]\ntext = "legend"\n')
    assert layout_of(path) == Layout(source="atlas", licence="CC0-1.0", columns={"text": "legend"})
    for wrong, said in (
        ("x = 1", "x is no setting"), ('source = "a"\n[columns]\ncaption = "x"', "caption is no setting"),
        ("source", "no TOML"), ('columns = "x"', "no setting"), ("source = 3", "no text in quotes"),
        ("[columns]\ntext = 3", "no text in quotes"),
    ):  # fmt: skip
        path.write_text(wrong)
        with pytest.raises(BadInput, match=said):
            layout_of(path)


def test_pathcap_is_a_layout(tmp_path: Path) -> None:
    (tmp_path / "1.jpg").write_bytes(jpeg(1))
    (tmp_path / "pathcap.json").write_text('[{"caption": "H&E", "image": "1.jpg"}]')
    (item,) = items(reads(tmp_path / "pathcap.json", KINDS["pathcap"].layout))
    assert (item.text, item.member) == ("H&E", "1.jpg")
