"""How a tissue is built: where epithelium, lumens and stroma lie, before any stain.

Each pattern is a function (rng, shape, cell) -> Tissue; `cell` is the distance between two nuclei in pixels and so the
magnification. `PATTERNS` names them for the chapter files.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from assets.textbooks.sample.pictures.stains import Field, grid, noise, scatter

Mask = NDArray[np.bool_]
Shape = tuple[int, int]


@dataclass
class Tissue:
    """Masks of one field of view, all of the same shape.

    `epithelium` holds the cells the pattern is about, `lumen` empty or filled spaces, the rest is stroma. `filling` is
    the eosin density inside lumens, `nuclei` may restrict where epithelial nuclei lie (a basal row), `lymphoid` is
    packed with small round nuclei, `necrosis` has debris, `pale` clears the cytoplasm, `keratin` is anucleate.
    """

    epithelium: Mask
    lumen: Mask
    filling: float = 0.02
    nuclei: Mask | None = None
    lymphoid: Mask | None = None
    necrosis: Mask | None = None
    pale: Mask | None = None
    keratin: Mask | None = None
    extras: dict[str, Mask] = field(default_factory=dict)


def blobs(
    rng: np.random.Generator, shape: Shape, radius: float, rough: float = 0.12, spread: float = 1.15, share: float = 1.0
) -> Field:
    """Distance to the nearest blob centre as a share of its wavy radius: 0 centre, 1 outline, more outside."""
    rows, cols = grid(shape)
    out = np.full(shape, 9.0, np.float32)
    centres = scatter(rng, shape, radius * 2 * spread)
    for centre in centres[rng.random(len(centres)) < share]:
        size = radius * rng.uniform(0.78, 1.12)
        stretch = rng.uniform(0.82, 1.22)
        reach = int(size * 1.7)
        top, left = max(int(centre[0]) - reach, 0), max(int(centre[1]) - reach, 0)
        box = np.s_[top : int(centre[0]) + reach, left : int(centre[1]) + reach]
        dy, dx = (rows[box] - centre[0]) * stretch, (cols[box] - centre[1]) / stretch
        theta = np.arctan2(dy, dx)
        edge = np.ones_like(theta)
        for wave in (2, 3, 5):
            edge += rng.normal(0, rough / wave**0.5) * np.sin(wave * theta + rng.uniform(0, 6.3))
        out[box] = np.minimum(out[box], np.hypot(dy, dx) / (size * np.clip(edge, 0.4, 1.6)))
    return out


def depth(mask: Mask) -> Field:
    """Distance in pixels from each pixel of the mask to its edge."""
    return np.asarray(ndimage.distance_transform_edt(mask), dtype=np.float32)


def nothing(shape: Shape) -> Mask:
    return np.zeros(shape, dtype=bool)


def glands(rng: np.random.Generator, shape: Shape, cell: float, radius: float = 4.2, rough: float = 0.14) -> Tissue:
    far = blobs(rng, shape, cell * radius, rough, 1.16)
    body = far < 1
    inner = depth(body)
    wall = cell * (1.9 + 0.25 * noise(rng, shape, cell * 4))
    return Tissue(body & (inner < wall), body & (inner >= wall), 0.04, nuclei=inner < cell * 1.35)


def crowded(rng: np.random.Generator, shape: Shape, cell: float) -> Tissue:
    """Back-to-back, angulated glands of a carcinoma."""
    far = blobs(rng, shape, cell * 4.6, 0.26, 0.98)
    body = far < 1
    inner = depth(body)
    wall = cell * (2.5 + 0.8 * noise(rng, shape, cell * 3))
    tissue = Tissue(body & (inner < wall), body & (inner >= wall), 0.12)
    tissue.necrosis = tissue.lumen & (inner > cell * 3.8)
    return tissue


def crypts(rng: np.random.Generator, shape: Shape, cell: float) -> Tissue:
    """Colonic crypts in cross section with goblet cells."""
    far = blobs(rng, shape, cell * 3.4, 0.05, 1.22)
    body = far < 1
    inner = depth(body)
    tissue = Tissue(body & (inner < cell * 2.6), body & (inner >= cell * 2.6), 0.03, nuclei=inner < cell * 0.95)
    drops = scatter(rng, shape, cell * 1.25, body & (inner > cell * 1.1) & (inner < cell * 2.2))
    seed = np.ones(shape, bool)
    seed[drops[:, 0].astype(int), drops[:, 1].astype(int)] = False
    tissue.pale = np.asarray(ndimage.distance_transform_edt(seed) < cell * 0.48)
    tissue.lymphoid = ~body & (noise(rng, shape, cell * 2.2) > 0.2)
    return tissue


def adenoma(rng: np.random.Generator, shape: Shape, cell: float) -> Tissue:
    """Elongated tubules with pencillate, stratified nuclei."""
    far = blobs(rng, shape, cell * 4.4, 0.2, 1.06)
    body = far < 1
    inner = depth(body)
    tissue = Tissue(body & (inner < cell * 2.9), body & (inner >= cell * 2.9), 0.04, nuclei=inner < cell * 2.1)
    tissue.lymphoid = ~body & (noise(rng, shape, cell * 3) > 0.6)
    return tissue


def lobule(rng: np.random.Generator, shape: Shape, cell: float) -> Tissue:
    """Terminal duct lobular unit: small acini in loose stroma, denser stroma outside."""
    far = blobs(rng, shape, cell * 2.4, 0.1, 1.22)
    rows, cols = grid(shape)
    away = np.hypot((rows / shape[0] - 0.5) / 0.40, (cols / shape[1] - 0.5) / 0.36)
    unit = away + 0.07 * noise(rng, shape, cell * 6) < 1
    body = (far < 1) & unit
    inner = depth(body)
    tissue = Tissue(body & (inner < cell * 1.7), body & (inner >= cell * 1.7), 0.08)
    tissue.extras["loose"] = unit & ~body
    return tissue


def cribriform(rng: np.random.Generator, shape: Shape, cell: float) -> Tissue:
    duct = blobs(rng, shape, min(shape) * 0.36, 0.07, 1.02) < 1
    holes = (blobs(rng, shape, cell * 1.7, 0.08, 1.75) < 1) & (depth(duct) > cell * 1.8)
    return Tissue(duct & ~holes, holes, 0.06)


def comedo(rng: np.random.Generator, shape: Shape, cell: float) -> Tissue:
    duct = blobs(rng, shape, min(shape) * 0.36, 0.07, 1.04) < 1
    dead = depth(duct) > cell * (4.6 + 0.5 * noise(rng, shape, cell * 4))
    return Tissue(duct & ~dead, nothing(shape), necrosis=dead)


def nests(rng: np.random.Generator, shape: Shape, cell: float) -> Tissue:
    wild = noise(rng, shape, cell * 6) + 0.35 * noise(rng, shape, cell * 2.2)
    return Tissue(wild > 0.15, nothing(shape))


def infiltrating(rng: np.random.Generator, shape: Shape, cell: float) -> Tissue:
    """Cords, small nests and a few tubules in desmoplastic stroma."""
    wild = noise(rng, shape, cell * 4.2) + 0.45 * noise(rng, shape, cell * 1.8)
    body = wild > 0.35
    holes = (depth(body) > cell * 1.9) & (noise(rng, shape, cell * 5) > 0.3)
    tissue = Tissue(body & ~holes, holes, 0.04)
    tissue.lymphoid = ~body & (noise(rng, shape, cell * 5) > 1.6)
    return tissue


def single_file(rng: np.random.Generator, shape: Shape, cell: float) -> Tissue:
    """Rows one cell wide, the growth of lobular carcinoma."""
    rows, cols = grid(shape)
    theta = rng.uniform(0, np.pi)
    across = cols * np.cos(theta) + rows * np.sin(theta)
    phase = across / (cell * 3.6) + 1.0 * noise(rng, shape, cell * 10) + 0.18 * noise(rng, shape, cell * 3)
    line = np.abs(phase - np.round(phase)) < 0.15
    return Tissue(line & (noise(rng, shape, cell * 3.2) > -0.5), nothing(shape))


def sheets(rng: np.random.Generator, shape: Shape, cell: float) -> Tissue:
    body = noise(rng, shape, cell * 11) > -1.45
    tissue = Tissue(body, nothing(shape))
    tissue.necrosis = body & (noise(rng, shape, cell * 13) > 1.7)
    return tissue


def starry_sky(rng: np.random.Generator, shape: Shape, cell: float) -> Tissue:
    holes = blobs(rng, shape, cell * 1.5, 0.15, 2.5, share=0.8) < 1
    tissue = Tissue(~holes, nothing(shape), pale=holes)
    tissue.extras["debris"] = holes
    return tissue


def follicles(rng: np.random.Generator, shape: Shape, cell: float) -> Tissue:
    """Thyroid follicles of uneven size filled with colloid."""
    far = np.minimum(blobs(rng, shape, cell * 5.0, 0.06, 1.25, 0.75), blobs(rng, shape, cell * 2.4, 0.06, 1.25, 0.65))
    body = far < 1
    inner = depth(body)
    return Tissue(body & (inner < cell * 1.05), body & (inner >= cell * 1.05), 0.62)


def papillae(rng: np.random.Generator, shape: Shape, cell: float) -> Tissue:
    """Branching fronds cut across: a fibrovascular core, a row or two of cells, empty space between."""
    far = blobs(rng, shape, cell * 3.9, 0.34, 1.02)
    frond = far < 1 + 0.1 * noise(rng, shape, cell * 2.4)
    inner = depth(frond)
    cover = frond & (inner < cell * 1.25)
    tissue = Tissue(cover, ~frond, 0.015)
    tissue.extras["loose"] = frond & ~cover
    return tissue


def urothelium(rng: np.random.Generator, shape: Shape, cell: float) -> Tissue:
    """Papillary fronds with a thick, many-layered cover and a slender core."""
    far = blobs(rng, shape, cell * 8.5, 0.3, 1.02)
    frond = far < 0.97
    inner = depth(frond)
    core = (inner > cell * 5.0) | ((far < 0.2) & frond)
    tissue = Tissue(frond & ~core, ~frond, 0.01)
    tissue.extras["loose"] = core
    return tissue


def follicular_lymphoid(rng: np.random.Generator, shape: Shape, cell: float) -> Tissue:
    """Back-to-back neoplastic follicles: centres of larger cells in a sea of small lymphocytes."""
    far = blobs(rng, shape, cell * 9.5, 0.06, 1.1)
    centre = far < 0.93
    tissue = Tissue(centre, nothing(shape))
    tissue.lymphoid = far >= 1.0
    tissue.extras["centre"] = centre
    return tissue


def squamous(rng: np.random.Generator, shape: Shape, cell: float) -> Tissue:
    """Stratified squamous epithelium over stroma, surface upwards."""
    rows, cols = grid(shape)
    surface = shape[0] * 0.12 + cell * 0.6 * noise(rng, shape, cell * 9)[0][None, :]
    base = shape[0] * 0.66 + cell * 3.2 * np.sin(cols / (cell * 5) + 2 * noise(rng, shape, cell * 12)[0][None, :])
    body = (rows > surface) & (rows < base)
    keratin = body & (rows < surface + cell * 1.6)
    tissue = Tissue(body & ~keratin, rows <= surface, 0.0, keratin=keratin)
    tissue.extras["basal"] = body & (base - rows < cell * 1.5)
    tissue.lymphoid = ~body & (rows > base) & (noise(rng, shape, cell * 4) > 0.9)
    return tissue


def squamous_nests(rng: np.random.Generator, shape: Shape, cell: float) -> Tissue:
    """Invasive squamous nests with keratin pearls."""
    far = blobs(rng, shape, cell * 7, 0.2, 1.12)
    body = far < 1
    pearl = (far < 0.36) & (noise(rng, shape, cell * 8) > -0.4)
    tissue = Tissue(body & ~pearl, nothing(shape), keratin=pearl)
    tissue.lymphoid = ~body & (noise(rng, shape, cell * 4) > 0.9)
    return tissue


def basaloid(rng: np.random.Generator, shape: Shape, cell: float) -> Tissue:
    """Nests with peripheral palisading and a cleft against the stroma."""
    far = blobs(rng, shape, cell * 8, 0.22, 1.12)
    body = far < 0.95
    tissue = Tissue(body, (far >= 0.95) & (far < 1.01) & (noise(rng, shape, cell * 9) > -0.2), 0.0)
    tissue.extras["palisade"] = body & (depth(body) < cell * 0.95)
    return tissue


def clear_cells(rng: np.random.Generator, shape: Shape, cell: float) -> Tissue:
    """Nests of cells with empty cytoplasm between thin-walled vessels."""
    wild = np.abs(noise(rng, shape, cell * 4.5))
    body = wild > 0.13
    return Tissue(body, nothing(shape), pale=body)


def small_acini(rng: np.random.Generator, shape: Shape, cell: float) -> Tissue:
    return glands(rng, shape, cell, radius=2.6, rough=0.1)


def benign_and_malignant(rng: np.random.Generator, shape: Shape, cell: float) -> Tissue:
    """Large prostatic glands with basal cells at one side, small acini without at the other."""
    _, cols = grid(shape)
    left = cols < shape[1] * (0.5 + 0.05 * noise(rng, shape, cell * 8))
    large, small = glands(rng, shape, cell, 5.4, 0.2), glands(rng, shape, cell, 2.5, 0.08)
    tissue = Tissue(np.where(left, large.epithelium, small.epithelium), np.where(left, large.lumen, small.lumen), 0.1)
    body = tissue.epithelium | tissue.lumen
    tissue.extras["basal"] = tissue.epithelium & left & (depth(body) < cell * 0.75)
    return tissue


def renal_cortex(rng: np.random.Generator, shape: Shape, cell: float) -> Tissue:
    """One glomerulus in Bowman's space among tubules."""
    rows, cols = grid(shape)
    radius = min(shape) * 0.34
    reach = np.hypot(rows - shape[0] * rng.uniform(0.45, 0.55), cols - shape[1] * rng.uniform(0.44, 0.56)) / radius
    tubule = glands(rng, shape, cell, 2.9, 0.08)
    tuft = (reach < 0.84) & (noise(rng, shape, cell * 1.5) > -0.75)
    outside = reach > 1.04
    space = (reach < 0.98) & ~tuft
    tissue = Tissue((tubule.epithelium & outside) | tuft, (tubule.lumen & outside) | space, 0.05)
    tissue.extras["tuft"] = tuft
    return tissue


Pattern = Callable[[np.random.Generator, Shape, float], Tissue]
PATTERNS: dict[str, Pattern] = {
    pattern.__name__: pattern
    for pattern in (
        glands, crowded, crypts, adenoma, lobule, cribriform, comedo, nests, infiltrating, single_file, sheets,
        starry_sky, follicles, papillae, urothelium, follicular_lymphoid, squamous, squamous_nests, basaloid,
        clear_cells, small_acini, benign_and_malignant, renal_cortex,
    )
}  # fmt: skip
