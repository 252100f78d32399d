"""python benchmarks/pairs_kinds.py [--corpus DIR] [--books N] [--quick]: image kinds and organ systems, measured.

Every claim of the classifier stands beside the same one for colour thresholds (a shallow decision tree on seven shares
of colours) that learnt from the same pictures. Generated pictures: all six kinds, no recipe judged by a model that saw
it. Generated books: what the whole chain decides, against their gold. With --corpus, a folder of real PDFs with
gold.json: captions are hidden, each PDF is judged by a classifier that learnt from the captions of the other PDFs,
alone and together with generated pictures. Nothing was tuned on these PDFs; rotated and scanned copies in the folder
are left out. Numbers in brackets are 95 % Wilson intervals; pictures of one paper are alike, so the true ones are
wider. --quick takes fewer generated pictures and no books.
"""

import argparse
import json
import math
import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from _claims import claim, progress
from _kind_pictures import KINDS, OTHERS, pictures
from numpy.typing import NDArray
from skimage.color import rgb2hsv
from sklearn.tree import DecisionTreeClassifier

from assets.errors import BadInput
from assets.figures.station import extract_book
from assets.pairs.agreement import decide
from assets.pairs.appearance import classifier
from assets.pairs.appearance.features import decoded, features
from assets.pairs.appearance.vectors import vectors_of
from assets.pairs.deciding import kind_book
from assets.pairs.kinds import image_kind
from assets.pairs.picture import PictureFacts, picture_facts
from assets.pairs.station import pair_book
from assets.records import COT_KINDS, Pair, PairKind, normalise_label
from assets.store import Home, open_home, pack_of, read_rows
from assets.tables import named_kind
from assets.textbooks import library
from assets.textbooks.sample import generate
from assets.weak_labels import fold_of

COPIES = ("rot90", "scan200")
HISTOLOGY = ("he", "ihc")
SAYS_HE, SAYS_IHC = r"H\s?&\s?E\b|ha?ematoxylin", r"\b(?:Bax|Bcl-2)\b|immunohistochem|immunoreactiv"


@dataclass
class Pictures:
    """Pictures with what is known of them. `vectors`: (pictures, features); `colours`: (pictures, 7)."""

    kinds: list[str]
    figures: list[str]
    vectors: NDArray[np.float32]
    colours: NDArray[np.float64]
    facts: list[PictureFacts]


def colours(data: bytes) -> list[float]:
    """Shares of the picture's pixels, for the baseline: white, black, colourful, pink, brown, teal, flat colours."""
    facts = picture_facts(data)
    hue, saturation = (channel.ravel() for channel in np.moveaxis(rgb2hsv(decoded(data)), -1, 0)[:2])
    brown = float(np.mean((hue > 10 / 360) & (hue < 45 / 360) & (saturation > 0.25)))
    teal = float(np.mean((hue > 140 / 360) & (hue < 245 / 360) & (saturation > 0.08)))
    return [facts.white, facts.black, facts.colourful, facts.pink_purple, brown, teal, facts.flat]


def by_thresholds(learn: NDArray[np.float64], kinds: list[str], ask: NDArray[np.float64]) -> list[str]:
    """The baseline: at most five thresholds on shares of colours on the way to a kind."""
    tree = DecisionTreeClassifier(max_depth=5, min_samples_leaf=2, class_weight="balanced", random_state=0)
    return [str(kind) for kind in tree.fit(learn, kinds).predict(ask)]


def drawn(each: int, seed: int) -> Pictures:
    made = list(pictures(each, seed))
    progress(f"{len(made)} pictures drawn")
    vectors = np.array([features(decoded(data)) for _, _, data in made])
    shares, facts = np.array([colours(d) for *_, d in made]), [picture_facts(d) for *_, d in made]
    return Pictures([k for k, _, _ in made], [f for _, f, _ in made], vectors, shares, facts)


def share(right: int, of: int) -> str:
    """ "12 of 15 [.55-.93]" with the Wilson interval of 95 %."""
    if not of:
        return "none"
    z, p = 1.96, right / of
    centre, half = p + z * z / (2 * of), z * math.sqrt(p * (1 - p) / of + z * z / (4 * of * of))
    low, high = (abs((centre + sign * half) / (1 + z * z / of)) for sign in (-1, 1))
    return f"{right} of {of} [{low:.2f}-{high:.2f}]"


def counted(
    text: str, right: list[bool], goal: float | None = None, better: Literal["higher", "lower"] = "higher"
) -> bool:
    return claim(f"{text}: {share(sum(right), len(right))}", sum(right) / max(1, len(right)), "ratio", goal, better)


