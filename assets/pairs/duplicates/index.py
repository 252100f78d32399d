"""What a new book is compared with: hashes, keypoints, captions and patients of all books in the ledger side by side.

    duplicates/index.json        which rows are whose
    duplicates/pictures/*.bin    a row for every picture of a book: its hashes, pixels, caption
    duplicates/keypoints/*.bin   descriptors and their keys, of at most votes.BUDGET pictures
    duplicates/patients/*.bin    a row for every patient or slide of a book

Without it every new book would read all tables of all earlier ones. It is made from those tables, holds nothing else,
and is brought up to date when it is opened: a new book is appended, the rows of one that changed or is gone are no
longer counted, and when those are most of all it is made anew. Deleting it costs time only.
"""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from assets.errors import BadInput, one_line
from assets.pairs.duplicates import captions
from assets.pairs.duplicates.clusters import GOOD
from assets.pairs.duplicates.columns import Columns, Layout
from assets.pairs.duplicates.join import table_keys
from assets.pairs.duplicates.verify import Features
from assets.pairs.duplicates.votes import BITS, BUDGET, TABLES, stacked
from assets.records import Keypoints
from assets.schema import content_hash
from assets.store import REMAKE, SEAL, Home, read_rows, state_of, write_bytes
from assets.testsets.slides import patient_of

FORMAT = 1
MANIFEST = "index.json"
WHOLE, TRIMMED, DRAWING = 1, 2, 4  # bits of `good`: which hash may link, and whether only ink can
PICTURES: Layout = {
    "image": ("u1", 32), "whole": ("u1", 32), "trimmed": ("u1", 32), "good": ("u1", 1), "pixels": ("<u8", 1),
    "caption": ("<u8", 1), "pair": ("<u4", 1),
}  # fmt: skip
KEYPOINTS: Layout = {"descriptor": ("u1", 32), "picture": ("<u4", 1), **{f"key{n}": ("<u4", 1) for n in range(TABLES)}}
PATIENTS: Layout = {"patient": ("<u8", 1), "pair": ("<u4", 1)}
TABLE_LAYOUTS = {"pictures": PICTURES, "keypoints": KEYPOINTS, "patients": PATIENTS}


@dataclass(frozen=True)
class Pictures:
    """The pictures of one book: as the index holds them, and their names."""

    names: list[str]
    columns: dict[str, NDArray]


