"""The 60 prompts: parts in prompts/ composed into one template per image kind, task and difficulty.

    prompt = prompt_for("he", "mcq", "hard")
    prompt.render(caption="…", sentences=["…"], language="en", schema={...})

`prompt.hash` changes with the wording that a model sees and with nothing else: comments in a template do not count.
"""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment

import assets
from assets.errors import BadInput, one_line
from assets.records import COT_KINDS, DIFFICULTIES, TASKS
from assets.schema import content_hash

LANGUAGES = {"en": "English", "zh": "Chinese"}
_FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
_COMMENT = re.compile(r"\{#.*?#\}\n?", re.DOTALL)
# Prompts are plain text, nothing of them is shown as HTML: no autoescape.
_JINJA = SandboxedEnvironment(undefined=StrictUndefined, keep_trailing_newline=True)


@dataclass(frozen=True)
class Prompt:
    """One cell's template. `output_schema` names a reply model of replies.py."""

    id: str
    template: str
    hash: str
    output_schema: str

    def render(self, *, caption: str, sentences: list[str], language: str, schema: dict[str, Any]) -> str:
        """The text that is sent. `language` is en or zh. Raises BadInput when the template asks for something else."""
        try:
            return _JINJA.from_string(self.template).render(
                caption=caption, sentences=sentences, language=LANGUAGES[language],
                schema=json.dumps(schema, ensure_ascii=False, sort_keys=True),
            )  # fmt: skip
        except TemplateError as error:
            raise BadInput(
                f"prompt {self.id} cannot be rendered ({one_line(error)}); mend its parts in prompts/"
            ) from error


def prompts_folder() -> Path:
    return Path(str(assets.__file__)).parent.parent / "prompts"


def prompt_for(kind: str, task: str, difficulty: str, folder: Path | None = None) -> Prompt:
    """The prompt of one cell. Raises BadInput when there is no such cell, or a part is missing or malformed."""
    if kind not in COT_KINDS or task not in TASKS or difficulty not in DIFFICULTIES:
        raise BadInput(f"there is no prompt cell {kind}/{task}/{difficulty}; kinds are {', '.join(COT_KINDS)}, "
                       f"tasks {', '.join(TASKS)}, difficulties {', '.join(DIFFICULTIES)}")  # fmt: skip
    root = folder or prompts_folder()
    wanted = [
        ("frame/role", {}), (f"kinds/{kind}", {"image_kind": kind}),
        (f"difficulties/{difficulty}", {"difficulty": difficulty}), (f"tasks/{task}", {"task": task}),
        ("frame/evidence", {}),
    ]  # fmt: skip
    parts = [_read_part(root, name, front) for name, front in wanted]
    schema = str(next((front["output_schema"] for front, _ in parts if "output_schema" in front), ""))
    if not schema:
        raise BadInput(f"{root}/tasks/{task}.md.j2 names no output_schema in its front matter; add it")
    template = "\n\n".join(text for _, text in parts)
    cell = f"{kind}/{task}/{difficulty}"
    return Prompt(cell, template, content_hash([cell, schema, template]), schema)


@cache
def prompts_hash(folder: Path | None = None) -> str:
    """Hash over all 60 cells: the code version of generation."""
    cells = [(k, t, d) for k in COT_KINDS for t in TASKS for d in DIFFICULTIES]
    return content_hash([prompt_for(*cell, folder).hash for cell in cells])


def _read_part(root: Path, name: str, expected: dict[str, str]) -> tuple[dict[str, Any], str]:
    path = root / f"{name}.md.j2"
    try:
        source = path.read_text(encoding="utf-8").replace("\r\n", "\n")
    except OSError as error:
        raise BadInput(f"prompt part {path} cannot be read ({error.strerror}); restore the prompts folder") from error
    match = _FRONT_MATTER.match(source)
    try:
        front = yaml.safe_load(match.group(1)) if match else None
    except yaml.YAMLError as error:
        raise BadInput(f"{path} has front matter that is no YAML ({one_line(error, 80)}); mend it") from error
    if not match or not isinstance(front, dict) or front.get("id") != name:
        raise BadInput(f"{path} must begin with front matter between --- lines that says id: {name}")
    for key, value in expected.items():
        if front.get(key) != value:
            raise BadInput(f"{path} must say {key}: {value} in its front matter")
    return front, _COMMENT.sub("", source[match.end() :]).strip()
