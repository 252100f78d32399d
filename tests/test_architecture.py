"""docs/architecture.svg shows the code as it is."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_picture_is_drawn_from_the_present_code(tmp_path):
    subprocess.run([sys.executable, "docs/draw_architecture.py", str(tmp_path / "now.svg")], cwd=ROOT, check=True)
    shown = (ROOT / "docs" / "images" / "architecture.svg").read_text(encoding="utf-8")
    assert (tmp_path / "now.svg").read_text(encoding="utf-8") == shown, "run: python docs/draw_architecture.py"


def test_every_file_that_the_page_names_exists():
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    names = {word.strip("`") for word in page.split() if word.startswith("`") and "/" in word and "<" not in word}
    missing = sorted(name for name in names if not (ROOT / name.strip("`,.;)")).exists())
    assert not missing
