"""Rows of the shards, read through their manifest.

    files = shard_files(home_root, "sft", "train")      # raises BadInput when there is nothing to read
    rows = load_rows(files, cache=work / "datasets")

Texts come from PDFs and models: control tokens that they spell out are taken apart before they reach a tokenizer.
"""

import io
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from assets.errors import BadInput, one_line
from assets.schema import content_hash
from assets.store import file_sha256

PLACEHOLDER = "<image>"
_CONTROL_TOKEN = re.compile(r"<\|([^<>|]*)\|>")


@dataclass(frozen=True)
class ShardFiles:
    """The Parquet files of one kind and split. `data_hash` names what they hold, `manifest_sha256` who said so."""

    kind: str
    split: str
    paths: list[Path]
    rows: int
    data_hash: str
    manifest_sha256: str


def shard_files(home_root: Path, kind: str, split: str, *, may_be_empty: bool = False) -> ShardFiles:
    """Raises BadInput when the manifest is missing or damaged, a file is gone, or (by default) no row is there."""
    manifest = home_root / "shards" / "manifest.json"
    try:
        entries = json.loads(manifest.read_text(encoding="utf-8"))["files"]
        chosen = [entry for entry in entries if entry["kind"] == kind and entry["split"] == split]
        paths = [manifest.parent / entry["path"] for entry in chosen]
        rows = sum(int(entry["rows"]) for entry in chosen)
        data_hash = content_hash(sorted([entry["path"], entry["logical_hash"]] for entry in chosen))
    except FileNotFoundError as error:
        raise BadInput(f"{manifest} is missing; run `pathcorpus run` to write the shards") from error
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput(f"{manifest} is damaged ({one_line(error)}); run `pathcorpus run` to write it again") from error
    for path in paths:
        if not path.exists():
            raise BadInput(f"{path} is named by the manifest but missing; run `pathcorpus run` to write it again")
    if not rows and not may_be_empty:
        raise BadInput(
            f"the shards of kind {kind} hold no {split} row; add books with `pathcorpus add` and run `pathcorpus run`"
        )
    return ShardFiles(kind, split, paths, rows, data_hash, file_sha256(manifest))


def load_rows(files: ShardFiles, cache: Path) -> Any:
    """A map-style `datasets.Dataset` over memory-mapped copies in `cache`, a folder that the caller removes.

    Pictures stay {"bytes", "path"}, for `fit_picture`: `datasets` would decode each picture of a list twice.
    """
    import datasets

    datasets.disable_progress_bars()
    paths = [str(path) for path in files.paths]
    rows = datasets.load_dataset("parquet", data_files=paths, split="train", cache_dir=str(cache))
    picture = datasets.Image(decode=False)
    if files.kind == "clip":
        return rows.cast_column("image", picture)
    return rows.cast_column("images", datasets.List(picture))


def plain_text(text: str) -> str:
    """`<|im_end|>` and its like become `< |im_end| >`: a caption can neither end a turn nor claim a picture."""
    return _CONTROL_TOKEN.sub(r"< |\1| >", text)


def structured(messages: list[dict[str, str]], pictures: int) -> list[dict[str, Any]]:
    """Turns as chat templates want them: `pictures` slots open the first user turn, whose `<image>` is dropped.

    Content becomes a list of {"type": "image"} and {"type": "text", "text": …} parts; texts are made plain.
    """
    turns = []
    slots: list[dict[str, Any]] = [{"type": "image"} for _ in range(pictures)]
    for message in messages:
        text = message["content"]
        parts: list[dict[str, Any]] = []
        if message["role"] == "user" and slots:
            text = text.replace(PLACEHOLDER + "\n", "", 1) if PLACEHOLDER + "\n" in text else text.replace(
                PLACEHOLDER, "", 1
            )  # fmt: skip
            parts, slots = slots, []
        turns.append({"role": message["role"], "content": [*parts, {"type": "text", "text": plain_text(text)}]})
    return turns


def open_picture(embedded: dict[str, Any]) -> Image.Image:
    """RGB picture of a row's `{"bytes", "path"}`. Raises BadInput when the bytes are no picture."""
    try:
        return Image.open(io.BytesIO(embedded["bytes"])).convert("RGB")
    except (OSError, Image.DecompressionBombError) as error:
        raise BadInput(f"picture {embedded['path']} of the shards cannot be read ({one_line(error)})") from error


def fit_picture(embedded: dict[str, Any], min_pixels: int, max_pixels: int) -> Image.Image:
    """RGB, scaled as Qwen's processor would: sides multiples of 28, area within bounds; it then leaves it alone.

    Scaling early keeps batches small in memory and spares TRL scaling each picture once a completion.
    """
    from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import smart_resize

    picture = open_picture(embedded)
    height, width = smart_resize(picture.height, picture.width, 28, min_pixels, max_pixels)
    return picture.resize((width, height), Image.Resampling.BICUBIC)
