"""Fixtures for all tests: the shared corpus of real PDFs, and one generated sample textbook."""

import os
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
