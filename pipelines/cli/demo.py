"""pathcorpus demo: the whole line on the sample textbook, then where to look.

Every station runs as it does for a real book. What stands in for people and for paid services is named as such in the
rows: the samples come from the extractive generator, the review events from a script (reviewer `demo`).
"""

import shutil
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from assets.store import Home, Outcome, file_sha256, open_home
from pipelines.cli.screen import console, counted, row_of, working
from pipelines.line import run_book, run_corpus
from training.jobs import EVALUATIONS, JOBS
from training.launch import ModuleFailed, run_module

REVIEWER = "demo"
RETRIEVAL = ("text_to_picture", "picture_to_text", "random")
VERDICTS = ("accept", "accept", "accept", "accept", "reject", "abstain")


def demo() -> None:
    """Run the whole line on the generated sample textbook and say what to do next."""
    home = open_home()
    started = time.monotonic()
    console.print(f"pathcorpus demo: the whole line in {home.root}\n", markup=False)
    book = _sample_textbook(home)
    stations = _shown(run_book(home, book, "extractive"))
    _review(home)
    stations += _shown(run_corpus(home))
    for job in JOBS:
        result = _quietly(job.module, home, "--config", str(job.config))
        stations += result["seconds"] if result["changed"] else 0.0
        losses = f"loss {result['loss_first']:.2f} -> {result['loss_last']:.2f}"
        _line(job.name, f"{job.title}: {result['steps']} steps, {losses}, {result['folder']}/model", result)
    for one in EVALUATIONS:
        score = _quietly(one.module, home, "--model", one.model)
        _line("evaluate", f"{one.model}: {SCORES[one.score](score)}", score)
    console.print(f"\nstation time {stations:.0f} s, with starting the programs {time.monotonic() - started:.0f} s\n")
    console.print("what next", style="bold")
    console.print(_next_steps(home, book), markup=False)


def _quietly(module: str, home: Home, *options: str) -> dict[str, Any]:
    """Result of a training module under a spinner; what it says is shown only when it fails."""
    said: list[str] = []
    try:
        with working(f"{module} {' '.join(options[1:2])}"):
            return run_module(module, home.root, "--quiet", *options, hear=said.append)
    except ModuleFailed as failed:
        print("\n".join(said) or f"error: {failed}", file=sys.stderr)
        raise SystemExit(abs(failed.code)) from failed


def _sample_textbook(home: Home) -> str:
    """Draw and register the sample textbook once; its key."""
    from assets.textbooks import library
    from assets.textbooks.sample import generate

    pdf = home.root / "sample" / "sample-atlas.pdf"
    if not pdf.exists():
        with working("drawing the sample textbook"):
            generate(pdf, seed=0)
    digest = file_sha256(pdf)
    row = next((row for row in library.list_books(home) if row.sha256 == digest), None) or library.add(home, pdf)
    console.print(f"  {'textbook':<9} {row.pages} pages, {pdf}", markup=False)
    return row.book


def _shown(outcomes: Iterable[Outcome]) -> float:
    """Print each outcome as it comes; the seconds that were worked."""
    seconds = 0.0
    for outcome in _spinning(iter(outcomes)):
        console.print(row_of(outcome), markup=False)
        seconds += outcome.seconds
    return seconds


def _spinning(outcomes: Iterator[Outcome]) -> Iterator[Outcome]:
    while True:
        with working("working"):
            outcome = next(outcomes, None)
        if outcome is None:
            return
        yield outcome


def _line(station: str, words: str, result: dict[str, Any]) -> None:
    state = f"{result['seconds']:.1f} s" if result["changed"] and "seconds" in result else ""
    state = state or ("done" if result["changed"] else "unchanged")
    console.print(f"  {station:<15} {words}  ({state})", markup=False)


def _answers(score: dict[str, Any]) -> str:
    unreadable = score["unparsed"] + score["truncated"]
    right = f"{score['correct']} of {score['items']} validation questions right, {unreadable} unreadable"
    return f"{right} (guessing: {score['random_baseline']:.2f})"


def _recalls(score: dict[str, Any]) -> str:
    recalls = [f"{name.replace('_', ' ')} {score[name]['recall@5']:.2f}" for name in RETRIEVAL]
    return f"recall@5 {', '.join(recalls)}, n = {score['items']}"


SCORES = {"mcq": _answers, "retrieval": _recalls}


def _review(home: Home) -> None:
    """Export one batch, let a script annotate it as the page would, and import the file that comes back."""
    from assets.review.batches import export_batch
    from assets.review.events import import_file
    from assets.review.scripted import Review, annotate_batch, items_of

    returned = home.root / "sample" / "annotations.jsonl"
    if not returned.exists():
        batch = export_batch(home, REVIEWER, limit=len(VERDICTS))
        console.print(row_of(batch), markup=False)
        script = {
            item["subject_id"]: Review(verdict) for item, verdict in zip(items_of(batch.folder), VERDICTS, strict=False)
        }
        shutil.move(annotate_batch(batch.folder, REVIEWER, script), returned)
    console.print(f"  {'review':<9} {'by a script':<22} {counted(import_file(home, returned))}", markup=False)


def _next_steps(home: Home, book: str) -> str:
    pathcorpus = Path(".venv/bin/pathcorpus")
    name = str(pathcorpus) if pathcorpus.exists() else "pathcorpus"
    sheet = home.station("figures", book) / "contact-sheet.jpg"
    steps = [
        ("look at the figures", str(sheet)),
        ("open the UI", f"{name} ui --generator extractive      then http://127.0.0.1:3000"),
        ("review a batch", f"{name} review export --reviewer YOU --out batch      then open batch/index.html"),
        ("add your own PDF", f"{name} add BOOK.pdf --licence LicenseRef-mine && {name} run --generator extractive"),
        ("see the state", f"{name} status"),
        ("follow a row", f"{name} trace {_first_sample(home)}"),
    ]
    return "\n".join(f"  {what:<20} {how}" for what, how in steps)


def _first_sample(home: Home) -> str:
    import pyarrow.parquet as pq

    files = sorted((home.corpus("shards") / "sft" / "train").glob("*.parquet"))
    return pq.read_table(files[0], columns=["row_id"])["row_id"][0].as_py() if files else "ID"
