"""Readers of the field's published test sets, and the keys by which a corpus is kept apart from them.

Base layer: decontamination (a station) and evaluation (training) both read test sets here. Nothing is downloaded; the
user names the set and where it lies.
"""
