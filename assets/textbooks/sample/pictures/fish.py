"""Fluorescence in situ hybridisation: blue DAPI nuclei on black with diffraction-limited signals."""

import numpy as np
from scipy import ndimage

from assets.textbooks.sample.pictures.stains import Field, Rgb, finish, noise, scatter, stamp

RED = np.array([255, 55, 30], np.float32)
GREEN = np.array([60, 250, 40], np.float32)


def spot(layer: Field, at: np.ndarray, radius: float, bright: float) -> None:
    reach = int(radius * 4) + 1
    row, col = int(round(float(at[0]))), int(round(float(at[1])))
    top, left = max(row - reach, 0), max(col - reach, 0)
    box = np.s_[top : row + reach + 1, left : col + reach + 1]
    rows, cols = np.ogrid[top : top + layer[box].shape[0], left : left + layer[box].shape[1]]
    layer[box] += bright * np.exp(-((rows - at[0]) ** 2 + (cols - at[1]) ** 2) / (2 * radius**2))


def fish(rng: np.random.Generator, shape: tuple[int, int], signals: str = "normal", nucleus: float = 52) -> Rgb:
    """Nuclei with `signals`: normal, amplified, break_apart, fusion or polysomy; (height, width, 3).

    `nucleus` is the nuclear radius in pixels. normal: two red, two green; amplified: a red cluster beside two green
    centromeres; break_apart: one yellow pair and one split red and green; fusion: two yellow, one red, one green;
    polysomy: gains of red and green.
    """
    dapi = np.zeros(shape, np.float32)
    points = scatter(rng, shape, nucleus * 2.15)
    points = points[rng.random(len(points)) < 0.86]
    count = len(points)
    major = (nucleus * rng.uniform(0.78, 1.12, count)).astype(np.float32)
    minor = (major * rng.uniform(0.74, 0.97, count)).astype(np.float32)
    angle = rng.uniform(0, np.pi, count).astype(np.float32)
    stamp(dapi, rng, points, major, minor, angle, rng.uniform(0.55, 1.0, count).astype(np.float32), rim=0, grain=0.4)
    dapi *= 1 + 0.12 * noise(rng, shape, 7)
    dapi = ndimage.gaussian_filter(dapi, 1.6)
    red, green = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    size = nucleus * 0.062

    def place(centre: np.ndarray, reach: float) -> np.ndarray:
        turn, far = rng.uniform(0, 2 * np.pi), reach * np.sqrt(rng.uniform(0.02, 0.42))
        return centre + np.array([np.sin(turn), np.cos(turn)]) * far

    for centre, reach in zip(points, minor, strict=True):
        bright = rng.uniform(0.75, 1.1)
        if signals == "amplified":
            heart = place(centre, reach * 0.7)
            for _ in range(int(rng.integers(11, 20))):
                spot(red, heart + rng.normal(0, reach * 0.22, 2), size, bright)
            for _ in range(2):
                spot(green, place(centre, reach), size, bright)
        elif signals in ("normal", "polysomy"):
            counts = ((red, 2, 3), (green, 2, 3)) if signals == "normal" else ((red, 3, 6), (green, 3, 5))
            for layer, low, high in counts:
                for _ in range(int(rng.integers(low, high))):
                    spot(layer, place(centre, reach), size, bright)
        else:
            pairs, lone = {"break_apart": (1, 1), "fusion": (2, 1)}[signals]
            for _ in range(pairs):
                at = place(centre, reach)
                spot(red, at, size, bright)
                spot(green, at + rng.normal(0, size * 0.5, 2), size, bright)
            for _ in range(lone):
                at = place(centre, reach)
                spot(red, at, size, bright)
                spot(green, at + rng.choice([-1, 1], 2) * size * rng.uniform(3.5, 6, 2), size, bright)
    blue = np.stack([dapi * 18, dapi * 32, dapi * 175 * (1 - 0.85 * np.clip(red + green, 0, 1))], -1)
    image = blue + red[..., None] * RED + green[..., None] * GREEN + np.array([3, 3, 7], np.float32)
    return finish(rng, np.clip(image, 0, 255).astype(np.float32), 0.7, 2.5)
