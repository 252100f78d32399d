"""Smears and liquid-based preparations: Papanicolaou and May-Gruenwald-Giemsa."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from assets.textbooks.sample.pictures.stains import Field, Rgb, finish, noise, scatter, stamp

Points = NDArray[np.float32]
# Colour taken away per unit of density: (red, green, blue)
PAP = {"nucleus": (0.95, 0.95, 0.45), "cytoplasm": (0.36, 0.12, 0.14), "orange": (0.03, 0.30, 0.62)}
MGG = {"nucleus": (0.62, 0.98, 0.28), "cytoplasm": (0.42, 0.40, 0.10), "orange": (0.18, 0.50, 0.16)}
PAPER = {"pap": (243, 244, 240), "mgg": (246, 239, 243)}


def clustered(rng: np.random.Generator, shape: tuple[int, int], cell: float, groups: int, flat: bool) -> Points:
    """Centres of cells in cohesive groups; `flat` gives honeycomb sheets, otherwise crowded, overlapping ones."""
    homes = scatter(rng, shape, min(shape) / max(groups, 1) ** 0.5 * 0.85)
    homes = homes[rng.permutation(len(homes))[:groups]]
    wave = noise(rng, shape, cell * 4)
    near = np.full(shape, 9.0, np.float32)
    rows, cols = np.ogrid[0 : shape[0], 0 : shape[1]]
    for home in homes:
        reach = min(shape) * rng.uniform(0.13, 0.24)
        stretch = rng.uniform(0.7, 1.4)
        near = np.minimum(near, np.hypot((rows - home[0]) * stretch, (cols - home[1]) / stretch) / reach)
    points = scatter(rng, shape, cell * (1.0 if flat else 0.72), near + 0.16 * wave < 1)
    return points if flat else points + rng.normal(0, cell * 0.16, points.shape).astype(np.float32)


def smear(
    rng: np.random.Generator,
    shape: tuple[int, int],
    stain: str = "pap",
    cell: float = 30,
    ratio: float = 0.5,
    groups: int = 4,
    flat: bool = False,
    loose: float = 0.3,
    atypia: float = 0.3,
    nucleoli: float = 0.2,
    squames: int = 0,
    keratin: float = 0.0,
    molding: bool = False,
    blood: float = 0.3,
    grooves: bool = False,
    shade: float = 0.95,
) -> Rgb:
    """A smear, (height, width, 3): `ratio` is nuclear to cell diameter, `cell` the spacing of cells in pixels,
    `loose` the share of single cells, `squames` the number of large superficial squamous cells, `shade` the
    darkness of nuclei."""
    colours, paper = (PAP, PAPER["pap"]) if stain == "pap" else (MGG, PAPER["mgg"])
    points = clustered(rng, shape, cell * (0.8 if molding else 1.0), groups, flat)
    lone = scatter(rng, shape, cell * 2.4)
    lone = lone[rng.random(len(lone)) < loose * 0.5]
    points = np.concatenate([points, lone])
    cyto, orange, nuclear = (np.zeros(shape, np.float32) for _ in range(3))
    if blood > 0:
        red_cells(rng, orange, cell * 0.42, blood)
    if squames:
        superficial(rng, cyto, orange, nuclear, squames, cell, keratin)
    count = len(points)
    size = np.exp(rng.normal(0, 0.08 + 0.25 * atypia, count)).clip(0.6, 1.9)
    nucleus = (cell * 0.62 * ratio * size).astype(np.float32)
    body = (nucleus / ratio * rng.uniform(0.85, 1.15, count)).clip(4, cell * 1.1).astype(np.float32)
    turn = rng.uniform(0, np.pi, count).astype(np.float32)
    stamp(
        cyto, rng, points, body * 1.1, body * 0.9, turn, rng.uniform(0.5, 0.8, count).astype(np.float32), 0.2, grain=0.3
    )
    shift = rng.normal(0, 1, points.shape).astype(np.float32) * (body - nucleus)[:, None].clip(0) * 0.25
    dark = (shade * np.exp(rng.normal(0.1 * atypia, 0.08 + 0.2 * atypia, count))).astype(np.float32)
    long = 1.06 + 0.35 * rng.random(count).astype(np.float32) * (0.4 + atypia)
    stamp(nuclear, rng, points + shift, nucleus * long, nucleus / long, turn, dark, 0.22, nucleoli, 0.5)
    if grooves:
        rib = np.zeros(shape, np.float32)
        stamp(rib, rng, points + shift, nucleus * 0.85, nucleus * 0.1 + 0.6, turn, dark * 0.45, rim=0, grain=0)
        nuclear = nuclear + rib
    return develop(rng, paper, colours, cyto, orange, nuclear)


def red_cells(rng: np.random.Generator, layer: Field, radius: float, amount: float) -> None:
    spots = scatter(rng, layer.shape, radius * 2.3)
    wave = noise(rng, layer.shape, radius * 12)
    keep = wave[spots[:, 0].astype(int), spots[:, 1].astype(int)] > 1.6 - 2.4 * amount
    spots = spots[keep]
    size = (radius * rng.uniform(0.85, 1.1, len(spots))).astype(np.float32)
    shade = rng.uniform(0.25, 0.4, len(spots)).astype(np.float32)
    stamp(layer, rng, spots, size, size * 0.92, size * 3, shade, rim=0.4, grain=0.1)


def superficial(
    rng: np.random.Generator, cyto: Field, orange: Field, nuclear: Field, count: int, cell: float, keratin: float
) -> None:
    """Large polygonal squamous cells with pyknotic nuclei, some keratinised."""
    spots = scatter(rng, cyto.shape, min(cyto.shape) / count**0.5)
    for spot in spots[rng.permutation(len(spots))[:count]]:
        layer = orange if rng.random() < keratin else cyto
        one = np.ones(1, np.float32)
        reach = cell * rng.uniform(1.9, 2.5)
        turn = one * rng.uniform(0, 3.1)
        sheet = np.zeros_like(cyto)
        stamp(
            sheet, rng, spot[None], one * reach, one * reach * rng.uniform(0.7, 0.9), turn, one * 0.36, 0.1, grain=0.25
        )
        layer += sheet
        stamp(nuclear, rng, spot[None], one * cell * 0.24, one * cell * 0.2, turn, one, 0.1)


def develop(
    rng: np.random.Generator,
    paper: tuple[int, int, int],
    colours: dict[str, tuple[float, float, float]],
    cyto: Field,
    orange: Field,
    nuclear: Field,
) -> Rgb:
    cyto = ndimage.gaussian_filter(cyto, 1.4) * (1 + 0.12 * noise(rng, cyto.shape, 5))
    density = sum(
        layer[..., None] * np.array(colours[name], np.float32)
        for name, layer in (("cytoplasm", cyto), ("orange", orange), ("nucleus", nuclear))
    )
    dirt = 0.009 * noise(rng, cyto.shape, 60)[..., None]
    image = np.array(paper, np.float32) * np.exp(-1.2 * np.clip(density + dirt, 0, 4))
    return finish(rng, image.astype(np.float32), 0.7, 1.8)
