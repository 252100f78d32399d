"""What is missing is said at once, in one line that names file and column and whence one gets it."""

from pathlib import Path

import pytest

from assets.errors import BadInput
from assets.testsets.pictures import Picture
from assets.testsets.registry import READERS, read_testset
from tests.testsets.set_files import (
    BCNB_COLUMNS,
    jpeg,
    pathmmu_entry,
    write_csv,
    write_json,
    write_parquet,
    write_pathmmu,
)


@pytest.mark.parametrize("form", READERS)
def test_a_missing_set_is_one_line(form: str, tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(BadInput) as said:
            read_testset(form, place)
        assert str(place) in str(said.value)
        assert "\n" not in str(said.value)
        assert "name" in str(said.value)


def test_pathmmu_says_where_one_applies(tmp_path: Path) -> None:
    with pytest.raises(
        BadInput, match=r"data\.json does not exist; PathMMU is gated on Hugging Face \(CC-BY-ND-4\.0\)"
    ):
        read_testset("pathmmu", tmp_path)
    write_json(tmp_path / "data.json", {})
    with pytest.raises(BadInput, match="images does not exist"):
        read_testset("pathmmu", tmp_path)
    (tmp_path / "images").mkdir()
    with pytest.raises(BadInput, match="none of the subsets PubMed"):
        read_testset("pathmmu", tmp_path)


def test_wrong_columns_are_named_with_their_file(tmp_path: Path) -> None:
    table = write_csv(tmp_path / "BCNB.csv", BCNB_COLUMNS[:-1], [])
    with pytest.raises(BadInput, match=r"BCNB\.csv has no column Answer, only Slide, Task"):
        read_testset("slidebench-bcnb", table)
    lacking = {key: value for key, value in pathmmu_entry(1).items() if key != "options"}
    with pytest.raises(BadInput, match=r"data\.json has no column options"):
        read_testset("pathmmu", write_pathmmu(tmp_path / "p", {"Atlas": {"test": [lacking]}}, []))
    shard = write_parquet(tmp_path / "q" / "test-0.parquet", [{"image": {"bytes": jpeg(1)}, "question": "x?"}])
    with pytest.raises(BadInput, match=r"test-0\.parquet has no column answer, only image, question"):
        read_testset("pathvqa", shard)
    with pytest.raises(BadInput, match=r"all\.json has no column Answer"):
        read_testset("wsi-vqa", write_json(tmp_path / "all.json", [{"Id": "x", "Question": "y"}]))


def test_files_of_another_kind(tmp_path: Path) -> None:
    (tmp_path / "test-0.parquet").write_bytes(b"PAR1 no")
    with pytest.raises(BadInput, match="is no Parquet file"):
        read_testset("pathvqa", tmp_path)
    broken = tmp_path / "WsiVQA_test.json"
    broken.write_text('[{"Id": ')
    with pytest.raises(BadInput, match=r"is no JSON \(.*line 1"):
        read_testset("wsi-vqa", broken)
    broken.write_text('{"Id": 1}')
    with pytest.raises(BadInput, match="holds no JSON list"):
        read_testset("wsi-vqa", broken)
    broken.write_text("[" * 100_000)
    with pytest.raises(BadInput, match="is no JSON"):
        read_testset("wsi-vqa", broken)
    for name in ("a", "b"):
        write_csv(tmp_path / f"BCNB-{name}.csv", BCNB_COLUMNS, [])
    with pytest.raises(BadInput, match="holds 2 files"):
        read_testset("slidebench-bcnb", tmp_path)


def test_an_unknown_set_is_told_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no reader for the test set viper; name one of pathmmu, "):
        read_testset("viper", tmp_path)


def test_a_picture_that_is_gone_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"the picture in .*gone\.jpg cannot be read"):
        Picture(str(tmp_path / "gone.jpg")).read()
    shard = write_parquet(tmp_path / "a.parquet", [{"image": {"bytes": jpeg(1)}, "question": "q", "answer": "a"}])
    with pytest.raises(BadInput, match="fewer rows"):
        Picture(str(shard), 3).read()
