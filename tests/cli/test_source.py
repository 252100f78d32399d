"""pathcorpus source …, and a run over a registered source, as a user calls them."""

import json
import os
import subprocess
import sys

import pytest

from tests.pairs.external_files import jpeg, write_csv


@pytest.fixture
def call(tmp_path):
    """Run `pathcorpus …` in a process of its own with a corpus home below tmp_path."""

    def run(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "pipelines.cli", *map(str, arguments)],
            env={**os.environ, "PATHCORPUS_HOME": str(tmp_path / "corpus"), "COLUMNS": "300"},
            capture_output=True, text=True, check=False, cwd=tmp_path,
        )  # fmt: skip

    return run


@pytest.fixture
def table(tmp_path):
    (tmp_path / "atlas").mkdir()
    for n in range(30):
        (tmp_path / "atlas" / f"{n}.jpg").write_bytes(jpeg(n))
    rows = [{"caption": f"Breast, H&E, field {n}", "image": f"{n}.jpg"} for n in range(30)]
    return write_csv(
        tmp_path / "atlas" / "t.csv", ("caption", "image"), [*rows, rows[0], {"caption": "x", "image": "no"}]
    )


def refused(done, *words):
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("error: ") and done.stderr.count("\n") == 1, done.stderr
    for word in words:
        assert word in done.stderr


def test_add_run_list_edit_remove(call, table):
    added = call("source", "add", "generic", table, "--name", "atlas")
    assert "added atlas" in added.stdout and "pathcorpus source edit atlas --licence" in added.stdout
    assert call("source", "edit", "atlas", "--licence", "CC-BY-4.0").stdout.startswith("atlas: atlas (CC-BY-4.0)")
    done = call("run", "--json")
    assert done.returncode == 0, done.stderr
    outcomes = [json.loads(line) for line in done.stdout.splitlines()]
    counts = {one["station"]: one["counts"] for one in outcomes}
    assert counts["readings"] == {"rows": 32, "items": 31, "no-picture": 1}
    assert (counts["pairs"]["pairs"], counts["pairs"]["repeats"], counts["pairs"]["problems"]) == (30, 1, 1)
    shards = counts["shards"]
    assert shards["cpt_train"] + shards["cpt_validation"] == shards["clip_train"] + shards["clip_validation"] == 30
    again = [json.loads(line) for line in call("run", "--json", "--book", "atlas").stdout.splitlines()]
    assert not any(one["changed"] for one in again if one["station"] in ("readings", "pairs", "ledger", "shards"))
    (listed,) = [json.loads(line) for line in call("source", "list", "--json").stdout.splitlines()]
    assert (listed["source"], listed["licence"]) == ("atlas", "CC-BY-4.0")
    assert listed["counts"] == {"pairs": 30, "repeats": 1, "problems": 1}
    assert json.loads(call("status", "--json").stdout)["sources"]["atlas"]["pairs.pairs"] == 30
    assert "30 pairs" in call("status").stdout
    assert "removed atlas" in call("source", "remove", "atlas").stdout
    assert "no sources yet" in call("source", "list").stdout
    refused(call("run"), "library is empty", "source add")


def test_bad_input_is_one_line(call, table, tmp_path):
    refused(call("source", "add", "laion", table), "no reader 'laion'")
    refused(call("source", "add", "generic", tmp_path / "nowhere.csv"), "nowhere.csv does not exist")
    refused(call("source", "add", "quilt", tmp_path), "apply for Quilt-1M")
    refused(call("source", "add", "generic"), "path", "source add --help")
    assert call("source", "add", "pathcap", table).stderr.startswith("warning: the pathcap preset is unverified")
    refused(call("source", "add", "pathcap", table), "there is a source 'pathcap' already")
    refused(call("source", "remove", "nothing"), "no source 'nothing' (registered: pathcap)")
