"""Continued pretraining, fine-tuning, reinforcement learning and CLIP on the corpus's shards.

Reads shards and the base layer of `assets`, never a station. Nothing is ever loaded from a model hub, so the hub
client is switched off here, before any library can ask it; a fork of the tokenizer's threads would warn and stall.
"""

import os

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
