"""Where things lie in a corpus home, and how they get there: atomically, once, and only when something changed.

    corpus/                          PATHCORPUS_HOME, default ./corpus
      pathcorpus.json                format of this home
      inbox/                         drop NAME.pdf and NAME.toml here
      library/<book>/                book.pdf, textbook.parquet
      library/<source>/              source.parquet; what it names stays where it is
      <station>/<book>/*.parquet     one folder per station and book, with its seal.json
      shards/ review/ training/ …    corpus-wide results
      journal/ locks/ dagster/       working state

A station's folder is published file by file and sealed last (`publish`). The seal names the fingerprint of everything
that went in and the hash of every file that came out: an unchanged fingerprint means nothing to do, and a folder
without its seal (killed in between) is simply built again. Belongs here: paths, atomic writes, seals, locks, image
packs. What the tables mean is in records.py.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from assets.errors import BadInput, one_line
from assets.records import Image
from assets.schema import content_hash, from_table, schema_of, to_table

R = TypeVar("R")
FORMAT = 1
SEAL = "seal.json"
MARKER = "pathcorpus.json"
URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")


# --------------------------------------------------------------------------------------------------------------- home
@dataclass(frozen=True)
class Home:
    """A corpus home on local disk. Get it with `existing_home` or `open_home`."""

    root: Path

    @property
    def inbox(self) -> Path:
        return self.root / "inbox"

    @property
    def library(self) -> Path:
        return self.root / "library"

    def station(self, name: str, book: str) -> Path:
        """Folder of one station's results for one book."""
        return self.root / name / book

    def corpus(self, name: str) -> Path:
        """Folder of a corpus-wide result."""
        return self.root / name

    def books(self) -> list[str]:
        """Keys of all registered books, sorted."""
        return sorted(path.parent.name for path in self.library.glob("*/textbook.parquet"))

    def sources(self) -> list[str]:
        """Names of all registered external sources, sorted; none is a book's key."""
        return sorted(path.parent.name for path in self.library.glob("*/source.parquet"))

    def holdings(self) -> list[str]:
        """Books and sources, sorted: everything that has pairs, clusters and splits, each in folders of its name."""
        return sorted([*self.books(), *self.sources()])


def default_root() -> Path:
    """PATHCORPUS_HOME as it is set, else ./corpus."""
    return Path(os.environ.get("PATHCORPUS_HOME") or "corpus")


def existing_home(root: Path | None = None) -> Home:
    """The corpus home at `root` (default: PATHCORPUS_HOME, else ./corpus); writes nothing.

    Raises BadInput when there is none, or it was made by a newer version.
    """
    root = _local(root or default_root())
    if not (root / MARKER).exists():
        raise BadInput(
            f"{root} is no corpus home; set PATHCORPUS_HOME to the folder of one, or make one with "
            "`pathcorpus add BOOK.pdf` or `pathcorpus demo`"
        )
    _check_format(root)
    return Home(root)


def open_home(root: Path | None = None) -> Home:
    """Open the corpus home at `root` (default: PATHCORPUS_HOME, else ./corpus); make it when it is not there.

    Raises BadInput when the folder is no corpus home, cannot be written, or was made by a newer version.
    """
    root = _local(root or default_root())
    marker = root / MARKER
    try:
        if marker.exists():
            _check_format(root)
        else:
            if root.exists() and not _may_become_home(root):
                raise BadInput(f"{root} exists and is no corpus home; set PATHCORPUS_HOME to another folder")
            root.mkdir(parents=True, exist_ok=True)
            write_json(marker, {"format": FORMAT})
        for name in ("inbox", "library", "locks"):
            (root / name).mkdir(exist_ok=True)
        probe = root / "locks" / f".probe-{uuid.uuid4().hex}"
        probe.write_bytes(b"pathcorpus")
        probe.unlink()
    except OSError as error:
        raise BadInput(f"cannot write to the corpus home {root}: {error.strerror or error}; "
                       "free disk space, mend its permissions or set PATHCORPUS_HOME") from error  # fmt: skip
    return Home(root)


def _local(root: Path) -> Path:
    """The absolute path. Raises BadInput for a URL, which a Path takes for a relative folder."""
    if URL.match(str(root)):
        raise BadInput(
            f"the corpus home {str(root)!r} is a URL, and only folders of this machine can be homes; "
            "set PATHCORPUS_HOME to a folder"
        )
    return root.absolute()


