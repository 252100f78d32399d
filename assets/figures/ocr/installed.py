"""Which OCR engines this machine has, and which of them a page that failed for want of one is waiting for."""

from assets.figures.ocr.rapid import find_rapidocr
from assets.figures.ocr.tesseract import find_tesseract

OCR_WANTED = {"no-ocr": frozenset({"tesseract", "rapidocr"}), "no-chinese-ocr": frozenset({"rapidocr"})}


def installed() -> frozenset[str]:
    """tesseract, rapidocr, both or none."""
    found = {"tesseract": find_tesseract() is not None, "rapidocr": find_rapidocr()}
    return frozenset(name for name, here in found.items() if here)
