"""Fixtures for all tests: the shared corpus of real PDFs, a generated sample textbook, processes that tests start."""

import os
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with pdf_corpus and hostile_pdfs: PATHCORPUS_SHARED, else ../shared beside the checkout."""
    path = Path(os.environ.get("PATHCORPUS_SHARED") or Path(__file__).parents[2] / "shared")
    if not (path / "pdf_corpus").is_dir():
        if os.environ.get("PATHCORPUS_REQUIRE_SHARED") == "1":
            pytest.fail(f"the shared corpus is missing at {path}")
        pytest.skip(f"no shared corpus at {path}; set PATHCORPUS_SHARED")
    return path


@pytest.fixture(scope="session")
def sample_book(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict]:
    """A generated textbook (seed 7) and its gold."""
    from assets.textbooks.sample import generate

    path = tmp_path_factory.mktemp("sample") / "sample.pdf"
    return path, generate(path, seed=7)


@pytest.fixture(scope="session")
def every_class_book(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict]:
    """A generated textbook (seed 7) with every layout class at least once, and its gold."""
    from assets.textbooks.sample import generate_classes

    path = tmp_path_factory.mktemp("classes") / "classes.pdf"
    return path, generate_classes(path, seed=7)


@pytest.fixture
def at_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Make every Python process that is started from now on run some code first."""

    def run(code: str) -> None:
        (tmp_path / "site").mkdir(exist_ok=True)
        (tmp_path / "site" / "sitecustomize.py").write_text(code)
        monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))

    return run


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[int]]:
    """The processes that were started in this test and still exist, zombies among them."""
    token = uuid.uuid4().hex
    monkeypatch.setenv("PROCESSES_UNDER_TEST", token)
    known: set[int] = set()

    def alive() -> list[int]:
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                if token.encode() in (entry / "environ").read_bytes():
                    known.add(int(entry.name))
                    found.append(int(entry.name))
                elif int(entry.name) in known:  # a zombie has no environment
                    found.append(int(entry.name))
            except OSError:
                continue
        return [pid for pid in found if pid != os.getpid()]

    return alive
