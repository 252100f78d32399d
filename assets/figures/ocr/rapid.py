"""RapidOCR (PP-OCR models on onnxruntime): lines of Chinese and mixed pages, from the models in its wheel."""

import importlib.util
from functools import cache
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assets.figures.ocr.words import Word

THREADS = 2
MODELS = ("PP-OCRv6_det_small.onnx", "PP-OCRv6_rec_small.onnx")


def find_rapidocr() -> bool:
    """Whether rapidocr and onnxruntime are installed."""
    return all(importlib.util.find_spec(name) is not None for name in ("rapidocr", "onnxruntime"))


def version() -> str:
    return "rapidocr " + installed("rapidocr")


@cache
def _engine() -> Any:
    """The engine, with models named by path so that it never looks for others on the network."""
    import rapidocr

    folder = Path(rapidocr.__file__).parent / "models"
    return rapidocr.RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.use_cls": False,
            "Global.max_side_len": 4000,
            "Det.model_path": str(folder / MODELS[0]),
            "Rec.model_path": str(folder / MODELS[1]),
            "EngineConfig.onnxruntime.intra_op_num_threads": THREADS,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )


def read_words(grey: NDArray[np.uint8]) -> list[Word]:
    """One Word for every line segment that is found, with boxes in pixels drawn tight around the ink."""
    result = _engine()(np.dstack([grey] * 3), use_det=True, use_rec=True)
    if result.txts is None:
        return []
    words = []
    for n, (corners, text, score) in enumerate(zip(result.boxes, result.txts, result.scores, strict=True)):
        text = plain(text)
        if text:
            words.append(Word(text, tight(grey, _around(corners)), float(score), (n,)))
    return words


def find_lines(grey: NDArray[np.uint8]) -> list[tuple[float, float, float, float]]:
    """Boxes of text lines in pixels, without reading them."""
    result = _engine()(np.dstack([grey] * 3), use_det=True, use_rec=False)
    return [] if result.boxes is None else [_around(corners) for corners in result.boxes]


def read_line(grey: NDArray[np.uint8]) -> tuple[str, float]:
    """Text and score of one line cut out of a page; ("", 0.0) when nothing is read."""
    result = _engine()(np.dstack([grey] * 3), use_det=False, use_rec=True)
    if result.txts is None or not result.txts[0]:
        return "", 0.0
    return plain(result.txts[0]), float(result.scores[0])


def plain(text: str) -> str:
    """Full-width Latin letters and digits as ordinary ones; Chinese punctuation stays."""
    return " ".join("".join(chr(ord(c) - 0xFEE0) if "０" <= c <= "９" or "Ａ" <= c <= "Ｚ" or "ａ" <= c <= "ｚ" else c
                            for c in text).split())  # fmt: skip


def _around(corners: Any) -> tuple[float, float, float, float]:
    points = np.asarray(corners, dtype=float)
    return tuple(float(v) for v in (*points.min(axis=0), *points.max(axis=0)))  # type: ignore[return-value]


def tight(grey: NDArray[np.uint8], box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """`box` shrunk to its ink: the detector draws it some pixels too large."""
    x0, y0, x1, y1 = max(0, int(box[0])), max(0, int(box[1])), int(box[2]) + 1, int(box[3]) + 1
    part = grey[y0:y1, x0:x1].astype(np.int16)
    if part.size == 0:
        return box
    ground = np.percentile(part, 80)
    ink = np.abs(part - ground) > max(30.0, 0.4 * float(np.abs(part - ground).max()))
    rows, columns = np.flatnonzero(ink.sum(axis=1) > 1), np.flatnonzero(ink.any(axis=0))
    if not len(rows) or not len(columns):
        return box
    return float(x0 + columns[0]), float(y0 + rows[0]), float(x0 + columns[-1] + 1), float(y0 + rows[-1] + 1)
