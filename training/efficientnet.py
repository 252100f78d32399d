"""EfficientNetForImageClassification: building, training by folds, and judging every pair out of fold.

Pictures are scaled to a square and kept as numbers in a file of the working folder; turned and mirrored at random while
learning, since tissue has no upright side.
"""

import math
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import EfficientNetConfig, EfficientNetForImageClassification, get_cosine_schedule_with_warmup
from transformers.models.efficientnet.modeling_efficientnet import round_filters

from assets.errors import BadInput, one_line
from assets.pictures.reader import pictures_of
from assets.records import IMAGE_KINDS, Image, Pair, PictureKind
from assets.schema import content_hash
from assets.store import Home, each_row, sealed, write_rows
from assets.weak_labels import Named, fold_of, learnt_from
from training.config import ImageKindsConfig
from training.data import open_picture
from training.progress import Progress
from training.runs import Trained

MEAN, SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet, on which public checkpoints learnt
LAST_FILTERS = 1280  # of B0's last convolution; other widths scale it
JUDGED = 64  # pictures judged at a time


def build(config: ImageKindsConfig, kinds: list[str], seed: int) -> Any:
    """A network for `kinds`: from a local folder, else with random weights that follow from the seed.

    Raises BadInput when the folder holds no EfficientNet.
    """
    torch.manual_seed(seed)
    names = dict(enumerate(kinds))
    labels: dict[str, Any] = {"id2label": names, "label2id": {kind: index for index, kind in names.items()}}
    if config.model is not None:
        try:
            return EfficientNetForImageClassification.from_pretrained(
                config.model, num_labels=len(kinds), ignore_mismatched_sizes=True, local_files_only=True,
                use_safetensors=True, **labels,
            )  # fmt: skip
        except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
            raise BadInput(
                f"{config.model} holds no EfficientNet that can be loaded ({one_line(error, 120)})"
            ) from error
    shape = EfficientNetConfig(
        image_size=config.image_size, width_coefficient=config.width_coefficient, dropout_rate=config.dropout,
        depth_coefficient=config.depth_coefficient, **labels,
        batch_norm_momentum=0.1,  # the library's 0.99 keeps hardly anything of earlier batches
    )  # fmt: skip
    shape.hidden_dim = round_filters(shape, LAST_FILTERS)
    network = EfficientNetForImageClassification(shape)
    # As the paper's own code does. The library draws even the scales of batch normalisation around 0, with which
    # the signal is gone after a few blocks and nothing is learnt.
    for part in network.modules():
        if isinstance(part, torch.nn.Conv2d):
            outputs = part.out_channels * math.prod(part.kernel_size) / part.groups
            torch.nn.init.normal_(part.weight, std=math.sqrt(2 / outputs))
        elif isinstance(part, torch.nn.BatchNorm2d):
            torch.nn.init.ones_(part.weight)
    return network


def train_and_judge(home: Home, named: list[Named], config: ImageKindsConfig, folder: Path) -> Trained:
    """Train a network a fold, save them, judge all pairs of the corpus; the facts hold the confusion matrix."""
    kinds = [kind for kind in IMAGE_KINDS if any(row.kind == kind for row in named)]
    codes = torch.tensor([kinds.index(row.kind) for row in named])
    folds = np.array([fold_of(row.figure, config.folds) for row in named])
    pixels = _pixels(home, named, config.image_size, folder / "pixels.npy")
    networks, history = [], []
    counts = np.zeros((len(kinds), len(kinds)), dtype=int)
    for fold in range(config.folds):
        network = build(config, kinds, config.seed + fold)
        rest = np.flatnonzero(folds != fold)
        losses = _train(network, pixels, codes, rest, config, fold)
        history += [{**row, "step": row["step"] + fold * config.steps} for row in losses]
        network.save_pretrained(folder / "model" / f"fold-{fold}")
        networks.append(network)
        held = np.flatnonzero(folds == fold)
        for start in range(0, len(held), JUDGED):
            part = held[start : start + JUDGED]
            for row, said in zip(part, _probabilities(network, pixels[part]).argmax(axis=1), strict=True):
                counts[codes[row], said] += 1
    name = f"efficientnet-{content_hash([config.model_dump(mode='json'), learnt_from(named)])[:12]}"
    judged = _judge_all(home, networks, kinds, config, name, folder / "model" / "predictions")
    _draw(counts, kinds, folder / "model" / "confusion.png", name)
    facts = {
        "steps": len(history), "network": name, "pictures": len(named), "judged": judged, "kinds": kinds,
        "confusion": counts.tolist(), "agreement": round(float(np.trace(counts) / counts.sum()), 4),
        "parameters": sum(parameter.numel() for parameter in networks[0].parameters()),
    }  # fmt: skip
    return Trained(facts, history)


