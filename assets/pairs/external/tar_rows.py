"""Samples of a WebDataset shard: consecutive files of a tar that share their name up to the first dot.

A sample becomes a row whose columns are the files' endings; fields of a .json file are columns, too.
"""

import json
import re
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assets.errors import BadInput, RowFault, one_line
from assets.pairs.external.item import RAW_CHARS, Cursor, Row
from assets.pictures.archives import check_tar_end

PICTURES = ("jpg", "jpeg", "png", "webp", "tif", "tiff", "bmp")
MAX_TEXT = 16 << 20
NAME = re.compile(r"((?:.*/)?[^/.]+)\.([^/]+)")  # up to the first dot of the last part, as webdataset reads names
IMAGE, KEY = "__image__", "__key__"


@dataclass
class _Sample:
    key: str
    begins: int
    values: dict[str, Any] = field(default_factory=dict)
    fault: RowFault | None = None


def tar_rows(path: Path, start: Cursor) -> Iterator[Row]:
    """The samples behind `start`, whose offset is that of a file's header.

    `__key__` is the name that the files of a sample share, `__image__` the one that is a picture. Raises BadInput for a
    compressed tar, of which no single picture can be fetched.
    """
    row = start.row
    with path.open("rb") as file:
        file.seek(start.offset)
        sample: _Sample | None = None
        try:
            with tarfile.open(fileobj=file, mode="r:") as archive:
                while member := archive.next():
                    archive.members.clear()  # type: ignore[attr-defined]  # which tarfile keeps of all it has seen
                    named = NAME.fullmatch(member.name)
                    if not member.isfile() or not named:
                        continue
                    key, ending = named.group(1), named.group(2).lower()
                    if sample and sample.key != key:
                        row += 1
                        yield _row(sample, start, row, member.offset)
                        sample = None
                    sample = sample or _Sample(key, member.offset)
                    _add(sample, archive, member, ending)
                check_tar_end(file, archive)
        except tarfile.TarError as error:
            if row == 0 and sample is None and start.offset == 0:
                raise BadInput(
                    f"{path} is no plain tar ({one_line(error, 80)}); unpack a compressed one with gunzip, "
                    "or get the file again"
                ) from error
            fault = RowFault("damaged", f"the archive is damaged from here to its end ({one_line(error, 80)})")
            sample = _Sample(sample.key if sample else "", 0, fault=fault)
        if sample:
            yield _row(sample, start, row + 1, start.size)


def _row(sample: _Sample, start: Cursor, row: int, offset: int) -> Row:
    after = Cursor(start.file, start.size, offset, row)
    values = {} if sample.fault else {KEY: sample.key, **sample.values}
    raw = f"{sample.key}: {sample.values}"[:RAW_CHARS]
    return Row(start.file, row, None, after, raw, values, sample.fault)


def _add(sample: _Sample, archive: tarfile.TarFile, member: tarfile.TarInfo, ending: str) -> None:
    if ending in PICTURES:
        if IMAGE in sample.values:
            sample.fault = RowFault("two-pictures", f"the sample {sample.key} has more than one picture")
        sample.values[IMAGE] = member.name
    elif ending in ("txt", "caption", "json"):
        if member.size > MAX_TEXT:
            sample.fault = RowFault("too-long", f"{member.name} is larger than {MAX_TEXT >> 20} MiB")
            return
        data = archive.extractfile(member)
        text = data.read().decode("utf-8", "surrogateescape") if data else ""
        if ending != "json":
            sample.values[ending] = text
            return
        try:
            said = json.loads(text, parse_constant=lambda name: None)
        except (ValueError, RecursionError) as error:
            sample.fault = RowFault("bad-json", f"{member.name} is no JSON ({one_line(error, 80)})")
            return
        sample.values |= said if isinstance(said, dict) else {ending: said}
