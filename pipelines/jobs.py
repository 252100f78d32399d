"""What is launched as one run. All jobs run in one process: a process per step would cost seconds for each."""

import dagster as dg

CORPUS_WIDE = dg.AssetSelection.assets("picture_classifier", "pair_pages", "review_decisions", "testsets", "shards")
SOURCES = dg.AssetSelection.groups("sources")
TRAINING = dg.AssetSelection.groups("training", "evaluation")
RESUME = {"dagster/max_retries": "2"}  # only after a crash of the run's process, see dagster.yaml

book_chain = dg.define_asset_job(
    "book_chain",
    selection=dg.AssetSelection.all() - CORPUS_WIDE - SOURCES - TRAINING,
    description="Everything that belongs to one textbook, from the PDF to the verdicts, in one run.",
    executor_def=dg.in_process_executor,
    tags=RESUME,
)
source_chain = dg.define_asset_job(
    "source_chain",
    selection=SOURCES,
    description="Everything that belongs to one external source, from its table to the split of its pairs, in one run.",
    executor_def=dg.in_process_executor,
    tags=RESUME,
)
corpus_wide = dg.define_asset_job(
    "corpus_wide",
    selection=CORPUS_WIDE,
    description="Picture classifier, new test sets, pages, review decisions and shards, over all that is ready.",
    executor_def=dg.in_process_executor,
    tags=RESUME,
)
train = dg.define_asset_job(
    "train",
    selection=TRAINING,
    description="The five training jobs and the evaluations, one after the other. Never started by itself.",
    executor_def=dg.in_process_executor,
)