def generated_pictures(made: Pictures, goal: float) -> bool:
    """All six kinds, out of fold: no model judges a figure, or a recipe, that it learnt from."""
    trained = classifier.train(made.vectors, made.kinds, made.figures)
    says = [look.kind for look in trained.look(made.vectors, made.figures)]
    folds = np.array([fold_of(figure, classifier.FOLDS) for figure in made.figures])
    plain = np.array([""] * len(folds), dtype=object)
    for fold in range(classifier.FOLDS):
        rest = folds != fold
        learnt = [kind for kind, free in zip(made.kinds, rest, strict=True) if free]
        plain[~rest] = by_thresholds(made.colours[rest], learnt, made.colours[~rest])
    held = counted("six kinds, generated: classifier", [a == b for a, b in zip(says, made.kinds, strict=True)], goal)
    counted("six kinds, generated: colour thresholds", [a == b for a, b in zip(plain, made.kinds, strict=True)])
    for kind in KINDS:
        own = [i for i, named in enumerate(made.kinds) if named == kind]
        counted(f"{kind}, generated: classifier", [says[i] == kind for i in own])
        counted(f"{kind}, generated: colour thresholds", [plain[i] == kind for i in own])
    return held


def strangers(made: Pictures) -> bool:
    """Charts, gels, radiographs, schemes and people of a sort that the classifier never saw, without a word below them.

    Only what is taken for one of the five kinds and not queued would leave for an endpoint.
    """
    leave: dict[str, list[bool]] = {}
    for name in OTHERS:
        strange = [i for i, figure in enumerate(made.figures) if figure.startswith(f"other-{name}-")]
        rest = [i for i in range(len(made.figures)) if i not in strange]
        figures = [made.figures[i] for i in rest]
        trained = classifier.train(made.vectors[rest], [made.kinds[i] for i in rest], figures)
        looks = trained.look(made.vectors[strange], [made.figures[i] for i in strange])
        words = [image_kind([("caption", "The same case.")], "", made.facts[i]) for i in strange]
        decided = [decide(said, look, trained.kinds) for said, look in zip(words, looks, strict=True)]
        leave[name] = [one.kind in COT_KINDS and not one.queued for one in decided]
        counted(f"{name} of a sort that was never learnt, no words: would leave", leave[name])
    all_of_them = [one for found in leave.values() for one in found]
    text = "pictures of sorts that were never learnt, no words: would leave for an endpoint"
    return counted(text, all_of_them, 0.02, "lower")


def generated_books(seeds: list[int], folder: Path) -> bool:
    """What words and picture decide together in generated books, whose gold says kind and organ of every figure."""
    home = open_home(folder / "books")
    sure, words, organs, by_any, pairs_seen, queued = [], [], [], [], 0, 0
    golds = {}
    for seed in seeds:
        key = f"book-{seed}"
        progress(f"generated book, seed {seed}")
        golds[key] = generate(folder / f"{key}.pdf", seed=seed)
        library.add(home, folder / f"{key}.pdf", key=key)
        extract_book(home, key)
        pair_book(home, key)
    for key, gold in golds.items():
        known = {normalise_label(figure["label"]): figure for figure in gold["figures"]}
        kinds = {row.pair_id: row for row in read_rows(kind_book(home, key).folder / "kinds.parquet", PairKind)}
        for pair in read_rows(home.station("pairs", key) / "pairs.parquet", Pair):
            figure = known.get(normalise_label(pair.label.rstrip("ABCDEFGH")))
            if figure is None:
                continue
            letter = pair.label[-1] if pair.panel_id else None
            panel = next((p for p in figure["panels"] if p["label"] == letter), {})
            if pair.panel_id is None and figure["panels"]:
                continue  # a figure of several kinds has none of its own, and gets no sample
            truth, row = panel.get("image_kind", figure["image_kind"]), kinds[pair.pair_id]
            pairs_seen, queued = pairs_seen + 1, queued + bool(row.queued)
            words.append(pair.image_kind == truth)
            if not row.queued:
                sure.append(row.image_kind == truth)
            if figure["organ_system"] != "other":
                by_any.append(pair.organ_system == figure["organ_system"])
                if pair.organ_system_score >= 0.5:
                    organs.append(pair.organ_system == figure["organ_system"])
    held = counted("image kind in generated books, pairs that are not queued", sure, 0.98)
    counted("image kind in generated books, by words and picture facts alone", words)
    claim(f"pairs of generated books queued for review: {queued} of {pairs_seen}", queued / pairs_seen, "ratio")
    held &= counted("organ system in generated books, score 0.5 and more", organs, 0.95)
    counted("organ system in generated books, all pairs", by_any)
    return held


@dataclass
class Paper:
    """A real PDF: its pairs, their vectors, and what its gold says of its figures."""

    pairs: list[Pair]
    vectors: NDArray[np.float32]
    colours: NDArray[np.float64]
    histology: list[bool | None]  # of whole figures; None for panels and figures without gold
    stain: list[str | None]  # he or ihc where gold's tag and caption say so, of figures and panels


