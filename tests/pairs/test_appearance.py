"""The corpus' picture classifier: features, folds, training, its file, and the picture of its confusion matrix."""

import io
import json

import numpy as np
import pytest
from PIL import Image as Pillow

from assets.errors import BadInput
from assets.pairs.appearance import classifier, standing
from assets.pairs.appearance.classifier import FOLDS, learnable, train
from assets.pairs.appearance.features import NAMES, decoded, features
from assets.pairs.appearance.matrix import Matrix, draw
from assets.records import IMAGE_KINDS
from assets.store import Home, open_home
from assets.weak_labels import fold_of
from tests.pairs.pictured import NAMING, Shown, eight_of_each, painted, pictured


def png(array: np.ndarray) -> bytes:
    out = io.BytesIO()
    Pillow.fromarray(array).save(out, "PNG")
    return out.getvalue()


@pytest.fixture(scope="module")
def learnt(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = pictured(open_home(tmp_path_factory.mktemp("learnt") / "corpus"), "atlas", eight_of_each())
    standing.train_classifier(home)
    return home


# ------------------------------------------------------------------------------------------------------------ features
@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((1, 1, 3), np.uint8),
        np.full((1, 900, 3), 255, np.uint8),
        np.zeros((40, 30), np.uint8),
        np.zeros((40, 30, 4), np.uint8),
        np.random.default_rng(0).integers(0, 256, (500, 20, 3), dtype=np.uint8),
    ],
    ids=["pixel", "line", "grey", "transparent", "tall"],
)
def test_any_picture_gives_a_finite_vector(picture):
    vector = features(decoded(png(picture)))
    assert vector.shape == (len(NAMES),) and np.isfinite(vector).all()


def test_the_vector_follows_from_the_picture_alone():
    data = painted("he", 3)
    assert (features(decoded(data)) == features(decoded(data))).all()
    assert (features(decoded(data)) != features(decoded(painted("ihc", 3)))).any()


# ------------------------------------------------------------------------------------------------------------ training
def three_kinds(each: int) -> tuple[np.ndarray, list[str], list[str]]:
    rng = np.random.default_rng(1)
    kinds = [kind for kind in ("fish", "he", "ihc") for _ in range(each)]
    centres = {kind: rng.normal(0, 3, len(NAMES)) for kind in ("fish", "he", "ihc")}
    vectors = np.array([centres[kind] + rng.normal(0, 1, len(NAMES)) for kind in kinds], dtype=np.float32)
    return vectors, kinds, [f"{kind}{i}" for i, kind in enumerate(kinds)]


def test_no_model_judges_a_figure_that_it_learnt_from():
    """A wrong label is seen through: the model that judges that picture never saw it."""
    vectors, kinds, figures = three_kinds(30)
    wrong = [*kinds]
    wrong[0] = "ihc"  # it looks like fish, as the other 29 do
    look = train(vectors, wrong, figures).look(vectors, figures)[0]
    assert look.kind == "fish" and look.score > 0.9
    moved = vectors.copy()
    held = [index for index, figure in enumerate(figures) if fold_of(figure, FOLDS) == 0]
    moved[held] += 50
    before, after = train(vectors, kinds, figures), train(moved, kinds, figures)
    assert (before.models[0].weights == after.models[0].weights).all()
    assert (before.models[1].weights != after.models[1].weights).any()


def test_a_picture_unlike_all_that_was_learnt_is_not_familiar():
    vectors, kinds, figures = three_kinds(30)
    trained = train(vectors, kinds, figures)
    assert np.mean([look.familiar for look in trained.look(vectors, figures)]) > 0.9
    assert not any(look.familiar for look in trained.look(vectors + 40, figures))


def test_probabilities_of_two_kinds_sum_to_one_and_keep_their_names():
    vectors, kinds, figures = three_kinds(30)
    two = [i for i, kind in enumerate(kinds) if kind != "he"]
    trained = train(vectors[two], [kinds[i] for i in two], [figures[i] for i in two])
    looks = trained.look(vectors[two], [figures[i] for i in two])
    assert all(abs(sum(look.probabilities.values()) - 1) < 1e-9 for look in looks)
    assert [look.kind for look in looks] == [kinds[i] for i in two]


def test_kinds_of_few_figures_are_not_learnt():
    figures = [f"f{i}" for i in range(40)]
    assert learnable(["he"] * 20 + ["fish"] * 20, figures) == ("fish", "he")
    assert learnable(["he"] * 38 + ["fish"] * 2, figures) == ("he",)
    assert learnable(["he"] * 20 + ["fish"] * 20, figures[:20] + ["one"] * 20) == ("he",)
    with pytest.raises(BadInput, match="too few figures of too few kinds"):
        train(np.zeros((2, len(NAMES))), ["he", "ihc"], ["a", "b"])


