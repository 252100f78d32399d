"""python benchmarks/figures_quality.py [--corpus DIR --scorer FILE] [--seeds N] [--quick]: what the station finds.

Generated books hold every layout class of docs/figures.md; their seeds are drawn anew at every run (and said), so no
rule can have been fitted to them. With --corpus, a folder of real PDFs with gold is scored by the script that came with
it. The calibration claims are about the generated books: how many figures score 0.9 and more, how many of these are
right, and, with books of classes read a second time under the stress of the fit (_fit_confidence.py), whether scores
follow what is right. --quick scores one default book and one book of classes.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from _claims import claim, progress
from _figure_scores import judged, score
from _fit_confidence import pages_read_by, thinned

from assets.figures.extract import Extraction, extract_pdf
from assets.figures.predictions import prediction_lines
from assets.textbooks.sample import generate, generate_classes

GENERATED = 0.98
LEVELS = {
    "native": {"label_recall": 0.98, "label_precision": 0.98, "caption_recall": 0.97, "box_iou80": 0.96,
               "box_and_caption": 0.95, "panel_count": 0.92, "panel_box": 0.90, "ref_recall": 0.93,
               "ref_precision": 0.93},
    "rotated": {"label_recall": 1.0, "label_precision": 1.0, "caption_recall": 0.97, "box_iou80": 0.95,
                "box_and_caption": 0.95, "panel_count": 0.90, "panel_box": 0.90, "ref_recall": 0.93,
                "ref_precision": 0.93},
    "scanned": {"label_recall": 0.95, "label_precision": 0.95, "caption_recall": 0.85, "box_iou80": 0.85,
                "box_and_caption": 0.80, "panel_count": 0.80, "panel_box": 0.80, "ref_recall": 0.80,
                "ref_precision": 0.85},
}  # fmt: skip


Scored = list[tuple[float, bool]]  # score of a figure, and whether it is right


def generated(seeds: list[int], folder: Path) -> tuple[Scored, Scored]:
    """Claims over default books and books of classes; returns every figure found, as read and under stress."""
    figures: Scored = []
    stressed: Scored = []
    for name, make in (("default books", generate), ("books of every class", generate_classes)):
        tallies: list[dict[str, Any]] = []
        for seed in seeds:
            progress(f"{name}, seed {seed}")
            pdf = folder / f"{make.__name__}-{seed}.pdf"
            gold = make(pdf, seed)
            found = extract_pdf(pdf, "book")
            tallies.append(score(found, gold))
            for miss in tallies[-1]["misses"]:
                progress(f"  {miss}")
            figures += [(figure.score, is_right) for figure, is_right in judged(found, gold)]
            if make is generate_classes:
                stressed += [(figure.score, is_right) for figure, is_right in judged(under_stress(pdf, seed), gold)]
        for measure in tallies[0]["overall"]:
            known = [t["overall"][measure] for t in tallies if t["overall"][measure] is not None]
            if known:
                claim(f"figures: {measure} on generated {name}", sum(known) / len(known), "ratio", GENERATED)
    return figures, stressed


def under_stress(pdf: Path, seed: int) -> Extraction:
    """What is found when a part of the pictures and of the captions is missed, so that some figures go wrong."""
    with pages_read_by(thinned(str(seed))):
        return extract_pdf(pdf, "book")


def real(corpus: Path, scorer: Path, folder: Path) -> None:
    """Claims per kind of PDF, as the corpus' own scorer counts."""
    predictions = folder / "predictions.jsonl"
    with predictions.open("w", encoding="utf-8") as out:
        for pdf in sorted(corpus.glob("*.pdf")):
            progress(pdf.name)
            found: Extraction = extract_pdf(pdf, pdf.stem)
            out.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in prediction_lines(pdf.name, found))
    command = [sys.executable, str(scorer), str(predictions), "--corpus", str(corpus), "--json"]
    report = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    for kind, values in report.items():
        for measure, goal in LEVELS[kind].items():
            claim(f"figures: {measure} on real {kind} PDFs", values[measure], "ratio", goal)


def calibration(figures: Scored, stressed: Scored) -> None:
    sure = [figure for figure in figures if figure[0] >= 0.9]
    claim("figures: share of figures with score >= 0.9", len(sure) / len(figures), "ratio", 0.80)
    claim("figures: share of these that are right", share(sure), "ratio", 0.98)
    both = figures + stressed
    claim("figures: share of right figures, as read and under stress", share(both), "ratio")
    claim(
        "figures: mean distance of score and share of right figures, ten bins (ECE)", ece(both), "ratio", 0.05, "lower"
    )


def share(figures: Scored) -> float:
    return sum(right for _, right in figures) / max(1, len(figures))


def ece(figures: Scored) -> float:
    """Expected calibration error (Naeini et al. 2015) over ten bins of equal width."""
    bins: dict[int, Scored] = {}
    for figure in figures:
        bins.setdefault(min(9, int(10 * figure[0])), []).append(figure)
    gaps = [abs(sum(score for score, _ in own) - sum(right for _, right in own)) for own in bins.values()]
    return sum(gaps) / max(1, len(figures))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--corpus", type=Path, help="a folder of PDFs with gold.json and JATS files")
    parser.add_argument("--scorer", type=Path, help="the script that scores it")
    parser.add_argument("--seeds", type=int, default=5, help="generated books of each kind")
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args()
    if bool(asked.corpus) != bool(asked.scorer):
        parser.error("--corpus and --scorer go together")
    seeds = [4242] if asked.quick else random.SystemRandom().sample(range(1_000, 1_000_000), asked.seeds)
    progress(f"seeds: {seeds}")
    with tempfile.TemporaryDirectory() as scratch:
        calibration(*generated(seeds, Path(scratch)))
        if asked.corpus:
            real(asked.corpus, asked.scorer, Path(scratch))


if __name__ == "__main__":
    main()
