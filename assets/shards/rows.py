"""From a chosen pair or sample to a shard row with its picture inside.

The picture's bytes go in as every browser and trainer shows them right (a book's as the figures station stored them),
after their hash and decoding have been checked: a trainer must not find out in the middle of an epoch.
"""

import functools
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from PIL import Image as PillowImage

from assets.errors import BadInput, one_line
from assets.pictures.reader import pictures_of
from assets.records import ClipRow, CptRow, Image, RlRow, SftRow, ShardRow
from assets.shards.select import Chosen
from assets.store import Home

SUFFIX = {"image/jpeg": "jpg", "image/png": "png"}


def embedded(image: Image, book: str) -> dict[str, Any]:
    """`{"bytes", "path"}` of a stored picture. Raises BadInput when its bytes cannot be decoded."""
    try:
        with PillowImage.open(io.BytesIO(image.data)) as picture:
            picture.load()
    except (OSError, ValueError, SyntaxError, PillowImage.DecompressionBombError) as error:
        raise BadInput(
            f"picture {image.sha256} in the image pack of {book} cannot be decoded ({one_line(error)}); "
            f"delete figures/{book}/ and run `pathcorpus run --book {book}`"
        ) from error
    return {"bytes": image.data, "path": f"{image.sha256}.{SUFFIX.get(image.media_type, 'png')}"}


@contextmanager
def picture_reader(home: Home, book: str) -> Iterator[Callable[[str], dict[str, Any]]]:
    """Reads the pictures of a book or source by name, checked.

    The last few are kept, since a picture's samples follow each other.
    """
    with pictures_of(home, book) as picture:

        @functools.lru_cache(maxsize=16)
        def read(sha256: str) -> dict[str, Any]:
            return embedded(picture(sha256), book)

        yield read


def _common(chosen: Chosen) -> dict[str, Any]:
    pair = chosen.pair
    return {
        "row_id": chosen.row_id,
        "pair_id": pair.pair_id,
        "figure_id": pair.figure_id,
        "cluster_id": chosen.cluster.cluster_id,
        "book": chosen.holding,
        "page": chosen.page,
        "image_kind": chosen.sample.image_kind if chosen.sample else pair.image_kind,
        "organ_system": chosen.sample.organ_system if chosen.sample else pair.organ_system,
        "language": chosen.sample.language if chosen.sample else pair.language,
        "licence": pair.licence,
        "slide_or_patient_id": pair.slide_or_patient_id,
    }


def cpt_row(chosen: Chosen, picture: dict[str, Any]) -> CptRow:
    parts = [chosen.pair.text.strip(), *(sentence.strip() for sentence in chosen.pair.context)]
    return CptRow(**_common(chosen), images=[picture], text="\n".join(part for part in parts if part))


def clip_row(chosen: Chosen, picture: dict[str, Any]) -> ClipRow:
    return ClipRow(**_common(chosen), image=picture, text=chosen.pair.text.strip())


def _of_sample(chosen: Chosen) -> dict[str, Any]:
    sample = chosen.sample
    if sample is None:
        raise ValueError(f"row {chosen.row_id} has no sample")
    return {
        "difficulty": sample.difficulty,
        "model": sample.model,
        "review": chosen.review,
        "content_hash": sample.content_hash,
    }


def _messages(chosen: Chosen) -> list[dict[str, str]]:
    return [{"role": m["role"], "content": m["content"]} for m in chosen.sample.messages] if chosen.sample else []


def sft_row(chosen: Chosen, picture: dict[str, Any]) -> SftRow:
    task = chosen.sample.task if chosen.sample else ""
    return SftRow(
        **_common(chosen), **_of_sample(chosen), images=[picture], messages=_messages(chosen), task=task
    )  # fmt: skip


def rl_row(chosen: Chosen, picture: dict[str, Any]) -> RlRow:
    """The prompt is the user turn alone: the answer is in its own column, for the reward."""
    sample = chosen.sample
    return RlRow(
        **_common(chosen),
        **_of_sample(chosen),
        images=[picture],
        prompt=_messages(chosen)[:1],
        options=list(sample.options) if sample else [],
        answer=sample.answer if sample else "",
    )


ROW_OF: dict[str, Callable[[Chosen, dict[str, Any]], ShardRow]] = {
    "cpt": cpt_row, "sft": sft_row, "rl": rl_row, "clip": clip_row,
}  # fmt: skip
