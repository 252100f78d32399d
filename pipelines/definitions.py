"""All that Dagster knows of pathcorpus: `dagster dev -w workspace.yaml`, or `pathcorpus ui`.

Belongs here: nothing but the list. What an asset does is in its station, how it is wired in the station's asset.py,
what runs when in jobs.py and sensors.py. Loading this imports no PDF library and no torch: every run pays for it.
"""

import dagster as dg

from assets.cot import asset as cot
from assets.figures import asset as figures
from assets.filters import asset as filters
from assets.pairs import asset as pairs
from assets.pairs.external import asset as sources
from assets.pairs.leaks import asset as leaks
from assets.pairs.report import asset as pages
from assets.review import asset as review
from assets.shards import asset as shards
from assets.textbooks import asset as textbooks
from pipelines.jobs import book_chain, corpus_wide, source_chain, train
from pipelines.sensors import corpus_sensor, inbox_sensor, source_sensor
from training import asset as training

STATIONS = [textbooks, figures, pairs, sources, leaks, pages, cot, filters, review, shards, training]

defs = dg.Definitions(
    assets=dg.load_assets_from_modules(STATIONS),
    jobs=[book_chain, source_chain, corpus_wide, train],
    sensors=[inbox_sensor, source_sensor, corpus_sensor],
    # One process a run. Another executor or run launcher is a matter of configuration; the assets stay as they are.
    executor=dg.in_process_executor,
)
