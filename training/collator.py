"""From rows to padded batches with labels: only what the model is to learn carries a label, all else is -100.

    ChatCollator(processor)([{"images": [picture], "messages": turns}])       assistant turns and their <|im_end|>
    CaptionCollator(processor, 512)([{"images": [picture], "text": caption}])   the text after the picture, and its end

Both return input_ids, attention_mask, mm_token_type_ids, labels (batch x tokens, right-padded), pixel_values
(patches x values) and image_grid_thw (pictures x 3).
"""

from dataclasses import dataclass
from typing import Any

import torch

from assets.errors import BadInput
from training.data import plain_text, structured
from training.processor import ImageProcessor

IGNORED = -100
END_OF_TEXT = "<|endoftext|>"
PICTURE = "<|vision_start|><|image_pad|><|vision_end|>"


def _processed(processor: ImageProcessor, texts: list[str], pictures: list[list[Any]]) -> Any:
    return processor(
        text=texts, images=pictures, padding=True, padding_side="right", add_special_tokens=False, return_tensors="pt"
    )


@dataclass
class ChatCollator:
    """Conversations in the processor's own chat template (ChatML). Needs no generation markers in the template."""

    processor: ImageProcessor

    def __call__(self, rows: list[dict[str, Any]]) -> Any:
        chats = [structured(row["messages"], len(row["images"])) for row in rows]
        texts = [self.processor.apply_chat_template(chat, tokenize=False) for chat in chats]
        batch = _processed(self.processor, texts, [row["images"] for row in rows])
        labels = torch.full_like(batch["input_ids"], IGNORED)
        for index, row in enumerate(rows):
            spans = self._assistant_spans(batch["input_ids"][index].tolist())
            if len(spans) != sum(turn["role"] == "assistant" for turn in row["messages"]):
                raise BadInput(f"row {row.get('row_id', index)} has an assistant turn that the chat template hides")
            for start, end in spans:
                labels[index, start:end] = batch["input_ids"][index, start:end]
        batch["labels"] = labels
        return batch

    def _assistant_spans(self, ids: list[int]) -> list[tuple[int, int]]:
        """Half-open token spans after each `<|im_start|>assistant\\n`, up to and including `<|im_end|>`."""
        tokenizer = self.processor.tokenizer
        header = tokenizer.encode("<|im_start|>assistant\n", add_special_tokens=False)
        stop = tokenizer.convert_tokens_to_ids("<|im_end|>")
        starts = [i + len(header) for i in range(len(ids)) if ids[i : i + len(header)] == header]
        return [(start, ids.index(stop, start) + 1) for start in starts]


@dataclass
class CaptionCollator:
    """Picture, then text, then the end of the text; cut after `max_tokens`. No chat format: this is pretraining."""

    processor: ImageProcessor
    max_tokens: int

    def __call__(self, rows: list[dict[str, Any]]) -> Any:
        texts = [PICTURE * len(row["images"]) + plain_text(row["text"]) + END_OF_TEXT for row in rows]
        batch = _processed(self.processor, texts, [row["images"] for row in rows])
        for name in ("input_ids", "attention_mask", "mm_token_type_ids"):
            batch[name] = batch[name][:, : self.max_tokens]
        ids = batch["input_ids"]
        ends = ids == self.processor.tokenizer.convert_tokens_to_ids("<|vision_end|>")
        after_pictures = (ends.flip(1).cumsum(1).flip(1) == 0) & (batch["attention_mask"] == 1)
        batch["labels"] = ids.masked_fill(~after_pictures, IGNORED)
        return batch
