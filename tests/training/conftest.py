import os
from pathlib import Path
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"

import pytest

from tests.training import samples


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """16 training and 4 validation rows of every kind. Read-only for tests: write results elsewhere with `out`."""
    shards: dict[tuple[str, str], list] = {}
    for kind, make in samples.MAKE.items():
        shards[kind, "train"] = [make(index) for index in range(16)]
        shards[kind, "validation"] = [make(index) for index in range(16, 20)]
    return samples.write_corpus(tmp_path_factory.mktemp("home") / "corpus", shards)


@pytest.fixture(scope="session")
def opening(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved tiny model with random weights, its tokenizer trained on the corpus's texts."""
    from training import checkpoints, tiny
    from training.config import TinyModel
    from training.trainer import quiet

    quiet()
    texts = [
        text
        for index in range(16)
        for text in (samples.caption(index), samples.question(index), samples.answer_text(index))
    ]
    processor = tiny.build_processor(texts, samples.TINY["vocabulary"])
    folder = tmp_path_factory.mktemp("opening") / "model"
    checkpoints.save(folder, tiny.build_model(TinyModel(**samples.TINY), processor, seed=0), processor)
    return folder


@pytest.fixture
def processor(opening: Path) -> Any:
    from training.checkpoints import load_processor

    return load_processor(opening, **samples.SIZES)
