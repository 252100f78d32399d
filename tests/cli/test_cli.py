"""The console script on bad input: one line on stderr, exit code 2, nothing changed; and its small verbs."""

import json
import os
import subprocess
import sys

import pymupdf
import pytest


@pytest.fixture
def call(tmp_path):
    """Run `pathcorpus …` in a process of its own with a corpus home below tmp_path."""

    def run(*arguments, **environment):
        return subprocess.run(
            [sys.executable, "-m", "pipelines.cli", *map(str, arguments)],
            env={**os.environ, "PATHCORPUS_HOME": str(tmp_path / "corpus"), "COLUMNS": "300", **environment},
            capture_output=True, text=True, check=False, cwd=tmp_path,
        )  # fmt: skip

    return run


@pytest.fixture
def pdf(tmp_path):
    document = pymupdf.open()
    document.new_page().insert_text((72, 72), "A page without figures.")
    document.save(tmp_path / "plain book.pdf")
    return tmp_path / "plain book.pdf"


def refused(done, *words):
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1, done.stderr
    for word in words:
        assert word in done.stderr


def test_bad_input_is_one_line_and_exit_code_2(call, pdf, tmp_path):
    text = tmp_path / "notes.pdf"
    text.write_text("no pdf")
    refused(call("add", text), "notes.pdf")
    refused(call("add", tmp_path / "nowhere.pdf"), "no such file")
    refused(call("add", pdf, "--key", "Not a Key"), "invalid key")
    refused(call("run"), "library is empty")
    refused(call("run", "--book", "nothing"), "no book 'nothing'")
    refused(call("trace", "0123456789abcdef0123"), "0123456789abcdef0123")
    refused(call("train", "sftt"), "sftt")
    refused(call("replace", "nothing", pdf), "no book 'nothing'")
    refused(call("extract", tmp_path / "nowhere.pdf", "--out", tmp_path / "f.jsonl"), "no such file")
    assert json.loads(call("status", "--json").stdout) == {"books": {}, "shards": {}, "trained": []}


def test_usage_errors_have_exit_code_2_too(call):
    assert call("extract").returncode == 2
    assert call("nonsense").returncode == 2


def test_a_home_of_a_newer_version_is_left_alone(call, pdf, tmp_path):
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "pathcorpus.json").write_text('{"format": 2}')
    refused(call("add", pdf), "newer pathcorpus")
    assert [p.name for p in (tmp_path / "corpus").iterdir()] == ["pathcorpus.json"]


def test_a_book_without_figures_is_registered_with_a_warning(call, pdf):
    assert call("add", pdf).returncode == 0
    refused(call("add", pdf), "registered already")
    done = call("run")
    assert done.returncode == 0, done.stderr
    assert "warning: no figures were found in plain-book" in done.stderr
    assert "no samples were generated" in done.stdout
    (row,) = [json.loads(line) for line in call("list", "--json").stdout.splitlines()]
    assert (row["book"], row["file_name"], row["pages"]) == ("plain-book", "plain book.pdf", 1)


def test_an_unknown_generator_says_where_to_describe_it(call, pdf):
    call("add", pdf)
    refused(call("run", "--generator", "deepseek"), "endpoints.toml")


def test_extract_keeps_the_good_files_and_names_the_bad_one(call, pdf, tmp_path):
    bad = tmp_path / "bad.pdf"
    bad.write_bytes(b"%PDF-1.7\nnothing more")
    done = call("extract", pdf, bad, "--out", tmp_path / "f.jsonl")
    refused(done, "1 of 2 files", "bad.pdf")
    assert (tmp_path / "f.jsonl").read_text() == ""


def test_extract_leaves_an_old_file_alone_when_nothing_could_be_read(call, pdf, tmp_path):
    bad, old = tmp_path / "bad.pdf", tmp_path / "keep.jsonl"
    bad.write_bytes(b"%PDF-1.7\nnothing more")
    old.write_text("kept")
    refused(call("extract", bad, "--out", old), "1 of 1 files", "bad.pdf")
    assert old.read_text() == "kept"
    refused(call("extract", pdf, "--out", old / "f.jsonl"), "keep.jsonl", "cannot be used as a folder")
    refused(call("extract", pdf, "--out", tmp_path), "is a folder")
    refused(call("extract", pdf, "--out", tmp_path / "f.jsonl", "--images", old), "keep.jsonl")
    assert old.read_text() == "kept"
    assert not (tmp_path / "f.jsonl").exists()
