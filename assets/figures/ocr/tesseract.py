"""The Tesseract command line: words of an English page, its orientation and its script."""

import csv
import math
import os
import re
import resource
import shutil
import subprocess
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from assets.figures.ocr.words import Word

SECONDS = 90.0  # for one page; an ordinary one takes two
TALL, PITCH = 48, 120  # pixels: letters on the sheet of `read_column`, and its rows
CERTAIN = 2.0  # orientation confidence below which a page is left as it is


class TesseractFailed(Exception):
    """Tesseract ended with an error or took too long."""


@dataclass(frozen=True)
class Orientation:
    """`turn`: clockwise quarter turns that set the page upright. `script` as Tesseract names it, "" when unknown."""

    turn: int
    script: str


def find_tesseract() -> str | None:
    """The program's path, when it is installed with its English data."""
    path = shutil.which("tesseract")
    return path if path and "eng" in _languages(path) else None


@cache
def _languages(path: str) -> frozenset[str]:
    return frozenset(_run([path, "--list-langs"]).split())


@cache
def version(path: str) -> str:
    return "tesseract " + _run([path, "--version"]).split()[1]


def orientation(path: str, grey: NDArray[np.uint8], dpi: int) -> Orientation | None:
    """Which way up the page is and its script; None where there is too little text, or without the `osd` data."""
    if "osd" not in _languages(path):
        return None
    try:
        said = _on_picture(path, grey, dpi, ["-l", "osd", "--psm", "0", "-c", "min_characters_to_try=12"], "osd")
    except TesseractFailed as error:
        if "Too few characters" in str(error):
            return None
        raise
    found = dict(re.findall(r"^([A-Z][\w ]+): (\S+)$", said, re.M))
    sure = float(found.get("Orientation confidence", 0)) >= CERTAIN
    return Orientation(int(found.get("Rotate", 0)) // 90 if sure else 0, found.get("Script", ""))


def read_words(path: str, grey: NDArray[np.uint8], dpi: int, layout: int = 3) -> list[Word]:
    """Words with boxes in pixels; `layout` is Tesseract's page segmentation mode. Raises TesseractFailed."""
    said = _on_picture(path, grey, dpi, ["-l", "eng", "--psm", str(layout), "-c", "tessedit_create_tsv=1"], "tsv")
    words = []
    for row in csv.DictReader(said.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE):
        text, score = (row["text"] or "").strip(), float(row["conf"])
        if row["level"] != "5" or not text or score < 0:
            continue
        x, y, w, h = (int(row[key]) for key in ("left", "top", "width", "height"))
        place = (int(row["block_num"]), int(row["par_num"]), int(row["line_num"]))
        words.append(Word(text, (float(x), float(y), float(x + w), float(y + h)), min(1.0, score / 100), place))
    return words


def read_column(path: str, crops: list[NDArray[np.uint8]]) -> list[tuple[str, float]]:
    """Text and score of small pictures with a letter or two, black on white, all read in one call.

    They are set under one another on one sheet, at one height.
    """
    sheet = np.full((PITCH * max(1, len(crops)), 6 * PITCH), 255, dtype=np.uint8)
    for row, crop in enumerate(crops):
        wide = max(4, min(5 * PITCH, round(crop.shape[1] * TALL / crop.shape[0])))
        top = row * PITCH + (PITCH - TALL) // 2
        small = Image.fromarray(crop).resize((wide, TALL), Image.Resampling.BICUBIC)
        sheet[top : top + TALL, 60 : 60 + wide] = np.asarray(small)
    found = [("", 1.0)] * len(crops)
    for word in read_words(path, sheet, 300, layout=6) if crops else []:
        row = min(len(crops) - 1, int((word.box[1] + word.box[3]) / 2 // PITCH))
        found[row] = (found[row][0] + word.text, min(found[row][1], word.score))
    return [(text, score if text else 0.0) for text, score in found]


def _on_picture(path: str, grey: NDArray[np.uint8], dpi: int, options: list[str], suffix: str) -> str:
    with tempfile.TemporaryDirectory(prefix="pathcorpus-ocr-") as folder:
        picture, out = Path(folder, "page.pgm"), Path(folder, "out")
        Image.fromarray(grey).save(picture)
        _run([path, str(picture), str(out), "--dpi", str(dpi), *options])
        return out.with_suffix("." + suffix).read_text(encoding="utf-8", errors="replace")


def _run(command: list[str]) -> str:
    """What the program prints. It is killed when it takes longer than SECONDS: by the kernel, should we end first.

    Its output goes to files, since a pipe would stay open as long as any process that it started.
    """
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1", "LC_ALL": "C"}
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=errors, env=environment)
        try:
            with suppress(ProcessLookupError):  # it may have ended already
                resource.prlimit(process.pid, resource.RLIMIT_CPU, (math.ceil(SECONDS) + 1,) * 2)
            process.wait(SECONDS)
        except subprocess.TimeoutExpired as error:
            raise TesseractFailed(f"tesseract took more than {SECONDS:g} seconds and was stopped") from error
        finally:
            process.kill()
            process.wait()
        if process.returncode != 0:
            errors.seek(0)
            said = " ".join(errors.read().decode("utf-8", "replace").split())[-300:]
            raise TesseractFailed(f"tesseract ended with code {process.returncode}: {said}")
        out.seek(0)
        return out.read().decode("utf-8", "replace")
