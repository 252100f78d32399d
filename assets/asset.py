"""What the asset.py of every station shares: the partition set, the loop over books, and metadata that people look at.

Belongs here: wiring that more than one asset.py needs. Text from PDFs and models is hostile, so it goes into table and
text metadata, which the web page shows as plain text, and never into Markdown.
"""

import ast
import base64
import importlib.util
import io
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow.parquet as pq

from assets.errors import BadInput
from assets.schema import schema_of
from assets.store import Home, Outcome, open_home

# Backfill policies have been in every release for years; six lines of warning a start would hide real ones.
warnings.filterwarnings("ignore", message="Parameter `backfill_policy`")

TEXTBOOKS = dg.DynamicPartitionsDefinition(name="textbooks")
SOURCES = dg.DynamicPartitionsDefinition(name="sources")
PER_BOOK: dict[str, Any] = {"partitions_def": TEXTBOOKS, "backfill_policy": dg.BackfillPolicy.multi_run(50)}
PER_SOURCE: dict[str, Any] = {"partitions_def": SOURCES, "backfill_policy": dg.BackfillPolicy.multi_run(1)}
PICTURE_BYTES = 90_000  # metadata lies in the event log and travels with every page that shows it
CELL_CHARACTERS = 160


def version_of(module: str) -> str:
    """VERSION of a station's module, read from its source: an import would load PDF libraries with the definitions."""
    source = importlib.util.find_spec(module)
    if source is None or source.origin is None:
        raise ModuleNotFoundError(module)
    for node in ast.parse(Path(source.origin).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "VERSION":
            return str(ast.literal_eval(node.value))
    raise AttributeError(f"{module} has no VERSION")


@contextmanager
def readable() -> Iterator[None]:
    """Show unusable input as its one clear sentence instead of a traceback, and do not try it again."""
    try:
        yield
    except BadInput as error:
        raise dg.Failure(str(error), allow_retries=False) from error


def each_book(
    context: dg.AssetExecutionContext, work: Callable[[Home, str], tuple[Outcome | None, dict[str, Any]]]
) -> list[Outcome]:
    """Do `work` for every partition of this run and attach its metadata to that partition.

    A book that cannot be used does not hold up the others: what they gave is on disk when the run fails at the end,
    and the next run passes over it. Raises dg.Failure with one line per unusable book.
    """
    outcomes, refused = [], []
    home = open_home()
    for book in context.partition_keys:
        try:
            outcome, metadata = work(home, book)
        except BadInput as error:
            context.log.error(f"{book}: {error}")
            refused.append(f"{book}: {error}")
            continue
        if outcome:
            outcomes.append(outcome)
            context.log.info(f"{book}: {'made' if outcome.changed else 'nothing to do'} in {outcome.seconds:.1f} s")
        context.add_asset_metadata(metadata, partition_key=book)
    if refused:
        raise dg.Failure("\n".join(refused), allow_retries=False)
    return outcomes


def numbers(outcome: Outcome, rows: str) -> dict[str, Any]:
    """Counts of an outcome; `rows` names the count that stands for the size of the asset. And where the files lie."""
    counts = {name.replace("_", " "): value for name, value in outcome.counts.items()}
    where = {"folder": dg.MetadataValue.path(str(outcome.folder)), "changed by this run": outcome.changed}
    return {"dagster/row_count": outcome.counts.get(rows, 0), **counts, **where}


def columns(record: type) -> dict[str, Any]:
    """Definition metadata that shows a record's columns with their documentation.

    Under a name of our own: Dagster's own `dagster/column_schema` fills the page before the pictures and tables.
    """
    fields = [
        dg.TableColumn(field.name, str(field.type), (field.metadata or {}).get(b"doc", b"").decode() or None)
        for field in schema_of(record)
    ]
    return {"columns": dg.TableSchema(columns=fields)}


def plain(value: Any) -> str | int | float | bool | None:
    """A table cell: one line of printable characters, shortened."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, list):
        value = " · ".join(str(item) for item in value)
    text = " ".join("".join(c if c.isprintable() else " " for c in str(value)).split())
    return text if len(text) <= CELL_CHARACTERS else text[: CELL_CHARACTERS - 1] + "…"


def first_rows(path: Path, shown: Sequence[str], count: int = 6) -> dg.MetadataValue:
    """The first rows of a Parquet file as table metadata, with the columns `shown`."""
    batches = pq.ParquetFile(path).iter_batches(batch_size=count, columns=list(shown))
    rows = next(batches).to_pylist() if pq.read_metadata(path).num_rows else []
    return dg.MetadataValue.table(
        records=[dg.TableRecord({name: plain(row[name]) for name in shown}) for row in rows],
        schema=dg.TableSchema(columns=[dg.TableColumn(name) for name in shown]),
    )


def picture(path: Path, title: str) -> dg.MetadataValue:
    """The upper part of a picture file (at most a square) as Markdown metadata, with at most PICTURE_BYTES.

    `title` is our own text, never a book's.
    """
    from PIL import Image

    with Image.open(path) as opened:
        image = opened.convert("RGB").crop((0, 0, opened.width, min(opened.width, opened.height)))
    side = 1000
    while True:
        image.thumbnail((side, side))
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=75)
        if buffer.tell() <= PICTURE_BYTES or side < 200:
            break
        side = int(side * 0.9)
    return dg.MetadataValue.md(f"![{title}](data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()})")
