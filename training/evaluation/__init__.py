"""Scores of checkpoints on the validation split. Models write per-item records; every score follows from them."""