class Index:
    """All books of the ledger. Open it under the ledger's lock."""

    def __init__(self, home: Home) -> None:
        self._home, self._folder = home, home.corpus("duplicates")
        self._row_of: dict[str, int] = {}
        self._load()
        self._refresh()

    def names(self, rows: NDArray[np.int64]) -> list[str]:
        """Pictures as an Edge names them, for rows that `live` gave."""
        image = self.tables["pictures"]["image"]
        book_of = {row: book for book, held in self.places("pictures", np.unique(rows)).items() for row, _ in held}
        names = [f"{book_of[row]}/{image[row].tobytes().hex()}" for row in rows.tolist()]
        self._row_of.update(zip(names, rows.tolist(), strict=True))
        return names

    def row_of(self, name: str) -> int:
        """Row of a picture that `names` gave."""
        return self._row_of[name]

    def pairs_of(self, names: Iterable[str]) -> dict[str, dict[str, int]]:
        """Book -> picture -> row of its first pair in pairs.parquet, for pictures that `names` gave."""
        row_of = {self._row_of[name]: name for name in names}
        placed = self.places("pictures", np.array(sorted(row_of), np.int64))
        return {book: {row_of[row]: pair for row, pair in held} for book, held in placed.items()}

    def places(self, table: str, rows: NDArray[np.int64]) -> dict[str, list[tuple[int, int]]]:
        """Book or source -> (row, row of its pair in pairs.parquet), for rows that `live` or `patients` gave."""
        pair = self.tables[table]["pair"]
        books = sorted(self._entries, key=lambda book: self._entries[book][table])
        starts = np.array([self._entries[book][table][0] for book in books], np.int64)
        found: dict[str, list[tuple[int, int]]] = {}
        # Of books without rows, which begin where the next one does, the last is the one that has them.
        for row, at in zip(rows.tolist(), np.searchsorted(starts, rows, "right").tolist(), strict=True):
            found.setdefault(books[at - 1], []).append((row, int(pair[row])))
        return found

    def live(self, but: str) -> NDArray[np.int64]:
        """Rows of pictures that count, without those of the book `but`; of equal pixels the first row alone."""
        rows = self._rows("pictures", but)
        _, first = np.unique(self.tables["pictures"]["pixels"][rows], return_index=True)
        return rows[np.sort(first)]

    def patients(self, wanted: NDArray[np.uint64], but: str) -> NDArray[np.int64]:
        """Rows of the wanted patients in other books; `tables["patients"]["patient"]` says whose each is."""
        rows = self._rows("patients", but)
        return rows[np.isin(self.tables["patients"]["patient"][rows], wanted)]

    def _rows(self, table: str, but: str) -> NDArray[np.int64]:
        ranges = [np.arange(entry[table][0], sum(entry[table])) for b, entry in self._entries.items() if b != but]
        return np.concatenate([np.zeros(0, np.int64), *ranges])

    def _load(self) -> None:
        """The index as it was left; an empty one where there is none, or one of another making, or a damaged one."""
        try:
            saved: dict[str, Any] = json.loads((self._folder / MANIFEST).read_text(encoding="utf-8"))
            whole = saved["format"] == FORMAT
            self._entries: dict[str, dict[str, Any]] = saved["books"] if whole else {}
            rows = saved["rows"] if whole else {}
            self._open(rows)
        except (OSError, ValueError, KeyError, TypeError):
            self._entries = {}
            self._open({})
        if not all(table.whole() for table in self.tables.values()):
            self._entries = {}
            self._open({})

    def _open(self, rows: dict[str, int]) -> None:
        self.tables = {
            name: Columns(self._folder / name, layout, rows.get(name, 0)) for name, layout in TABLE_LAYOUTS.items()
        }

    def _refresh(self) -> None:
        """Append books that are new, forget those that changed or are gone."""
        there = {book: when for book in _listed(self._home) if (when := _when(self._home, book)) is not None}
        changed = False
        for book in [book for book in self._entries if book not in there]:
            del self._entries[book]
            changed = True
        for book, when in sorted(there.items(), key=lambda item: item[::-1]):
            entry = self._entries.get(book)
            if entry and entry["when"] == when:
                continue
            state = content_hash([state_of(self._home.station(station, book)) for station in ("pairs", "hashes")])
            changed = True
            if entry and entry["state"] == state:
                entry["when"] = when
                continue
            self._entries.pop(book, None)
            self._entries[book] = {"state": state, "when": when, **self._append(book)}
        counted = sum(entry["pictures"][1] for entry in self._entries.values())
        if 2 * counted < self.tables["pictures"].rows:
            self._entries = {}
            self._open({})
            self._refresh()
        elif changed:
            rows = {name: table.rows for name, table in self.tables.items()}
            manifest = {"format": FORMAT, "rows": rows, "books": self._entries}
            write_bytes(self._folder / MANIFEST, json.dumps(manifest).encode())

    def _append(self, book: str) -> dict[str, Any]:
        """Append a book's rows; for each table the first row and how many, and how many pictures have keypoints."""
        before = {name: table.rows for name, table in self.tables.items()}
        pictures = read_pictures(self._home, book)
        self.tables["pictures"].append(pictures.columns)
        place = {name: before["pictures"] + row for row, name in enumerate(pictures.names)}
        described = sum(entry["described"] for entry in self._entries.values())
        rows = read_rows(self._home.station("hashes", book) / "keypoints.parquet", Keypoints)
        rows = [row for row in rows if row.image in place][: max(0, BUDGET - described)]
        descriptors, owner = stacked([Features.of(row) for row in rows])
        places = np.array([place[row.image] for row in rows], np.uint32)
        keys = {f"key{n}": keys for n, keys in enumerate(table_keys(descriptors, BITS, TABLES))}
        self.tables["keypoints"].append({"descriptor": descriptors, "picture": places[owner], **keys})
        self.tables["patients"].append(_patients(self._home, book))
        ranges = {name: [before[name], table.rows - before[name]] for name, table in self.tables.items()}
        return {**ranges, "described": len(rows)}


