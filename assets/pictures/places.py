"""Where the pictures of a source lie, and their bytes: in a folder, in archives, in a Parquet file, in slides.

A picture is named by the file:// URI of what holds it and its place therein. Nothing is copied or unpacked.
"""

import re
import stat
from pathlib import Path, PurePosixPath
from types import TracebackType
from urllib.parse import unquote, urlsplit

from assets.errors import BadInput, RowFault
from assets.pictures.archives import Archives
from assets.pictures.cells import Cells
from assets.pictures.slides import Slides

MAX_PICTURE = 256 << 20  # bytes
ARCHIVES = (".zip", ".tar")
ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


class Places:
    """Finds pictures and fetches their bytes. Use it as a context: it keeps files open."""

    def __init__(self) -> None:
        self._archives: Archives | None = None
        self._slides = Slides()
        self._cells = Cells()

    def __enter__(self) -> "Places":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._slides.close()
        self._cells.close()
        if self._archives:
            self._archives.close()

    def find(self, places: list[Path], name: str) -> tuple[str, str]:
        """URI and member of the picture called `name` in `places`, which are one folder or any number of archives.

        A folder is not looked into before the picture is read. Raises RowFault when the name would lead out of the
        folder, or no archive holds it.
        """
        check_name(name)
        if places[0].suffix.lower() not in ARCHIVES:
            return places[0].absolute().as_uri(), str(PurePosixPath(name))
        path, member = self._open_archives().find(places, str(PurePosixPath(name)))
        return path.absolute().as_uri(), member

    def read(self, uri: str, member: str) -> bytes:
        """The bytes of a picture. Raises RowFault when there are none, BadInput when OpenSlide is missing."""
        path = Path(unquote(urlsplit(uri).path))
        try:
            if path.suffix.lower() in ARCHIVES:
                return self._open_archives().read(path, member, MAX_PICTURE)
            if path.suffix.lower() == ".parquet":
                return self._cells.read(path, member)
            if path.is_dir():
                return _file_bytes(path, member)
            return self._slides.read(path, member)
        except OSError as error:
            raise RowFault("no-picture", f"{member} in {path} cannot be read: {error.strerror or error}") from error

    def _open_archives(self) -> Archives:
        if self._archives is None:
            self._archives = Archives()
        return self._archives


def places_of(images: Path) -> list[Path]:
    """The zip archives in a folder, sorted, or the folder itself when it holds none; an archive is taken as it is.

    Raises BadInput when it is neither.
    """
    if images.is_file() and images.suffix.lower() in ARCHIVES:
        return [images]
    if not images.is_dir():
        raise BadInput(f"{images} is no folder and no zip archive of pictures; name where the pictures lie")
    archives = sorted(path for path in images.iterdir() if path.suffix.lower() == ".zip" and path.is_file())
    return archives or [images]


def check_name(name: str) -> None:
    """Raises RowFault for a name that leads out of its folder, or to another machine."""
    if ADDRESS.match(name):
        raise RowFault("unsafe-name", "the picture is named by an address; only pictures on this machine are read")
    if not name or "\0" in name or name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name):
        raise RowFault("unsafe-name", "the picture's name leads out of its folder")


def _file_bytes(folder: Path, member: str) -> bytes:
    """Raises OSError when there is no such file, RowFault when it is none of the folder's."""
    check_name(member)
    path = (folder / member).resolve(strict=True)
    if not path.is_relative_to(folder.resolve()):
        raise RowFault("unsafe-name", f"{folder / member} is a link that leads out of its folder")
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise RowFault("no-picture", f"{path} is no file")
    if found.st_size > MAX_PICTURE:
        raise RowFault("too-large", f"{path} is larger than {MAX_PICTURE >> 20} MiB")
    return path.read_bytes()
