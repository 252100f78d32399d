"""The pictures of the sample textbook, all drawn from numbers: `draw(recipe, shape, rng)` -> RGB array.

A recipe is the inline table of a chapter file: `{family = "he", pattern = "cribriform", cell = 15, atypia = 0.3}`.
Lengths in it are pixels of a picture 740 pixels wide; a larger picture is drawn with larger cells, not with more.
"""

from typing import Any

import numpy as np

from assets.textbooks.sample.pictures.cytology import smear
from assets.textbooks.sample.pictures.fish import fish
from assets.textbooks.sample.pictures.gross import gross
from assets.textbooks.sample.pictures.histology import Cytology, he, ihc
from assets.textbooks.sample.pictures.stains import Rgb

REFERENCE_WIDTH = 740
NUCLEAR = ("size", "atypia", "elongation", "nucleoli", "density")


def draw(recipe: dict[str, Any], shape: tuple[int, int], rng: np.random.Generator) -> Rgb:
    """Draw one picture of `shape` (height, width) after `recipe`; raises KeyError for an unknown family."""
    options = dict(recipe)
    family = options.pop("family")
    scale = shape[1] / REFERENCE_WIDTH
    if family in ("he", "ihc"):
        nuclear = {name: options.pop(name) for name in NUCLEAR if name in options}
        look = Cytology(cell=options.pop("cell", 16) * scale, **nuclear)
        section = he if family == "he" else ihc
        return section(rng, shape, options.pop("pattern"), look, **options)
    if family == "fish":
        return fish(rng, shape, options.pop("signals"), options.pop("nucleus", 52) * scale)
    if family == "cytology":
        return smear(rng, shape, cell=options.pop("cell", 30) * scale, **options)
    if family == "gross":
        return gross(rng, shape, **options)
    raise KeyError(f"no picture family {family!r}")