def _train(
    network: Any, pixels: np.ndarray, codes: torch.Tensor, rows: np.ndarray, config: ImageKindsConfig, fold: int
) -> list[dict[str, float]]:
    device = "cuda" if torch.cuda.is_available() else "cpu"
    network.to(device).train()
    seen = torch.bincount(codes[rows], minlength=network.config.num_labels).clamp(min=1)
    loss_of = torch.nn.CrossEntropyLoss(weight=(len(rows) / seen / len(seen)).float().to(device))
    optimiser = torch.optim.AdamW(network.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay)
    schedule = get_cosine_schedule_with_warmup(optimiser, config.warmup_steps, config.steps)
    rng, progress = np.random.default_rng([config.seed, fold]), Progress(f"fold {fold + 1}, step", config.steps)
    history = []
    for step in range(1, config.steps + 1):
        batch = rng.choice(rows, size=min(config.batch, len(rows)), replace=False)
        inputs = _inputs(np.stack([_turned(pixels[index], rng) for index in batch])).to(device)
        loss = loss_of(network(inputs).logits, codes[batch].to(device))
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), config.max_grad_norm)
        optimiser.step()
        schedule.step()
        if not math.isfinite(loss.item()):
            raise BadInput(f"the loss is {loss.item()} at step {step}; set learning_rate lower")
        history.append({"step": float(step), "loss": loss.item()})
        progress.at(step, loss=loss.item())
    network.eval()
    return history


@torch.no_grad()
def _probabilities(network: Any, pixels: np.ndarray) -> np.ndarray:
    """Shape (pictures, kinds)."""
    logits = network(_inputs(pixels).to(next(network.parameters()).device)).logits
    return torch.softmax(logits.float(), dim=1).cpu().numpy()


def _judge_all(
    home: Home, networks: list[Any], kinds: list[str], config: ImageKindsConfig, name: str, folder: Path
) -> int:
    """Write the predictions of every pair of every book and source; how many there are."""
    places, total = np.array([IMAGE_KINDS.index(kind) for kind in kinds]), 0

    def judged(waiting: list[tuple[Pair, np.ndarray]]) -> Iterator[PictureKind]:
        folds = np.array([fold_of(pair.figure_id, config.folds) for pair, _ in waiting])
        shares = np.zeros((len(waiting), len(IMAGE_KINDS)))
        for fold, network in enumerate(networks):
            held = np.flatnonzero(folds == fold)
            if len(held):
                shares[np.ix_(held, places)] = _probabilities(network, np.stack([waiting[i][1] for i in held]))
        for (pair, _), row in zip(waiting, shares, strict=True):
            yield PictureKind(pair_id=pair.pair_id, image=pair.image, probabilities=row.tolist(), model=name)

    def rows(key: str, read: Callable[[str], Image]) -> Iterator[PictureKind]:
        waiting: list[tuple[Pair, np.ndarray]] = []
        for pair in each_row(home.station("pairs", key) / "pairs.parquet", Pair):
            waiting.append((pair, _square(read(pair.image).data, config.image_size)))
            if len(waiting) == JUDGED:
                yield from judged(waiting)
                waiting = []
        yield from judged(waiting)

    def counted(found: Iterator[PictureKind]) -> Iterator[PictureKind]:
        nonlocal total
        for row in found:
            total += 1
            yield row

    for key in home.holdings():
        if sealed(home.station("pairs", key)):
            with pictures_of(home, key) as read:
                write_rows(folder / f"{key}.parquet", counted(rows(key, read)), PictureKind)
    return total


def _pixels(home: Home, named: list[Named], side: int, path: Path) -> np.ndarray:
    """The pictures as squares in a file, (pictures, side, side, 3), 8 bits."""
    held = np.lib.format.open_memmap(path, mode="w+", dtype=np.uint8, shape=(len(named), side, side, 3))
    with ExitStack() as open_files:
        key, read = None, None
        for place in sorted(range(len(named)), key=lambda place: (named[place].key, place)):
            if named[place].key != key:
                open_files.close()
                key = named[place].key
                read = open_files.enter_context(pictures_of(home, key))
            held[place] = _square(read(named[place].image).data, side)  # type: ignore[misc]
    return held


def _square(data: bytes, side: int) -> np.ndarray:
    return np.asarray(open_picture({"bytes": data, "path": None}).resize((side, side)), dtype=np.uint8)


def _turned(pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    turned = np.rot90(pixels, int(rng.integers(4)))
    return turned[:, ::-1] if rng.random() < 0.5 else turned


def _inputs(pixels: np.ndarray) -> torch.Tensor:
    """(pictures, 3, side, side), normalised."""
    scaled = (pixels.astype(np.float32) / 255 - MEAN) / SPREAD
    return torch.from_numpy(np.ascontiguousarray(scaled.transpose(0, 3, 1, 2), dtype=np.float32))


def _draw(counts: np.ndarray, kinds: list[str], path: Path, name: str) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(1.6 + 0.9 * len(kinds), 1.4 + 0.8 * len(kinds)), layout="constrained")
    axes = figure.add_subplot()
    shares = counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(counts):
        axes.text(
            column, row, f"{count:,}", ha="center", va="center", color="white" if shares[row, column] > 0.5 else "black"
        )
    axes.set(xticks=range(len(kinds)), xticklabels=kinds, yticks=range(len(kinds)), yticklabels=kinds,
             xlabel="the network says", ylabel="captions name", title=f"{name}\nnone judged itself")  # fmt: skip
    figure.savefig(path, dpi=110, format="png")
