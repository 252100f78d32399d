"""The one exception that a user is meant to read, and the one that costs a row.

Belongs here: errors of input, named so that every station raises the same class and every front end (command line,
Dagster, servers) shows it the same way. Programming errors stay ordinary exceptions with their traceback.
"""


class BadInput(ValueError):
    """Input that cannot be used as it is.

    The message is one sentence that names the file, page or row and says what to do. The command line prints it on
    stderr without a traceback and ends with exit code 2.
    """


class RowFault(ValueError):
    """Why one row or picture of a source cannot be used, the others can: a short code and one sentence."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


def one_line(error: BaseException, limit: int = 300) -> str:
    """The error's message on one line, without control characters, at most `limit` characters."""
    text = " ".join("".join(c if c.isprintable() else " " for c in str(error)).split())
    return (text or type(error).__name__)[:limit]
