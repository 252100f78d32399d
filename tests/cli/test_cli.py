"""The console script on bad input: one line on stderr, exit code 2, nothing changed; and its small verbs."""

import json
import os
import subprocess
import sys

import pymupdf
import pytest

from assets.filters.station import judge_book
from assets.records import ReviewDecision, Sample
from assets.store import open_home, read_rows, write_rows
from pipelines.cli.run import _without_generator
from tests.builders import small_book


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
    assert json.loads(call("status", "--json").stdout) == {
        "books": {}, "sources": {}, "testsets": [], "review": {}, "shards": {}, "trained": [],
    }  # fmt: skip


def test_a_pdf_that_crashes_its_reader_is_bad_input(call, pdf, tmp_path, at_start):
    call("add", pdf, "--key", "atlas")
    other = tmp_path / "other.pdf"
    other.write_bytes(pdf.read_bytes() + b"% another printing")
    at_start(
        "import sys\nif 'assets.textbooks.pages' in sys.orig_argv:\n    import os, signal, assets.pdf\n"
        "    assets.pdf.open_pdf = lambda path: os.kill(os.getpid(), signal.SIGSEGV)\n"
    )
    refused(call("add", other), "other.pdf makes the PDF library crash", "save it again with another program")
    refused(call("replace", "atlas", other), "other.pdf makes the PDF library crash")
    (row,) = [json.loads(line) for line in call("list", "--json").stdout.splitlines()]
    assert (row["book"], row["file_name"]) == ("atlas", "plain book.pdf")


def test_usage_errors_have_exit_code_2_too(call):
    refused(call("extract"), "pdfs", "extract --help")
    refused(call("nonsense"), "nonsense", "--help")
    refused(call("trace"), "ID", "trace --help")
    refused(call("status", "--jsno"), "--jsno")
    refused(call("ui", "--port", "much"), "--port")
    refused(call("review"), "command")
    bare = call()
    assert bare.returncode == 2 and bare.stderr.count("\n") == 1 and "trace" in bare.stdout
    assert call("--help").returncode == 0


@pytest.mark.parametrize(
    "words",
    [["status"], ["list"], ["trace", "X"], ["review", "status"], ["edit", "b", "--title", "t"], ["train", "clip"],
     ["evaluate", "mcq"], ["review", "export", "--reviewer", "r"]],
)  # fmt: skip
def test_what_needs_a_home_does_not_make_one(call, tmp_path, words):
    refused(call(*words), "corpus is no corpus home", "PATHCORPUS_HOME", "pathcorpus add")
    refused(call(*words, PATHCORPUS_HOME="s3://bucket/x"), "s3:", "is a URL")
    assert list(tmp_path.iterdir()) == []


def test_every_verb_that_a_script_calls_takes_json(call, pdf, tmp_path):
    added = json.loads(call("add", pdf, "--json").stdout)
    assert added["book"] == "plain-book"
    assert json.loads(call("edit", "plain-book", "--licence", "CC0-1.0", "--json").stdout)["licence"] == "CC0-1.0"
    done = call("run", "--json")
    stations = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["station"] for row in stations] == [
        "figures", "pairs", "kinds", "hashes", "ledger", "decontamination", "classifier", "testsets", "report",
        "review", "shards",
    ], done.stderr  # fmt: skip
    assert stations[0]["counts"]["pages"] == 1 and stations[0]["changed"] is True
    assert json.loads(call("review", "status", "--json").stdout) == {}
    assert json.loads(call("status", "--json").stdout)["books"]["plain-book"]["figures.figures"] == 0
    (tmp_path / "s.jsonl").write_text("")
    assert call("filter", tmp_path / "s.jsonl", "--json").returncode == 0


def test_status_names_books_whole_and_failures_by_station(call, tmp_path):
    key = "essentials-of-diagnostic-surgical-pathology-of-the-lung-vol-ii-b"
    home = open_home(tmp_path / "corpus")
    small_book(home, key, 1)
    judge_book(home, key)
    (sample, *_) = read_rows(home.station("cot", key) / "samples.parquet", Sample)
    decision = ReviewDecision(
        subject_id=sample.sample_id, content_hash=sample.content_hash, state="rejected", events=[]
    )
    write_rows(home.corpus("review") / "decisions.parquet", [decision], ReviewDecision)
    lines = call("status", COLUMNS="80").stdout.splitlines()
    assert key in lines
    station = {line.split()[0]: line for line in lines if line.startswith("  ")}
    assert "0 failures" in station["figures"] and "0 failures" in station["cot"]
    samples = len(read_rows(home.station("cot", key) / "samples.parquet", Sample))
    assert f"{samples} judged" in station["filters"]
    assert "1 rejected" in next(line for line in lines if line.startswith("review"))
    (traced,) = [call("trace", sample.sample_id, *more) for more in (["--json"],)]
    assert json.loads(traced.stdout) == json.loads(call("trace", sample.sample_id).stdout)


def test_the_end_of_a_run_says_which_samples_are_there_and_which_are_out_of_date(tmp_path):
    home = open_home(tmp_path / "corpus")
    assert _without_generator(home, [], {}).startswith("no samples were generated: name a generator")
    small_book(home, "atlas", 1)
    count = len(read_rows(home.station("cot", "atlas") / "samples.parquet", Sample))
    assert _without_generator(home, ["atlas"], {}).startswith(f"no new samples were generated, {count} are there: ")
    assert "; 3 were written from an earlier state" in _without_generator(home, ["atlas"], {"left_out_pair_changed": 3})


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


def test_extract_writes_a_report_beside_its_lines(call, pdf, tmp_path):
    broken = tmp_path / "broken.pdf"
    broken.write_text("no pdf")
    out, report = tmp_path / "f.jsonl", tmp_path / "report"
    done = call("extract", pdf, broken, "--out", out, "--report", report)
    refused(done, "broken.pdf")
    assert f"report -> {report / 'index.html'}" in done.stdout
    assert sorted(path.name for path in report.iterdir()) == ["index.html", "plain book"]
    index = (report / "index.html").read_text(encoding="utf-8")
    assert 'href="plain%20book/index.html"' in index and "broken.pdf" in index
    assert "nothing found" in (report / "plain book" / "index.html").read_text(encoding="utf-8")
    assert call("extract", pdf, "--out", out, "--report", report).returncode == 0
    (report / "plain book" / "mine.txt").write_text("kept")
    out.unlink()
    refused(call("extract", pdf, "--out", out, "--report", report), "mine.txt", "choose another folder")
    assert (report / "plain book" / "mine.txt").exists() and not out.exists()
