"""The book with every layout class through the station: each class is found, parted, cut and cited as its gold says."""

import importlib.util
from pathlib import Path

import pytest

from assets.figures.extract import extract_pdf

pytestmark = pytest.mark.slow
spec = importlib.util.spec_from_file_location("scores", Path(__file__).parents[2] / "benchmarks" / "_figure_scores.py")
scores = importlib.util.module_from_spec(spec)
spec.loader.exec_module(scores)


@pytest.fixture(scope="module")
def result(every_class_book):
    path, gold = every_class_book
    return scores.score(extract_pdf(path, "classes"), gold)


def test_the_whole_book(result):
    low = {name: value for name, value in result["overall"].items() if value is not None and value < 0.98}
    assert not low, "\n".join(result["misses"])


def test_no_class_is_lost(result):
    lost = {
        kind: {name: value for name, value in values.items() if value is not None and value < 0.5}
        for kind, values in result["classes"].items()
    }
    assert not {kind: values for kind, values in lost.items() if values}, "\n".join(result["misses"])


def test_the_scorer_sees_what_is_wrong(every_class_book):
    """A scorer that finds everything right says nothing: take figures away, move boxes, swap captions."""
    path, gold = every_class_book
    found = extract_pdf(path, "classes")
    found.figures = found.figures[5:]
    for figure in found.figures[:10]:
        figure.bbox[0] += 200
    for one, other in zip(found.figures[10:20:2], found.figures[11:20:2], strict=True):
        vars(one)["caption"], vars(other)["caption"] = other.caption, one.caption
    found.references = found.references[::2]
    spoiled = scores.score(found, gold)["overall"]
    count = len(gold["figures"])
    assert spoiled["label_recall"] == pytest.approx((count - 5) / count, abs=1e-3)
    assert spoiled["box_iou80"] <= (count - 15) / count + 1e-3
    assert spoiled["caption_recall"] <= (count - 15) / count + 1e-3
    assert spoiled["ref_recall"] < 0.75
