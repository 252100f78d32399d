"""Retrieval on the validation split: recall@1, 5 and 10, from text to picture and from picture to text.

    python -m training.evaluation.retrieval [--model clip] [--home DIR]

Writes <home>/evaluation/retrieval-<clip, or hash of the model>/: records.parquet (one row a pair) and result.json. A
hit is any positive within the first k: pairs that share their text or their picture are positives of each other (the
definition of LAION-AI/CLIP_benchmark). Ties count against the model. Beside each recall stands that of a random order.
"""

import hashlib
import json
import math
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from assets.schema import column, content_hash
from assets.store import publish, write_json, write_rows
from training import command
from training.checkpoints import evaluation_name, folder_hash, model_folder
from training.data import load_rows, shard_files
from training.runs import existing_home

VERSION = "1"
KS = (1, 5, 10)


@dataclass(frozen=True, kw_only=True)
class RetrievalRecord:
    """Where one pair's best positive stands in both directions, 1 is first."""

    item_id: str = column("row_id of the pair")
    cluster_id: str = column("duplicate cluster: the unit of any confidence interval")
    positives: int = column("pairs that share its text or picture, itself included")
    text_to_picture_rank: int = column("rank of the best right picture for its text")
    picture_to_text_rank: int = column("rank of the best right text for its picture")


def positives_of(texts: list[str], pictures: list[str]) -> np.ndarray:
    """Boolean matrix rows x rows, symmetric: whether two pairs share their text or their picture."""
    text, picture = np.asarray(texts), np.asarray(pictures)
    return (text[:, None] == text[None]) | (picture[:, None] == picture[None])


def ranks(similarity: np.ndarray, positive: np.ndarray) -> np.ndarray:
    """Rank of each query's best positive; `similarity` is queries x gallery. Equal non-positives stand before it."""
    best = np.where(positive, similarity, -np.inf).max(axis=1, keepdims=True)
    return 1 + ((similarity >= best) & ~positive).sum(axis=1)


def recall(rank: np.ndarray) -> dict[str, float]:
    return {f"recall@{k}": float((rank <= k).mean()) for k in KS}


def random_recall(positive: np.ndarray) -> dict[str, float]:
    """Expected recall of a random order: 1 - C(n - p, k) / C(n, k), averaged over the queries' p positives."""
    n = positive.shape[1]
    return {
        f"recall@{k}": float(np.mean([1 - math.comb(n - int(p), k) / math.comb(n, k) if k < n else 1.0 for p in
                                      positive.sum(axis=1)]))
        for k in KS
    }  # fmt: skip


def evaluate(model: str, home_root: Path) -> dict[str, Any]:
    """Evaluate a CLIP checkpoint unless nothing changed; returns result.json's content and `changed`."""
    home = existing_home(home_root)
    files = shard_files(home_root, "clip", "validation")
    folder = model_folder(model, home_root)
    model_hash = folder_hash(folder)
    inputs = {"version": VERSION, "model_hash": model_hash, "data_hash": files.data_hash}

    def build(scratch: Path) -> dict[str, int]:
        from training import contrastive
        from training.trainer import quiet

        quiet()
        rows = load_rows(files, scratch / "datasets")
        pictures, texts = contrastive.embed(*contrastive.load(folder), rows)
        similarity = texts.double().numpy() @ pictures.double().numpy().T
        names = [hashlib.sha256(row["image"]["bytes"]).hexdigest() for row in rows]
        positive = positives_of(list(rows["text"][:]), names)
        of_text, of_picture = ranks(similarity, positive), ranks(similarity.T, positive)
        records = [
            RetrievalRecord(
                item_id=row["row_id"],
                cluster_id=row["cluster_id"],
                positives=int(positive[index].sum()),
                text_to_picture_rank=int(of_text[index]),
                picture_to_text_rank=int(of_picture[index]),
            )
            for index, row in enumerate(rows)
        ]
        write_rows(scratch / "records.parquet", records, RetrievalRecord)
        result = {
            "evaluation": "retrieval",
            "model": model,
            "split": "validation",
            **inputs,
            "item_set_hash": content_hash(sorted(zip((row["row_id"] for row in rows), names, strict=True))),
            "items": len(records),
            "text_to_picture": recall(of_text),
            "picture_to_text": recall(of_picture),
            "random": random_recall(positive),
        }
        shutil.rmtree(scratch / "datasets")
        write_json(scratch / "result.json", result)
        return {"items": len(records)}

    target = home.corpus("evaluation") / evaluation_name("retrieval", model, model_hash)
    outcome = publish(target, station="evaluation", book=None, inputs=inputs, build=build)
    result = json.loads((target / "result.json").read_text(encoding="utf-8"))
    return {**result, "changed": outcome.changed, "folder": str(target)}


def main() -> None:
    parser = command.base_parser("training.evaluation.retrieval")
    parser.add_argument("--model", default="clip", help="clip, or the folder of a saved CLIP model")
    options = parser.parse_args()
    command.answer(options, lambda: evaluate(options.model, options.home), summary)


def summary(result: dict[str, Any]) -> str:
    """One line for each direction."""
    lines = []
    for direction in ("text_to_picture", "picture_to_text", "random"):
        figures = "  ".join(f"{name} {value:.2f}" for name, value in result[direction].items())
        lines.append(f"{direction:16} {figures}  (n = {result['items']})")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
