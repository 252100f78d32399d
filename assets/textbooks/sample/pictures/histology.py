"""Sections: haematoxylin and eosin, and immunohistochemistry with a blue counterstain and brown DAB."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from assets.textbooks.sample.pictures.architecture import PATTERNS, Mask, Tissue, depth
from assets.textbooks.sample.pictures.stains import Field, Rgb, cells, fibres, light, noise, scatter, stamp


@dataclass
class Cytology:
    """Nuclear features of the cells a picture is about; `cell` is their spacing in pixels."""

    cell: float
    size: float = 0.36  # nuclear half axis as a share of the spacing
    atypia: float = 0.2  # spread of size and staining, 0 to 1
    elongation: float = 1.25
    nucleoli: float = 0.1
    density: float = 0.95


def flow(mask: Mask, points: NDArray[np.float32], smooth: float) -> NDArray[np.float32]:
    """Direction towards the edge of the mask at each point, in radians: columnar nuclei stand on it."""
    distance = ndimage.gaussian_filter(depth(mask), smooth)
    row, col = (points.astype(int).clip(0, np.array(mask.shape) - 1)).T  # a point may lie on the far edge
    down, right = np.gradient(distance)
    return np.arctan2(down[row, col], right[row, col]).astype(np.float32)


def draw_nuclei(
    layer: Field, rng: np.random.Generator, points: NDArray[np.float32], look: Cytology, mask: Mask
) -> None:
    count = len(points)
    if not count:
        return
    spread = np.exp(rng.normal(0, 0.08 + 0.30 * look.atypia, count)).clip(0.6, 2.1)
    minor = look.cell * look.size * spread / look.elongation**0.5
    major = minor * (look.elongation * np.exp(rng.normal(0, 0.10, count))).clip(1.0, 3.5)
    dark = look.density * np.exp(rng.normal(0, 0.10 + 0.22 * look.atypia, count))
    angle = flow(mask, points, look.cell * 0.3) + rng.normal(0, 0.25 + 0.5 * look.atypia, count)
    rim = 0.3 if look.nucleoli > 0.3 else 0.18
    stamp(
        layer, rng, points, major.astype(np.float32), minor.astype(np.float32), angle.astype(np.float32),
        dark.astype(np.float32), rim=rim, nucleoli=look.nucleoli,
    )  # fmt: skip


def draw_small(
    layer: Field, rng: np.random.Generator, points: NDArray[np.float32], radius: float, stretch: float, angle: float
) -> None:
    """Lymphocytes (stretch 1) and fibroblasts (stretch 3), `radius` in pixels."""
    count = len(points)
    size = (radius * rng.uniform(0.85, 1.15, count)).astype(np.float32)
    turn = (angle + rng.normal(0, 0.35 if stretch > 1.5 else 3.0, count)).astype(np.float32)
    dark = rng.uniform(1.0, 1.35, count).astype(np.float32)
    stamp(layer, rng, points, size * stretch**0.6, size / stretch**0.4, turn, dark, rim=0.08)


def build(rng: np.random.Generator, shape: tuple[int, int], pattern: str, look: Cytology) -> tuple[Tissue, NDArray]:
    tissue = PATTERNS[pattern](rng, shape, look.cell)
    where = tissue.epithelium if tissue.nuclei is None else tissue.epithelium & tissue.nuclei
    points = scatter(rng, shape, look.cell * 0.95, where)
    if "palisade" in tissue.extras:
        points = np.concatenate([points, scatter(rng, shape, look.cell * 0.62, tissue.extras["palisade"])])
    if "basal" in tissue.extras:
        points = np.concatenate([points, scatter(rng, shape, look.cell * 0.7, tissue.extras["basal"])])
    return tissue, points


def background(
    rng: np.random.Generator, tissue: Tissue, nuclear: Field, look: Cytology, stroma_cells: float, lymphocytes: float
) -> tuple[Field, float]:
    """Put the cells of the stroma into `nuclear`; returns the fibre field (about -1 to 1) and its direction."""
    shape = nuclear.shape
    angle = float(rng.uniform(0, np.pi))
    stroma = ~(tissue.epithelium | tissue.lumen)
    for part in (tissue.necrosis, tissue.keratin, tissue.lymphoid, tissue.pale):
        if part is not None:
            stroma &= ~part
    spots = scatter(rng, shape, look.cell * 1.7, stroma)
    spots = spots[rng.random(len(spots)) < stroma_cells]
    draw_small(nuclear, rng, spots, look.cell * 0.26, 3.2, angle + np.pi / 2)
    if lymphocytes > 0:
        crowd = stroma & (noise(rng, shape, look.cell * 3.5) > 2.0 - 2.2 * lymphocytes)
        draw_small(nuclear, rng, scatter(rng, shape, look.cell * 0.68, crowd), look.cell * 0.27, 1.1, 0)
    if tissue.lymphoid is not None:
        points = scatter(rng, shape, look.cell * 0.68, tissue.lymphoid)
        draw_small(nuclear, rng, points, look.cell * 0.28, 1.1, 0)
    if tissue.necrosis is not None:
        debris = scatter(rng, shape, look.cell * 0.8, tissue.necrosis)
        draw_small(nuclear, rng, debris[rng.random(len(debris)) < 0.35], look.cell * 0.15, 1.3, 0)
    if "debris" in tissue.extras:
        debris = scatter(rng, shape, look.cell * 0.7, tissue.extras["debris"])
        draw_small(nuclear, rng, debris[rng.random(len(debris)) < 0.5], look.cell * 0.2, 1.2, 0)
    return fibres(rng, shape, look.cell * 1.2, angle), angle


def he(
    rng: np.random.Generator,
    shape: tuple[int, int],
    pattern: str,
    look: Cytology,
    lymphocytes: float = 0.0,
    stroma_cells: float = 0.45,
    giants: int = 0,
    vacuoles: float = 0.0,
    pigment: float = 0.0,
    amyloid: bool = False,
    borders: float = 0.12,
) -> Rgb:
    """A haematoxylin and eosin section, (height, width, 3)."""
    tissue, points = build(rng, shape, pattern, look)
    nuclear = np.zeros(shape, np.float32)
    draw_nuclei(nuclear, rng, points, look, tissue.epithelium)
    weave, _ = background(rng, tissue, nuclear, look, stroma_cells, lymphocytes)
    patchy, fine = noise(rng, shape, look.cell * 5), noise(rng, shape, 2.2)

    eosin = 0.36 + 0.15 * weave + 0.05 * patchy + 0.05 * fine
    blue = np.full(shape, 0.05, np.float32)
    eosin = np.where((weave < -0.72) & (patchy > -0.3), 0.06, eosin)
    if "loose" in tissue.extras:
        eosin = np.where(tissue.extras["loose"], 0.2 + 0.06 * weave + 0.04 * fine, eosin)
    if amyloid:
        eosin = np.where(tissue.epithelium, eosin, 0.42 + 0.03 * patchy)
    cytoplasm = 0.30 + 0.05 * patchy + 0.07 * fine
    eosin = np.where(tissue.epithelium, cytoplasm, eosin)
    blue = np.where(tissue.epithelium, 0.14 + 0.03 * patchy, blue)
    if tissue.pale is not None:
        eosin, blue = np.where(tissue.pale, 0.07 + 0.02 * fine, eosin), np.where(tissue.pale, 0.05, blue)
    if tissue.lymphoid is not None:
        eosin = np.where(tissue.lymphoid, 0.22 + 0.05 * fine, eosin)
        blue = np.where(tissue.lymphoid, 0.16, blue)
    filling = tissue.filling + (0.05 * fine * tissue.filling)
    eosin, blue = np.where(tissue.lumen, filling, eosin), np.where(tissue.lumen, 0.01, blue)
    if tissue.necrosis is not None:
        eosin = np.where(tissue.necrosis, 0.55 + 0.12 * noise(rng, shape, 4), eosin)
    if tissue.keratin is not None:
        eosin = np.where(tissue.keratin, 0.72 + 0.13 * weave, eosin)
    if borders > 0 and len(points) > 3:
        owner, border = cells(shape, points)
        wall = np.exp(-((border / (0.10 * look.cell)) ** 2)) * (tissue.epithelium & ~tissue.lumen)
        eosin = eosin + borders * wall
        if pattern == "clear_cells":
            eosin = eosin + 0.32 * wall
    blue = blue.astype(np.float32)
    if vacuoles > 0:
        eosin, blue = add_vacuoles(rng, eosin, blue, points, look, vacuoles)
    total = np.maximum(blue, nuclear) + blue * 0.3
    if giants:
        total, eosin = add_giants(rng, total, eosin, giants, look)
    dab = None
    if pigment > 0:
        grains = (noise(rng, shape, 2.6) > 2.2 - pigment) & (noise(rng, shape, look.cell * 2.2) > 0.5)
        dab = ndimage.gaussian_filter((grains & tissue.epithelium).astype(np.float32), 0.8) * 1.9
    return light(rng, total.astype(np.float32), np.clip(eosin, 0, 2).astype(np.float32), dab)


def add_vacuoles(
    rng: np.random.Generator, eosin: Field, blue: Field, points: NDArray, look: Cytology, share: float
) -> tuple[Field, Field]:
    """Signet-ring cells: a pale mucin drop beside the nucleus."""
    chosen = points[rng.random(len(points)) < share]
    turn = rng.uniform(0, 2 * np.pi, len(chosen))
    centres = chosen + np.stack([np.sin(turn), np.cos(turn)], 1).astype(np.float32) * look.cell * 0.42
    drop = np.zeros_like(blue)
    radius = (look.cell * rng.uniform(0.30, 0.42, len(chosen))).astype(np.float32)
    stamp(drop, rng, centres.astype(np.float32), radius, radius, radius * 0, radius * 0 + 1, rim=0, grain=0)
    return eosin * (1 - 0.8 * drop) + 0.03 * drop, blue * (1 - drop) + 0.09 * drop


def add_giants(
    rng: np.random.Generator, nuclear: Field, eosin: Field, count: int, look: Cytology
) -> tuple[Field, Field]:
    """Large bilobed cells with inclusion-like nucleoli (Reed-Sternberg) in a clear halo."""
    height, width = nuclear.shape
    spots = scatter(rng, nuclear.shape, min(height, width) * 0.3)
    spots = spots[rng.permutation(len(spots))[:count]]
    ones = np.ones(len(spots), np.float32)
    halo = np.zeros_like(nuclear)
    reach = look.cell * 1.75
    stamp(halo, rng, spots, ones * reach, ones * reach * 0.85, ones * 0, ones, rim=0, grain=0)
    nuclear, eosin = nuclear * (1 - halo) + 0.08 * halo, eosin * (1 - halo) + 0.26 * halo
    turn = rng.uniform(0, np.pi, len(spots)).astype(np.float32)
    shift = np.stack([np.sin(turn), np.cos(turn)], 1).astype(np.float32) * look.cell * 0.62
    for sign in (-1, 1):
        lobe = np.zeros_like(nuclear)
        at = spots + sign * shift
        stamp(lobe, rng, at, ones * look.cell * 0.72, ones * look.cell * 0.6, turn + 1.57, ones * 0.6, rim=0.45)
        dot = np.zeros_like(nuclear)
        stamp(dot, rng, at, ones * look.cell * 0.24, ones * look.cell * 0.22, turn, ones * 1.3, rim=0, grain=0)
        nuclear = np.maximum(nuclear, lobe)
        eosin = eosin + dot * 0.8
        nuclear = nuclear + dot * 0.25
    return nuclear, eosin


def ihc(
    rng: np.random.Generator,
    shape: tuple[int, int],
    pattern: str,
    look: Cytology,
    site: str = "membrane",
    positive: str = "epithelium",
    fraction: float = 0.95,
    strength: float = 1.0,
    lymphocytes: float = 0.0,
) -> Rgb:
    """Immunohistochemistry: brown at `site` (membrane, nuclear, cytoplasm, both) of the `positive` compartment.

    `positive` is epithelium, stroma (an internal control), all, none, giants, or a compartment the pattern names.
    """
    tissue, points = build(rng, shape, pattern, look)
    nuclear = np.zeros(shape, np.float32)
    draw_nuclei(nuclear, rng, points, look, tissue.epithelium)
    epithelial = nuclear.copy()
    weave, _ = background(rng, tissue, nuclear, look, 0.45, lymphocytes)
    fine = noise(rng, shape, 2.4)
    solid = ~tissue.lumen
    blue = 0.05 + 0.03 * weave * solid + 0.05 * tissue.epithelium + 0.02 * fine
    blue = np.where(solid, blue, 0.01)
    dab = np.where(solid, 0.03 + 0.01 * fine, 0.0).astype(np.float32)

    owner, border = cells(shape, points if len(points) > 3 else scatter(rng, shape, look.cell))
    kept = (rng.random(int(owner.max()) + 1) < fraction) * np.exp(rng.normal(0, 0.22, int(owner.max()) + 1))
    level = (kept[owner] * strength).astype(np.float32)
    if positive == "stroma":
        area, target, level = ~tissue.epithelium & solid, nuclear - epithelial, np.full(shape, strength, np.float32)
    elif positive == "epithelium":
        area, target = tissue.epithelium, epithelial
    elif positive == "none":
        area, target = np.zeros(shape, bool), epithelial
    elif positive == "all":
        area, target = solid, nuclear
    else:
        area, target = tissue.extras[positive], nuclear
    stained = np.clip(target, 0, 1.2)
    if site == "both":
        dab = dab + (0.6 + 0.5 * stained + 0.1 * fine) * level * area
        counter = nuclear * 0.3
    elif site == "nuclear":
        dab = dab + 1.05 * stained * level * area
        counter = nuclear * (0.62 - 0.5 * np.clip(level * area * (stained > 0.2), 0, 1))
    elif site == "membrane":
        wall = np.exp(-((border / (0.17 * look.cell)) ** 2))
        dab = dab + (1.0 * wall + 0.10) * level * area * (1 + 0.12 * fine)
        counter = nuclear * 0.6
    else:
        body = area & (nuclear < 0.25)
        dab = dab + (0.55 + 0.16 * noise(rng, shape, 3.5)) * level * body
        counter = nuclear * 0.62
    blue = np.maximum(blue, counter)
    return light(rng, np.clip(blue, 0, 2).astype(np.float32), blue * 0.08, np.clip(dab, 0, 2.2).astype(np.float32))
