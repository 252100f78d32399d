"""The files of a zip archive, and one file's bytes fetched by its place: PKWARE APPNOTE 6.3.10.

zipfile reads the directory, but has to hold it for as long as files are fetched: half a gigabyte for the million
pictures of a source. So its entries are told and forgotten, and bytes are fetched without it. Nothing is unpacked onto
the disk, so a hostile name does no harm.
"""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from assets.errors import BadInput, one_line

LOCAL = struct.Struct("<4s5H3L2H")
STORED, DEFLATED, ENCRYPTED = 0, 8, 0x1


class Entry(NamedTuple):
    """A file in an archive: where its header lies, how it is packed, its bytes packed and whole, its CRC-32."""

    name: str
    offset: int
    method: int
    packed: int
    size: int
    crc: int


def zip_entries(path: Path) -> Iterator[Entry]:
    """Every file of the archive in the order of its directory. Raises BadInput when the archive is damaged."""
    try:
        with zipfile.ZipFile(path) as archive:
            found = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise BadInput(f"{path} is no whole zip archive ({one_line(error, 120)}); get it again") from error
    for info in found:
        if not info.is_dir():
            method = -1 if info.flag_bits & ENCRYPTED else info.compress_type
            yield Entry(info.filename, info.header_offset, method, info.compress_size, info.file_size, info.CRC)


def zip_bytes(file: BinaryIO, entry: Entry) -> bytes:
    """The bytes of an entry. Raises ValueError when they are damaged, encrypted or packed in a way not known here."""
    file.seek(entry.offset)
    sign, *_, named, extra = LOCAL.unpack(_exactly(file, LOCAL.size))
    if sign != b"PK\x03\x04":
        raise ValueError("the archive's directory points to no file")
    file.seek(named + extra, 1)
    if entry.method == STORED:
        data = _exactly(file, entry.size)
    elif entry.method == DEFLATED:
        try:
            data = zlib.decompressobj(-15).decompress(_exactly(file, entry.packed), entry.size + 1)
        except zlib.error as error:
            raise ValueError(f"it cannot be inflated ({error})") from error
    else:
        raise ValueError("it is encrypted" if entry.method < 0 else f"it is packed by method {entry.method}")
    if len(data) != entry.size or zlib.crc32(data) != entry.crc:
        raise ValueError("its checksum or size is wrong")
    return data


def _exactly(file: BinaryIO, count: int) -> bytes:
    data = file.read(count)
    if len(data) != count:
        raise ValueError("it is cut off")
    return data
