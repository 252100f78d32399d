"""Where the picture of a test item lies, and its bytes on demand. Pictures stay in the files that the user has."""

import functools
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pyarrow as pa
import pyarrow.parquet as pq

from assets.errors import BadInput, one_line

ENDINGS = (".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp")


@dataclass(frozen=True)
class Picture:
    """A picture file, or a row of a Parquet file: its column `column` (Hugging Face's Image: struct of bytes and path).

    path: of the file. row: 0-based row of a Parquet file, None for a picture file.
    """

    path: str
    row: int | None = None
    column: str = "image"

    def read(self) -> bytes:
        """The encoded picture. Raises BadInput, which names file and row, when it cannot be read."""
        try:
            if self.row is None:
                return Path(self.path).read_bytes()
            return _bytes_in_row(self.path, self.row, self.column)
        except (OSError, pa.ArrowException) as error:
            where = self.path if self.row is None else f"{self.path} row {self.row + 1}"
            raise BadInput(
                f"the picture in {where} cannot be read ({one_line(error, 120)}); get the file anew"
            ) from error


def _bytes_in_row(path: str, row: int, column: str) -> bytes:
    with pq.ParquetFile(path) as file:
        for group in range(file.num_row_groups):
            rows = file.metadata.row_group(group).num_rows
            if row < rows:
                data = _column_of_group(path, os.stat(path).st_mtime_ns, group, column)[row]["bytes"].as_py()
                if data is None:
                    raise BadInput(f"{path} row {row + 1} holds no picture")
                return data
            row -= rows
    raise BadInput(f"{path} has fewer rows than when it was read; read the test set again")


@functools.lru_cache(maxsize=1)  # pictures are fetched in the order of their rows, and a group holds about a hundred
def _column_of_group(path: str, changed_ns: int, group: int, column: str) -> pa.ChunkedArray:
    with pq.ParquetFile(path) as file:
        return file.read_row_group(group, columns=[column])[column]


def picture_file(folder: Path, name: str) -> Picture | None:
    """The file of that name in the folder. None when it is missing, or the name leads out of the folder."""
    below = PurePosixPath(name.replace("\\", "/"))
    if "\0" in name or below.is_absolute() or ".." in below.parts or not below.parts:
        return None
    try:
        return Picture(str(folder / below)) if (folder / below).is_file() else None
    except OSError:  # a name that is too long
        return None


def by_stem(folder: Path) -> dict[str, Picture]:
    """The pictures in a folder by file name without ending, for sets that name them so."""
    return {file.stem: Picture(str(file)) for file in sorted(folder.iterdir()) if is_picture(file)}


def is_picture(file: Path) -> bool:
    return file.suffix.lower() in ENDINGS and file.is_file()


def pictures_below(folder: Path) -> Iterable[Path]:
    """All files below a folder in a fixed order, hidden ones (.DS_Store, Thumbs.db) left out."""
    files = (file for file in folder.rglob("*") if file.is_file())
    return sorted(file for file in files if not file.name.startswith(".") and file.name != "Thumbs.db")
