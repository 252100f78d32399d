"""What a picture looks like, as numbers: colour, stains, texture, and how much of it is paper.

`features(rgb)` is the fast default of the image-kind classifier: a fixed vector without any training.
"""

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from skimage.color import rgb2hed, rgb2hsv, rgb2lab
from skimage.feature import graycomatrix, graycoprops, local_binary_pattern

VERSION = "1"  # of the vector; a classifier reads only vectors of the version that it was trained on
SIDE = 224  # pixels: the longer side at which pictures are looked at
SHARES = (5, 25, 50, 75, 95)
HUES, SATURATIONS = 12, 6
LEVELS = 32  # grey levels of the co-occurrence matrix
DISTANCES = [1, 4]
Vector = NDArray[np.float32]
Rgb = NDArray[np.uint8]


def decoded(data: bytes) -> Rgb:
    """Encoded picture (any format that Pillow reads) as RGB, (height, width, 3), longer side at most SIDE."""
    with Pillow.open(BytesIO(data)) as opened:
        opened.draft("RGB", (SIDE, SIDE))
        small = opened.convert("RGB")
    small.thumbnail((SIDE, SIDE), Pillow.Resampling.BILINEAR)
    return np.asarray(small)


def features(rgb: Rgb) -> Vector:
    """The vector of an 8-bit RGB picture, shape (len(NAMES),), finite for any picture of at least one pixel."""
    grey = np.asarray(Pillow.fromarray(rgb).convert("L"))
    parts = [_colour(rgb), _hues(rgb), _stains(rgb), _paper(rgb, grey), _texture(grey)]
    return np.concatenate(parts).astype(np.float32)


def _percentiles(channels: NDArray[np.float64]) -> NDArray[np.float64]:
    """SHARES of every channel of a (height, width, channels) picture, one channel behind the other."""
    return np.percentile(channels.reshape(-1, channels.shape[-1]), SHARES, axis=0).T.ravel()


def _colour(rgb: Rgb) -> NDArray[np.float64]:
    """CIE L*a*b*: percentiles and spread."""
    lab = rgb2lab(rgb)
    return np.concatenate([_percentiles(lab), lab.reshape(-1, 3).std(axis=0)])


def _hues(rgb: Rgb) -> NDArray[np.float64]:
    """Share of hues, each pixel counting as much as it is saturated, and of degrees of saturation."""
    hue, saturation, value = np.moveaxis(rgb2hsv(rgb), -1, 0)
    weight = saturation * value
    hues = np.histogram(hue, HUES, (0, 1), weights=weight)[0] / max(float(weight.sum()), 1e-6)
    return np.concatenate([hues, np.histogram(saturation, SATURATIONS, (0, 1))[0] / saturation.size])


def _stains(rgb: Rgb) -> NDArray[np.float64]:
    """Haematoxylin, eosin and DAB by colour deconvolution (Ruifrok and Johnston 2001), and which of them leads."""
    stains = rgb2hed(rgb)
    stained = stains.max(axis=-1) > 0.02
    leads = np.bincount(stains.argmax(axis=-1)[stained], minlength=3) / max(int(stained.sum()), 1)
    return np.concatenate([10 * _percentiles(stains), leads, [stained.mean()]])


def _paper(rgb: Rgb, grey: Rgb) -> NDArray[np.float64]:
    """Shares of white, black and colourless pixels, of the six most frequent colours, of empty rows and columns."""
    spread = rgb.max(axis=-1).astype(int) - rgb.min(axis=-1)
    coarse = (rgb >> 3).astype(int)
    counts = np.bincount((coarse[..., 0] << 10 | coarse[..., 1] << 5 | coarse[..., 2]).ravel())
    flat = np.sort(counts)[-6:].sum() / grey.size
    empty = [(np.ptp(grey, axis=axis) < 12).mean() for axis in (0, 1)]
    return np.array([(grey > 240).mean(), (grey < 30).mean(), (spread < 16).mean(), flat, *empty])


def _texture(grey: Rgb) -> NDArray[np.float64]:
    """Local binary patterns (Ojala et al. 2002) and grey-level co-occurrence (Haralick et al. 1973)."""
    patterns = []
    for points, radius in ((8, 1), (16, 2)):
        codes = local_binary_pattern(grey, points, radius, "uniform").astype(int)
        patterns.append(np.bincount(codes.ravel(), minlength=points + 2) / codes.size)
    matrix = graycomatrix(grey // (256 // LEVELS), DISTANCES, [0, np.pi / 2], LEVELS, symmetric=True, normed=True)
    wanted = ("contrast", "homogeneity", "energy", "correlation")
    pairs = [np.nan_to_num(graycoprops(matrix, name)).mean(axis=1) for name in wanted]
    steps = np.abs(np.diff(grey.astype(float), axis=1)) if grey.shape[1] > 1 else np.zeros((1, 1))
    return np.concatenate([*patterns, *pairs, [(steps > 8).mean(), (steps > 40).mean()]])


NAMES = [
    *(f"lab {c} {s}" for c in "Lab" for s in SHARES), *(f"lab {c} spread" for c in "Lab"),
    *(f"hue {n}" for n in range(HUES)), *(f"saturation {n}" for n in range(SATURATIONS)),
    *(f"stain {c} {s}" for c in "HED" for s in SHARES), *(f"stain {c} leads" for c in "HED"), "stained",
    "white", "black", "colourless", "flat", "empty columns", "empty rows",
    *(f"lbp 8 {n}" for n in range(10)), *(f"lbp 16 {n}" for n in range(18)),
    *(f"{name} {d}" for name in ("contrast", "homogeneity", "energy", "correlation") for d in DISTANCES),
    "steps", "edges",
]  # fmt: skip
