"""60 prompts from small parts."""

import shutil
from pathlib import Path

import pytest

from assets.cot.prompts import prompt_for, prompts_folder, prompts_hash
from assets.cot.replies import MODELS, json_schema
from assets.errors import BadInput
from assets.records import COT_KINDS, DIFFICULTIES, TASKS

CELLS = [(kind, task, difficulty) for kind in COT_KINDS for task in TASKS for difficulty in DIFFICULTIES]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(prompts_folder(), tmp_path / "prompts"))


def test_sixty_different_cells_that_render() -> None:
    prompts = [prompt_for(*cell) for cell in CELLS]
    assert len({p.id for p in prompts}) == len({p.hash for p in prompts}) == len({p.template for p in prompts}) == 60
    for prompt in prompts:
        schema = json_schema(prompt.output_schema)
        text = prompt.render(caption="Adenoma {{ x }}", sentences=["<b>Nests</b>."], language="zh", schema=schema)
        assert "Chinese" in text and "Adenoma {{ x }}" in text and "<b>Nests</b>." in text
        assert "{#" not in text and "{%" not in text and "---" not in text
    assert {p.output_schema for p in prompts} == set(MODELS)


def test_a_comment_changes_no_hash_and_a_word_changes_only_its_cells(folder: Path) -> None:
    before = {cell: prompt_for(*cell, folder).hash for cell in CELLS}
    part = folder / "kinds" / "fish.md.j2"
    part.write_text(part.read_text() + "\n{# a note for the next writer #}\n")
    assert {cell: prompt_for(*cell, folder).hash for cell in CELLS} == before
    part.write_text(part.read_text() + "Count twice.\n")
    changed = {cell for cell in CELLS if prompt_for(*cell, folder).hash != before[cell]}
    assert changed == {cell for cell in CELLS if cell[0] == "fish"}
    assert prompts_hash(folder) != prompts_hash()


@pytest.mark.parametrize(
    ("part", "text", "said"),
    [
        ("kinds/he", None, "he.md.j2"),
        ("kinds/he", "no front matter", "id: kinds/he"),
        ("kinds/he", "---\nid: kinds/gross\n---\nx", "id: kinds/he"),
        ("kinds/he", "---\nid: [\n---\nx", "YAML"),
        ("kinds/he", "---\nid: kinds/he\nimage_kind: ihc\n---\nx", "image_kind: he"),
        ("tasks/mcq", "---\nid: tasks/mcq\ntask: mcq\n---\nx", "output_schema"),
    ],
)
def test_a_broken_part_is_named(folder: Path, part: str, text: str | None, said: str) -> None:
    path = folder / f"{part}.md.j2"
    path.unlink() if text is None else path.write_text(text)
    with pytest.raises(BadInput, match=said):
        prompt_for("he", "mcq", "easy", folder)


def test_an_unknown_variable_or_cell_is_said(folder: Path) -> None:
    path = folder / "kinds" / "he.md.j2"
    path.write_text(path.read_text() + "{{ secret }}")
    with pytest.raises(BadInput, match="he/mcq/easy"):
        prompt_for("he", "mcq", "easy", folder).render(caption="", sentences=[], language="en", schema={})
    with pytest.raises(BadInput, match="cytology"):
        prompt_for("xray", "mcq", "easy")
