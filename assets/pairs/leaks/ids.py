"""Slides and patients of a test set: another patch of the same slide shows no likeness that a hash could find."""

from collections import defaultdict
from collections.abc import Iterable

from assets.records import Pair, TestHit, TestSet
from assets.testsets.item import TestItem
from assets.testsets.slides import patient_of, slide_of


class SlideIndex:
    """The items of a set by slide and by patient."""

    def __init__(self, row: TestSet, items: Iterable[TestItem]) -> None:
        self._testset = row.testset
        self._slides: dict[str, set[str]] = defaultdict(set)
        self._patients: dict[str, set[str]] = defaultdict(set)
        source = f"{row.form} {row.testset}"  # plain numbers are patients where either names BCNB
        for item in items:
            raw = item.slide_or_patient_id
            if slide := slide_of(source, raw):
                self._slides[slide].add(item.item_id)
            if patient := patient_of(source, raw):
                self._patients[patient].add(item.item_id)

    def hits(self, pair: Pair, book: str) -> list[TestHit]:
        """By slide, and by patient for the items that another slide or no slide is named for."""
        raw = pair.slide_or_patient_id
        slide, patient = slide_of(pair.source, raw), patient_of(pair.source, raw)
        same_slide = self._slides.get(slide or "", set())
        same_patient = self._patients.get(patient or "", set()) - same_slide
        found = [("slide", slide, same_slide), ("patient", patient, same_patient)]
        return [
            TestHit(
                pair_id=pair.pair_id, book=book, testset=self._testset, item_ids=sorted(ids), by=by, score=1.0,
                evidence=f"{by} {name}",
            )
            for by, name, ids in found if ids
        ]  # fmt: skip
