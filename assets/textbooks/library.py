"""The registered library: add, list, get and replace textbooks.

A book is registered once under a key that never changes. The key is given, or the slug of the title, or book-<sha8>.
The same file is never registered twice. Files: library/<book>/book.pdf and textbook.parquet (one Textbook row, written
last: a folder without it is an interrupted `add` and is not registered).
"""

import hashlib
import re
import shutil
import tomllib
import unicodedata
from datetime import UTC, datetime
from pathlib import Path

from assets.errors import BadInput, one_line
from assets.records import BOOK_KEY, Textbook
from assets.store import Home, atomic, file_sha256, locked, read_rows, write_rows
from assets.textbooks.pages import count_pages

SIDECAR_FIELDS = {"key", "title", "edition", "language", "licence", "rights"}


def slug(title: str) -> str | None:
    """ASCII slug of a title as a book key (at most 64 characters), or None when nothing usable is left of it."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    key = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:64].rstrip("-")
    return key if len(key) >= 3 and BOOK_KEY.match(key) else None


def read_sidecar(pdf: Path) -> dict[str, str]:
    """Fields of NAME.toml beside NAME.pdf, {} when there is none. Raises BadInput for unknown fields or bad TOML."""
    path = pdf.with_suffix(".toml")
    if not path.is_file():
        return {}
    try:
        fields = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadInput(f"{path} is not valid TOML: {one_line(error)}") from error
    unknown = sorted(fields.keys() - SIDECAR_FIELDS)
    if unknown:
        raise BadInput(f"{path}: unknown field {unknown[0]!r}; known are {', '.join(sorted(SIDECAR_FIELDS))}")
    wrong = next((name for name, value in fields.items() if not isinstance(value, str)), None)
    if wrong:
        raise BadInput(f"{path}: field {wrong!r} must be a text in quotes")
    return fields


def list_books(home: Home) -> list[Textbook]:
    return [get(home, book) for book in home.books()]


def get(home: Home, book: str) -> Textbook:
    """The registered row of a book. Raises BadInput when there is none of this key."""
    path = home.library / book / "textbook.parquet"
    if not BOOK_KEY.match(book) or not path.exists():
        known = ", ".join(home.books()[:10]) or "none"
        raise BadInput(f"no book {book!r} in the library (registered: {known}); see `pathcorpus list`")
    return read_rows(path, Textbook, mend=f"restore it, or delete it and register {path.parent / 'book.pdf'} again")[0]


def pdf_path(home: Home, book: str) -> Path:
    return home.library / book / "book.pdf"


def add(
    home: Home, pdf: Path, *, key: str | None = None, title: str | None = None, edition: str | None = None,
    language: str | None = None, licence: str | None = None, rights: str | None = None,
) -> Textbook:  # fmt: skip
    """Register a PDF. What is not given is read from the sidecar NAME.toml, the title at last from the file's name.

    Raises BadInput for an unusable PDF, an invalid or taken key, or a file that is registered already.
    """
    pages = count_pages(pdf)
    given = {"title": title, "edition": edition, "language": language, "licence": licence, "rights": rights}
    said = read_sidecar(pdf) | {name: value for name, value in given.items() if value}
    said = {name: plain(value) for name, value in said.items()}
    key = key if key is not None else said.get("key")
    if key is not None and not BOOK_KEY.match(key):
        raise BadInput(f"invalid key {key[:80]!r}: 1 to 64 of a-z, 0-9, - and _, beginning with a letter or digit")
    title = said.get("title") or plain(pdf.stem)
    digest = file_sha256(pdf)
    with locked(home, "library"):
        known = _known_files(home)
        if digest in known:
            raise BadInput(f"{pdf.name} is registered already as {known[digest]!r}; nothing was added")
        taken = {*known.values(), *home.sources()}  # the folders of both lie side by side in every station
        if key is not None and key in home.sources():
            raise BadInput(f"key {key!r} is the name of an external source; choose another")
        if key is not None and key in taken:
            raise BadInput(f"key {key!r} is taken; choose another, or use `pathcorpus replace {key} FILE`")
        book = key or slug(title) or f"book-{digest[:8]}"
        if key is None and book in taken:
            book = f"{book[:55]}-{digest[:8]}"
        row = Textbook(
            book=book,
            sha256=digest,
            file_name=pdf.name,
            title=title,
            edition=said.get("edition"),
            language=said.get("language"),
            licence=said.get("licence"),
            rights=said.get("rights"),
            pages=pages,
            added_at=datetime.now(UTC),
        )
        _store(home, row, pdf)
    return row


def _known_files(home: Home) -> dict[str, str]:
    """SHA-256 of every registered PDF to its key; a book whose row is damaged must not keep others out."""
    known = {}
    for book in home.books():
        try:
            known[get(home, book).sha256] = book
        except BadInput:
            known[file_sha256(pdf_path(home, book))] = book
    return known


def replace(home: Home, book: str, pdf: Path) -> Textbook:
    """Put another PDF (a corrected printing, a better scan) under an existing key; ids of its figures survive."""
    pages = count_pages(pdf)
    digest = file_sha256(pdf)
    with locked(home, "library"):
        old = get(home, book)
        owner = _known_files(home).get(digest)
        if owner:
            raise BadInput(f"{pdf.name} is registered already as {owner!r}; nothing was replaced")
        row = Textbook(**{**vars(old), "sha256": digest, "file_name": pdf.name, "pages": pages})
        _store(home, row, pdf)
    return row


def edit(home: Home, book: str, **fields: str) -> Textbook:
    """Correct what is said of a book (title, edition, language, licence, rights); its key and file stay."""
    unknown = sorted(fields.keys() - (SIDECAR_FIELDS - {"key"}))
    if unknown or not fields:
        raise BadInput(f"nothing to edit in {book!r}: give title, edition, language, licence or rights")
    with locked(home, "library"):
        row = Textbook(**{**vars(get(home, book)), **{name: plain(value) for name, value in fields.items()}})
        write_rows(home.library / book / "textbook.parquet", [row], Textbook)
    return row


def plain(text: str) -> str:
    """One line without control characters, at most 300 characters: it is shown in terminals and pages."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:300]


def _store(home: Home, row: Textbook, pdf: Path) -> None:
    """Copy the PDF, check that what arrived is what was read, then write the row that makes the book registered."""
    target = pdf_path(home, row.book)
    with atomic(target) as temporary:
        shutil.copyfile(pdf, temporary)
        with temporary.open("rb") as handle:
            arrived = hashlib.file_digest(handle, "sha256").hexdigest()
        if arrived != row.sha256:
            raise BadInput(f"{pdf} changed while it was read; wait until it is written and add it again")
    write_rows(target.parent / "textbook.parquet", [row], Textbook)
