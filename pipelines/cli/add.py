"""pathcorpus add BOOK.pdf · edit BOOK --licence X · replace BOOK FILE.pdf · list: the registered library."""

from pathlib import Path
from typing import Annotated

import typer

from assets.store import existing_home, open_home
from pipelines.cli.screen import AsJson, console, say


def add(
    pdf: Annotated[Path, typer.Argument(help="The textbook; NAME.toml beside it may hold title, licence, …")],
    key: Annotated[str | None, typer.Option(help="a-z, 0-9, - and _; default: the title's slug")] = None,
    title: str | None = None,
    edition: str | None = None,
    language: Annotated[str | None, typer.Option(help="BCP 47 tag, e.g. en or zh")] = None,
    licence: Annotated[str | None, typer.Option(help="SPDX identifier or LicenseRef-…")] = None,
    rights: Annotated[str | None, typer.Option(help="free note on who allowed what")] = None,
    as_json: AsJson = False,
) -> None:
    """Register a textbook under a key that never changes."""
    from assets.textbooks import library

    row = library.add(
        open_home(), pdf, key=key, title=title, edition=edition, language=language, licence=licence, rights=rights
    )
    if as_json:
        say(vars(row))
        return
    console.print(f"added {row.book}: {row.title} ({row.pages} pages)", markup=False)
    if not row.licence:
        console.print(
            f"no licence given, so its rows cannot be released: pathcorpus edit {row.book} --licence …",
            markup=False,
        )
    console.print("next: pathcorpus run --generator extractive", markup=False)


def edit(
    book: str,
    title: str | None = None,
    edition: str | None = None,
    language: str | None = None,
    licence: Annotated[str | None, typer.Option(help="SPDX identifier or LicenseRef-…")] = None,
    rights: str | None = None,
    as_json: AsJson = False,
) -> None:
    """Correct what is said of a registered textbook, for example its licence."""
    from assets.textbooks import library

    given = {"title": title, "edition": edition, "language": language, "licence": licence, "rights": rights}
    row = library.edit(existing_home(), book, **{name: value for name, value in given.items() if value})
    if as_json:
        say(vars(row))
        return
    console.print(f"{row.book}: {row.title} ({row.licence or 'no licence'})", markup=False)


def replace(book: str, pdf: Path, as_json: AsJson = False) -> None:
    """Put a corrected PDF under an existing key; the ids of its figures survive."""
    from assets.textbooks import library

    row = library.replace(existing_home(), book, pdf)
    if as_json:
        say(vars(row))
        return
    console.print(f"replaced {row.book}: {row.file_name} ({row.pages} pages)", markup=False)


def list_(as_json: AsJson = False) -> None:
    """List the registered textbooks."""
    from assets.textbooks import library

    rows = library.list_books(existing_home())
    for row in rows:
        if as_json:
            say(vars(row))
        else:
            console.print(f"{row.book:<40} {row.pages:>5} pages  {row.licence or '-':<14} {row.title}", markup=False)
    if not rows and not as_json:
        console.print("no textbooks yet: pathcorpus add BOOK.pdf", markup=False)
