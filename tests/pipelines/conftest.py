"""A corpus home and small PDFs for the tests of what runs when."""

from collections.abc import Callable
from pathlib import Path

import pymupdf
import pytest

from assets.store import Home, open_home

SIDECAR = 'title = "{title}"\nlicence = "CC0-1.0"\nlanguage = "en"\nkey = "{key}"\n'


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    opened = open_home(tmp_path / "corpus")
    monkeypatch.setenv("PATHCORPUS_HOME", str(opened.root))
    return opened


@pytest.fixture
def drop(home: Home) -> Callable[[str], Path]:
    """Put a one-page PDF with its sidecar into the inbox."""

    def put(key: str) -> Path:
        pdf = home.inbox / f"{key}.pdf"
        pdf.with_suffix(".toml").write_text(SIDECAR.format(title=f"Book {key}", key=key), encoding="utf-8")
        with pymupdf.open() as document:
            document.new_page().insert_text((72, 72), f"This is {key}.")
            document.save(pdf)
        return pdf

    return put
