"""A small CLIPModel, its processor and its training loop, without torchvision.

model, processor = build(config, texts)
history = train(model, processor, rows, config)
pictures, texts = embed(model, processor, pictures, texts)
"""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from tokenizers.processors import TemplateProcessing
from transformers import CLIPConfig, CLIPModel, CLIPProcessor, PreTrainedTokenizerFast, get_cosine_schedule_with_warmup
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

from assets.errors import BadInput, one_line
from training.config import ClipConfig
from training.data import open_picture, plain_text
from training.progress import Progress
from training.tiny import train_tokenizer

# The end of the text must not have id 2: transformers then pools by an old rule (at the largest id of the text), and
# training stalls without a word.
SPECIAL_TOKENS = ["<|pad|>", "<|unused|>", "<|startoftext|>", "<|endoftext|>"]


def build(config: ClipConfig, texts: list[str]) -> tuple[Any, Any]:
    """Random weights that depend on the seed alone, and a tokenizer trained on `texts`."""
    trained = train_tokenizer((plain_text(text) for text in texts), config.vocabulary, SPECIAL_TOKENS)
    ids = {token: trained.token_to_id(token) for token in SPECIAL_TOKENS}
    trained.post_processor = TemplateProcessing(
        single="<|startoftext|> $A <|endoftext|>",
        special_tokens=[(token, ids[token]) for token in SPECIAL_TOKENS[2:]],
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=trained,
        bos_token="<|startoftext|>",
        eos_token="<|endoftext|>",
        pad_token="<|pad|>",
        model_max_length=config.max_tokens,
    )
    size = {"height": config.image_size, "width": config.image_size}
    pictures = CLIPImageProcessorPil(size=size, crop_size=size, do_center_crop=False)
    tower = {
        "hidden_size": config.hidden,
        "intermediate_size": 2 * config.hidden,
        "num_hidden_layers": config.layers,
        "num_attention_heads": config.heads,
        "projection_dim": config.projection,
    }
    torch.manual_seed(config.seed)
    model = CLIPModel(
        CLIPConfig(
            text_config={
                **tower,
                "vocab_size": len(tokenizer),
                "max_position_embeddings": config.max_tokens,
                "bos_token_id": ids["<|startoftext|>"],
                "eos_token_id": ids["<|endoftext|>"],
                "pad_token_id": ids["<|pad|>"],
            },
            vision_config={**tower, "image_size": config.image_size, "patch_size": config.patch_size},
            projection_dim=config.projection,
        )
    )
    return model, CLIPProcessor(pictures, tokenizer)


def load(folder: Path) -> tuple[Any, Any]:
    """Model and processor of a folder that the CLIP job wrote, ready for evaluation.

    Raises BadInput when it holds another kind of model, or none that can be read.
    """
    try:
        kind = json.loads((folder / "config.json").read_text(encoding="utf-8"))["model_type"]
        if kind != "clip":
            raise BadInput(
                f"{folder} holds a model of type {kind}, not CLIP; give --model clip or a CLIP model's folder"
            )
        tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
        processor = CLIPProcessor(CLIPImageProcessorPil.from_pretrained(folder), tokenizer)
        return CLIPModel.from_pretrained(folder).eval(), processor
    except BadInput:
        raise
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput(f"{folder} holds no CLIP model that can be loaded ({one_line(error, 120)})") from error


def prepared(processor: Any, rows: list[dict[str, Any]]) -> Any:
    """input_ids and attention_mask (rows x tokens), pixel_values (rows x 3 x size x size)."""
    return processor(
        text=[plain_text(row["text"]) for row in rows],
        images=[open_picture(row["image"]) for row in rows],
        padding=True,
        truncation=True,
        return_tensors="pt",
    )


def contrastive_loss(pictures: torch.Tensor, texts: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
    """Mean cross-entropy of choosing each picture's text and each text's picture; inputs rows x dim, length 1."""
    logits = scale * pictures @ texts.T
    target = torch.arange(len(logits), device=logits.device)
    cross_entropy = torch.nn.functional.cross_entropy
    return (cross_entropy(logits, target) + cross_entropy(logits.T, target)) / 2


def normalised(features: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.normalize(features, dim=-1)


def features(model: Any, batch: Any) -> tuple[torch.Tensor, torch.Tensor]:
    """Picture and text features (rows x projection), length 1."""
    output = model(**batch)
    return normalised(output.image_embeds), normalised(output.text_embeds)


def train(model: Any, processor: Any, rows: Any, config: ClipConfig) -> list[dict[str, float]]:
    """Train in place with AdamW; returns step, loss, learning rate and scale of every step."""
    decayed = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim <= 1]  # norms, biases and the scale, as in the CLIP paper
    optimiser = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": config.weight_decay}, {"params": others, "weight_decay": 0.0}],
        lr=config.learning_rate,
    )
    schedule = get_cosine_schedule_with_warmup(optimiser, config.warmup_steps, config.steps)
    history = []
    progress = Progress("step", config.steps)
    model.train()
    for step, indices in zip(range(1, config.steps + 1), batches(len(rows), config.batch, config.seed), strict=False):
        batch = prepared(processor, [rows[index] for index in indices])
        loss = contrastive_loss(*features(model, batch), model.logit_scale.exp())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), config.max_grad_norm)
        history.append({"step": step, "loss": loss.item(), "learning_rate": schedule.get_last_lr()[0]})
        optimiser.step()
        schedule.step()
        optimiser.zero_grad()
        with torch.no_grad():
            model.logit_scale.clamp_(0, math.log(config.max_scale))
        history[-1]["scale"] = model.logit_scale.exp().item()
        progress.at(step, loss=history[-1]["loss"])
    return history


def batches(rows: int, size: int, seed: int) -> Iterator[list[int]]:
    """Endless shuffled batches of distinct rows; a rest too small for a batch waits for no one and is left out."""
    generator = torch.Generator().manual_seed(seed)
    while True:
        order = torch.randperm(rows, generator=generator).tolist()
        for start in range(0, max(1, rows - size + 1), size):
            yield order[start : start + size]


@torch.no_grad()
def embed(model: Any, processor: Any, rows: Any, batch: int = 64) -> tuple[torch.Tensor, torch.Tensor]:
    """Picture and text features of all rows (rows x projection), in order."""
    parts = [
        features(model, prepared(processor, [rows[index] for index in range(start, min(start + batch, len(rows)))]))
        for start in range(0, len(rows), batch)
    ]
    return torch.cat([pictures for pictures, _ in parts]), torch.cat([texts for _, texts in parts])