def _check_format(root: Path) -> None:
    """Raises BadInput when the home's marker is damaged or of a newer version."""
    marker = root / MARKER
    try:
        made = int(json.loads(marker.read_text(encoding="utf-8"))["format"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadInput(f"{marker} is damaged ({one_line(error)}); restore it or choose another home") from error
    if made > FORMAT:
        raise BadInput(
            f"{root} was made by a newer pathcorpus (format {made}, this one reads {FORMAT}); "
            "upgrade pathcorpus or set PATHCORPUS_HOME to another folder"
        )


def _may_become_home(root: Path) -> bool:
    """An empty folder; or one in which another process makes, or was killed while making, the home's marker."""
    return root.is_dir() and all(
        path.name.startswith(".tmp-") or path.name in (MARKER, "inbox", "library", "locks") for path in root.iterdir()
    )


@contextlib.contextmanager
def locked(home: Home, name: str) -> Iterator[None]:
    """Hold the home's lock of this name; waits while another process on this machine holds it."""
    (home.root / "locks").mkdir(exist_ok=True)
    with open(home.root / "locks" / f"{name}.lock", "w", encoding="utf-8") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


# ------------------------------------------------------------------------------------------------------ atomic writing
@contextlib.contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; on success it is flushed to disk and renamed over `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.parent / f".tmp-{uuid.uuid4().hex}-{path.name[-80:]}"
    try:
        yield temporary
        with open(temporary, "rb+") as handle:
            os.fsync(handle.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def write_bytes(path: Path, data: bytes) -> None:
    with atomic(path) as temporary:
        temporary.write_bytes(data)


def write_json(path: Path, value: Any) -> None:
    write_bytes(path, (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode("utf-8"))


ROWS_AT_ONCE = 200


def write_table(path: Path, table: pa.Table) -> None:
    """Parquet with zstd; equal tables give equal bytes under one pyarrow version."""
    with atomic(path) as temporary:
        pq.write_table(table, temporary, compression="zstd", compression_level=3)


def write_rows(path: Path, rows: Iterable[R], record: type[R]) -> None:
    """As `write_table`, a row group for every ROWS_AT_ONCE rows: long tables are not held a second time as columns."""
    waiting = iter(rows)
    first = list(islice(waiting, ROWS_AT_ONCE))
    with (
        atomic(path) as temporary,
        pq.ParquetWriter(temporary, schema_of(record), compression="zstd", compression_level=3) as writer,
    ):
        writer.write_table(to_table(first, record))
        while more := list(islice(waiting, ROWS_AT_ONCE)):
            writer.write_table(to_table(more, record))


REMAKE = "delete it and run `pathcorpus run` to make it again"


def read_rows(
    path: Path, record: type[R], *, filters: list[tuple[str, str, Any]] | None = None, mend: str = REMAKE
) -> list[R]:
    """Rows of a Parquet file that `write_rows` made, `filters` as in pyarrow.parquet.read_table.

    Raises BadInput when the file is missing or damaged; `mend` says what to do then.
    """
    with _reading(path, mend):
        return from_table(pq.read_table(path, filters=filters), record)


def each_row(path: Path, record: type[R], *, mend: str = REMAKE) -> Iterator[R]:
    """As `read_rows`, holding one row group at a time. Raises BadInput when the damage is reached."""
    with _reading(path, mend), pq.ParquetFile(path) as file:
        for group in range(file.num_row_groups):
            yield from from_table(file.read_row_group(group), record)


@contextlib.contextmanager
def _reading(path: Path, mend: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise BadInput(f"{path} is missing; {mend.replace('delete it and ', '')}") from error
    except PermissionError as error:
        raise BadInput(f"{path} cannot be read; mend its permissions") from error
    except (pa.ArrowException, KeyError, TypeError, OSError) as error:
        raise BadInput(f"{path} is damaged ({one_line(error, 120)}); {mend}") from error


# --------------------------------------------------------------------------------------------------------------- seals
@dataclass(frozen=True)
class Outcome:
    """What one station did: for the terminal, Dagster metadata and benchmarks."""

    station: str
    book: str | None
    changed: bool
    counts: dict[str, int]
    folder: Path
    seconds: float


def file_sha256(path: Path) -> str:
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def sealed(folder: Path) -> dict | None:
    """The seal of a finished folder: fingerprint, counts, files (name to SHA-256); None when there is none."""
    try:
        seal = json.loads((folder / SEAL).read_text(encoding="utf-8"))
        whole = isinstance(seal["fingerprint"], str) and isinstance(seal["files"], dict)
        return seal if whole and isinstance(seal["counts"], dict) else None
    except (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError, RecursionError):
        return None


def state_of(folder: Path) -> str | None:
    """Hash of a folder's tables, for use in another station's fingerprint; None when it is not finished.

    Pictures made for people do not count: fonts differ between machines.
    """
    seal = sealed(folder)
    return content_hash({n: h for n, h in seal["files"].items() if n.endswith(".parquet")}) if seal else None


def expire(folder: Path) -> None:
    """Make a finished folder due again: its tables stay valid until the next `publish` has replaced them."""
    if seal := sealed(folder):
        write_json(folder / SEAL, {**seal, "fingerprint": ""})


def publish(
    folder: Path, *, station: str, book: str | None, inputs: dict[str, Any], build: Callable[[Path], dict[str, int]]
) -> Outcome:
    """Bring `folder` to the state that follows from `inputs`, or leave every byte alone when it is there already.

    `inputs` is everything that decides the result: the station's version, its settings, `state_of` its upstream
    folders. `build(scratch)` writes all files into an empty scratch folder and returns row counts. Files whose bytes
    did not change keep their place untouched. Killed at any moment, the next call finishes the work.
    """
    started = time.monotonic()
    fingerprint = content_hash(inputs)
    folder.mkdir(parents=True, exist_ok=True)
    with _held(folder):
        seal = sealed(folder)
        if seal and seal["fingerprint"] == fingerprint and all((folder / name).exists() for name in seal["files"]):
            return Outcome(station, book, False, seal["counts"], folder, time.monotonic() - started)
        for leftover in folder.glob(".scratch-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        scratch = folder / f".scratch-{uuid.uuid4().hex}"
        scratch.mkdir()
        try:
            counts = build(scratch)
            made = {str(p.relative_to(scratch)): file_sha256(p) for p in sorted(scratch.rglob("*")) if p.is_file()}
            (folder / SEAL).unlink(missing_ok=True)
            _move(scratch, folder, made)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        write_json(folder / SEAL, {"fingerprint": fingerprint, "counts": counts, "files": made})
    return Outcome(station, book, True, counts, folder, time.monotonic() - started)


@contextlib.contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Only one process of this machine publishes a folder at a time; the others wait and then find it done."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _move(scratch: Path, folder: Path, made: dict[str, str]) -> None:
    """Bring the files `made` (name to SHA-256) from scratch into the folder and remove what is not among them."""
    for name, digest in made.items():
        target = folder / name
        if target.exists() and file_sha256(target) == digest:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        with open(scratch / name, "rb+") as handle:
            os.fsync(handle.fileno())
        os.replace(scratch / name, target)
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_file() and str(path.relative_to(folder)) not in made and scratch not in path.parents:
            path.unlink()


# -------------------------------------------------------------------------------------------------------- image packs
PACK = "images.parquet"


def write_pack(path: Path, images: Iterable[Image]) -> int:
    """All pictures of a book in one Parquet file, in the order given, each once; bytes uncompressed, one row group a
    picture. Holds one picture in memory at a time; returns how many there are.
    """
    names: set[str] = set()
    with (
        atomic(path) as temporary,
        pq.ParquetWriter(temporary, schema_of(Image), compression="none", use_dictionary=False) as writer,
    ):
        for image in images:
            if image.sha256 not in names:
                names.add(image.sha256)
                writer.write_table(to_table([image], Image))
    return len(names)


class ImagePack:
    """Random access to a book's pictures by SHA-256."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            raise BadInput(f"{path} is missing; run `pathcorpus run` to make it again")
        self._path = path
        try:
            self._file = pq.ParquetFile(path)
            names = self._file.read(columns=["sha256"]).column("sha256").to_pylist()
        except (pa.ArrowException, OSError) as error:
            raise BadInput(f"{path} is damaged ({one_line(error, 120)}); {REMAKE}") from error
        self._row = {name: index for index, name in enumerate(names)}

    def __contains__(self, sha256: str) -> bool:
        return sha256 in self._row

    def __len__(self) -> int:
        return len(self._row)

    def read(self, sha256: str) -> Image:
        """Raises BadInput when the pack does not hold this picture."""
        if sha256 not in self._row:
            raise BadInput(f"picture {sha256} is not in the image pack; run `pathcorpus run` to make the pack again")
        try:
            image = from_table(self._file.read_row_group(self._row[sha256]), Image)[0]
        except (pa.ArrowException, OSError) as error:
            raise BadInput(f"{self._path} is damaged ({one_line(error, 120)}); {REMAKE}") from error
        if hashlib.sha256(image.data).hexdigest() != sha256:
            raise BadInput(f"{self._path} is damaged (picture {sha256} has other bytes); {REMAKE}")
        return image


def pack_of(home: Home, book: str) -> ImagePack:
    """The image pack that the figures station wrote for a book."""
    return ImagePack(home.station("figures", book) / PACK)
