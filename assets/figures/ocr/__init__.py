"""Scanned pages: text lines and picture regions from the picture of a page, by an OCR engine on this machine.

    render -> which way up, which script -> straighten -> photographs set apart -> words -> lines, drawings, letters

Tesseract (a command line program) reads English pages, RapidOCR (Python, models in its wheel) Chinese and mixed ones.
Tesseract never reads Chinese: it takes 癌 (carcinoma) for 瘤 (tumour).
"""

from assets.figures.ocr.scan import OcrMissing, Scan, read_layer, read_scan

__all__ = ["OcrMissing", "Scan", "read_layer", "read_scan"]
