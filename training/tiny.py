"""A Qwen2.5-VL model small enough to train on a CPU in seconds, with a tokenizer trained on the corpus's own texts.

Same architecture, special tokens, chat format and picture handling as the published models, so that what runs here
runs there. Weight matrices start at std 0.08: with the usual 0.02 a model this small does not learn to see (measured).
"""

from collections.abc import Iterable

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast, Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

from training.config import TinyModel
from training.processor import ImageProcessor

SPECIAL_TOKENS = [
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|image_pad|>",
    "<|video_pad|>",
]

# Tokens of their own, but no special ones, so that decoding keeps them (Qwen3 does this for its think tags). Cut into
# pieces, all four would end in ">", and a model this small would not learn which of them ends the turn.
ANSWER_TAGS = ["<think>", "</think>", "<answer>", "</answer>"]

# ChatML as Qwen2.5-VL has it, without its default system prompt: the corpus's rows have none. The generation markers
# are for trainers that read assistant spans from the template; ours finds them in the tokens.
CHAT_TEMPLATE = (
    "{%- for message in messages -%}"
    "{{ '<|im_start|>' + message.role + '\\n' }}"
    "{%- set body -%}"
    "{%- if message.content is string -%}{{ message.content }}"
    "{%- else -%}{%- for part in message.content -%}"
    "{%- if part.type == 'image' -%}<|vision_start|><|image_pad|><|vision_end|>"
    "{%- else -%}{{ part.text }}{%- endif -%}"
    "{%- endfor -%}{%- endif -%}"
    "{%- endset -%}"
    "{%- if message.role == 'assistant' -%}"
    "{%- generation -%}{{ body + '<|im_end|>' }}{%- endgeneration -%}"
    "{%- else -%}{{ body + '<|im_end|>' }}{%- endif -%}"
    "{{ '\\n' }}"
    "{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{ '<|im_start|>assistant\\n' }}{%- endif -%}"
)


def train_tokenizer(texts: Iterable[str], vocabulary: int, special_tokens: list[str]) -> Tokenizer:
    """Byte-level BPE: any text can be written, whatever it was trained on. Special tokens get the first ids."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=special_tokens,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def build_processor(texts: Iterable[str], vocabulary: int) -> ImageProcessor:
    trained = train_tokenizer(texts, vocabulary, SPECIAL_TOKENS)
    trained.add_tokens([AddedToken(tag, normalized=False) for tag in ANSWER_TAGS])
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=trained,
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        additional_special_tokens=SPECIAL_TOKENS[1:],
    )
    return ImageProcessor(Qwen2VLImageProcessorPil(), tokenizer, chat_template=CHAT_TEMPLATE)


def build_model(shape: TinyModel, processor: ImageProcessor, seed: int) -> Qwen2_5_VLForConditionalGeneration:
    """Random weights that depend on `seed` alone, float32."""
    ids = {token: processor.tokenizer.convert_tokens_to_ids(token) for token in SPECIAL_TOKENS}
    half = shape.hidden // shape.heads // 2  # rotary angles of a head, shared among time, height and width
    sections = [half - 2 * (3 * half // 8), 3 * half // 8, 3 * half // 8]  # 16, 24, 24 of 64, as published
    config = Qwen2_5_VLConfig(
        text_config={
            "vocab_size": len(processor.tokenizer),
            "hidden_size": shape.hidden,
            "intermediate_size": 2 * shape.hidden,
            "num_hidden_layers": shape.layers,
            "num_attention_heads": shape.heads,
            "num_key_value_heads": max(1, shape.heads // 2),
            "max_position_embeddings": 4096,
            "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0, "mrope_section": sections},
            "bos_token_id": ids["<|endoftext|>"],
            "eos_token_id": ids["<|im_end|>"],
            "pad_token_id": ids["<|endoftext|>"],
        },
        vision_config={
            "depth": shape.vision_layers,
            "hidden_size": shape.hidden,
            "intermediate_size": 2 * shape.hidden,
            "num_heads": shape.heads,
            "out_hidden_size": shape.hidden,
            "fullatt_block_indexes": [shape.vision_layers - 1],
        },
        image_token_id=ids["<|image_pad|>"],
        video_token_id=ids["<|video_pad|>"],
        vision_start_token_id=ids["<|vision_start|>"],
        vision_end_token_id=ids["<|vision_end|>"],
    )
    torch.manual_seed(seed)
    model = Qwen2_5_VLForConditionalGeneration(config)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim > 1:
                torch.nn.init.normal_(parameter, std=shape.initializer_std)
    model.generation_config.eos_token_id = ids["<|im_end|>"]
    model.generation_config.pad_token_id = ids["<|endoftext|>"]
    return model
