"""The picture classifier: what kind of picture a feature vector looks like, learnt from what captions name.

Its labels are weak, so a picture is never judged by a model that learnt from it: a figure belongs to one of FOLDS by
its id, the classifier is FOLDS models, each trained without its own fold, and each judges that fold alone. A picture
that is new falls into a fold all the same. Multinomial logistic regression on standardised features.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assets.errors import BadInput
from assets.pairs.appearance.features import NAMES, VERSION
from assets.records import IMAGE_KINDS
from assets.weak_labels import fold_of

FOLDS = 5
STRENGTH = 0.1  # inverse of the L2 penalty: some hundred features, and often only a few hundred pictures
FEWEST_FIGURES = 3  # that a kind must leave to every model: fewer show their own style, not their kind
REACH = 1.5  # times the distance within which 95 % of a kind's own pictures lie: farther is unlike all that was learnt
SHRINKAGE = 0.1  # of variances, in units of the whole: a kind of few pictures is not taken for narrower than it is
Matrix = NDArray[np.float64]
PARTS = ("mean", "scale", "weights", "bias", "centre", "spread", "reach")


@dataclass(frozen=True)
class Look:
    """What a picture looks like: the probability of each kind that was learnt, and whether it is like them at all."""

    probabilities: dict[str, float]
    familiar: bool

    @property
    def kind(self) -> str:
        return max(self.probabilities, key=lambda kind: (self.probabilities[kind], kind))

    @property
    def score(self) -> float:
        return self.probabilities[self.kind]


@dataclass(frozen=True)
class Model:
    """One fold's weights. mean, scale: (features,); weights, centre, spread: (kinds, features); bias, reach: (kinds,).

    `centre` and `spread` are mean and standard deviation of each kind's standardised vectors, `reach` the mean squared
    distance in those units beyond which a picture is unlike the kind.
    """

    mean: Matrix
    scale: Matrix
    weights: Matrix
    bias: Matrix
    centre: Matrix
    spread: Matrix
    reach: Matrix

    def probabilities(self, vectors: NDArray[np.floating]) -> Matrix:
        """Shape (pictures, kinds), rows sum to 1."""
        scores = (vectors - self.mean) / self.scale @ self.weights.T + self.bias
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)

    def familiar(self, vectors: NDArray[np.floating], kinds: NDArray[np.integer]) -> NDArray[np.bool_]:
        """Whether each picture lies among those of the kind that it is taken for. Shape (pictures,)."""
        standard = (vectors - self.mean) / self.scale
        return _distances(standard, self.centre[kinds], self.spread[kinds]) <= self.reach[kinds]


@dataclass(frozen=True)
class Classifier:
    """`kinds` that were learnt, sorted, and the model of every fold."""

    kinds: tuple[str, ...]
    models: tuple[Model, ...]

    def look(self, vectors: NDArray[np.floating], figures: list[str]) -> list[Look]:
        """`vectors` of shape (pictures, len(NAMES)) and the figure ids to which they belong."""
        folds = np.array([fold_of(figure, FOLDS) for figure in figures], dtype=int)
        looks: list[Look | None] = [None] * len(figures)
        for fold, model in enumerate(self.models):
            held = np.flatnonzero(folds == fold)
            if not len(held):
                continue
            shares = model.probabilities(vectors[held])
            known = model.familiar(vectors[held], shares.argmax(axis=1))
            for index, row, familiar in zip(held, shares, known, strict=True):
                looks[index] = Look(dict(zip(self.kinds, map(float, row), strict=True)), bool(familiar))
        return [look for look in looks if look is not None]

    def plain(self) -> dict[str, Any]:
        """As JSON values; `from_plain` reads them."""
        models = [{name: getattr(model, name).tolist() for name in PARTS} for model in self.models]
        return {"features": VERSION, "names": list(NAMES), "kinds": list(self.kinds), "models": models}


def from_plain(value: dict[str, Any]) -> Classifier:
    """Raises BadInput for values that are no classifier of the present features."""
    try:
        if value["features"] != VERSION or value["names"] != list(NAMES):
            raise BadInput(f"it was trained on features of version {value['features']}, this is {VERSION}")
        kinds = tuple(str(kind) for kind in value["kinds"])
        models = tuple(Model(*(np.array(one[name], dtype=float) for name in PARTS)) for one in value["models"])
    except (KeyError, TypeError, ValueError) as error:
        raise error if isinstance(error, BadInput) else BadInput("it holds no picture classifier") from error
    wide, narrow = (len(kinds), len(NAMES)), (len(kinds),)
    shapes = (wide[1:], wide[1:], wide, narrow, wide, wide, narrow)
    fits = all(tuple(getattr(m, n).shape for n in PARTS) == shapes for m in models)
    finite = all(np.isfinite(getattr(m, n)).all() for m in models for n in PARTS)
    if len(models) != FOLDS or not fits or not finite or not set(kinds) <= set(IMAGE_KINDS) or len(kinds) < 2:
        raise BadInput("it holds no picture classifier of this form")
    return Classifier(kinds, models)


def learnable(kinds: list[str], figures: list[str]) -> tuple[str, ...]:
    """The kinds, sorted, of which every fold's model would see FEWEST_FIGURES figures or more."""
    seen: dict[str, set[str]] = {}
    for kind, figure in zip(kinds, figures, strict=True):
        seen.setdefault(kind, set()).add(figure)
    return tuple(
        kind
        for kind, of_kind in sorted(seen.items())
        if all(sum(fold_of(figure, FOLDS) != fold for figure in of_kind) >= FEWEST_FIGURES for fold in range(FOLDS))
    )


