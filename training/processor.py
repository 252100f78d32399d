"""Qwen's image and text processor without its video part, which needs torchvision.

processor = ImageProcessor.from_pretrained(folder)      # never AutoProcessor: without torchvision it fails, or
                                                        # hands back a bare tokenizer without a word
"""

from typing import Any

from transformers import Qwen2_5_VLProcessor


class ImageProcessor(Qwen2_5_VLProcessor):
    """Reads folders that the stock class wrote, and writes folders that the stock class reads."""

    def __init__(
        self,
        image_processor: Any = None,
        tokenizer: Any = None,
        video_processor: Any = None,
        chat_template: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(image_processor, tokenizer, chat_template=chat_template, **kwargs)

    @classmethod
    def get_attributes(cls) -> list[str]:
        return ["image_processor", "tokenizer"]

    def check_argument_for_proper_class(self, argument_name: str, argument: Any) -> Any:
        return None if argument_name == "video_processor" else super().check_argument_for_proper_class(
            argument_name, argument
        )  # fmt: skip


# Saved folders name their processor after the class; other programs know only the stock name.
ImageProcessor.__name__ = "Qwen2_5_VLProcessor"
