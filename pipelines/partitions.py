"""The partition sets of the textbooks and of the external sources, kept in step with the library.

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


def registered_sources(home: Home) -> list[str]:
    """Names of the registered sources."""
    return [source for source in home.sources() if BOOK_KEY.match(source)]


def new_keys(instance: dg.DagsterInstance, keys: list[str], partitions: dg.DynamicPartitionsDefinition) -> list[str]:
    """Registered keys that have no partition yet."""
    known = set(instance.get_dynamic_partitions(str(partitions.name)))
    return [key for key in keys if key not in known]
