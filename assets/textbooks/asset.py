"""The registered book as the first asset of its chain."""

from typing import Any

import dagster as dg

from assets.asset import PER_BOOK, columns, each_book
from assets.records import Textbook
from assets.store import Home, Outcome, file_sha256


@dg.asset(
    **PER_BOOK,
    group_name="textbooks",
    kinds={"pdf"},
    code_version="1",
    metadata=columns(Textbook),
    check_specs=[
        dg.AssetCheckSpec("file_unchanged", asset="textbook", blocking=True,
                          description="The PDF in the library is, byte for byte, the one that was registered."),
    ],
)  # fmt: skip
def textbook(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    """A registered textbook: the PDF in the library, its title, licence and rights.

    Drop `NAME.pdf` and `NAME.toml` into the inbox of the corpus home, or use `pathcorpus add`.
    """
    from assets.textbooks import library

    changed = []

    def look(home: Home, book: str) -> tuple[Outcome | None, dict[str, Any]]:
        row = library.get(home, book)
        pdf = library.pdf_path(home, book)
        if not pdf.is_file() or file_sha256(pdf) != row.sha256:
            changed.append(book)
        return None, {
            "title": row.title,
            "edition": row.edition,
            "language": row.language,
            "licence": row.licence or "not known: it blocks a release",
            "rights": row.rights,
            "pages": row.pages,
            "registered": dg.MetadataValue.timestamp(row.added_at),
            "sha256": row.sha256,
            "file name": row.file_name,
            "file": dg.MetadataValue.path(str(pdf)),
        }

    each_book(context, look)
    unchanged = dg.AssetCheckResult(
        check_name="file_unchanged", passed=not changed, metadata={"changed": ", ".join(changed) or "none"}
    )
    return dg.MaterializeResult(check_results=[unchanged])
