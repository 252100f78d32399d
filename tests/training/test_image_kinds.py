"""EfficientNet for image kinds: straight from the pairs table, by folds, every pair judged out of fold."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest
from PIL import Image as Pillow

from assets.errors import BadInput
from assets.pairs.deciding import judge_anew, kind_book
from assets.records import IMAGE_KINDS, Pair, PairKind, PictureKind
from assets.store import Home, open_home, read_rows
from assets.weak_labels import fold_of, learnt_from
from tests.pairs.pictured import NAMING, Shown, eight_of_each, pictured
from training.config import ImageKindsConfig, load_config
from training.image_kinds import run
from training.named_pictures import named_pictures

CONFIGS = Path("training") / "configs"


def settings(**changes: object) -> ImageKindsConfig:
    tiny = load_config(CONFIGS / "image_kinds_tiny.yaml", ImageKindsConfig).model_dump()
    return ImageKindsConfig.model_validate(tiny | {"image_size": 32, "batch": 16} | changes)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = pictured(open_home(tmp_path_factory.mktemp("network") / "corpus"), "atlas", eight_of_each())
    return pictured(home, "silent", [Shown("he", "The same case.", 31), Shown("ihc", "Another case.", 32)])


@pytest.fixture(scope="module")
def result(home: Home) -> dict:
    return run(settings(), home.root)


def test_every_pair_of_every_book_is_judged_by_the_network_of_another_fold(home, result):
    folder = Path(result["folder"]) / "model" / "predictions"
    assert sorted(path.stem for path in folder.iterdir()) == ["atlas", "silent"]
    rows = read_rows(folder / "atlas.parquet", PictureKind)
    pairs = read_rows(home.station("pairs", "atlas") / "pairs.parquet", Pair)
    assert [(row.pair_id, row.image) for row in rows] == [(pair.pair_id, pair.image) for pair in pairs]
    assert all(abs(sum(row.probabilities) - 1) < 1e-5 and len(row.probabilities) == len(IMAGE_KINDS) for row in rows)
    assert {row.model for row in rows} == {result["network"]} and result["network"].startswith("efficientnet-")
    assert result["judged"] == len(pairs) + 2


def test_it_learns_and_shows_its_confusion(result):
    assert result["loss_last"] < 0.8 * result["loss_first"]
    assert result["agreement"] > 0.35  # a sixth would be guessing
    assert sum(map(sum, result["confusion"])) == result["pictures"]
    with Pillow.open(Path(result["folder"]) / "model" / "confusion.png") as picture:
        assert picture.width > 300


def test_same_pairs_same_network(home, tmp_path):
    first, again = (run(settings(steps=4), home.root, tmp_path / name) for name in ("first", "again"))
    assert (again["network"], again["model_hash"]) == (first["network"], first["model_hash"])
    assert not run(settings(steps=4), home.root, tmp_path / "again")["changed"]


def test_books_are_judged_by_it_on_purpose_and_stay_with_it(home, result):
    judge_anew(home, "silent", "efficientnet")
    rows = read_rows(home.station("kinds", "silent") / "kinds.parquet", PairKind)
    assert {row.model for row in rows} == {result["network"]}
    assert all(row.queued for row in rows)  # a network alone lets nothing out: no word names the kind
    assert not kind_book(home, "silent").changed


def test_it_starts_from_a_local_checkpoint_and_refuses_what_is_none(home, result, tmp_path):
    folder = Path(result["folder"]) / "model" / "fold-0"
    further = run(settings(steps=2, model=str(folder)), home.root, tmp_path / "further")
    assert further["parameters"] == result["parameters"] and further["network"] != result["network"]
    (tmp_path / "none").mkdir()
    with pytest.raises(BadInput, match="none holds no EfficientNet that can be loaded"):
        run(settings(model=str(tmp_path / "none")), home.root, tmp_path / "refused")


def test_kinds_that_a_fold_would_not_see_are_left_out(tmp_path):
    one = [Shown("fish", NAMING["fish"], 1)]
    home = pictured(
        open_home(tmp_path / "corpus"), "atlas", [shown for shown in eight_of_each() if shown.kind != "fish"] + one
    )
    named = named_pictures(home, most=3, folds=2)
    kinds = [row.kind for row in named]
    assert "fish" not in kinds and all(kinds.count(kind) == 3 for kind in set(kinds))
    assert [row.pair for row in named] == sorted(row.pair for row in named)
    assert set(learnt_from(named)) == {"atlas"}
    assert {fold_of(row.figure, 2) for row in named} == {0, 1}
    few = pictured(open_home(tmp_path / "few"), "atlas", eight_of_each()[:8])
    with pytest.raises(BadInput, match="captions name he 8; add books"):
        named_pictures(few, most=3, folds=2)


@pytest.mark.parametrize("name", ["image_kinds_tiny", "image_kinds_b0"])
def test_ready_settings_are_whole(name):
    assert load_config(CONFIGS / f"{name}.yaml", ImageKindsConfig).save_every == 0


def test_b0_has_the_shape_of_the_paper():
    from training import efficientnet

    config = load_config(CONFIGS / "image_kinds_b0.yaml", ImageKindsConfig)
    network = efficientnet.build(config, ["he", "ihc"], 0)
    count = sum(parameter.numel() for parameter in network.efficientnet.parameters())
    assert 3.9e6 < count < 4.1e6  # 5.3 M with its thousand classes, 4.0 M without


def test_predictions_are_a_plain_table(result):
    path = Path(result["folder"]) / "model" / "predictions" / "silent.parquet"
    assert pq.read_schema(path).names == ["pair_id", "image", "probabilities", "model"]
