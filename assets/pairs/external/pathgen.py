"""PathGen-1.6M: one JSON list of patches of TCGA slides with captions; no pictures.

    {"wsi_id": "TCGA-AA-3844-01Z-00-DX1.<uuid>", "position": ["35136", "33344"], "caption": "…", "file_id": "<uuid>"}

The user fetches the slides (`gdc-client download FILE_ID`), out of which patches of 672 x 672 pixels of level 0 are
cut, as the authors' README shows it. The first twelve characters of wsi_id name the patient: the key by which patches
are kept out of benchmarks.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from assets.errors import BadInput, RowFault
from assets.pairs.external.files import read_items, rows_of_files
from assets.pairs.external.item import Cursor, Read, Row, facts_json, key_of, needed, text_in
from assets.pairs.external.json_rows import json_rows
from assets.pictures.slides import ENDINGS, region
from assets.records import Item, Problem

SIDE = 672  # pixels of level 0
WSI = re.compile(r"TCGA-[A-Z0-9]{2}-[A-Z0-9]{4}-[A-Z0-9-]+(?:\.[A-Z0-9-]+)?", re.IGNORECASE)
PATIENT_CHARS = 12


def read_pathgen(source: str, table: Path, slides: Path, after: Cursor | None = None) -> Iterator[Read[Item | Problem]]:
    """Items and problems of the list `table`, behind `after`; an entry whose slide is not below `slides` is a problem.

    Raises BadInput when the first entry has another shape, or there is no slide at all.
    """
    at_hand = slides_below(slides)

    def item_of(row: Row) -> Item:
        name = next((name for name in ("wsi_id", "WSI_id") if name in row.values), "wsi_id")
        wsi, text, (x, y) = needed(row, name), needed(row, "caption"), _position(row)
        if not WSI.fullmatch(wsi):
            raise RowFault("bad-slide", f"{name} names no slide of TCGA, so the patient is unknown")
        file = text_in(row, "file_id")
        slide = at_hand.get(wsi.casefold())
        if slide is None:
            raise RowFault(
                "no-slide", f"the slide {wsi} is not below {slides}; fetch it: gdc-client download {file or wsi}"
            )
        patch = f"{wsi}/{x},{y}"
        return Item(
            file=row.file,
            line=row.line,
            row=row.row,
            key=key_of(patch, text),
            figure=patch,
            uri=slide.absolute().as_uri(),
            member=region(x, y, SIDE, SIDE),
            text=text,
            topics=[],
            language=None,
            licence=None,
            slide_or_patient_id=wsi[:PATIENT_CHARS].upper(),
            facts=facts_json({"wsi_id": wsi, "file_id": file, "position": [x, y], "side": SIDE, "level": 0}),
        )

    rows = rows_of_files(table.parent, [table], after, json_rows)
    return read_items(source, rows, ("position", "caption"), item_of)


def slides_below(folder: Path) -> dict[str, Path]:
    """The slides below a folder by wsi_id in small letters: the list and the archive differ in the case of uuids."""
    found = {file.stem.casefold(): file for file in sorted(folder.rglob("*")) if file.suffix.lower() in ENDINGS}
    if not found:
        raise BadInput(
            f"PathGen-1.6M comes without pictures and there is no slide below {folder}; "
            "fetch slides with `gdc-client download FILE_ID` and name their folder with --images"
        )
    return found


def _position(row: Row) -> tuple[int, int]:
    said = row.values.get("position")
    numbers = [str(one).strip() for one in said] if isinstance(said, list) else []
    if len(numbers) != 2 or not all(re.fullmatch(r"\d{1,7}", number, re.ASCII) for number in numbers):
        raise RowFault("bad-region", "position is no pair of pixel numbers")
    return int(numbers[0]), int(numbers[1])
