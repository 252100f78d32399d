"""python benchmarks/_fit_confidence.py PDF...: fits the weights of assets/figures/confidence.py; prints them.

Each PDF is a generated book whose gold lies beside it (`python -m assets.textbooks.sample OUT.pdf --seed N
--every-class`). It is read as it is, and under stress: with a part of its pictures and of its captions' first lines
gone, as when a reader misses them, so that the binding goes wrong often enough to learn from. Logistic regression with
weights that are not negative (every value of the evidence grows with trust) and a light ridge; prints the weights, then
how the shares of right figures follow the scores, as read and under stress.
"""

import json
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple
from pathlib import Path

import numpy as np
from _figure_scores import judged
from scipy.optimize import minimize

from assets.figures import gather, readings
from assets.figures.confidence import Evidence, in_context
from assets.figures.extract import extract_pdf
from assets.figures.labels import opening_label
from assets.figures.layout import read_layout

RIDGE = 0.01
GONE = 0.15  # of pictures, and of captions' first lines, under stress


def thinned(seed: str):
    """`read_layout` that misses some of what lies on a page."""
    chance = random.Random(seed)

    def read(page):
        layout = read_layout(page)
        layout.rasters = [raster for raster in layout.rasters if chance.random() > GONE]
        layout.lines = [ln for ln in layout.lines if not opening_label(ln.text) or chance.random() > GONE]
        return layout

    return read


@contextmanager
def pages_read_by(read) -> Iterator[None]:
    """Extractions within read their pages with `read` in place of read_layout."""
    readings.read_layout = read
    try:
        yield
    finally:
        readings.read_layout = read_layout


def evidence(pdf: Path, read) -> tuple[list[tuple[float, ...]], list[bool]]:
    """Evidence and outcome of every figure found in one book whose pages `read` reads."""
    kept: dict[str, Evidence] = {}

    def listening(figures, seen, references):
        found = in_context(figures, seen, references)
        kept.update(zip((figure.figure_id for figure in figures), found, strict=True))
        return [0.0 for _ in figures]

    scores, gather.scores_of = gather.scores_of, listening
    try:
        with pages_read_by(read):
            found = extract_pdf(pdf, pdf.stem)
    finally:
        gather.scores_of = scores
    outcome = judged(found, json.loads(pdf.with_suffix(".gold.json").read_text(encoding="utf-8")))
    return [astuple(kept[figure.figure_id]) for figure, _ in outcome], [right for _, right in outcome]


def fit(values: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Intercept and weights."""

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        linear = weights[0] + values @ weights[1:]
        share = 1 / (1 + np.exp(-linear))
        error = share - right
        value = np.mean(np.logaddexp(0, linear) - right * linear) + RIDGE * np.mean(weights[1:] ** 2)
        slope = np.concatenate([[error.mean()], values.T @ error / len(right) + 2 * RIDGE * weights[1:] / len(weights)])
        return value, slope

    start = np.concatenate([[0.0], np.full(values.shape[1], 0.5)])
    bounds = [(None, None), *[(0, None)] * values.shape[1]]
    return minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B").x


def main() -> None:
    values: dict[str, list] = {"as read": [], "under stress": []}
    right: dict[str, list] = {"as read": [], "under stress": []}
    for name in sys.argv[1:]:
        for kind, read in (("as read", read_layout), ("under stress", thinned(name))):
            rows, outcomes = evidence(Path(name), read)
            values[kind] += rows
            right[kind] += outcomes
            print(f"{name} {kind}: {len(outcomes)} figures, {sum(outcomes)} right", file=sys.stderr, flush=True)
    weights = fit(np.array(sum(values.values(), [])), np.array(sum(right.values(), []), dtype=float))
    print("WEIGHTS = (" + ", ".join(f"{w:.3f}" for w in weights) + ")")
    for kind in values:
        table, outcome = np.array(values[kind]), np.array(right[kind], dtype=float)
        scores = 1 / (1 + np.exp(-(weights[0] + table @ weights[1:])))
        for low, high in ((0, 0.5), (0.5, 0.8), (0.8, 0.9), (0.9, 0.95), (0.95, 0.98), (0.98, 1.01)):
            inside = (scores >= low) & (scores < high)
            if inside.any():
                share = outcome[inside].mean()
                print(f"{kind}, score {low:.2f}-{min(high, 1):.2f}: {int(inside.sum()):5d} figures, {share:.3f} right")


if __name__ == "__main__":
    main()
