"""The pages of the pairs: one for every book and source, and their index. They open with a double-click.

    report/index.html              all books and sources
    report/<key>/                  index.html, img/

Texts are foreign and escaped, pictures are encoded anew, and the page's policy forbids every connection and script.
"""

import base64
import hashlib
import shutil
import time
from collections.abc import Callable
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from PIL import Image as Pillow

from assets.errors import BadInput
from assets.pairs.kinds import SHOWN
from assets.pairs.report.view import EACH, HoldingView, holding_view, ready
from assets.pictures.reader import pictures_of
from assets.records import Image
from assets.sources import source_hash
from assets.store import SEAL, Home, Outcome, publish, sealed, state_of, write_bytes
from assets.tables import finished

HERE = Path(__file__).parent
SIDE = 220  # pixels of a tile's longer side
READ = ("pairs", "kinds", "ledger", "decontamination")
MARK = "pathcorpus pairs report"


def write_page(home: Home, key: str) -> Outcome:
    """Write report/<key>/. counts: those on the page. Raises BadInput when its tables are not there."""
    for station in ("pairs", "kinds", "ledger"):
        finished(home.station(station, key), key, station)

    def build(scratch: Path) -> dict[str, int]:
        view = holding_view(home, key)
        with ExitStack() as open_files:
            pictures = _thumbnails(home, view, scratch / "img", open_files)
        page = _render("page.html", view=view, pictures=pictures, names=SHOWN, each=EACH)
        write_bytes(scratch / "index.html", page)
        return view.counts

    inputs = {"code": source_hash(__name__), "tables": {name: state_of(home.station(name, key)) for name in READ}}
    return publish(home.station("report", key), station="report", book=key, inputs=inputs, build=build)


def write_pages(home: Home) -> Outcome:
    """The pages of all books and sources that are ready, and report/index.html. counts: pages, and how many changed."""
    started = time.monotonic()
    keys = [key for key in home.holdings() if ready(home, key)]
    changed = sum(write_page(home, key).changed for key in keys)
    folder = home.corpus("report")
    rows = [(key, (sealed(folder / key) or {"counts": {}})["counts"]) for key in keys]
    index = _render("index.html", rows=rows)
    if not (folder / "index.html").exists() or (folder / "index.html").read_bytes() != index:
        write_bytes(folder / "index.html", index)
    counts = {"pages": len(keys), "written": changed}
    return Outcome("report", None, changed > 0, counts, folder, time.monotonic() - started)


def copy_page(page: Outcome, out: Path) -> Path:
    """Copy a finished page into the folder `out`/<key>, which must be new, empty or an older page; its index.html.

    Raises BadInput when that folder holds something else.
    """
    target = out / str(page.book)
    index = target / "index.html"
    ours = index.is_file() and MARK.encode() in index.read_bytes()[:1500]
    if target.exists() and not ours and (not target.is_dir() or any(target.iterdir())):
        raise BadInput(f"{target} holds other files; name a new or empty folder for the page")
    shutil.copytree(page.folder, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns(SEAL, ".*"))
    return index


def _thumbnails(home: Home, view: HoldingView, folder: Path, open_files: ExitStack) -> dict[str, str]:
    """Picture of every tile, by its SHA-256, as a path beside the page; tiles whose picture is gone are not in it."""
    shown = [tile for sheet in (*view.kinds.values(), *view.organs.values(), view.queue) for tile in sheet.tiles]
    shown += [tile for cluster in view.clusters for tile in cluster.tiles] + [tile for tile, _ in view.hits]
    readers: dict[str, Callable[[str], Image]] = {}
    made: dict[str, str] = {}
    folder.mkdir()
    for tile in sorted(shown, key=lambda tile: (tile.key, tile.pair.image)):
        sha256 = tile.pair.image
        if sha256 in made:
            continue
        try:
            if tile.key not in readers:
                readers[tile.key] = open_files.enter_context(pictures_of(home, tile.key))
            data = _thumbnail(readers[tile.key](sha256).data)
        except BadInput:
            if tile.key == view.key:
                raise
            continue  # another book's picture: the page says that it is not at hand
        name = hashlib.sha256(sha256.encode()).hexdigest()[:16]
        (folder / f"{name}.jpg").write_bytes(data)
        made[sha256] = f"img/{name}.jpg"
    return made


def _thumbnail(data: bytes) -> bytes:
    """Encoded anew and small: no byte of a foreign file reaches the browser."""
    with Pillow.open(BytesIO(data)) as opened:
        opened.draft("RGB", (2 * SIDE, 2 * SIDE))
        picture = opened.convert("RGB")
    picture.thumbnail((SIDE, SIDE), Pillow.Resampling.LANCZOS)
    buffer = BytesIO()
    picture.save(buffer, "JPEG", quality=82)
    return buffer.getvalue()


def _render(template: str, **values: Any) -> bytes:
    style = (HERE / "report.css").read_text(encoding="utf-8")
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    page = environment.get_template(template).render(
        mark=MARK, style=Markup(style), style_hash=Markup(f"'sha256-{digest}'"), **values
    )
    return page.encode("utf-8", "replace")
