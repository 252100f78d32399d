"""Scores of an extraction against the gold of a generated book, overall and per layout class.

python benchmarks/_figure_scores.py BOOK.pdf BOOK.gold.json      prints the table and every miss in words
"""

import argparse
import io
import json
import re
import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from rapidfuzz import fuzz

from assets.figures.extract import Extraction, extract_pdf
from assets.records import Figure, normalise_label

# measure: what is counted as right, and out of how many
MEASURES = {
    "label_recall": ("labels", "gold"),
    "label_precision": ("labels", "found"),
    "caption_recall": ("captions", "gold"),
    "box_iou80": ("boxes", "gold"),
    "box_and_caption": ("both", "gold"),
    "panel_count": ("counts", "gold"),
    "panel_box": ("panel_boxes", "panels"),
    "ref_recall": ("refs", "gold_refs"),
    "ref_precision": ("right_refs", "found_refs"),
    "ref_letters": ("letters", "refs"),
    "pixels": ("right_pixels", "pixels"),
}
ALIKE = 90.0
COLOUR = 10.0  # grey levels by which a patch may differ


@dataclass
class Tally:
    counts: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    misses: list[str] = field(default_factory=list)

    def add(self, kind: str, **values: float) -> None:
        for name, value in values.items():
            self.counts[kind][name] += int(value)


def norm(text: str) -> str:
    """Letters and digits only, in one width and case."""
    return re.sub(r"[^\w\u4e00-\u9fff]|_", "", unicodedata.normalize("NFKC", text).lower())


def alike(a: str, b: str) -> float:
    return float(fuzz.ratio(norm(a), norm(b)))


def iou(a: list[float], b: list[float]) -> float:
    w, h = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    common = max(0.0, w) * max(0.0, h)
    return common / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - common)


def pair(figures: list[Figure], gold: list[dict[str, Any]]) -> list[tuple[dict[str, Any], Figure | None]]:
    """Each gold figure with the found one of its label, at most a page away; nearest pages first."""
    options = sorted(
        (abs(f.page - g["page"]), at, n)
        for at, g in enumerate(gold)
        for n, f in enumerate(figures)
        if normalise_label(f.label) == normalise_label(g["label"]) and abs(f.page - g["page"]) <= 1
    )
    taken: dict[int, int] = {}
    for _, at, n in options:
        if at not in taken and n not in taken.values():
            taken[at] = n
    return [(g, figures[taken[at]] if at in taken else None) for at, g in enumerate(gold)]


def score(found: Extraction, gold: dict[str, Any]) -> dict[str, Any]:
    """{"overall": {measure: share}, "classes": {class: {measure: share}}, "misses": [...]}; None where nothing counts.

    A caption or sentence is right from 90 % likeness of its letters, a box from IoU 0.8, a panel from IoU 0.7 under
    its own letter, a reference on its own page. Figures of scanned pages are left out.
    """
    scanned = set(gold["scanned_pages"])
    figures = [f for f in found.figures if f.page not in scanned]
    pairs = pair(figures, [g for g in gold["figures"] if not g.get("scanned")])
    tally = Tally()
    used = {f.figure_id for _, f in pairs if f}
    for figure in figures:
        if figure.figure_id not in used:
            tally.add("extra", found=1)
            tally.misses.append(f"p. {figure.page}: no such figure: {figure.label} at {figure.bbox}")
    for entry, figure in pairs:
        score_figure(tally, entry, figure, found)
    score_references(tally, pairs, found, scanned)
    overall: Counter[str] = sum(tally.counts.values(), Counter())
    return {
        "overall": shares(overall),
        "classes": {kind: shares(counts) for kind, counts in sorted(tally.counts.items()) if kind != "extra"},
        "misses": tally.misses,
    }


def judged(found: Extraction, gold: dict[str, Any]) -> list[tuple[Figure, bool]]:
    """Every figure found on a page with a text layer, and whether its label, box (IoU 0.8) and caption are right."""
    scanned = set(gold["scanned_pages"])
    figures = [f for f in found.figures if f.page not in scanned]
    pairs = pair(figures, [g for g in gold["figures"] if not g.get("scanned")])
    good = {
        f.figure_id for g, f in pairs
        if f and f.page == g["page"] and iou(g["bbox"], f.bbox) >= 0.8 and alike(g["caption"], f.caption) >= ALIKE
    }  # fmt: skip
    return [(f, f.figure_id in good) for f in figures]


def shares(counts: Counter[str]) -> dict[str, float | None]:
    return {
        name: round(counts[right] / counts[of], 4) if counts[of] else None for name, (right, of) in MEASURES.items()
    }


