"""Shared by the review tests: a small corpus, and what the filters would say of its present samples."""

from pathlib import Path

import pytest

from assets.records import Verdict
from assets.review.decisions import current_samples
from assets.store import Home, open_home
from tests.builders import put, small_corpus, verdicts_for


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return small_corpus(open_home(tmp_path / "corpus"))


def judge_again(home: Home, book: str = "atlas-1") -> None:
    """Let every present sample pass, as the filters station does after a revision."""
    samples = current_samples(home, book)
    put(home, "filters", book, {"verdicts": ([v for s in samples for v in verdicts_for(s)], Verdict)})
