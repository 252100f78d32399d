"""Accuracy on the multiple-choice questions of the validation split.

    python -m training.evaluation.mcq --model sft [--home DIR] [--max-new-tokens 256]

Writes <home>/evaluation/mcq-<job, or hash of the model>/: records.parquet (one row a question) and result.json. An
output that names no option, or was cut off, counts as wrong and stays in the denominator; nothing is guessed for it.
Beside the score stands what guessing would earn.
"""

import json
import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import assets.answers
from assets.answers import read_answer
from assets.schema import column, content_hash
from assets.store import file_sha256, publish, write_json, write_rows
from training import command
from training.checkpoints import evaluation_name, folder_hash, model_folder
from training.data import load_rows, shard_files
from training.evaluation.engine import Generate, greedy
from training.runs import existing_home

VERSION = "1"
MAX_NEW_TOKENS = 256  # an answer in form, with its thinking


@dataclass(frozen=True, kw_only=True)
class McqRecord:
    """What a model said to one question, and how it was read."""

    item_id: str = column("row_id of the question")
    cluster_id: str = column("duplicate cluster of its picture: the unit of any confidence interval")
    prompt_hash: str = column("of the turns as asked, with the picture's name")
    raw_output: str = column("")
    parsed: str | None = column("letter that was read, null when none was")
    status: str = column("parsed, unparsed or truncated")
    well_formed: bool = column("one think block, then one answer block")
    expected: str = column("right letter")
    correct: bool = column("")
    random_baseline: float = column("1 / number of options")


def record_of(row: dict[str, Any], output: str) -> McqRecord:
    answer = read_answer(output, row["options"])
    return McqRecord(
        item_id=row["row_id"],
        cluster_id=row["cluster_id"],
        prompt_hash=content_hash([row["prompt"], [picture["path"] for picture in row["images"]]]),
        raw_output=output,
        parsed=answer.letter,
        status=answer.status,
        well_formed=answer.well_formed,
        expected=row["answer"],
        correct=answer.letter == row["answer"],
        random_baseline=1 / len(row["options"]),
    )


def scores(records: list[McqRecord]) -> dict[str, Any]:
    """All figures of a set of records; `accuracy` = `correct` / `items`, whatever could not be read."""
    statuses = Counter(record.status for record in records)
    correct = sum(record.correct for record in records)
    return {
        "items": len(records),
        "correct": correct,
        "accuracy": correct / len(records),
        "unparsed": statuses["unparsed"],
        "truncated": statuses["truncated"],
        "well_formed": sum(record.well_formed for record in records),
        "random_baseline": sum(record.random_baseline for record in records) / len(records),
    }


def evaluate(
    model: str,
    home_root: Path,
    *,
    max_new_tokens: int = MAX_NEW_TOKENS,
    batch: int = 8,
    generate: Generate | None = None,
) -> dict[str, Any]:
    """Evaluate a job's checkpoint (or a folder) unless nothing changed; returns result.json's content and `changed`.

    `generate` replaces the checkpoint's greedy decoding. Raises BadInput when questions or checkpoint are missing.
    """
    home = existing_home(home_root)
    files = shard_files(home_root, "rl", "validation")
    folder = model_folder(model, home_root)
    model_hash = folder_hash(folder)
    inputs = {
        "version": VERSION,
        "model_hash": model_hash,
        "data_hash": files.data_hash,
        "reader_sha256": file_sha256(Path(assets.answers.__file__)),
        "max_new_tokens": max_new_tokens,
    }

    def build(scratch: Path) -> dict[str, int]:
        rows = list(load_rows(files, scratch / "datasets"))
        shutil.rmtree(scratch / "datasets")
        outputs = (generate or greedy(folder, max_new_tokens, batch))(rows)
        records = [record_of(row, output) for row, output in zip(rows, outputs, strict=True)]
        figures = scores(records)
        write_rows(scratch / "records.parquet", records, McqRecord)
        about = {"evaluation": "mcq", "model": model, "split": "validation", **inputs}
        items = content_hash(sorted([row["row_id"], row["content_hash"]] for row in rows))
        write_json(scratch / "result.json", {**about, "item_set_hash": items, **figures})
        return {"items": figures["items"], "correct": figures["correct"], "unparsed": figures["unparsed"]}

    target = home.corpus("evaluation") / evaluation_name("mcq", model, model_hash)
    outcome = publish(target, station="evaluation", book=None, inputs=inputs, build=build)
    result = json.loads((target / "result.json").read_text(encoding="utf-8"))
    return {**result, "changed": outcome.changed, "folder": str(target)}


def main() -> None:
    parser = command.base_parser("training.evaluation.mcq")
    parser.add_argument("--model", required=True, help="sft, grpo, dapo, or the folder of a saved model")
    parser.add_argument("--max-new-tokens", type=int, default=MAX_NEW_TOKENS)
    options = parser.parse_args()
    command.answer(
        options, lambda: evaluate(options.model, options.home, max_new_tokens=options.max_new_tokens), summary
    )


def summary(result: dict[str, Any]) -> str:
    """One line for a terminal."""
    return (
        f"{result['model']}: {result['correct']} of {result['items']} right ({result['accuracy']:.2f}; guessing earns "
        f"{result['random_baseline']:.2f}), {result['unparsed']} unparsed, {result['truncated']} cut off"
    )


if __name__ == "__main__":
    main()
