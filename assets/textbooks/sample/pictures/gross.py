"""Gross specimens on the photography bench: cut surface, lesion, blood, a ruler in centimetres."""

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

from assets.textbooks.sample.pictures.stains import Field, Rgb, finish, grid, noise

BENCH = {"blue": (38, 82, 140), "black": (14, 14, 16), "green": (46, 110, 92), "white": (226, 228, 230)}
# tissue, lesion, second lesion colour
TISSUE = {
    "breast": ((232, 200, 110), (214, 205, 190), (240, 236, 226)),
    "colon": ((198, 126, 108), (168, 92, 78), (122, 52, 46)),
    "lung": ((150, 84, 80), (222, 212, 196), (180, 172, 160)),
    "kidney": ((134, 62, 52), (226, 172, 62), (150, 40, 34)),
    "thyroid": ((150, 70, 52), (226, 214, 198), (236, 230, 218)),
    "skin": ((222, 176, 150), (62, 40, 38), (112, 66, 52)),
    "spleen": ((112, 34, 42), (226, 206, 196), (206, 176, 168)),
    "liver": ((150, 84, 52), (208, 184, 128), (226, 206, 160)),
    "uterus": ((214, 164, 150), (224, 206, 178), (170, 80, 70)),
}


def outline(
    rng: np.random.Generator,
    shape: tuple[int, int],
    centre: tuple[float, float],
    size: tuple[float, float],
    rough: float,
) -> Field:
    """Distance from `centre` as a share of a wavy ellipse, 1 at its edge; `size` are half axes in pixels."""
    rows, cols = grid(shape)
    dy, dx = (rows - centre[0]) / size[0], (cols - centre[1]) / size[1]
    theta = np.arctan2(dy, dx)
    edge = np.ones_like(theta)
    for wave in (2, 3, 4, 6, 9):
        edge += rng.normal(0, rough * 1.25 / wave**0.95) * np.sin(wave * theta + rng.uniform(0, 6.3))
    small = 0.02 * noise(rng, shape, max(6.0, min(size) * 0.12))
    return np.asarray(np.hypot(dy, dx) / edge + small, dtype=np.float32)


def gross(
    rng: np.random.Generator,
    shape: tuple[int, int],
    organ: str,
    bench: str = "blue",
    lesion: float = 0.35,
    rough: float = 0.12,
    folds: bool = False,
    variegated: bool = False,
    spots: int = 1,
) -> Rgb:
    """One specimen, (height, width, 3); `lesion` is its size as a share of the specimen, `rough` its outline."""
    height, width = shape
    base, tumour, second = (np.array(colour, np.float32) for colour in TISSUE[organ])
    body = outline(rng, shape, (height * 0.46, width * 0.5), (height * 0.36, width * 0.41), 0.05)
    image = np.empty((*shape, 3), np.float32)
    image[:] = np.array(BENCH[bench], np.float32)
    image *= (1 + 0.03 * noise(rng, shape, 90))[..., None]
    shade = ndimage.gaussian_filter((body < 1).astype(np.float32), min(shape) * 0.02)
    image *= (1 - 0.55 * np.roll(shade, (int(height * 0.012), int(width * 0.008)), (0, 1)))[..., None]

    relief = 0.6 * noise(rng, shape, width * 0.05) + 0.4 * noise(rng, shape, width * 0.014)
    if folds:
        rows, cols = grid(shape)
        wave = cols / (width * 0.045) + 1.3 * noise(rng, shape, width * 0.14) + rows / (height * 0.5)
        relief = relief * 0.4 + 1.3 * np.sin(wave * 2 * np.pi / 1.4)
    slope = np.gradient(ndimage.gaussian_filter(relief, 2.0))
    gloss = slope[0] + slope[1]
    gloss = gloss / (gloss.std() + 1e-6)
    flesh = base * (1 + 0.07 * relief + 0.05 * noise(rng, shape, 5))[..., None]
    lobes = noise(rng, shape, width * 0.03)
    if organ == "breast":
        flesh = np.where((np.abs(lobes) < 0.18)[..., None], np.array([238, 226, 190], np.float32), flesh)
    if organ == "lung":
        holes = noise(rng, shape, 4) + 0.5 * noise(rng, shape, 9)
        flesh = flesh * np.where(holes > 0.9, 0.62, 1.0)[..., None]
        flesh = flesh * np.where(lobes > 1.5, 0.5, 1.0)[..., None]
    inside = np.clip((1 - body) * min(shape) * 0.12, 0, 1)[..., None]
    image = image * (1 - inside) + flesh * inside

    for _ in range(spots):
        at = height * rng.uniform(0.4, 0.52), width * rng.uniform(0.38, 0.62)
        if spots > 1:
            at = height * rng.uniform(0.25, 0.66), width * rng.uniform(0.24, 0.76)
        size = height * 0.36 * lesion * rng.uniform(0.9, 1.2), width * 0.36 * lesion * rng.uniform(0.85, 1.1)
        far = outline(rng, shape, at, size, rough)
        mix = 0.5 + 0.5 * np.tanh(1.2 * noise(rng, shape, max(size) * 0.3))
        mass = tumour * mix[..., None] + (0.7 * tumour + 0.3 * second) * (1 - mix[..., None])
        if variegated:
            patch = noise(rng, shape, max(size) * 0.28)
            mass = np.where((patch > 0.85)[..., None], second, mass)
            mass = np.where((patch < -1.15)[..., None], np.array([236, 226, 206], np.float32), mass)
        mass = mass * (1 + 0.06 * noise(rng, shape, 6) + 0.05 * relief)[..., None]
        rim = np.exp(-(((far - 1) / 0.05) ** 2))[..., None]
        cover = np.clip((1 - far) * min(size) * 0.2, 0, 1)[..., None] * (body < 0.97)[..., None]
        image = image * (1 - cover) + mass * cover
        image *= 1 - 0.14 * rim * (body < 1)[..., None]
    lit = np.clip(gloss - 1.5, 0, 2) * 20 - np.clip(-gloss - 1.3, 0, 2) * 16
    image += (lit * (body < 0.98))[..., None]
    image *= (1 - 0.28 * np.exp(-(((body - 1) / 0.06) ** 2)) * (body < 1))[..., None]
    return ruler(finish(rng, np.clip(image, 0, 255).astype(np.float32), 0.8, 2.0), width / rng.uniform(9, 13))


def ruler(image: Rgb, centimetre: float) -> Rgb:
    """Lay a white ruler along the lower edge, one tick a millimetre."""
    picture = Image.fromarray(image)
    pen = ImageDraw.Draw(picture)
    width, height = picture.size
    top = int(height * 0.9)
    pen.rectangle([int(width * 0.04), top, int(width * 0.96), int(height * 0.975)], fill=(244, 244, 240))
    font = ImageFont.load_default(max(9, int(height * 0.03)))
    start, count = width * 0.06, int(width * 0.88 / centimetre * 10)
    for tick in range(count + 1):
        x = start + tick * centimetre / 10
        tall = 0.035 if tick % 10 == 0 else 0.024 if tick % 5 == 0 else 0.014
        pen.line([x, top, x, top + height * tall], fill=(20, 20, 20), width=1)
        if tick % 10 == 0 and tick:
            pen.text((x, top + height * 0.056), str(tick // 10), fill=(20, 20, 20), font=font, anchor="mm")
    return np.asarray(picture)
