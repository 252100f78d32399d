"""`pathcorpus testset`: what is registered, what is said of it, and that bad input registers nothing."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from assets.store import existing_home, sealed
from assets.tables import read_testsets
from tests.pairs import leaked_corpus as made
from tests.testsets.set_files import pathmmu_entry, write_pathmmu


@pytest.fixture
def call(tmp_path: Path):
    """Run `pathcorpus testset …` in a process of its own with a corpus home below tmp_path."""

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "pipelines.cli", "testset", *map(str, arguments)],
            env={**os.environ, "PATHCORPUS_HOME": str(tmp_path / "corpus"), "COLUMNS": "300"},
            capture_output=True, text=True, check=False, cwd=tmp_path,
        )  # fmt: skip

    return run


def test_a_set_is_added_listed_and_removed(call, tmp_path):
    entries = [pathmmu_entry(1), pathmmu_entry(2), pathmmu_entry(3, options="none")]
    write_pathmmu(tmp_path / "p", {"SocialPath": {"test": entries}}, [1])
    added = call("add", "pathmmu", "p")
    assert added.returncode == 0, added.stderr
    assert "added pathmmu: 2 items, 1 with a picture (drop)" in added.stdout
    assert "2 problems: 1 no-picture, 1 bad-options" in added.stdout
    assert "SocialPath comes from tweets" in added.stdout
    home = existing_home(tmp_path / "corpus")
    assert sealed(home.station("testset_pictures", "pathmmu"))
    again = json.loads(call("add", "pathmmu", "p", "--policy", "flag", "--json").stdout)
    assert (again["policy"], again["reasons"]) == ("flag", {"no-picture": 1, "bad-options": 1})
    assert again["hashed"] == {"pictures": 1, "unreadable": 0}
    (listed,) = map(json.loads, call("list", "--json").stdout.splitlines())
    assert (listed["testset"], listed["items"], listed["path"]) == ("pathmmu", 2, str(tmp_path / "p"))
    assert "removed pathmmu" in call("remove", "pathmmu").stdout
    assert "no test sets yet" in call("list").stdout
    assert not home.station("testset_pictures", "pathmmu").exists()
    assert (tmp_path / "p" / "data.json").exists()


def test_nothing_of_a_set_is_copied(call, tmp_path):
    words = "an unmistakable question about the thyroid"
    write_pathmmu(tmp_path / "p", {"Atlas": {"test": [pathmmu_entry(1, question=words)]}}, [1])
    call("add", "pathmmu", "p")
    picture = (tmp_path / "p" / "images" / "1.jpg").read_bytes()
    held = [path.read_bytes() for path in (tmp_path / "corpus").rglob("*") if path.is_file()]
    assert len(held) > 4
    assert not any(picture in data or b"unmistakable" in data for data in held)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("viper", "p"), "no reader for the test set viper"),
        (("pathmmu", "nowhere"), "PathMMU is gated on Hugging Face (CC-BY-ND-4.0): apply there"),
        (("image-folder", "p", "--name", "Not a name"), "invalid name 'Not a name'"),
        (("image-folder", "p", "--policy", "hide"), "no policy 'hide'; choose drop"),
        (("wsi-vqa", "train"), "holds no item for scoring (a split other than train)"),
    ],
)
def test_bad_input_registers_nothing(call, tmp_path, arguments, words):
    made.image_folder(tmp_path / "p", {"x": made.encoded(made.tissue(1))})
    made.wsi_vqa(tmp_path / "train", {"train": ["TCGA-AA-0001"]})
    done = call("add", *arguments)
    assert done.returncode == 2, done.stdout
    assert done.stderr.startswith("error: ") and done.stderr.count("\n") == 1
    assert words in done.stderr
    assert read_testsets(existing_home(tmp_path / "corpus")) == []


def test_an_unknown_set_is_not_removed(call, tmp_path):
    call(
        "add", "image-folder", made.image_folder(tmp_path / "p", {"x": made.encoded(made.tissue(1))}), "--name", "bach"
    )
    done = call("remove", "../library")
    assert done.returncode == 2
    assert "no test set '../library' (registered: bach)" in done.stderr
    assert (tmp_path / "corpus" / "library").is_dir()
