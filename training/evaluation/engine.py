"""Where evaluation meets a model: questions in, raw outputs out. Anything with this call can be evaluated.

outputs = greedy(folder, max_new_tokens=96, batch=8)(rows)
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

Generate = Callable[[list[dict[str, Any]]], list[str]]


def greedy(folder: Path, max_new_tokens: int, batch: int) -> Generate:
    """Greedy decoding with the checkpoint in `folder`, pictures scaled as its processor was saved.

    Rows have `prompt` (turns with `<image>`) and `images` ({"bytes", "path"}); outputs come in their order, without
    special tokens.
    """
    import torch

    from training import checkpoints
    from training.data import fit_picture, structured
    from training.processor import ImageProcessor
    from training.progress import Progress
    from training.trainer import quiet

    quiet()
    size = ImageProcessor.from_pretrained(folder).image_processor.size
    bounds = size["shortest_edge"], size["longest_edge"]
    model, processor = checkpoints.load(folder, min_pixels=bounds[0], max_pixels=bounds[1])
    model.eval()

    def one_batch(rows: list[dict[str, Any]]) -> list[str]:
        chats = [structured(row["prompt"], len(row["images"])) for row in rows]
        inputs = processor(
            text=processor.apply_chat_template(chats, tokenize=False, add_generation_prompt=True),
            images=[[fit_picture(picture, *bounds) for picture in row["images"]] for row in rows],
            padding=True,
            padding_side="left",
            add_special_tokens=False,
            return_tensors="pt",
        )
        with torch.inference_mode():
            ids = model.generate(
                **inputs,
                do_sample=False,
                max_new_tokens=max_new_tokens,
                suppress_tokens=[model.config.image_token_id],
                eos_token_id=processor.tokenizer.convert_tokens_to_ids("<|im_end|>"),
                pad_token_id=processor.tokenizer.pad_token_id,
            )
        return processor.batch_decode(ids[:, inputs["input_ids"].shape[1] :], skip_special_tokens=True)

    def generate(rows: list[dict[str, Any]]) -> list[str]:
        progress = Progress("question", len(rows))
        texts: list[str] = []
        for start in range(0, len(rows), batch):
            texts += one_batch(rows[start : start + batch])
            progress.at(len(texts))
        return texts

    return generate
