"""A small corpus home with real shards: generated pictures whose colour decides the answer."""

import io
import json
from pathlib import Path

from PIL import Image, ImageDraw

from assets.records import ClipRow, CptRow, RlRow, SftRow
from assets.shards.writer import write_shard
from assets.store import file_sha256, open_home

COLOURS = {"pink": (230, 120, 170), "blue": (70, 90, 200), "brown": (150, 100, 50), "green": (60, 170, 90)}
NAMES = list(COLOURS)
SHAPES = ("round", "square", "striped", "dotted")


def picture(index: int, size: tuple[int, int] = (160, 120)) -> dict:
    """Colour by index modulo 4, shape by index // 4 modulo 4."""
    image = Image.new("RGB", size, (250, 245, 248))
    draw = ImageDraw.Draw(image)
    colour = COLOURS[NAMES[index % 4]]
    shape = SHAPES[index // 4 % 4]
    w, h = size
    if shape == "round":
        draw.ellipse((w // 4, h // 4, 3 * w // 4, 3 * h // 4), fill=colour)
    elif shape == "square":
        draw.rectangle((w // 4, h // 4, 3 * w // 4, 3 * h // 4), fill=colour)
    else:
        for x in range(0, w, w // 6):
            for y in range(0, h, h // 6 if shape == "dotted" else h):
                draw.rectangle((x, y, x + w // 14, y + (h // 14 if shape == "dotted" else h)), fill=colour)
    out = io.BytesIO()
    image.save(out, "PNG")
    return {"bytes": out.getvalue(), "path": f"{index}.png"}


def common(index: int) -> dict:
    return {
        "row_id": f"row{index:04d}",
        "pair_id": f"pair{index:04d}",
        "figure_id": f"figure{index:04d}",
        "cluster_id": f"cluster{index:04d}",
        "book": "book-one",
        "page": index + 1,
        "image_kind": "he",
        "organ_system": "skin",
        "language": "en",
        "licence": "CC-BY-4.0",
        "slide_or_patient_id": None,
    }


def caption(index: int) -> str:
    return f"A {SHAPES[index // 4 % 4]} nest of {NAMES[index % 4]} cells."


def question(index: int) -> str:
    options = "\n".join(f"{letter}. {name}" for letter, name in zip("ABCD", NAMES, strict=True))
    return f"<image>\nWhich colour?\n{options}\nAnswer with the letter of the right option."


def answer_text(index: int) -> str:
    return f"<think>{NAMES[index % 4]}</think><answer>{'ABCD'[index % 4]}</answer>"


def cpt_row(index: int, text: str | None = None) -> CptRow:
    return CptRow(**common(index), images=[picture(index)], text=caption(index) if text is None else text)


def sft_row(index: int, messages: list[dict] | None = None) -> SftRow:
    turns = [{"role": "user", "content": question(index)}, {"role": "assistant", "content": answer_text(index)}]
    return SftRow(
        **common(index), images=[picture(index)], messages=messages or turns, task="mcq", difficulty="easy",
        model="extractive", review="open", content_hash=f"hash{index}",
    )  # fmt: skip


def rl_row(index: int) -> RlRow:
    return RlRow(
        **common(index), images=[picture(index)], prompt=[{"role": "user", "content": question(index)}],
        options=NAMES, answer="ABCD"[index % 4], difficulty="easy", model="extractive", review="open",
        content_hash=f"hash{index}",
    )  # fmt: skip


def clip_row(index: int) -> ClipRow:
    return ClipRow(**common(index), image=picture(index), text=caption(index))


MAKE = {"cpt": cpt_row, "sft": sft_row, "rl": rl_row, "clip": clip_row}


def write_corpus(root: Path, shards: dict[tuple[str, str], list]) -> Path:
    """A home whose manifest lists one file per (kind, split)."""
    open_home(root)
    (root / "shards").mkdir()
    files = []
    for (kind, split), rows in shards.items():
        path = root / "shards" / kind / split / "book-one.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_shard(path, kind, rows)
        digest = file_sha256(path)
        files.append(
            {"path": f"{kind}/{split}/book-one.parquet", "kind": kind, "split": split, "book": "book-one",
             "rows": len(rows), "logical_hash": digest, "sha256": digest, "bytes": path.stat().st_size,
             "licence": "CC-BY-4.0"}
        )  # fmt: skip
    (root / "shards" / "manifest.json").write_text(json.dumps({"format": 1, "files": files}), encoding="utf-8")
    return root


TINY = {"vocabulary": 400, "hidden": 64, "layers": 2, "vision_layers": 2, "heads": 4, "initializer_std": 0.08}
SIZES = {"min_pixels": 784, "max_pixels": 3136}
STEPS = {"seed": 0, "warmup_steps": 0, "weight_decay": 0.0, "max_grad_norm": 1.0, "save_every": 0}
