"""Pictures by name, whatever holds them: a book's image pack, or the files of an external source."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from assets.pictures.placed import PlacedPictures
from assets.pictures.places import Places
from assets.records import Image
from assets.store import Home, pack_of

PLACED = "placed.parquet"


@contextmanager
def pictures_of(home: Home, key: str) -> Iterator[Callable[[str], Image]]:
    """Read the pictures of a book's or source's pairs: `with pictures_of(home, key) as read: read(pair.image).data`.

    The bytes are such that every browser and trainer shows them right; `Image.sha256` is the name, whatever they are.
    Raises BadInput when a picture is gone, damaged or another one than it was.
    """
    placed = home.station("pairs", key) / PLACED
    if not placed.exists() and key not in home.sources():
        yield pack_of(home, key).read
        return
    with Places() as places:
        yield PlacedPictures(placed, places).read