# ------------------------------------------------------------------------------------------------------------- on disk
def test_generated_pictures_of_six_kinds_are_told_apart(learnt):
    note = standing.read_standing(learnt)
    assert note["confusion"]["kinds"] == sorted(IMAGE_KINDS)
    assert note["counts"]["agree_percent"] >= 90
    assert set(note["named"]) == set(IMAGE_KINDS) and all(6 <= number <= 8 for number in note["named"].values())


def test_same_pairs_give_the_same_bytes_and_nothing_is_done_twice(learnt, tmp_path):
    assert not standing.train_classifier(learnt).changed
    again = pictured(open_home(tmp_path / "again"), "atlas", eight_of_each())
    standing.train_classifier(again)
    files = [sorted((home.root / "classifier").rglob("*.*")) for home in (learnt, again)]
    assert [path.name for path in files[0]] == [path.name for path in files[1]]
    assert all(a.read_bytes() == b.read_bytes() for a, b in zip(*files, strict=True))


def test_a_model_names_what_it_learnt_from(learnt):
    name = standing.read_standing(learnt)["model"]
    model = json.loads((learnt.root / "classifier" / "models" / f"{name}.json").read_text())
    assert set(model["learnt_from"]) == {"atlas"} and len(model["learnt_from"]["atlas"]) == 64


def test_training_is_due_when_the_named_pictures_have_grown_by_half(learnt, tmp_path):
    home = pictured(open_home(tmp_path / "corpus"), "atlas", eight_of_each())
    standing.train_classifier(home)
    first = standing.read_standing(home)
    few = [Shown(kind, caption, 20) for kind, caption in NAMING.items()]
    pictured(home, "small", few)
    assert not standing.train_classifier(home).changed
    more = [Shown(kind, caption, seed) for kind, caption in NAMING.items() for seed in range(20, 24)]
    pictured(home, "larger", more)
    assert standing.train_classifier(home).changed
    assert standing.read_standing(home)["model"] != first["model"]
    assert standing.usable(home, first["model"])  # books judged by it still read it


def test_a_corpus_whose_captions_name_too_little_has_none_and_says_why(tmp_path):
    home = pictured(open_home(tmp_path / "corpus"), "atlas", eight_of_each()[:8])
    found = standing.standing(home)
    assert found.name is None and "too few kinds (learnable: he)" in found.why_none
    assert not standing.train_classifier(home).changed


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"\x80\x05cos\nsystem\n",
        b'{"classifier": {"features": "1"}}',
        b'{"classifier": ' + b"[" * 100_000,
    ],
    ids=["empty", "pickle", "lacking", "deep"],
)
def test_a_damaged_model_is_refused_in_one_line(learnt, damage):
    name = standing.read_standing(learnt)["model"]
    path = learnt.root / "classifier" / "models" / f"{name}.json"
    whole = path.read_bytes()
    try:
        path.write_bytes(damage)
        with pytest.raises(
            BadInput, match=r"cannot be used: .*; judge its books anew with `pathcorpus pairs classify`"
        ):
            standing.load(learnt, name)
    finally:
        path.write_bytes(whole)
    assert standing.load(learnt, name).kinds == tuple(sorted(IMAGE_KINDS))


def test_values_that_are_no_classifier_are_refused(learnt):
    name = standing.read_standing(learnt)["model"]
    plain = standing.load(learnt, name).plain()
    for change in (
        {"kinds": ["he", "<b>"]},
        {"models": plain["models"][:2]},
        {"models": [{**one, "bias": [float("nan")] * 6} for one in plain["models"]]},
        {"features": "0"},
    ):
        with pytest.raises(BadInput):
            classifier.from_plain({**plain, **change})
    assert len(classifier.from_plain(plain).models) == FOLDS


def test_the_matrix_is_drawn_with_dark_cells_where_most_pictures_are():
    matrix = Matrix.of(("he", "ihc"), [("he", "he")] * 9 + [("he", "ihc")] + [("ihc", "ihc")] * 10)
    assert matrix.counts == ((9, 1), (0, 10)) and matrix.agreement == 0.95
    image = np.asarray(Pillow.open(io.BytesIO(draw(matrix, "picture classifier"))).convert("L"), dtype=float)
    corner = {(row, column): image[84 + row * 92 + 8, 150 + column * 92 + 8] for row in (0, 1) for column in (0, 1)}
    assert corner[1, 1] < corner[0, 0] < corner[0, 1] < corner[1, 0]
