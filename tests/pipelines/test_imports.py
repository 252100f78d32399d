"""The floors of the house: who may import whom, and what stays unloaded until it is needed."""

import ast
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STATIONS = {"textbooks", "figures", "pairs", "cot", "filters", "review", "shards"}
HEAVY = ["torch", "transformers", "datasets", "pymupdf", "fitz", "pandas", "skimage", "scipy", "openai", "PIL"]


def sources(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path: Path) -> set[str]:
    """Absolute names of all modules that a file imports, anywhere in it; `from a import b` gives a and a.b."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                package = module_of(path).split(".")
                keep = len(package) - node.level + (path.name == "__init__.py")
                base = ".".join([*package[:keep], *([base] if base else [])])
            names |= {base} | {f"{base}.{alias.name}" for alias in node.names}
    return names


def under(names: set[str], package: str) -> set[str]:
    return {name for name in names if name == package or name.startswith(package + ".")}


def python(code: str, cwd: Path) -> str:
    """Run code in a fresh interpreter, away from the checkout; its stdout."""
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.mark.parametrize("path", sources("assets", "training"), ids=module_of)
def test_nothing_imports_pipelines(path: Path) -> None:
    assert not under(imports_of(path), "pipelines")


@pytest.mark.parametrize("path", sources("training"), ids=module_of)
def test_training_imports_no_station(path: Path) -> None:
    assert not {name for name in imports_of(path) for station in STATIONS if under({name}, f"assets.{station}")}


@pytest.mark.parametrize("path", sources("assets"), ids=module_of)
def test_stations_meet_in_records(path: Path) -> None:
    """Station logic imports no other station but filters; the base layer imports none; training is above both."""
    names = imports_of(path)
    assert not under(names, "training")
    if path.name == "asset.py":
        return
    own = path.relative_to(ROOT / "assets").parts[0]
    foreign = STATIONS - {own} - ({"filters"} if own in STATIONS else set())
    assert not {name for name in names for station in foreign if under({name}, f"assets.{station}")}


@pytest.mark.parametrize("path", sources("assets", "training"), ids=module_of)
def test_only_asset_files_name_dagster(path: Path) -> None:
    if path.name != "asset.py":
        assert not {name for name in imports_of(path) if name.split(".")[0].startswith("dagster")}


def test_everything_but_the_wiring_loads_without_dagster(tmp_path: Path) -> None:
    modules = [module_of(path) for path in sources("assets", "training") if path.name != "asset.py"]
    if not find_spec("torch"):
        modules = [name for name in modules if not name.startswith("training")]
    code = f"""
import importlib, sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0].startswith("dagster"):
            raise ImportError(name + " is blocked")
sys.meta_path.insert(0, Blocked())
for module in {modules!r}:
    if not module.endswith("__main__"):
        importlib.import_module(module)
print(len({modules!r}))
"""
    assert int(python(code, tmp_path)) > 30


def test_definitions_load_nothing_heavy(tmp_path: Path) -> None:
    code = f"import sys, pipelines.definitions; print([name for name in {HEAVY!r} if name in sys.modules])"
    assert python(code, tmp_path).strip() == "[]"


@pytest.mark.parametrize("verb", ["extract", "add", "run", "ui"])
def test_command_line_does_not_load_dagster(verb: str, tmp_path: Path) -> None:
    code = f"import sys, pipelines.cli, pipelines.cli.{verb}; print('dagster' in sys.modules, 'torch' in sys.modules)"
    assert python(code, tmp_path).strip() == "False False"


def test_extract_runs_without_dagster(tmp_path: Path) -> None:
    import pymupdf

    with pymupdf.open() as document:
        document.new_page().insert_text((72, 72), "A page without figures.")
        document.save(tmp_path / "page.pdf")
    code = """
import sys
sys.argv = ["pathcorpus", "extract", "page.pdf", "--out", "figures.jsonl"]
from pipelines.cli import main
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
print("dagster" in sys.modules)
"""
    assert python(code, tmp_path).splitlines()[-1] == "False"
    assert (tmp_path / "figures.jsonl").exists()


def test_no_module_lies_at_the_root() -> None:
    """The root is on the path of every Dagster process: a gql.py there would stand in for the library of that name."""
    assert not list(ROOT.glob("*.py"))
