"""A source on its way into the corpus: registered, read in parts, paired, traced, put into shards."""

import json
from pathlib import Path
from typing import Any

import pytest

from assets.errors import BadInput
from assets.pairs.external import readings, registry
from assets.pairs.external.station import pair_source, progress, read_source, reading_of
from assets.pictures.places import Places
from assets.pictures.reader import pictures_of
from assets.records import Pair, Placed, Problem
from assets.store import Home, open_home, read_rows
from tests.pairs.external_files import QUILT_COLUMNS, jpeg, quilt_row, write_csv, write_zip


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path / "corpus")


@pytest.fixture
def atlas(tmp_path: Path) -> Path:
    """A table with repeats, a key that is used twice, a row without a picture, and one picture in two rows."""
    folder = tmp_path / "atlas"
    (folder / "images").mkdir(parents=True)
    for seed in range(12):
        (folder / "images" / f"{seed}.jpg").write_bytes(jpeg(seed))
    rows: list[dict[str, Any]] = [
        {"id": f"k{n}", "caption": f"Breast, H&E, field {n}", "image": f"{n}.jpg", "case": f"P-{n // 2}"}
        for n in range(12)
    ]
    rows[4:4] = [
        rows[1] | {"id": "again"},  # says what k1 says
        rows[2],  # the same row
        rows[3] | {"caption": "something else"},  # k3, but another text
        {"id": "gone", "caption": "H&E", "image": "gone.jpg", "case": "P-9"},
        {"id": "bad", "caption": "", "image": "1.jpg", "case": "P-9"},
        {"id": "more", "caption": "Another caption of field 0", "image": "0.jpg", "case": "P-0"},
    ]
    (folder / "table.jsonl").write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    layout = 'images = "images"\n[columns]\nkey = "id"\nfigure = "image"\nslide_or_patient_id = "case"\n'
    (folder / "layout.toml").write_text(layout)
    return folder


def add_atlas(home: Home, atlas: Path, **said: Any) -> str:
    return registry.add(
        home, "generic", atlas / "table.jsonl", name="atlas", layout=atlas / "layout.toml", **said
    ).source


def tables(home: Home, source: str = "atlas") -> tuple[list[Pair], list[Placed], list[Problem]]:
    folder = home.station("pairs", source)
    return (
        read_rows(folder / "pairs.parquet", Pair),
        read_rows(folder / "placed.parquet", Placed),
        read_rows(folder / "problems.parquet", Problem),
    )


def bytes_of(home: Home) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in home.station("pairs", "atlas").glob("*.parquet")}


def test_rows_become_pairs_with_licence_patient_and_place(home: Home, atlas: Path) -> None:
    add_atlas(home, atlas, licence="CC-BY-4.0")
    read_source(home, "atlas")
    counts = pair_source(home, "atlas").counts
    assert (counts["pairs"], counts["repeats"], counts["problems"]) == (13, 2, 3)
    pairs, placed, problems = tables(home)
    assert [(p.reason, p.line) for p in problems] == [("same-key", 7), ("no-picture", 8), ("no-text", 9)]
    assert len({pair.pair_id for pair in pairs}) == 13
    assert {(p.source, p.book, p.licence, p.organ_system) for p in pairs[:4]} == {
        ("atlas", None, "CC-BY-4.0", "breast")
    }
    assert [pair.slide_or_patient_id for pair in pairs[:4]] == ["P-0", "P-0", "P-1", "P-1"]
    more = next(pair for pair in pairs if pair.text == "Another caption of field 0")
    assert more.figure_id == pairs[0].figure_id, "the rows of one picture share its figure"
    assert [(p.pair_id, p.image) for p in placed] == [(p.pair_id, p.image) for p in pairs]
    assert (placed[4].file, placed[4].line, placed[4].member) == ("table.jsonl", 10, "0.jpg")
    with pictures_of(home, "atlas") as read:
        for pair, place in zip(reversed(pairs), reversed(placed), strict=True):
            assert read(pair.image).data == (atlas / "images" / place.member).read_bytes()


def test_nothing_is_done_twice(home: Home, atlas: Path) -> None:
    add_atlas(home, atlas)
    assert read_source(home, "atlas").changed and pair_source(home, "atlas").changed
    before = bytes_of(home)
    assert not read_source(home, "atlas").changed and not pair_source(home, "atlas").changed
    assert bytes_of(home) == before