def score_figure(tally: Tally, entry: dict[str, Any], figure: Figure | None, found: Extraction) -> None:
    kind, where = entry.get("class", "page"), f"p. {entry['page']} {entry.get('class', '')} {entry['label']}"
    tally.add(kind, gold=1, panels=len(entry["panels"]))
    if figure is None:
        tally.misses.append(f"{where}: not found")
        tally.add(kind, pixels=bool(entry.get("pixels")))
        return
    same = alike(entry["caption"], figure.caption)
    overlap = iou(entry["bbox"], figure.bbox) if figure.page == entry["page"] else 0.0
    panels = {p.letter: p for p in found.panels if p.figure_id == figure.figure_id}
    right = len(panels) == len(entry["panels"])
    tally.add(kind, labels=1, found=1, captions=same >= ALIKE, boxes=overlap >= 0.8, counts=right)
    tally.add(kind, both=same >= ALIKE and overlap >= 0.8)
    if same < ALIKE:
        tally.misses.append(
            f"{where}: caption {same:.0f} % alike: {figure.caption[:120]!r} for {entry['caption'][:120]!r}"
        )
    if overlap < 0.8:
        tally.misses.append(f"{where}: IoU {overlap:.2f}: p. {figure.page} {figure.bbox} for {entry['bbox']}")
    if not right:
        tally.misses.append(f"{where}: panels {''.join(panels)} for {''.join(p['label'] for p in entry['panels'])}")
    for panel in entry["panels"]:
        own = panels.get(panel["label"])
        good = own is not None and iou(panel["bbox"], own.bbox) >= 0.7
        tally.add(kind, panel_boxes=good)
        if own is not None and not good:
            tally.misses.append(f"{where} panel {panel['label']}: {own.bbox} for {panel['bbox']}")
    for thing, image in [
        (entry, figure.image),
        *((p, panels[p["label"]].image) for p in entry["panels"] if p["label"] in panels),
    ]:
        if thing.get("pixels"):
            wrong = pixels_wrong(thing["pixels"], image, found)
            tally.add(kind, pixels=1, right_pixels=not wrong)
            if wrong:
                tally.misses.append(f"{where} {thing['label']}: {wrong}")


def pixels_wrong(expected: dict[str, Any], image: str, found: Extraction) -> str:
    """What is wrong with a stored picture, "" when nothing is."""
    if "sha256" in expected:
        return "" if image == expected["sha256"] else "the embedded picture was not kept"
    data = next(row.data for row in found.images if row.sha256 == image)
    values = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), np.float32)
    high, wide = values.shape[:2]
    for patch in expected["patches"]:
        (x, y), by = patch["at"], 0.06
        part = values[int(high * (y - by)) : int(high * (y + by)) + 1, int(wide * (x - by)) : int(wide * (x + by)) + 1]
        mean = part.mean((0, 1))
        if np.abs(mean - patch["rgb"]).max() > COLOUR:
            return f"colour {mean.round()} for {patch['rgb']} at {patch['at']}"
    return ""


def score_references(
    tally: Tally, pairs: list[tuple[dict[str, Any], Figure | None]], found: Extraction, scanned: set[int]
) -> None:
    """Citing sentences; the parts of a continued figure count as one figure."""
    groups: dict[tuple[str, int], list[tuple[dict[str, Any], Figure | None]]] = defaultdict(list)
    for entry, figure in pairs:
        groups[entry["label"], entry.get("chapter", 0)].append((entry, figure))
    for members in groups.values():
        entry = members[0][0]
        kind, where = entry.get("class", "page"), f"{entry.get('class', '')} {entry['label']}"
        ids = {f.figure_id for _, f in members if f}
        true: dict[tuple[int, str], set[str]] = defaultdict(set)
        for member, _ in members:
            for r in member["references"]:
                if r["page"] not in scanned and r["page"] + 1 not in scanned:
                    true[r["page"], r["sentence"]] |= set(r["letters"])
        cited: dict[tuple[int, str], set[str]] = defaultdict(set)
        for r in found.references:
            if r.figure_id in ids and not {r.page, r.page + 1} & scanned:
                cited[r.page, r.sentence] |= {r.letter} if r.letter else set()
        for (page, sentence), letters in true.items():
            hits = [own for (p, s), own in cited.items() if p == page and alike(s, sentence) >= ALIKE]
            tally.add(kind, gold_refs=1, refs=bool(hits), letters=any(own == letters for own in hits))
            if not hits:
                tally.misses.append(f"{where}: citation on p. {page} not found: {sentence[:140]!r}")
            elif not any(own == letters for own in hits):
                tally.misses.append(f"{where}: citation on p. {page} names {hits[0]} for {letters}: {sentence[:140]!r}")
        for page, sentence in cited:
            good = any(p == page and alike(s, sentence) >= ALIKE for p, s in true)
            tally.add(kind, found_refs=1, right_refs=good)
            if not good:
                tally.misses.append(f"{where}: cited in vain on p. {page}: {sentence[:140]!r}")


def table(result: dict[str, Any]) -> str:
    lines = [f"{'':22}" + "".join(f"{name[:12]:>13}" for name in MEASURES)]
    for name, values in [("overall", result["overall"]), *result["classes"].items()]:
        cells = "".join(f"{'-' if v is None else f'{v:.3f}':>13}" for v in values.values())
        lines.append(f"{name:22}{cells}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pdf", type=Path)
    parser.add_argument("gold", type=Path)
    options = parser.parse_args()
    result = score(extract_pdf(options.pdf, "book"), json.loads(options.gold.read_text(encoding="utf-8")))
    print(table(result))
    print(*result["misses"], sep="\n")


if __name__ == "__main__":
    main()