def _listed(home: Home) -> list[str]:
    try:
        return os.listdir(home.corpus("ledger"))
    except FileNotFoundError:
        return []


def _when(home: Home, book: str) -> list[int] | None:
    """When the tables that the index reads were published; None while one is not there, or its book was removed."""
    try:
        return [os.stat(f"{home.root}/{name}/{book}/{SEAL}").st_mtime_ns for name in ("ledger", "pairs", "hashes")]
    except (FileNotFoundError, NotADirectoryError):
        return None


def read_pictures(home: Home, book: str) -> Pictures:
    """The pictures of a book, each with its first pair, by the order of the pairs; blank ones are left out."""
    pairs = read_columns(home.station("pairs", book) / "pairs.parquet", ["image", "text"])
    hashes = read_columns(
        home.station("hashes", book) / "hashes.parquet",
        ["image", "pixels", "whole", "whole_quality", "trimmed", "trimmed_quality", "blank", "drawing"],
    )
    first: dict[str, int] = {}
    for row, name in enumerate(pairs["image"].to_pylist()):
        first.setdefault(name, row)
    names = hashes["image"].to_pylist()
    kept = [
        row for row, (name, blank) in enumerate(zip(names, hashes["blank"].to_pylist(), strict=True))
        if name in first and not blank
    ]  # fmt: skip
    hashes = hashes.take(pa.array(kept, pa.int64()))
    pair = np.array([first[names[row]] for row in kept], np.uint32)
    texts = pairs["text"].take(pa.array(pair)).to_pylist()
    trimmed = [code or bytes(32) for code in hashes["trimmed"].to_pylist()]
    columns = {
        "image": _bits([bytes.fromhex(names[row]) for row in kept]),
        "whole": _bits(hashes["whole"].to_pylist()),
        "trimmed": _bits(trimmed),
        "good": (WHOLE * (hashes["whole_quality"].to_numpy() >= GOOD)
                 + TRIMMED * (hashes["trimmed_quality"].to_numpy() >= GOOD)
                 + DRAWING * np.array(hashes["drawing"].to_pylist(), bool)),
        "pixels": np.array([int(digest[:16], 16) for digest in hashes["pixels"].to_pylist()], np.uint64),
        "caption": np.array([captions.key(text) for text in texts], np.uint64),
        "pair": pair,
    }  # fmt: skip
    return Pictures([names[row] for row in kept], columns)


def _patients(home: Home, book: str) -> dict[str, NDArray]:
    """Each patient or slide of a book with its first pair."""
    named = read_columns(home.station("pairs", book) / "pairs.parquet", ["slide_or_patient_id"])
    ids: dict[str, int] = {}
    for row, name in enumerate(named["slide_or_patient_id"].to_pylist()):
        if name:
            ids.setdefault(name, row)
    first: dict[int, int] = {}
    for name, row in ids.items():
        first.setdefault(patient_number(book, name), row)
    return {
        "patient": np.array(list(first), np.uint64),
        "pair": np.array(list(first.values()), np.uint32),
    }


@lru_cache(100_000)
def patient_number(book: str, raw: str) -> int:
    """64 bits for the patient behind an id whose spelling says so (a TCGA barcode), else for the id in its source."""
    return captions.number(patient_of(book, raw) or f"{book}:{raw}")


def read_columns(path: Path, names: list[str]) -> pa.Table:
    """Columns of a table. Raises BadInput when it is missing or damaged."""
    try:
        return pq.read_table(path, columns=names)
    except (pa.ArrowException, OSError, KeyError) as error:
        raise BadInput(f"{path} cannot be read ({one_line(error, 120)}); {REMAKE}") from error


def _bits(codes: list[bytes]) -> NDArray[np.uint8]:
    return np.frombuffer(b"".join(codes), np.uint8).reshape(-1, 32)
