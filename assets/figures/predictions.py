"""The lines of `pathcorpus extract --out figures.jsonl`: one figure a line, with its panels and citing sentences."""

from typing import Any

from assets.figures.extract import Extraction


def prediction_lines(pdf_name: str, extraction: Extraction) -> list[dict[str, Any]]:
    """One dict per figure: pdf, page, label, bbox, caption, panels, references, and what else is known of it."""
    panels: dict[str, list[dict[str, Any]]] = {}
    for panel in extraction.panels:
        own = " ".join(part for part in (panel.lead, panel.own) if part)
        panels.setdefault(panel.figure_id, []).append({"label": panel.letter, "bbox": panel.bbox, "caption": own})
    sentences: dict[str, list[str]] = {}
    for reference in extraction.references:
        found = sentences.setdefault(reference.figure_id, [])
        if reference.sentence not in found:
            found.append(reference.sentence)
    return [
        {
            "pdf": pdf_name, "page": f.page, "label": f.label, "bbox": f.bbox, "caption": f.caption,
            "panels": panels.get(f.figure_id, []), "references": sentences.get(f.figure_id, []),
            "figure_id": f.figure_id, "caption_bbox": f.caption_bbox, "score": f.score, "rule": f.rule,
            "method": f.method, "dpi": f.dpi, "width": f.width, "height": f.height, "pixels": f.pixels,
            "image": f.image,
        }
        for f in extraction.figures
    ]  # fmt: skip
