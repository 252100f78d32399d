"""What the picture itself says, by colour alone: enough to tell a photograph from a chart and to name its tint.

Caption rules decide the image kind; these facts only veto (a caption about Bax protein under a bar chart is no
immunohistochemistry) and support the default that an unnamed stain is H&E.
"""

from dataclasses import dataclass
from io import BytesIO

import numpy as np
from PIL import Image as Pillow

SIDE = 160


@dataclass(frozen=True)
class PictureFacts:
    """Shares of pixels, each 0..1, of the picture shrunk to at most 160 x 160."""

    white: float
    black: float
    colourful: float
    pink_purple: float
    flat: float  # share of the six most frequent colours at 5 bits a channel

    @property
    def photograph(self) -> bool:
        """Colour photographs spread over many colours, on a lit or on a dark field.

        Charts and drawings are paper and a few flat colours; gels, electron micrographs and X-rays have no colour.
        Set on open-access figures: pale stains reach 0.28 colourful and 0.67 flat, charts begin at 0.74 flat.
        """
        lit = self.colourful >= 0.15 and self.flat < 0.7
        dark_field = self.black >= 0.4 and self.white < 0.1 and self.colourful >= 0.02
        return lit or dark_field


def picture_facts(data: bytes) -> PictureFacts:
    """Colour facts of an encoded picture (any format that Pillow reads)."""
    with Pillow.open(BytesIO(data)) as opened:
        small = opened.convert("RGB")
        small.thumbnail((SIDE, SIDE))
        hsv = np.asarray(small.convert("HSV"), dtype=np.float32).reshape(-1, 3)
        rgb = np.asarray(small, dtype=np.int32).reshape(-1, 3) >> 3
    hue, saturation, value = hsv[:, 0] * 360 / 255, hsv[:, 1] / 255, hsv[:, 2] / 255
    colourful = (saturation > 0.06) & (value > 0.15)
    frequent = np.sort(np.bincount(rgb[:, 0] << 10 | rgb[:, 1] << 5 | rgb[:, 2]))[-6:]
    return PictureFacts(
        white=float(np.mean((saturation < 0.06) & (value > 0.93))),
        black=float(np.mean(value < 0.15)),
        colourful=float(np.mean(colourful)),
        pink_purple=float(np.mean(colourful & (hue > 240) & (hue < 350))),
        flat=float(frequent.sum() / len(rgb)),
    )