def train(vectors: NDArray[np.floating], kinds: list[str], figures: list[str]) -> Classifier:
    """Train on vectors of shape (pictures, len(NAMES)), in the order given, which decides the last bits of the result.

    Pictures of kinds that are not `learnable` are left out. Raises BadInput when fewer than two kinds are.
    """
    names = learnable(kinds, figures)
    if len(names) < 2:
        raise BadInput(
            f"captions name too few figures of too few kinds (learnable: {', '.join(names) or 'none'}); "
            f"two kinds with {FEWEST_FIGURES} figures in every fold are needed"
        )
    codes = np.array([names.index(kind) if kind in names else -1 for kind in kinds])
    folds = np.array([fold_of(figure, FOLDS) for figure in figures])
    models = []
    for fold in range(FOLDS):
        rest = (folds != fold) & (codes >= 0)
        models.append(_fit(np.asarray(vectors[rest], dtype=float), codes[rest], len(names)))
    return Classifier(names, tuple(models))


def _fit(vectors: Matrix, codes: NDArray[np.integer], count: int) -> Model:
    from sklearn.linear_model import LogisticRegression  # a second, which no reader of a model should pay

    mean, scale = vectors.mean(axis=0), vectors.std(axis=0)
    scale[scale < 1e-9] = 1.0
    standard = (vectors - mean) / scale
    # Kinds differ in number by hundreds to one, and a rare one must not be priced out.
    fitted = LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=3000).fit(standard, codes)
    weights, bias = fitted.coef_, fitted.intercept_
    if count == 2:  # scikit-learn keeps the second kind's row alone
        weights, bias = np.vstack([-weights, weights]) / 2, np.concatenate([-bias, bias]) / 2
    centre, spread, reach = [], [], []
    for code in range(count):
        own = standard[codes == code]
        centre.append(own.mean(axis=0))
        spread.append(np.sqrt(own.var(axis=0) * (1 - SHRINKAGE) + SHRINKAGE))
        reach.append(REACH * float(np.quantile(_distances(own, centre[-1], spread[-1]), 0.95)))
    return Model(mean, scale, weights, bias, np.array(centre), np.array(spread), np.array(reach))


def _distances(standard: Matrix, centre: Matrix, spread: Matrix) -> Matrix:
    return (((standard - centre) / spread) ** 2).mean(axis=-1)
