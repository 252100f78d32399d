"""The corpus' picture classifier on disk: trained from all pairs at hand, kept by version, one of them standing.

    classifier/models/<id>.json      a classifier with the hashes of what it learnt and its confusion matrix
    classifier/standing.json         which one new books are judged by, or why there is none
    classifier/confusion.png         the standing one's confusion matrix

Training is due when features or training code changed, or when the pictures that captions name have grown by GROWTH.
Same pairs, same bytes. Books stay with the classifier that judged them until they are judged anew on purpose.
"""

import json
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from assets.errors import BadInput, one_line
from assets.pairs.appearance import classifier
from assets.pairs.appearance.classifier import Classifier
from assets.pairs.appearance.features import VERSION
from assets.pairs.appearance.matrix import Matrix, draw
from assets.pairs.appearance.vectors import vectors_of
from assets.sources import source_hash
from assets.store import Home, Outcome, locked, write_bytes, write_json
from assets.weak_labels import Named, all_named, in_order, learnt_from, some

GROWTH = 1.5
MOST = 4000  # pictures of one kind that teach; chosen by the hash of their pair


@dataclass(frozen=True)
class Standing:
    """The classifier that new books are judged by. Without one, `why_none` says why."""

    name: str | None
    classifier: Classifier | None
    why_none: str = ""


def standing(home: Home) -> Standing:
    """The classifier that stands; trains the first one, and a new one when the features or the training changed."""
    note = _note(home)
    if note is None or note["code"] != _code():
        train_classifier(home)
        note = _note(home)
    if note is None or note["model"] is None:
        return Standing(None, None, note["why_none"] if note else "none was trained")
    return Standing(note["model"], load(home, note["model"]))


def load(home: Home, name: str) -> Classifier:
    """A classifier by its name. Raises BadInput when it is missing, damaged or of other features."""
    path = _folder(home) / "models" / f"{name}.json"
    try:
        data = path.read_bytes()
        if _name(data) != name:
            raise BadInput("its bytes are not those that were written")
        return classifier.from_plain(json.loads(data)["classifier"])
    except FileNotFoundError as error:
        raise BadInput(f"{path} is missing; judge its books anew with `pathcorpus pairs classify`") from error
    except (BadInput, ValueError, KeyError, TypeError, RecursionError, OSError) as error:
        raise BadInput(
            f"{path} cannot be used: {one_line(error, 120)}; judge its books anew with `pathcorpus pairs classify`"
        ) from error


def usable(home: Home, name: str) -> bool:
    """Whether that classifier is there and reads the present features."""
    try:
        load(home, name)
    except BadInput:
        return False
    return True


def named_pictures(home: Home) -> list[Named]:
    """All pictures of all books and sources whose kind the words name, at most MOST of a kind, by pair id."""
    found: dict[str, list[Named]] = defaultdict(list)
    for row in all_named(home):
        rows = found[row.kind]
        rows.append(row)
        if len(rows) > 2 * MOST:
            found[row.kind] = some(rows, MOST)
    return in_order(found, MOST)


def train_classifier(home: Home) -> Outcome:
    """Train the corpus' classifier when that is due, and let it stand.

    counts: pictures that captions name, kinds that were learnt, and of the pictures of those kinds how many in a
    hundred the classifier takes for what the captions name. Leaves everything alone when nothing is due.
    """
    started = time.monotonic()
    folder = _folder(home)
    with locked(home, "classifier"):
        named, note = named_pictures(home), _note(home)
        taught = learnt_from(named)
        if note and note["code"] == _code() and len(named) < GROWTH * max(1, note["pictures"]):
            return Outcome("classifier", None, False, note["counts"], folder, time.monotonic() - started)
        model, why_none, matrix = None, "", Matrix(())
        try:
            trained, matrix = _trained(home, named)
        except BadInput as error:
            why_none = one_line(error)
        else:
            plain = {"classifier": trained.plain(), "learnt_from": taught, "confusion": matrix.plain()}
            data = json.dumps(plain, sort_keys=True, separators=(",", ":")).encode()
            model = _name(data)
            write_bytes(folder / "models" / f"{model}.json", data)
            write_bytes(folder / "confusion.png", draw(matrix, f"picture classifier {model}"))
        counts = {"pictures": len(named), "kinds": len(matrix.kinds), "agree_percent": round(100 * matrix.agreement)}
        write_json(
            folder / "standing.json",
            {"model": model, "why_none": why_none, "code": _code(), "pictures": len(named), "counts": counts,
             "named": dict(sorted(Counter(row.kind for row in named).items())), "confusion": matrix.plain()},
        )  # fmt: skip
    return Outcome("classifier", None, True, counts, folder, time.monotonic() - started)


def read_standing(home: Home) -> dict[str, Any]:
    """What standing.json says. Raises BadInput when there is none: no classifier was ever trained."""
    note = _note(home)
    if note is None:
        raise BadInput(f"{_folder(home)} holds no classifier; run `pathcorpus run` first")
    return note


def _trained(home: Home, named: list[Named]) -> tuple[Classifier, Matrix]:
    names = classifier.learnable([row.kind for row in named], [row.figure for row in named])
    vectors = np.zeros((len(named), len(classifier.NAMES)), dtype=np.float32)
    if len(names) >= 2:
        places = {(row.key, row.pair): index for index, row in enumerate(named)}
        for key in sorted({row.key for row in named}):
            for pairs, rows in vectors_of(home, key):
                for pair, row in zip(pairs, rows, strict=True):
                    if (key, pair) in places:
                        vectors[places[key, pair]] = row
    kinds, figures = [row.kind for row in named], [row.figure for row in named]
    trained = classifier.train(vectors, kinds, figures)
    looks = trained.look(vectors, figures)
    said = [(kind, look.kind) for kind, look in zip(kinds, looks, strict=True) if kind in trained.kinds]
    return trained, Matrix.of(trained.kinds, said)


def _note(home: Home) -> dict[str, Any] | None:
    path = _folder(home) / "standing.json"
    try:
        note = json.loads(path.read_text(encoding="utf-8"))
        return note if {"model", "why_none", "code", "pictures", "counts"} <= note.keys() else None
    except (FileNotFoundError, ValueError, AttributeError):
        return None  # killed before the first training ended, or damaged: it is trained again


def _code() -> str:
    return f"{VERSION} {source_hash(classifier.__name__)[:12]}"


def _name(data: bytes) -> str:
    return f"features-{sha256(data).hexdigest()[:12]}"


def _folder(home: Home) -> Path:
    return home.corpus("classifier")
