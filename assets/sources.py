"""What decides a station's result, beside its inputs: its own code and data files, as one hash.

    inputs = {"code": source_hash(__name__), …}

It stands in the fingerprint of a station, so that a changed rule, word list or template runs that station again, and no
one has to remember a number. A module counts with every module of this package that it imports, anywhere in it, and
with the data files (word lists, pages) of their folders; how files are moved and how errors are worded decides no row.
The figures station and the training jobs do not use it: their results take hours, so a person says when they are due.
"""

import ast
from functools import cache
from hashlib import sha256
from importlib.util import resolve_name
from pathlib import Path

PACKAGE = Path(__file__).parent
PLUMBING = {"assets", "assets.errors", "assets.store", "assets.sources"}


@cache
def source_hash(module: str) -> str:
    """SHA-256 (64 hex digits) over the source files behind `module`, e.g. "assets.pairs.station".

    Raises FileNotFoundError when there is no such module.
    """
    digest = sha256()
    for path in _files_behind(module):
        name = path.relative_to(PACKAGE).as_posix()
        digest.update(f"{name} {sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def _files_behind(module: str) -> list[Path]:
    """The module's file, those of all that it imports in turn, and the data files of their folders; sorted."""
    start = _file_of(module)
    if start is None:
        raise FileNotFoundError(f"no module {module} in {PACKAGE}")
    found: dict[str, Path] = {}
    waiting = [(module, start)]
    while waiting:
        name, path = waiting.pop()
        found[name] = path
        for other in _imports(name, path) - found.keys() - PLUMBING:
            file = _file_of(other)
            if file is not None:
                waiting.append((other, file))
    folders = {path.parent for path in found.values()} - {PACKAGE}
    return sorted({*found.values(), *(path for folder in folders for path in _data_below(folder))})


def _file_of(module: str) -> Path | None:
    """The source file of a module of this package; None for what is none, such as a name within a module."""
    package, *parts = module.split(".")
    if package != PACKAGE.name:
        return None
    below = PACKAGE.joinpath(*parts)
    candidates = (below.with_suffix(".py"), below / "__init__.py")
    return next((path for path in candidates if path.is_file()), None)


@cache
def _imports(module: str, path: Path) -> frozenset[str]:
    """Absolute names of what a file imports; `from a import b` gives a and a.b."""
    names: set[str] = set()
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = resolve_name("." * node.level + (node.module or ""), package)
            names |= {base} | {f"{base}.{alias.name}" for alias in node.names}
    return frozenset(names)


def _data_below(folder: Path) -> list[Path]:
    paths = (path for path in folder.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc"))
    return [path for path in paths if not any(part[0] in "._" for part in path.relative_to(folder).parts)]
