"""Opening a PDF that may be damaged or hostile: for the library, which registers it, and the figures station.

What a usable PDF is must be said once, so that nothing is registered that cannot be read later.
"""

import re
from pathlib import Path

import PIL
import pymupdf

from assets.errors import BadInput, one_line

READERS = tuple(Path(module.__file__ or "").parent for module in (pymupdf, PIL))
MAX_PAGES = 5_000
NO_MEMORY = re.compile(r"code=2: (m|c|re)alloc \([^()]* bytes\) failed")


def from_damage(error: Exception) -> bool:
    """Whether damaged input made pymupdf or Pillow raise `error`, as far as can be told.

    Both raise nearly every class there is on damaged files, IndexError and TypeError included, so what counts is where
    the error comes from. What our own code raises is a programming error and must surface; so must a lack of memory.
    """
    if lacks_memory(error):
        return False
    if isinstance(error, pymupdf.mupdf.FzErrorBase):
        return True
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and any(f in Path(trace.tb_frame.f_code.co_filename).parents for f in READERS)


def lacks_memory(error: BaseException) -> bool:
    """Whether `error` says that memory ran out, in Python or in MuPDF (whose words are "malloc (N bytes) failed").

    What MuPDF raises below C++ code of pymupdf, such as the counting of pages, arrives as a RuntimeError "code=2: ...".
    """
    if isinstance(error, MemoryError):
        return True
    if type(error) is RuntimeError:
        return NO_MEMORY.fullmatch(str(error)) is not None
    return isinstance(error, pymupdf.mupdf.FzErrorSystem) and "alloc (" in str(error)


def open_pdf(path: Path) -> pymupdf.Document:
    """Open a PDF. Raises BadInput when it is no PDF, encrypted, without pages, too long or cannot be read."""
    if not path.is_file():
        raise BadInput(f"{path}: no such file")
    pymupdf.TOOLS.mupdf_display_errors(False)
    pymupdf.TOOLS.mupdf_display_warnings(False)
    try:
        document = pymupdf.open(path, filetype="pdf")
        is_pdf, encrypted = bool(document.is_pdf), bool(document.needs_pass)
        pages = document.page_count if is_pdf and not encrypted else 0
    except Exception as error:
        if not from_damage(error):
            raise
        raise BadInput(f"{path} cannot be read as a PDF ({one_line(error)}); repair it or give another file") from error
    problem = None
    if not is_pdf:  # MuPDF opens pictures and HTML under any name
        problem = "is no PDF; convert it to PDF first"
    elif encrypted:
        problem = "is encrypted; remove its password first"
    elif pages == 0:
        problem = "has no pages that can be read; repair it or give another file"
    elif pages > MAX_PAGES:
        problem = f"has {pages} pages, more than {MAX_PAGES}; split it into parts"
    if problem:
        document.close()
        raise BadInput(f"{path} {problem}")
    return document
