"""PathGen-1.6M as its authors lay it out, generated small; the slide test runs where OpenSlide is installed."""

import json
import sys
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from assets.errors import BadInput
from assets.pairs.external.item import Cursor, Read
from assets.pairs.external.pathgen import read_pathgen
from assets.pictures.places import Places
from assets.records import Item, Problem, Reading
from tests.pairs.external_files import WSI, found, items, looked, pathgen_entry, write_pathgen

LIST = "PathGen-1.6M.json"


def listed(table: Path, slides: Path, after: Cursor | None = None) -> list[Read[Item | Problem]]:
    return list(read_pathgen("pathgen", table, slides, after))


@pytest.fixture
def slides(tmp_path: Path) -> Path:
    folder = tmp_path / "slides" / "f-1"
    folder.mkdir(parents=True)
    (folder / f"{WSI.replace('bf88', 'BF88')}.svs").touch()
    return tmp_path / "slides"


def test_an_entry_names_its_slide_region_and_patient(tmp_path: Path, slides: Path) -> None:
    write_pathgen(
        tmp_path, [pathgen_entry(64), {("WSI_id" if k == "wsi_id" else k): v for k, v in pathgen_entry(65).items()}]
    )
    first, second = items(listed(tmp_path / LIST, slides))
    assert (first.slide_or_patient_id, first.member) == ("TCGA-AA-3844", "region=64,80,672,672")
    assert first.uri.startswith((slides / "f-1").as_uri())
    assert json.loads(first.facts)["wsi_id"] == WSI
    assert first.key != second.key


def test_bad_entries_are_problems_and_reading_goes_on(tmp_path: Path, slides: Path) -> None:
    bad = [
        pathgen_entry(1, position=["-4", "8"]), pathgen_entry(2, position="64"), pathgen_entry(3, caption=" "),
        pathgen_entry(4, wsi_id="../x"), pathgen_entry(5, wsi_id=WSI.replace("3844", "0000")), "text", None,
        pathgen_entry(6, caption="\ud800"), pathgen_entry(7, caption=["a"]),
    ]  # fmt: skip
    write_pathgen(tmp_path, [pathgen_entry(64), *bad, pathgen_entry(65)])
    assert [what for what, _, _ in found(listed(tmp_path / LIST, slides))] == [
        "item", "bad-region", "bad-region", "no-text", "bad-slide", "no-slide", "bad-json", "bad-json", "not-utf8",
        "no-text", "item",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "broken",
    [
        '{"wsi_id": "x", "caption": "a }',
        '{"wsi_id": "x", "caption": "a", ',
        '{"wsi_id": "x" "caption": "a"}',
        '{"wsi_id": x"}',
        "[" * 100_000 + '{"a": 1}',
    ],
)
def test_a_broken_entry_costs_no_other(tmp_path: Path, slides: Path, broken: str) -> None:
    whole = [json.dumps(pathgen_entry(x)) for x in range(4)]
    path = tmp_path / "list.json"
    path.write_text("[" + ",\n".join([*whole[:2], broken, *whole[2:]]) + "]")
    said = found(listed(path, slides))
    assert [what for what, _, _ in said] == ["item", "item", "bad-json", "item", "item"]
    assert [line for _, line, _ in said] == [1, 2, 3, 4, 5]


def test_a_list_that_was_cut_off_is_said_once(tmp_path: Path, slides: Path) -> None:
    text = write_pathgen(tmp_path, [pathgen_entry(x) for x in range(3)]).read_text()
    for end in (len(text) - 1, len(text) - 30):
        (tmp_path / "cut.json").write_text(text[:end].rstrip())
        assert [what for what, _, _ in found(listed(tmp_path / "cut.json", slides))][-1] == "cut-off"


def test_reading_goes_on_behind_any_entry(tmp_path: Path, slides: Path) -> None:
    entries = [pathgen_entry(x, caption="结肠腺体 " * 9000) for x in range(60)]  # more than one block of the reader
    path = write_pathgen(tmp_path, [*entries, "bad", pathgen_entry(99)])
    path.write_text("\ufeff" + json.dumps(json.loads(path.read_text()), ensure_ascii=False, indent=1))
    whole = listed(path, slides)
    assert path.stat().st_size > 3 << 20
    assert len(whole) == 62
    for done in (1, 7, 30, 60, 61, 62):
        assert listed(path, slides, whole[done - 1].after) == whole[done:]


def test_without_slides_one_line_says_what_to_do(tmp_path: Path) -> None:
    write_pathgen(tmp_path, [pathgen_entry(1)])
    for folder in (tmp_path / "none", tmp_path):
        with pytest.raises(BadInput, match="comes without pictures.*gdc-client download"):
            listed(tmp_path / LIST, folder)


def test_a_list_of_another_shape_is_one_line(tmp_path: Path, slides: Path) -> None:
    write_pathgen(tmp_path, [{"wsi_id": WSI, "caption": "x"}])
    with pytest.raises(BadInput, match=r"PathGen-1.6M.json has no column position, only wsi_id, caption"):
        listed(tmp_path / LIST, slides)
    (tmp_path / "PathGen-1.6M.json").write_text('{"a": 1}')
    with pytest.raises(BadInput, match="no JSON list at its top"):
        listed(tmp_path / LIST, slides)


def test_without_openslide_one_line_says_how_to_get_it(
    tmp_path: Path, slides: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "openslide", None)  # an import of it fails, as where it is not installed
    write_pathgen(tmp_path, [pathgen_entry(1)])
    with pytest.raises(BadInput, match=r"pip install 'pathcorpus\[slides\]'"):
        looked(listed(tmp_path / LIST, slides))


def test_patches_are_cut_from_level_0(tmp_path: Path, slides: Path) -> None:
    pytest.importorskip("openslide")
    tifffile = pytest.importorskip("tifffile")
    slide = next(slides.rglob("*.svs"))
    pixels = np.random.default_rng(7).integers(0, 255, (1024, 1280, 3), dtype=np.uint8)
    tifffile.imwrite(slide, pixels, tile=(256, 256), photometric="rgb")
    other = slide.with_name(f"{WSI.replace('3844', '0001')}.svs")
    other.write_bytes(b"no slide")
    write_pathgen(tmp_path, [pathgen_entry(64), pathgen_entry(700), pathgen_entry(1, wsi_id=other.stem)])
    made, *problems = looked(listed(tmp_path / LIST, slides))
    assert isinstance(made, Reading)
    with Places() as places:
        data = places.read(made.uri, made.member)
    cut = np.asarray(Pillow.open(BytesIO(data)))
    assert np.array_equal(cut, pixels[80 : 80 + 672, 64 : 64 + 672])
    assert made.slide_or_patient_id == "TCGA-AA-3844"
    assert [problem.reason for problem in problems if isinstance(problem, Problem)] == ["bad-region", "damaged"]
