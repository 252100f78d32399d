"""The sample textbook: a pathology atlas drawn from a seed, with the truth about its figures beside it.

Run: python -m assets.textbooks.sample --seed 7 --out FILE.pdf
"""

from assets.textbooks.sample.book import generate

__all__ = ["generate"]
