"""The sample textbook: a pathology atlas drawn from a seed, with the truth about its figures beside it.

Run: python -m assets.textbooks.sample --seed 7 --out FILE.pdf
     python -m assets.textbooks.sample --seed 7 --out FILE.pdf --every-class    (each hard layout at least once)
"""

from assets.textbooks.sample.book import generate
from assets.textbooks.sample.classes.book import generate_classes

__all__ = ["generate", "generate_classes"]
