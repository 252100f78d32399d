"""Which pictures show the same thing: fingerprints, candidate pairs, verification, edges.

station.py makes the fingerprints of a book once (hashes.py, borders.py, drawings.py, verify.py); index.py keeps those
of all books side by side in columns.py; search.py asks what a new book meets (join.py for hashes, votes.py for
keypoints, captions.py) and clusters.py judges it, looking at pictures through looking.py. assets/pairs/ledger.py
decides.
"""
