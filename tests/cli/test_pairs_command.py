"""pathcorpus pairs report and classify, through the console script's entry."""

import json
import sys
from pathlib import Path

import pytest

from assets.pairs.deciding import kind_book
from assets.store import Home, open_home
from pipelines import cli
from tests.pairs.pictured import NAMING, Shown, eight_of_each, pictured


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("PATHCORPUS_HOME", str(tmp_path / "corpus"))
    return open_home(tmp_path / "corpus")


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture):
    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["pathcorpus", "pairs", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return call


def test_pages_are_written_and_copied(home, call, tmp_path):
    pictured(home, "atlas", [Shown("he", NAMING["he"], 1)])
    kind_book(home, "atlas")
    code, out, _ = call("report", "--out", str(tmp_path / "pages"), "--json")
    assert code == 0
    lines = [json.loads(line) for line in out.splitlines()]
    assert lines[0]["station"] == "report" and Path(lines[-1]["open"]).exists()
    assert (tmp_path / "pages" / "atlas" / "index.html").exists()


def test_books_are_judged_anew(home, call):
    pictured(home, "atlas", eight_of_each())
    assert kind_book(home, "atlas").counts["by_words_alone"] == 0
    code, out, _ = call("classify", "--book", "atlas", "--json")
    assert code == 0 and json.loads(out)["changed"] is False


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["report"], "no book or source has pairs yet"),
        (["report", "--book", "nothing"], "'nothing' is no book or source"),
        (["classify", "--book", "atlas"], "no picture classifier stands: captions name too few"),
        (["classify", "--book", "atlas", "--by", "vgg"], "no picture classifier is called 'vgg'"),
        (["classify", "--book", "atlas", "--by", "efficientnet"], "atlas.parquet is missing; run"),
    ],
)
def test_bad_input_is_one_line(home, call, arguments, line):
    pictured(home, "atlas", [Shown("he", NAMING["he"], 1)])
    code, out, err = call(*arguments)
    assert code == 2 and out == "" and len(err.splitlines()) == 1
    assert err.startswith("error: ") and line in err