@pytest.mark.parametrize("killed_at", [1, 3, 4, 9, 13])
def test_killed_in_the_middle_the_next_run_gives_the_same_rows(
    home: Home, atlas: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, killed_at: int
) -> None:
    monkeypatch.setattr(readings, "PART_ROWS", 4)
    add_atlas(home, atlas)
    other = open_home(tmp_path / "other")
    add_atlas(other, atlas)
    read_source(other, "atlas")
    pair_source(other, "atlas")

    read, done = Places.read, []

    def dying(self: Places, uri: str, member: str) -> bytes:
        done.append(member)
        if len(done) == killed_at:
            raise KeyboardInterrupt
        return read(self, uri, member)

    monkeypatch.setattr(Places, "read", dying)
    with pytest.raises(KeyboardInterrupt):
        read_source(home, "atlas")
    with pytest.raises(BadInput, match="atlas was not read to its end"):
        pair_source(home, "atlas")
    assert progress(home, "atlas")["rows read so far"] % 4 == 0
    first = len(done) - 1
    half = reading_of(home, registry.get(home, "atlas"))
    (half / ".tmp-part-000001").mkdir(parents=True)  # killed while a part was written
    (half / ".tmp-part-000001" / "items.parquet").write_bytes(b"PAR1")
    read_source(home, "atlas")
    pair_source(home, "atlas")
    assert len(done) - 1 - first <= 16 - first + 4, "what was stored is not read again"
    assert bytes_of(home) == bytes_of(other)


def test_pictures_that_came_later_are_read_and_the_others_are_not(
    home: Home, atlas: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_atlas(home, atlas)
    read_source(home, "atlas")
    pair_source(home, "atlas")
    before = {pair.pair_id for pair in tables(home)[0]}
    (atlas / "images" / "gone.jpg").write_bytes(jpeg(99))
    read, done = Places.read, []
    monkeypatch.setattr(Places, "read", lambda self, uri, name: (done.append(name), read(self, uri, name))[1])
    assert read_source(home, "atlas").changed
    assert pair_source(home, "atlas").counts["pairs"] == 14
    assert done == ["gone.jpg"]
    assert before < {pair.pair_id for pair in tables(home)[0]}


def test_another_licence_reads_no_picture(home: Home, atlas: Path) -> None:
    add_atlas(home, atlas)
    read_source(home, "atlas")
    pair_source(home, "atlas")
    registry.edit(home, "atlas", licence="CC0-1.0")
    assert not read_source(home, "atlas").changed
    assert pair_source(home, "atlas").changed
    assert {pair.licence for pair in tables(home)[0]} == {"CC0-1.0"}


def test_a_picture_that_changed_or_went_is_said(home: Home, atlas: Path) -> None:
    add_atlas(home, atlas)
    read_source(home, "atlas")
    pair_source(home, "atlas")
    pairs = tables(home)[0]
    (atlas / "images" / "1.jpg").write_bytes(jpeg(77))
    (atlas / "images" / "2.jpg").unlink()
    with pictures_of(home, "atlas") as read:
        with pytest.raises(BadInput, match=r"1\.jpg in file://.* is another picture than it was"):
            read(pairs[1].image)
        with pytest.raises(BadInput, match=r"2\.jpg .* cannot be read.*put it back"):
            read(pairs[2].image)
        with pytest.raises(BadInput, match="is not among those of"):
            read("0" * 64)


def test_a_table_that_went_is_said(home: Home, atlas: Path) -> None:
    add_atlas(home, atlas)
    (atlas / "table.jsonl").unlink()
    with pytest.raises(BadInput, match=r"table\.jsonl does not exist"):
        read_source(home, "atlas")


def test_quilt_in_zips_from_registration_to_pictures(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "quilt"
    folder.mkdir()
    write_zip(folder / "images_part_1.zip", {"quilt_1m/v_1.jpg": jpeg(1)})
    write_zip(folder / "images_part_2.zip", {"quilt_1m/v_2.jpg": jpeg(2)})
    write_csv(folder / "quilt_1M_lookup.csv", QUILT_COLUMNS, [quilt_row(1), quilt_row(2), quilt_row(3)])
    row = registry.add(home, "quilt", folder, licence="LicenseRef-Quilt")
    assert (row.source, row.images) == ("quilt", str(folder))
    read_source(home, "quilt")
    pair_source(home, "quilt")
    pairs, placed, problems = tables(home, "quilt")
    assert [p.reason for p in problems] == ["no-picture"]
    assert {(p.licence, p.image_kind, p.organ_system) for p in pairs} == {("LicenseRef-Quilt", "he", "breast")}
    assert json.loads(placed[0].facts)["magnification"] == "1.0"
    with pictures_of(home, "quilt") as read:
        assert [read(pair.image).data for pair in pairs] == [jpeg(1), jpeg(2)]
