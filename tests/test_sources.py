"""A changed rule, word list or template runs its station again; nobody has to raise a number."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from assets import sources
from assets.cot import station as cot
from assets.cot.station import generate_book
from assets.filters import station as filters
from assets.filters.station import judge_book
from assets.pairs import ledger
from assets.pairs import station as pairs
from assets.pairs.duplicates import station as hashing
from assets.pairs.duplicates.station import hash_book
from assets.pairs.ledger import split_book
from assets.pairs.station import pair_book
from assets.review import decisions
from assets.review.decisions import apply_annotations
from assets.store import Home, Outcome, open_home
from tests.builders import small_corpus

PACKAGE = Path(sources.__file__).parent
STATIONS = ("assets.pairs.station", "assets.pairs.duplicates.station", "assets.pairs.ledger", "assets.cot.station",
            "assets.filters.station", "assets.review.decisions")  # fmt: skip


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the package, of which the hashes are taken."""
    folder = tmp_path / "assets"
    shutil.copytree(PACKAGE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(sources, "PACKAGE", folder)
    sources.source_hash.cache_clear()
    yield folder
    sources.source_hash.cache_clear()


def hashes() -> dict[str, str]:
    sources.source_hash.cache_clear()
    return {station: sources.source_hash(station) for station in STATIONS}


@pytest.mark.parametrize(
    ("file", "moved"),
    [
        ("pairs/organs.toml", {"assets.pairs.station", "assets.pairs.ledger"}),
        ("pairs/kinds.py", {"assets.pairs.station"}),
        ("pairs/ledger.py", {"assets.pairs.ledger"}),
        ("pairs/assign.py", {"assets.pairs.ledger"}),
        ("pairs/duplicates/hashes.py", {"assets.pairs.duplicates.station", "assets.pairs.ledger"}),
        ("pairs/duplicates/votes.py", {"assets.pairs.ledger"}),
        ("cot/extractive.py", {"assets.cot.station"}),
        ("cot/vocabulary.py", {"assets.cot.station"}),
        ("llm/replies.py", {"assets.cot.station"}),
        ("filters/leak.py", {"assets.filters.station"}),
        ("answers.py", {"assets.cot.station", "assets.filters.station", "assets.review.decisions"}),
        ("records.py", set(STATIONS)),
        ("pairs/asset.py", set()),
        ("figures/station.py", set()),
        ("store.py", set()),
    ],
)  # fmt: skip
def test_a_change_moves_the_stations_that_use_the_file_and_no_other(copy: Path, file: str, moved: set[str]) -> None:
    before = hashes()
    assert before == hashes()
    (copy / file).write_bytes((copy / file).read_bytes() + b"\n# changed\n")
    after = hashes()
    assert {station for station in STATIONS if before[station] != after[station]} == moved


def test_a_rule_names_the_code_that_judged(copy: Path) -> None:
    before = sources.source_hash("assets.filters.leak")
    (copy / "filters" / "refusal.py").write_text("# another rule\n")
    sources.source_hash.cache_clear()
    assert sources.source_hash("assets.filters.leak") == before


def test_what_is_no_module_is_said() -> None:
    with pytest.raises(FileNotFoundError, match="assets.nothing"):
        sources.source_hash("assets.nothing")


RUNS: list[tuple[object, Callable[[Home], Outcome]]] = [
    (pairs, lambda home: pair_book(home, "atlas-1")),
    (hashing, lambda home: hash_book(home, "atlas-1")),
    (ledger, lambda home: hash_book(home, "atlas-1") and split_book(home, "atlas-1")),
    (cot, lambda home: generate_book(home, "atlas-1", "extractive")),
    (filters, lambda home: judge_book(home, "atlas-1")),
    (decisions, apply_annotations),
]


@pytest.mark.parametrize(("module", "run"), RUNS, ids=lambda value: getattr(value, "__name__", ""))
def test_changed_code_runs_a_station_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: object, run: Callable[[Home], Outcome]
) -> None:
    home = small_corpus(open_home(tmp_path / "corpus"))
    run(home)
    assert not run(home).changed
    monkeypatch.setattr(module, "source_hash", lambda name: "changed")
    assert run(home).changed
    assert not run(home).changed
