"""What every picture is made of: smooth noise, nuclei stamped by the thousand, and the colour of stains.

A section is drawn as optical densities (haematoxylin, eosin, DAB), one float array of shape (height, width) each,
and turned to RGB by the law of Beer and Lambert with the stain vectors of Ruifrok and Johnston (Anal Quant Cytol
Histol 2001;23:291), the way a scanner sees light pass through tissue.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage
from scipy.spatial import cKDTree

Field = NDArray[np.float32]
Rgb = NDArray[np.uint8]

HAEMATOXYLIN = np.array([0.650, 0.704, 0.286], np.float32)
EOSIN = np.array([0.072, 0.990, 0.215], np.float32)
DAB = np.array([0.268, 0.570, 0.776], np.float32)


def noise(rng: np.random.Generator, shape: tuple[int, int], scale: float) -> Field:
    """Smooth noise with features of `scale` pixels, zero mean and unit deviation, float32 of `shape`."""
    height, width = shape
    rows, cols = int(height / scale) + 4, int(width / scale) + 4
    coarse = rng.standard_normal((rows, cols)).astype(np.float32)
    size = (int(cols * scale) + 1, int(rows * scale) + 1)
    fine = np.asarray(Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC))
    top, left = int(scale * 1.5), int(scale * 1.5)
    field = fine[top : top + height, left : left + width]
    return np.ascontiguousarray((field - field.mean()) / (field.std() + 1e-6), dtype=np.float32)


def grid(shape: tuple[int, int]) -> tuple[Field, Field]:
    """Row and column numbers of every pixel, float32 of `shape`."""
    rows, cols = np.mgrid[0 : shape[0], 0 : shape[1]]
    return rows.astype(np.float32), cols.astype(np.float32)


def fibres(rng: np.random.Generator, shape: tuple[int, int], wave: float, angle: float | None = None) -> Field:
    """Wavy collagen or muscle bundles, about -1 to 1, one period every `wave` pixels."""
    rows, cols = grid(shape)
    theta = rng.uniform(0, np.pi) if angle is None else angle
    along = cols * np.cos(theta) + rows * np.sin(theta)
    bend = 5.5 * noise(rng, shape, wave * 9) + 1.6 * noise(rng, shape, wave * 3)
    phase = 2 * np.pi * along / wave + bend
    strength = np.clip(0.62 + 0.34 * noise(rng, shape, wave * 3.5), 0.1, 1.0)
    weave = 0.6 * np.sin(phase) + 0.4 * np.sin(2.3 * phase + 1.0 + noise(rng, shape, wave * 4))
    return np.asarray(strength * weave, dtype=np.float32)


def scatter(
    rng: np.random.Generator, shape: tuple[int, int], spacing: float, where: NDArray[np.bool_] | None = None
) -> NDArray[np.float32]:
    """Points of a jittered hexagonal grid, (n, 2) as row and column, kept where the mask is true."""
    step = spacing * 0.93
    rows = np.arange(-spacing, shape[0] + spacing, step)
    cols = np.arange(-spacing, shape[1] + spacing, spacing)
    row, col = np.meshgrid(rows, cols, indexing="ij")
    col = col + (np.arange(len(rows)) % 2)[:, None] * spacing / 2
    points = np.stack([row.ravel(), col.ravel()], 1) + rng.normal(0, spacing * 0.17, (row.size, 2))
    inside = (points[:, 0] >= 0) & (points[:, 0] < shape[0]) & (points[:, 1] >= 0) & (points[:, 1] < shape[1])
    points = points[inside]
    if where is not None:
        points = points[where[points[:, 0].astype(int), points[:, 1].astype(int)]]
    return points.astype(np.float32)


def stamp(
    layer: Field,
    rng: np.random.Generator,
    points: NDArray[np.float32],
    major: NDArray[np.float32],
    minor: NDArray[np.float32],
    angle: NDArray[np.float32],
    density: NDArray[np.float32],
    rim: float = 0.25,
    nucleoli: float = 0.0,
    grain: float = 0.35,
) -> None:
    """Draw n textured ellipses into `layer` in place, keeping the darker of old and new.

    `major` and `minor` are half axes in pixels, `angle` is in radians, `density` the optical density of each.
    `rim` darkens the nuclear membrane against the centre, `nucleoli` is the share that shows a nucleolus.
    """
    if not len(points):
        return
    reach = int(np.ceil(float(major.max()))) + 2
    offset = np.arange(-reach, reach + 1)
    centre = np.round(points).astype(int)
    dy = (offset[None, :, None] + centre[:, 0, None, None] - points[:, 0, None, None]).astype(np.float32)
    dx = (offset[None, None, :] + centre[:, 1, None, None] - points[:, 1, None, None]).astype(np.float32)
    cos, sin = np.cos(angle)[:, None, None], np.sin(angle)[:, None, None]
    u = (dx * cos + dy * sin) / major[:, None, None]
    v = (-dx * sin + dy * cos) / minor[:, None, None]
    theta = np.arctan2(v, u)
    turn = rng.uniform(0, 2 * np.pi, (2, len(points)))[:, :, None, None]
    wobble = 1 + 0.05 * np.sin(3 * theta + turn[0]) + 0.035 * np.sin(2 * theta + turn[1])
    radius = np.sqrt(u * u + v * v) * wobble
    cover = np.clip((1 - radius) * minor[:, None, None] / 1.3 + 0.4, 0, 1)
    chromatin = noise(rng, layer.shape, max(1.6, float(minor.mean()) * 0.33))
    rows = np.clip(centre[:, 0, None, None] + offset[None, :, None], 0, layer.shape[0] - 1)
    cols = np.clip(centre[:, 1, None, None] + offset[None, None, :], 0, layer.shape[1] - 1)
    body = (1 - rim) + rim * np.clip(radius, 0, 1) ** 3 * 1.5 + grain * 0.4 * chromatin[rows, cols]
    if nucleoli > 0:
        shows = (rng.random(len(points)) < nucleoli)[:, None, None]
        at = rng.uniform(-0.3, 0.3, (2, len(points)))[:, :, None, None]
        spot = np.exp(-(((u - at[0]) ** 2 + (v - at[1]) ** 2) / 0.045))
        body = body + 0.9 * shows * spot
    value = (cover * np.clip(body, 0.1, 2.0) * density[:, None, None]).astype(np.float32)
    flat = (rows * layer.shape[1] + cols).ravel()
    np.maximum.at(layer.reshape(-1), flat, value.ravel())


def cells(shape: tuple[int, int], points: NDArray[np.float32]) -> tuple[NDArray[np.intp], Field]:
    """Nearest point of every pixel (its index) and the distance in pixels to the border of that cell."""
    half = (shape[0] + 1) // 2, (shape[1] + 1) // 2
    rows, cols = grid(half)
    distance, index = cKDTree(points).query(np.stack([rows.ravel() * 2, cols.ravel() * 2], 1), k=2)
    border = (distance[:, 1] - distance[:, 0]).reshape(half).astype(np.float32)
    owner = np.repeat(np.repeat(index[:, 0].reshape(half), 2, 0), 2, 1)[: shape[0], : shape[1]]
    smooth = np.asarray(Image.fromarray(border).resize((half[1] * 2, half[0] * 2), Image.Resampling.BILINEAR))
    return owner, np.ascontiguousarray(smooth[: shape[0], : shape[1]])


def light(rng: np.random.Generator, haematoxylin: Field, eosin: Field, dab: Field | None = None) -> Rgb:
    """Densities to 8-bit RGB with a little blur, sensor noise and the white of a lamp; (height, width, 3)."""
    density = haematoxylin[..., None] * HAEMATOXYLIN + eosin[..., None] * EOSIN
    if dab is not None:
        density = density + dab[..., None] * DAB
    white = np.array([247, 245, 246], np.float32) + rng.uniform(-3, 3, 3).astype(np.float32)
    image = white * np.exp(-np.clip(density, 0, 4) * np.float32(1.25))
    return finish(rng, image, 0.55, 2.0)


def finish(rng: np.random.Generator, image: Field, blur: float, grain: float) -> Rgb:
    """A float image of 0 to 255 to 8-bit RGB through lens blur and sensor noise."""
    soft = ndimage.gaussian_filter(image, (blur, blur, 0))
    speckle = rng.standard_normal(image.shape[:2]).astype(np.float32)[..., None] * grain
    return np.clip(soft + speckle, 0, 255).astype(np.uint8)
