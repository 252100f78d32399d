"""The partition set of the textbooks, kept in step with the library.

Belongs here: which keys there are and how they get into an instance. A key is the registry's key, never a file name.
Keys are only ever added: Dagster mishandles a deleted and re-added partition, and a book that is gone from the library
says so when its partition is launched.
"""

import dagster as dg

from assets.asset import TEXTBOOKS
from assets.records import BOOK_KEY
from assets.store import Home

PARTITIONS = str(TEXTBOOKS.name)


def registered(home: Home) -> list[str]:
    """Keys of the registered books. Dagster accepts any string as a dynamic key, so what is no key ends here."""
    return [book for book in home.books() if BOOK_KEY.match(book)]


def new_keys(instance: dg.DagsterInstance, home: Home) -> list[str]:
    """Registered books that have no partition yet."""
    known = set(instance.get_dynamic_partitions(PARTITIONS))
    return [book for book in registered(home) if book not in known]
