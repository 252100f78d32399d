"""Shards: what trainers read. `write_shards(home)` brings them up to date with everything upstream.

One immutable file per kind, split and book or slice of a source, `shards/<kind>/<split>/<book>-<hash12>.parquet`, named
by the content of its rows, and one `shards/manifest.json`, published last by an atomic rename. A new book is new files
and a new manifest; a file whose rows did not change is never written again, whatever the library's version. A file that
dropped out of the manifest is deleted after the new manifest is in place. Killed at any moment, the next call finishes
it.
"""

import hashlib
import json
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assets.errors import BadInput, one_line
from assets.schema import canonical_json, content_hash
from assets.shards.invariants import Disjointness
from assets.shards.rows import ROW_OF, picture_reader
from assets.shards.select import KINDS, SPLITS, Chosen, CorpusTables, books_ready, read_corpus_tables, selections
from assets.shards.writer import schema_hash, write_shard
from assets.store import Home, Outcome, file_sha256, locked, write_json

VERSION = "1"
MANIFEST = "manifest.json"
FORMAT = 1
ENTRY_KEYS = {"path", "kind", "split", "book", "rows", "bytes", "sha256", "logical_hash"}


@dataclass(frozen=True)
class Planned:
    """A file that the manifest shall hold."""

    path: str
    kind: str
    split: str
    book: str
    rows: int
    logical_hash: str
    licence: str | None


def read_manifest(home: Home) -> dict[str, Any] | None:
    """The published manifest, None before the first. Raises BadInput when it is damaged or of a newer version."""
    path = home.corpus("shards") / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        made = int(manifest["format"])
        lacking = made <= FORMAT and any(ENTRY_KEYS - entry.keys() for entry in manifest["files"])
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BadInput(f"{path} is damaged ({one_line(error)}); delete it and run `pathcorpus run`") from error
    if lacking:
        raise BadInput(f"{path} is damaged (an entry lacks a field); delete it and run `pathcorpus run`")
    if made > FORMAT:
        raise BadInput(f"{path} was made by a newer pathcorpus (format {made}); upgrade pathcorpus")
    return manifest


def logical_hash(kind: str, rows: list[Chosen]) -> str:
    """Hash of what a shard says, pictures by their own hashes: the same under every version of pyarrow."""
    digest = hashlib.sha256(canonical_json([VERSION, kind, schema_hash(kind)]))
    for chosen in rows:
        row = ROW_OF[kind](chosen, {"bytes": b"", "path": chosen.pair.image})
        plain = {name: value for name, value in vars(row).items() if name not in ("image", "images")}
        digest.update(canonical_json([chosen.pair.image, plain]))
    return digest.hexdigest()


def _plan(book: str, kind: str, split: str, rows: list[Chosen]) -> Planned:
    digest = logical_hash(kind, rows)
    licences = sorted({row.pair.licence or "" for row in rows})
    # One row without a licence makes the whole file one that may not be released.
    licence = None if "" in licences else " AND ".join(licences)
    return Planned(f"{kind}/{split}/{book}-{digest[:12]}.parquet", kind, split, book, len(rows), digest, licence)


def _write(home: Home, book: str, missing: dict[int, list[Planned]], corpus: CorpusTables) -> None:
    """Write the files that are missing, by the number of the selection that they hold."""
    with picture_reader(home, book) as picture:
        for number, selection in enumerate(selections(home, book, corpus)):
            for plan in missing.get(number, []):
                rows = selection.rows[plan.kind, plan.split]
                made = (ROW_OF[plan.kind](row, picture(row.pair.image)) for row in rows)
                write_shard(home.corpus("shards") / plan.path, plan.kind, made)


def _is_there(path: Path, known: dict[str, Any]) -> bool:
    entry = known.get("/".join(path.parts[-3:]))
    return path.exists() and (entry is None or path.stat().st_size == entry["bytes"])


def _entry(home: Home, plan: Planned, known: dict[str, Any] | None) -> dict[str, Any]:
    path = home.corpus("shards") / plan.path
    size = path.stat().st_size
    sha256 = known["sha256"] if known and known["bytes"] == size else file_sha256(path)
    return {**vars(plan), "bytes": size, "sha256": sha256}


def _delete_unlisted(folder: Path, listed: set[str]) -> None:
    for path in {*folder.glob("*/*/*.parquet"), *folder.glob("*/*/.tmp-*")}:
        if str(path.relative_to(folder)) not in listed:
            path.unlink()


def write_shards(home: Home) -> Outcome:
    """Write what is missing, check the corpus-wide invariants, publish the manifest, delete what dropped out.

    Raises BrokenInvariant before anything is written when a figure or cluster would leak between sets, BadInput when a
    table or picture is missing or damaged; the shards published before stay as they are.
    """
    started = time.monotonic()
    folder = home.corpus("shards")
    with locked(home, "shards"):
        previous = read_manifest(home)
        known = {entry["path"]: entry for entry in previous["files"]} if previous else {}
        corpus = read_corpus_tables(home)
        counts: Counter[str] = Counter({f"{kind}_{split}": 0 for kind in KINDS for split in SPLITS})
        left_out: Counter[str] = Counter()
        planned: dict[str, dict[int, list[Planned]]] = {}
        disjointness = Disjointness()
        books = books_ready(home)
        for book in books:
            planned[book] = {}
            for number, selection in enumerate(selections(home, book, corpus)):
                left_out.update(selection.left_out)
                for (kind, split), rows in selection.rows.items():
                    disjointness.add(kind, split, rows)
                    counts[f"{kind}_{split}"] += len(rows)
                planned[book][number] = [_plan(book, *lane, rows) for lane, rows in selection.rows.items() if rows]
        plans = sorted((p for of in planned.values() for some in of.values() for p in some), key=lambda plan: plan.path)
        for book, of in planned.items():
            missing = {n: [p for p in some if not _is_there(folder / p.path, known)] for n, some in of.items()}
            if any(missing.values()):
                _write(home, book, missing, corpus)
        manifest: dict[str, Any] = {
            "format": FORMAT,
            "books": books,
            "counts": dict(counts),
            "files": [_entry(home, plan, known.get(plan.path)) for plan in plans],
        }
        same = previous is not None and {k: v for k, v in previous.items() if k != "parents"} == manifest
        if not same:
            manifest["parents"] = [content_hash(previous)] if previous else []
            write_json(folder / MANIFEST, manifest)
        _delete_unlisted(folder, {plan.path for plan in plans})
    totals = {**counts, "files": len(plans), "books": len(books)}
    totals.update({f"left_out_{reason}": number for reason, number in sorted(left_out.items())})
    return Outcome("shards", None, not same, totals, folder, time.monotonic() - started)