def papers(corpus: Path, home: Home) -> dict[str, Paper]:
    gold = json.loads((corpus / "gold.json").read_text(encoding="utf-8"))
    found = {}
    for pdf in sorted(corpus.glob("*.pdf")):
        if pdf.name.startswith(COPIES):
            continue
        progress(pdf.name)
        key = re.sub(r"[^a-z0-9]+", "-", pdf.stem.lower())
        library.add(home, pdf, key=key)
        extract_book(home, key)
        pairs = read_rows(pair_book(home, key).folder / "pairs.parquet", Pair)
        if not pairs:
            continue
        rows = {normalise_label(row["label"]): row for row in gold if row["pdf"] == pdf.name}
        vectors = np.concatenate([rows for _, rows in vectors_of(home, key)])
        pack = pack_of(home, key)
        names = {p.figure_id: normalise_label(p.label) for p in pairs if p.panel_id is None}
        tagged = [rows.get(names.get(pair.figure_id, "")) for pair in pairs]
        found[pdf.name] = Paper(
            pairs, vectors, np.array([colours(pack.read(pair.image).data) for pair in pairs]),
            [("histology" in row["tags"]) if row and p.panel_id is None else None
             for p, row in zip(pairs, tagged, strict=True)],
            [_stain(row) if row else None for row in tagged],
        )  # fmt: skip
    return found


def _stain(row: dict) -> str | None:
    """What gold's caption names; none for special stains, which are neither."""
    caption = row.get("caption_jats") or row["caption_start"]
    if "histology" not in row["tags"] or "TUNEL" in caption:
        return None
    return "he" if re.search(SAYS_HE, caption) else "ihc" if re.search(SAYS_IHC, caption) else None


def real(corpus: Path, folder: Path, made: Pictures) -> None:
    """Each PDF judged by what learnt from the others' captions. There are no goals: it is a measure."""
    found = papers(corpus, open_home(folder / "real"))
    for label, extra in (("other PDFs", None), ("other PDFs and generated pictures", made)):
        looked: dict[str, list[bool]] = {name: [] for name in NAMES}
        plain: dict[str, list[bool]] = {name: [] for name in NAMES}
        for name, paper in found.items():
            if not any(paper.stain) and set(paper.histology) == {None}:
                continue
            learn = _all_but(name, found, extra)
            try:
                trained = classifier.train(learn.vectors, learn.kinds, learn.figures)
            except BadInput as error:
                progress(f"{name}, learnt from {label}: unmeasured, {error}")
                continue
            looks = trained.look(paper.vectors, [pair.figure_id for pair in paper.pairs])
            tree = by_thresholds(learn.colours, learn.kinds, paper.colours)
            _count(paper, [look.kind for look in looks], set(trained.kinds), looked)
            _count(paper, tree, set(learn.kinds), plain)
        for what, text in NAMES.items():
            if looked[what]:
                counted(f"{text}, real, classifier learnt from {label}", looked[what])
            else:
                progress(f"{text}, learnt from {label}: unmeasured, their captions name too few kinds")
            if plain[what]:
                counted(f"{text}, real, colour thresholds learnt from {label}", plain[what])


def _count(paper: Paper, says: list[str], learnt: set[str], seen: dict[str, list[bool]]) -> None:
    for kind, histology, stain in zip(says, paper.histology, paper.stain, strict=True):
        if histology is not None:
            seen["histology" if histology else "other"].append((kind in HISTOLOGY) == histology)
        if stain and set(HISTOLOGY) <= learnt:
            seen[stain].append(kind == stain)


NAMES = {"histology": "histology told from other (figures)", "other": "other told from histology (figures)",
          "he": "H&E told as H&E (figures and panels)", "ihc": "IHC told as IHC (figures and panels)"}  # fmt: skip


def _all_but(held: str, found: dict[str, Paper], extra: Pictures | None) -> Pictures:
    """What the captions of the other PDFs name, and `extra`."""
    kinds, figures, vectors, shares = [], [], [], []
    for name, paper in found.items():
        for pair, vector, share in zip(paper.pairs, paper.vectors, paper.colours, strict=True):
            kind = named_kind(pair.image_kind, pair.image_kind_score)
            if name != held and kind:
                kinds.append(kind)
                figures.append(pair.figure_id)
                vectors.append(vector)
                shares.append(share)
    if extra:
        kinds, figures = kinds + extra.kinds, figures + extra.figures
        vectors, shares = [*vectors, *extra.vectors], [*shares, *extra.colours]
    return Pictures(kinds, figures, np.array(vectors, dtype=np.float32), np.array(shares), [])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", type=Path, help="a folder of PDFs with gold.json")
    parser.add_argument("--books", type=int, default=2, help="generated books")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    made = drawn(10 if options.quick else 60, 5)
    held = generated_pictures(made, 0.9 if options.quick else 0.95)
    held &= strangers(made)
    if options.quick:
        return 0 if held else 1
    with tempfile.TemporaryDirectory() as folder:
        held &= generated_books(list(range(901, 901 + options.books)), Path(folder))
        if options.corpus:
            real(options.corpus, Path(folder), made)
    progress("unmeasured on real pictures, for want of gold: gross, cytology and FISH; organ systems; people")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
