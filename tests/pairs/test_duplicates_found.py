"""The ways in which a figure comes back are found in the line; neighbours and blank pictures are kept apart."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageDraw

from assets.pairs.duplicates.hashes import decode
from assets.pairs.duplicates.looking import Looking
from assets.pairs.duplicates.verify import Features, agreement, features
from assets.pairs.duplicates.votes import stacked, votes
from assets.store import Home, open_home
from tests.pairs.shelf import Drawn, edges, jpeg, rows, run, shelve, slides


@pytest.fixture(scope="module")
def fields() -> list[Pillow.Image]:
    """Nine fields: three slides of three neighbours without overlap."""
    return slides()


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory, fields: list[Pillow.Image]) -> Home:
    home = open_home(tmp_path_factory.mktemp("found") / "corpus")
    shelve(home, "originals", [Drawn(field) for field in fields])
    run(home, "originals")
    return home


@pytest.fixture
def home(tmp_path: Path, originals: Home) -> Home:
    shutil.copytree(originals.root, tmp_path / "corpus")
    return Home(tmp_path / "corpus")


def framed(picture: Pillow.Image, paper: str = "white", ink: str = "black") -> Pillow.Image:
    page = Pillow.new("RGB", (picture.width + 50, picture.height + 70), paper)
    page.paste(picture, (30, 20))
    pen = ImageDraw.Draw(page)
    pen.text((8, 4), "A", fill=ink)
    pen.text((30, picture.height + 40), "Figure 3.14 High power", fill=ink)
    return page


def cropped(picture: Pillow.Image, share: float) -> Pillow.Image:
    box = (picture.width * share * 0.3, picture.height * share * 0.8)
    part = picture.crop((*map(int, box), *(int(b + s * (1 - share)) for b, s in zip(box, picture.size, strict=True))))
    return part.resize(picture.size)


EDITS = {
    "rejpeg": lambda p: jpeg(p, 40),
    "half": lambda p: p.resize((p.width // 2, p.height // 2)),
    "double": lambda p: p.resize((p.width * 2, p.height * 2), Pillow.Resampling.BICUBIC),
    "brighter": lambda p: p.point(lambda level: min(255, int(level * 1.25))),
    "darker": lambda p: p.point(lambda level: int(level * 0.75)),
    "grey": lambda p: p.convert("L").convert("RGB"),
    "mirrored": lambda p: p.transpose(Pillow.Transpose.FLIP_LEFT_RIGHT),
    "turned": lambda p: p.transpose(Pillow.Transpose.ROTATE_90),
    "framed": framed,
    "framed in black": lambda p: framed(p, "black", "white"),
    "crop10": lambda p: cropped(p, 0.1),
    "crop20": lambda p: cropped(p, 0.2),
}
BY_KEYPOINTS = {"crop10", "crop20"}


@pytest.mark.parametrize("edit", EDITS)
def test_every_edit_joins_its_original_and_no_neighbour(home, fields, edit):
    shelve(home, "copies", [Drawn(EDITS[edit](field)) for field in fields])
    run(home, "copies")
    original = rows(home, "originals")
    found = rows(home, "copies")
    assert [row.cluster_id for row in found] == [row.cluster_id for row in original]
    assert [row.duplicate_of for row in found] == [row.pair_id for row in original]
    rules = {edge.rule for edge in edges(home, "copies") if edge.joins}
    assert ("hash" in rules) == (edit not in BY_KEYPOINTS)


def test_copies_of_copies_in_many_books_are_no_hub(home, fields):
    """Each new copy is near many earlier ones: whether those are near each other is looked up."""
    for number, edit in enumerate(["rejpeg", "half", "grey", "double"]):
        shelve(home, f"book{number}", [Drawn(EDITS[edit](fields[0]))])
        run(home, f"book{number}")
    assert {edge.rule for edge in edges(home, "book3") if edge.joins} == {"hash"}


def test_a_figure_and_its_panels_are_not_each_others_copies(tmp_path, fields):
    home = open_home(tmp_path / "corpus")
    whole = Pillow.new("RGB", (720, 280), "white")
    whole.paste(fields[0], (0, 0))
    whole.paste(fields[4], (365, 0))
    drawn = [Drawn(whole, figure="f"), Drawn(fields[0], figure="f"), Drawn(fields[4], figure="f")]
    for book in ("one", "two"):
        shelve(home, book, drawn)
        run(home, book)
    first, second = rows(home, "one"), rows(home, "two")
    assert [row.duplicate_of for row in first] == [None] * 3
    assert [row.duplicate_of for row in second] == [row.pair_id for row in first]


def chart(values: list[int]) -> Pillow.Image:
    """Survival curves in one template: axes, ticks and legend are the same whatever the data."""
    page = Pillow.new("RGB", (620, 460), "white")
    pen = ImageDraw.Draw(page)
    pen.line((70, 30, 70, 400, 590, 400), fill="black", width=3)
    for n in range(6):
        pen.text((38, 392 - 70 * n), f"0.{2 * n}", fill="black", font_size=16)
        pen.text((70 + 100 * n, 408), str(12 * n), fill="black", font_size=16)
    pen.text((280, 432), "Months after operation", fill="black", font_size=16)
    for row, colour in enumerate(("navy", "firebrick")):
        pen.text((420, 40 + 22 * row), f"Group {row + 1}", fill=colour, font_size=16)
        points = [(70 + 65 * n, 50 + 40 * row + sum(values[row : row + n])) for n in range(9)]
        pen.line(points, fill=colour, width=2)
    return page


def test_charts_of_one_template_stay_apart_and_copies_are_found(tmp_path):
    home = open_home(tmp_path / "corpus")
    one, other = chart([3, 9, 40, 22, 8, 5, 60, 9, 4]), chart([30, 2, 3, 5, 60, 40, 2, 8, 30])
    back = [
        jpeg(one, 45),
        one.resize((310, 230), Pillow.Resampling.LANCZOS),
        one.convert("L").convert("RGB"),
        one.transpose(Pillow.Transpose.FLIP_LEFT_RIGHT),
        one.transpose(Pillow.Transpose.ROTATE_90),
        other,
    ]
    shelve(home, "first", [Drawn(one)])
    run(home, "first")
    shelve(home, "second", [Drawn(picture) for picture in back])
    run(home, "second")
    original = rows(home, "first")[0].pair_id
    assert [row.duplicate_of for row in rows(home, "second")] == [original] * 5 + [None]
    met = [edge for edge in edges(home, "second") if "first/" in edge.a]
    assert {edge.rule for edge in met if edge.joins} == {"ink"}
    assert min(edge.ink for edge in met if edge.joins) > 0.84


def test_blank_and_pale_pictures_never_join_by_hash_or_pixels(tmp_path):
    rng = np.random.default_rng(1)
    pictures = [np.full((200, 300, 3), 250, np.uint8) for _ in range(3)]
    pictures += [rng.normal(245, 1.5, (200, 300, 3)).clip(0, 255).astype(np.uint8) for _ in range(3)]
    slope = np.linspace(200, 240, 300)[None, :, None] + rng.normal(0, 1, (3, 200, 300, 3))
    home = open_home(tmp_path / "corpus")
    for number, picture in enumerate([*pictures, *slope.astype(np.uint8)]):
        shelve(home, f"book{number}", [Drawn(jpeg(Pillow.fromarray(picture), 80 + number))])
        run(home, f"book{number}")
    assert len({rows(home, f"book{number}")[0].cluster_id for number in range(9)}) == 9


def test_two_figures_that_share_only_a_legend_stay_apart(fields):
    """The legend alone gives more agreeing keypoints than a link needs; they lie too close together to count."""
    marked = []
    for field in (fields[0], fields[3]):
        page = field.copy()
        pen = ImageDraw.Draw(page)
        pen.rectangle((10, 226, 150, 274), fill="white", outline="black")
        for n, letter in enumerate("AHKRWXZMBDEFGNPQ"):
            pen.text((14 + 17 * (n % 8), 229 + 22 * (n // 8) + n % 3), letter, fill="black", font_size=20)
        marked.append(features(decode(jpeg(page, 95))))
    assert agreement(*marked).spots == 0


def test_the_share_that_two_pictures_have_in_common_is_measured(fields):
    whole = features(decode(jpeg(fields[4])))
    for share in (0.1, 0.2, 0.3):
        part = features(decode(jpeg(cropped(fields[4], share))))
        assert abs(agreement(whole, part).shared - (1 - share) ** 2) < 0.03


def test_keypoints_survive_their_table(fields):
    found = features(decode(jpeg(fields[2])))
    again = Features.of(found.row("name"))
    assert np.abs(found.points - again.points).max() <= 0.125
    assert (found.descriptors == again.descriptors).all() and found.size == again.size
    assert agreement(found, again).shared == pytest.approx(1, abs=0.01)


def test_votes_of_nothing_are_none():
    empty = Features(np.zeros((0, 2), np.float32), np.zeros((0, 32), np.uint8), (10, 10))
    assert votes(*stacked([empty]), [empty]) == []
    assert votes(*stacked([]), []) == []


def test_pictures_without_kept_keypoints_are_looked_at_again(tmp_path: Path, fields, monkeypatch):
    """As in a source of more than 20,000 pictures."""
    from assets.pairs.duplicates import station

    monkeypatch.setattr(station, "KEYPOINTS_MOST", 0)
    home = open_home(tmp_path / "corpus")
    caption = "Tubular adenoma of the colon with low-grade dysplasia"
    shelve(home, "one", [Drawn(fields[0], caption)])
    shelve(home, "two", [Drawn(cropped(fields[0], 0.2), f"Fig. 3 {caption}"), Drawn(fields[1], caption)])
    run(home, "one")
    run(home, "two")
    with Looking(home, "two") as look:
        look.fetch(["one/x", "two/x"])
        assert look.kept("one/x") is None
    assert [row.duplicate_of for row in rows(home, "two")] == [rows(home, "one")[0].pair_id, None]
