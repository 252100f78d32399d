"""Which figure of which chapter shows which class: every class at least once, every figure once, as the seed has it."""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from typing import Any

import numpy as np

from assets.textbooks.sample.classes.kinds import KINDS, Kind
from assets.textbooks.sample.content import Chapter, Figure, load_figures, make_chapter, read_raw
from assets.textbooks.sample.style import Style


@dataclass
class Scene:
    """One class with its figures; a scene without a kind is a page of text that keeps a spread together."""

    kind: Kind | None
    figures: list[Figure]

    @property
    def pages(self) -> int:
        return self.kind.pages if self.kind else 1


@dataclass
class Draft:
    """A chapter before its sentences are made."""

    raw: dict[str, Any]
    number: int
    figures: list[Figure]
    chosen: list[tuple[int, Kind]]  # place of the first figure, kind

    @property
    def scope(self) -> str:
        if self.raw.get("traditional"):
            return "hant"
        return "restart" if self.raw.get("restart") else str(self.raw["language"])

    def open(self, place: int, kind: Kind) -> bool:
        """Whether `kind` may take the figures from `place` on."""
        taken = {at + step for at, other in self.chosen for step in range(other.count)}
        span = range(place, place + kind.count)
        scopes = {"hant": ("zh", "hant"), "restart": ("restart",)}.get(self.scope, (self.scope,))
        if self.scope == "restart" and kind.scope != "restart" or kind.scope not in ("", *scopes):
            return False
        return (
            span.stop <= len(self.figures) and not taken & set(span) and all(kind.fits(self.figures[at]) for at in span)
        )


def plan_book(style: Style, rng: np.random.Generator) -> tuple[list[Chapter], list[list[Scene]]]:
    """The chapters with labels and citations as printed, and the scenes of each in order."""
    folder = resources.files("assets.textbooks.sample")
    raws = read_raw(folder / "chapters") + read_raw(folder / "classes" / "chapters")
    drafts = []
    for place, raw in enumerate(raws):
        number = style.first_chapter + place
        drafts.append(Draft(raw, number, load_figures(raw, number, style), []))
    choose(drafts, rng)
    scenes = [ordered(draft, rng) for draft in drafts]
    counters: dict[str, int] = {}
    zh_words = ZH_WORDS[int(rng.integers(len(ZH_WORDS)))]
    for draft, found in zip(drafts, scenes, strict=True):
        name_figures(draft, found, style, counters, zh_words)
        draft.figures = [figure for scene in found for figure in scene.figures]
    known = {figure.key: figure for draft in drafts for figure in draft.figures}
    chapters = [make_chapter(draft.raw, draft.number, draft.figures, known, style) for draft in drafts]
    return chapters, scenes


ZH_WORDS = (("图{}", "图{}", "图"), ("图 {}", "图 {}", "图 "), ("图{}", "图{}", "图"))


def choose(drafts: list[Draft], rng: np.random.Generator) -> None:
    """Give each class its figures, the classes with fewest places first; then every figure that is left a class."""
    waiting = list(KINDS)
    while waiting:
        places = {kind.name: list(free(drafts, kind)) for kind in waiting}
        kind = min(waiting, key=lambda item: (len(places[item.name]) / item.count, item.name))
        if not places[kind.name]:
            raise RuntimeError(f"no figure is left for the class {kind.name}")
        draft, place = places[kind.name][int(rng.integers(len(places[kind.name])))]
        draft.chosen.append((place, kind))
        waiting.remove(kind)
    for draft in drafts:
        for place in range(len(draft.figures)):
            fitting = [kind for kind in KINDS if kind.count == 1 and draft.open(place, kind)]
            fresh = [kind for kind in fitting if kind not in [other for _, other in draft.chosen]]
            if fitting:
                options = fresh or fitting
                draft.chosen.append((place, options[int(rng.integers(len(options)))]))


def free(drafts: list[Draft], kind: Kind) -> Iterable[tuple[Draft, int]]:
    for draft in drafts:
        for place in range(len(draft.figures)):
            if draft.open(place, kind):
                yield draft, place


def ordered(draft: Draft, rng: np.random.Generator) -> list[Scene]:
    """The scenes of a chapter that begins on a right-hand page: the first can open it, spreads begin on left pages."""
    waiting = [
        Scene(kind, draft.figures[place : place + kind.count])
        for place, kind in sorted(draft.chosen, key=lambda item: item[0])
    ]
    out: list[Scene] = []
    left = False  # the chapter opens on the right
    while waiting:
        fits = [s for s in waiting if s.kind and (out or s.kind.opens) and (left or not s.kind.verso)]
        if not out and not fits:
            fits = [Scene(None, [])]
        if not fits or (waiting[0] not in fits and waiting[0].pages == 1 and out):
            fits = fits or [Scene(None, [])]
        scene = waiting[0] if waiting[0] in fits else fits[0]
        out.append(scene)
        if scene.kind:
            waiting.remove(scene)
        left = left != bool(scene.pages % 2)
    return out


def name_figures(
    draft: Draft, scenes: list[Scene], style: Style, counters: dict[str, int], zh_words: tuple[str, str, str]
) -> None:
    """Number the figures in the order in which they stand."""
    chinese = draft.raw["language"] == "zh"
    separator = "-" if chinese else style.separator
    words = (
        (tuple(word.replace("图", "圖") for word in zh_words) if draft.scope == "hant" else zh_words)
        if chinese
        else None
    )
    count = 0
    for scene in scenes:
        if scene.kind is None:
            continue
        style_of = scene.kind.number
        for place, figure in enumerate(scene.figures):
            figure.words = scene.kind.words or words  # type: ignore[assignment]
            figure.lower = not chinese and scene.kind.name in ("letters-after", "letters-below")
            figure.apart = bool(style_of)
            if style_of in ("S", "plate"):
                counters[style_of] = counters.get(style_of, 0) + 1
                figure.number = ("S" if style_of == "S" else "") + str(counters[style_of])
                continue
            count += 0 if style_of == "letter" and place else 1
            number = str(count) if draft.scope == "restart" else f"{draft.number}{separator}{count}"
            figure.number = number + ("ab"[place] if style_of == "letter" else "")
