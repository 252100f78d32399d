"""The corpus home: atomic publication, seals, image packs, homes that cannot be used."""

import contextlib
import dataclasses
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from assets import records, schema
from assets.errors import BadInput
from assets.records import Failure, Image
from assets.store import (
    ROWS_AT_ONCE,
    ImagePack,
    each_row,
    existing_home,
    open_home,
    publish,
    read_rows,
    state_of,
    write_pack,
    write_rows,
)

ROW = Failure(book="b", stage="s", page=3, reason="r", detail="d")


def snapshot(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {str(p): (p.read_bytes(), p.stat().st_mtime_ns) for p in sorted(folder.rglob("*")) if p.is_file()}


def test_every_record_has_a_schema_and_survives_parquet(tmp_path):
    write_rows(tmp_path / "t.parquet", [ROW], Failure)
    assert read_rows(tmp_path / "t.parquet", Failure) == [ROW]
    assert pq.read_schema(tmp_path / "t.parquet").field("page").metadata[b"doc"]
    for record in (records.Textbook, records.Annotation, *records.SHARD_ROWS.values()):
        assert len(schema.schema_of(record)) > 5


@pytest.mark.parametrize(
    ("printed", "number"),
    [("Fig. 7–26", "7-26"), ("Figure 3.2", "3-2"), ("图 13-19", "13-19"), ("FIG S2", "s2"), ("Figure-2", "2"),
     ("Fig. 3a", "3a"), ("圖１-３", "1-3"), ("Figure A.1", "a-1"), ("Fig.A-1.2", "a-1-2"), ("Figure2", "2"),
     ("FigS2", "s2"), ("Figs. 2", "2"), ("Supplementary Figure 1", "s1"), ("Supplementary Fig. S1", "s1"),
     ("Extended Data Fig. 1", "ed1"), ("Appendix Figure 2", "a2")],
)  # fmt: skip
def test_labels_in_one_spelling(printed, number):
    assert records.normalise_label(printed) == number


def test_ids_ignore_the_spelling_of_the_label_but_not_its_ordinal():
    assert records.figure_id("b", "Fig. 7-26", 0) == records.figure_id("b", "Figure 7.26", 0)
    assert records.figure_id("b", "Fig. 7-26", 0) != records.figure_id("b", "Fig. 7-26", 1)


def test_canonical_json_folds_line_ends_and_unicode_forms():
    assert schema.canonical_json({"b": "e\u0301\r\n", "a": 1}) == schema.canonical_json({"a": 1, "b": "é\n"})


def test_publish_builds_once_and_touches_nothing_after(tmp_path):
    calls = []

    def build(folder):
        calls.append(1)
        write_rows(folder / "t.parquet", [ROW], Failure)
        return {"rows": 1}

    def once(version):
        return publish(tmp_path / "x", station="x", book="b", inputs={"version": version}, build=build)

    assert once(1).changed
    before = snapshot(tmp_path / "x")
    again = once(1)
    assert not again.changed
    assert again.counts == {"rows": 1}
    assert snapshot(tmp_path / "x") == before
    assert once(2).changed
    assert len(calls) == 2
    # the table's bytes did not change, so the file was left in its place
    assert snapshot(tmp_path / "x")[str(tmp_path / "x" / "t.parquet")] == before[str(tmp_path / "x" / "t.parquet")]


def test_publish_removes_what_the_new_state_no_longer_holds(tmp_path):
    def make(name):
        def build(folder):
            write_rows(folder / name, [ROW], Failure)
            return {}

        return publish(tmp_path / "x", station="x", book=None, inputs={"name": name}, build=build)

    make("a.parquet")
    make("b.parquet")
    assert sorted(p.name for p in (tmp_path / "x").iterdir()) == ["b.parquet", "seal.json"]


def test_a_failed_build_leaves_the_old_state(tmp_path):
    def good(folder):
        write_rows(folder / "t.parquet", [ROW], Failure)
        return {}

    def bad(folder):
        write_rows(folder / "t.parquet", [], Failure)
        raise RuntimeError("disk on fire")

    publish(tmp_path / "x", station="x", book=None, inputs={"v": 1}, build=good)
    before = snapshot(tmp_path / "x")
    with pytest.raises(RuntimeError):
        publish(tmp_path / "x", station="x", book=None, inputs={"v": 2}, build=bad)
    assert snapshot(tmp_path / "x") == before


def test_a_build_killed_before_its_seal_is_finished_by_the_next_run(tmp_path):
    script = (
        "import os, sys; from pathlib import Path; from assets import store\n"
        "from assets.records import Failure\n"
        "def build(folder):\n"
        "    store.write_rows(folder / 't.parquet', [], Failure)\n"
        "    return {}\n"
        "store.write_json = lambda *a: os.kill(os.getpid(), 9)\n"  # the seal is the only JSON written
        "store.publish(Path(sys.argv[1]), station='x', book=None, inputs={'v': 1}, build=build)\n"
    )
    killed = subprocess.run([sys.executable, "-c", script, str(tmp_path / "x")], check=False)
    assert killed.returncode == -9
    assert state_of(tmp_path / "x") is None

    def build(folder):
        write_rows(folder / "t.parquet", [ROW], Failure)
        return {"rows": 1}

    assert publish(tmp_path / "x", station="x", book=None, inputs={"v": 1}, build=build).changed
    assert read_rows(tmp_path / "x" / "t.parquet", Failure) == [ROW]


def test_processes_that_publish_the_same_folder_wait_for_each_other(tmp_path):
    script = (
        "import sys, time; from pathlib import Path; from assets import store\n"
        "from assets.records import Failure\n"
        "def build(folder):\n"
        "    store.write_rows(folder / 't.parquet', [], Failure); time.sleep(0.3); return {}\n"
        "print(store.publish(Path(sys.argv[1]), station='x', book=None, inputs={'v': 1}, build=build).changed)\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "x")]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    assert sorted(process.communicate()[0].strip() for process in running) == ["False", "False", "False", "True"]
    assert sorted(p.name for p in (tmp_path / "x").iterdir()) == ["seal.json", "t.parquet"]


def test_rows_of_a_long_table_come_one_row_group_at_a_time(tmp_path):
    path, many = tmp_path / "t.parquet", 2 * ROWS_AT_ONCE + 1
    rows = [dataclasses.replace(ROW, page=n, detail=hashlib.sha256(b"%d" % n).hexdigest()) for n in range(many)]
    write_rows(path, iter(rows), Failure)
    assert pq.read_metadata(path).num_row_groups == 3
    assert list(each_row(path, Failure)) == read_rows(path, Failure) == rows
    last = pq.read_metadata(path).row_group(2).column(0).data_page_offset
    with path.open("r+b") as file:
        file.seek(last)
        file.write(b"\xff" * 60)
    given = each_row(path, Failure)
    assert [next(given).page for _ in range(2 * ROWS_AT_ONCE)] == list(range(2 * ROWS_AT_ONCE))
    with pytest.raises(BadInput, match="t.parquet is damaged"):
        next(given)


def test_a_damaged_table_is_named(tmp_path):
    (tmp_path / "t.parquet").write_bytes(b"PAR1 nonsense")
    with pytest.raises(BadInput, match=r"t\.parquet is damaged"):
        read_rows(tmp_path / "t.parquet", Failure)
    with pytest.raises(BadInput, match="missing"):
        read_rows(tmp_path / "u.parquet", Failure)


def test_a_seal_that_is_no_seal_is_as_none(tmp_path):
    def build(folder):
        write_rows(folder / "t.parquet", [ROW], Failure)
        return {"rows": 1}

    for damage in (
        "3",
        "null",
        "[" * 50_000,
        '{"fingerprint": "x"}',
        '{"fingerprint": "x", "files": {}, "counts": []}',
    ):
        publish(tmp_path / "x", station="x", book=None, inputs={"v": 1}, build=build)
        (tmp_path / "x" / "seal.json").write_text(damage)
        assert state_of(tmp_path / "x") is None
        assert publish(tmp_path / "x", station="x", book=None, inputs={"v": 1}, build=build).changed


def test_a_home_whose_first_opening_was_killed_can_be_opened(tmp_path):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / ".tmp-0123-pathcorpus.json").write_text("")
    assert open_home(tmp_path / "home").books() == []


def test_image_pack_gives_every_picture_by_name(tmp_path):
    images = [
        Image(sha256=hashlib.sha256(bytes([i])).hexdigest(), media_type="image/png", width=1, height=1, data=bytes([i]))
        for i in range(40)
    ]
    assert write_pack(tmp_path / "images.parquet", [*images, images[0]]) == 40
    pack = ImagePack(tmp_path / "images.parquet")
    assert all(pack.read(image.sha256) == image for image in images)
    write_pack(tmp_path / "other.parquet", [dataclasses.replace(images[0], data=b"flipped")])
    with pytest.raises(BadInput, match="has other bytes"):
        ImagePack(tmp_path / "other.parquet").read(images[0].sha256)
    with pytest.raises(BadInput, match="not in the image pack"):
        pack.read("0" * 63 + "x")


def test_homes_that_cannot_be_used(tmp_path):
    newer = tmp_path / "newer"
    open_home(newer)
    (newer / "pathcorpus.json").write_text(json.dumps({"format": 99}))
    with pytest.raises(BadInput, match="newer pathcorpus"):
        open_home(newer)
    (newer / "pathcorpus.json").write_text("{")
    with pytest.raises(BadInput, match="damaged"):
        open_home(newer)
    strange = tmp_path / "strange"
    strange.mkdir()
    (strange / "thesis.docx").write_text("mine")
    with pytest.raises(BadInput, match="no corpus home"):
        open_home(strange)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become another user")
def test_a_read_only_home_is_one_clear_line(tmp_path):
    home = tmp_path / "home"
    open_home(home)
    for folder in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        folder.chmod(0o755)
    code = (
        "import os, sys; from pathlib import Path\n"
        "from assets.errors import BadInput; from assets.store import open_home\n"
        "os.setgid(65534); os.setuid(65534)\n"
        "try: open_home(Path(sys.argv[1]))\n"
        "except BadInput as error: print(error); sys.exit(2)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(home)], capture_output=True, text=True, check=False)
    assert done.returncode == 2, done.stderr
    assert "cannot write to the corpus home" in done.stdout


@pytest.fixture
def tiny_disk(tmp_path):
    """A file system of 64 kB, where this process may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this process may not mount a file system")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_one_clear_line(tiny_disk):
    home = open_home(tiny_disk / "home")
    with (tiny_disk / "ballast").open("wb") as ballast, contextlib.suppress(OSError):
        ballast.write(bytes(100_000))
    with pytest.raises(BadInput, match="No space left on device"):
        open_home(home.root)
    done = subprocess.run(
        [sys.executable, "-m", "pipelines.cli", "run"], env={**os.environ, "PATHCORPUS_HOME": str(home.root)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith("error: cannot write to the corpus home")
    assert done.stderr.count("\n") == 1


def test_an_existing_home_is_read_without_a_byte_written(tmp_path):
    with pytest.raises(BadInput, match="nowhere is no corpus home; set PATHCORPUS_HOME"):
        existing_home(tmp_path / "nowhere")
    assert list(tmp_path.iterdir()) == []
    open_home(tmp_path / "home")
    before = snapshot(tmp_path / "home")
    assert existing_home(tmp_path / "home").books() == []
    assert snapshot(tmp_path / "home") == before
    (tmp_path / "home" / "pathcorpus.json").write_text(json.dumps({"format": 99}))
    with pytest.raises(BadInput, match="newer pathcorpus"):
        existing_home(tmp_path / "home")


@pytest.mark.parametrize("url", ["s3://bucket/x", "file:///srv/x", "https://host/x"])
def test_a_url_is_no_home_and_makes_no_folder(tmp_path, monkeypatch, url):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATHCORPUS_HOME", url)
    for opener in (open_home, existing_home, lambda: open_home(Path(url))):
        with pytest.raises(BadInput, match="is a URL"):
            opener()
    assert list(tmp_path.iterdir()) == []
