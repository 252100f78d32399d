"""Which columns of a source's table hold what, and what is known of the published sources that are such tables.

Quilt-1M: quilt_1M_lookup.csv, and pictures in one folder or in ten zip archives, which stay packed. A picture has
several captions: its rows share the picture's name. The number in the unnamed first column changes when rows are left
out, so a row is named by its picture and its caption. Columns as the authors' release of 2023 has them.

PathCap (PathAsst; 207 k pairs from PubMed and textbooks) is UNVERIFIED: it is handed out on request, and its files were
not at hand when this was written, so the columns are a guess. They are checked before anything is read.
"""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from assets.errors import BadInput, one_line

COLUMNS = ("text", "image", "key", "figure", "slide_or_patient_id", "topics", "language", "licence")
SETTINGS = ("source", "images", "licence", "language")
UNVERIFIED = (
    "the pathcap preset is unverified: its columns (caption, image) are a guess, as PathCap's files were not at hand; "
    "compare some pairs with their pictures, and give --layout where they differ"
)


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Columns by what they hold (COLUMNS); what is not named keeps its default. The rest is what holds for all rows."""

    columns: dict[str, str] = field(default_factory=dict)
    language: str | None = None
    source: str | None = None
    images: str | None = None
    licence: str | None = None


@dataclass(frozen=True, kw_only=True)
class Published:
    """A published source: the name of its table, folders in which its pictures may lie, how one gets it."""

    layout: Layout = Layout()
    table: str | None = None
    folders: tuple[str, ...] = ()
    get: str = "give a table or a folder of tables"


KINDS = {
    "generic": Published(),
    "pathcap": Published(layout=Layout(columns={"text": "caption", "image": "image"})),
    "quilt": Published(
        layout=Layout(columns={"text": "caption", "image": "image_path", "topics": "pathology"}),
        table="quilt_1M_lookup.csv",
        folders=("quilt_1m", "images"),
        get="apply for Quilt-1M at https://quilt1m.github.io and name its folder",
    ),
    "pathgen": Published(
        table="PathGen-1.6M.json", get="apply for PathGen-1.6M at huggingface.co/datasets/jamessyx/PathGen"
    ),
}


def layout_of(path: Path) -> Layout:
    """The layout in a TOML file. Raises BadInput when the file or a value in it cannot be used."""
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror or error}; give a TOML file with the layout") from error
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{path} is no TOML ({one_line(error, 120)}); mend it") from error
    columns = said.pop("columns", {})
    unknown = sorted((said.keys() - {*SETTINGS}) | (columns.keys() - {*COLUMNS} if isinstance(columns, dict) else {""}))
    if unknown or not all(isinstance(value, str) for value in (*said.values(), *columns.values())):
        raise BadInput(
            f"{path}: {unknown[0] + ' is no setting of a layout' if unknown else 'a value is no text in quotes'}; "
            f"write texts for {', '.join(SETTINGS)} and, under [columns], {', '.join(COLUMNS)}"
        )
    return Layout(columns=columns, **said)
