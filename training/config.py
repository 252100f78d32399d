"""One settings model per job, read from YAML. Every key must be given and no other: the file documents the run.

from training.config import SftConfig, load_config
load_config(Path("training/configs/sft_tiny.yaml"), SftConfig)
"""

from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from assets.errors import BadInput, one_line
from assets.schema import content_hash

Count = Annotated[int, Field(ge=1)]
Natural = Annotated[int, Field(ge=0)]
Positive = Annotated[float, Field(gt=0)]
Share = Annotated[float, Field(ge=0, le=1)]


class Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())


class JobConfig(Settings):
    """What every job has."""

    seed: Natural
    steps: Count  # optimiser steps
    batch: Count  # rows a forward pass; for GRPO and DAPO prompts a step
    learning_rate: Positive
    warmup_steps: Natural
    weight_decay: Annotated[float, Field(ge=0)]
    max_grad_norm: Positive
    save_every: Natural  # steps between resumable checkpoints, 0 for none


class TinyModel(Settings):
    """Shape of a Qwen2.5-VL model that is built here instead of loaded."""

    vocabulary: Annotated[int, Field(ge=300)]  # 256 bytes and the special tokens must fit
    hidden: Annotated[int, Field(ge=16, multiple_of=16)]
    layers: Count
    vision_layers: Count
    heads: Count
    initializer_std: Positive

    @model_validator(mode="after")
    def _heads_fit(self) -> Self:
        if self.hidden % (8 * self.heads):
            raise ValueError("hidden must be a multiple of 8 x heads")
        return self


class VisionLanguageConfig(JobConfig):
    """`start_from` names the job whose checkpoint opens this one; else `model` is `tiny` or a folder."""

    model: str | None = None
    start_from: Literal["cpt", "sft", "grpo", "dapo"] | None = None
    tiny: TinyModel | None = None
    min_pixels: Count  # pictures are scaled into this range of width x height
    max_pixels: Count

    @model_validator(mode="after")
    def _one_start(self) -> Self:
        if (self.model is None) == (self.start_from is None):
            raise ValueError("give exactly one of model and start_from")
        if (self.model == "tiny") != (self.tiny is not None):
            raise ValueError("the block tiny belongs to model: tiny and to nothing else")
        if self.min_pixels > self.max_pixels:
            raise ValueError("min_pixels is larger than max_pixels")
        return self


class SupervisedConfig(VisionLanguageConfig):
    accumulation: Count  # forward passes a step
    max_tokens: Count


class CptConfig(SupervisedConfig):
    """Captions longer than `max_tokens` are cut at the end."""


class SftConfig(SupervisedConfig):
    """Conversations longer than `max_tokens` are left out and counted: a cut one would lose its answer."""


class PolicyConfig(VisionLanguageConfig):
    generations: Annotated[int, Field(ge=2)]  # completions a prompt: one group
    temperature: Positive
    max_completion_tokens: Count
    epsilon_low: Share
    epsilon_high: Share
    beta: Annotated[float, Field(ge=0)]  # weight of the KL term against the starting model


class GrpoConfig(PolicyConfig):
    format_weight: Share
    accuracy_weight: Share

    @model_validator(mode="after")
    def _has_reference(self) -> Self:
        if self.beta == 0:
            raise ValueError("GRPO keeps a reference model: beta must be above 0")
        return self


class DapoConfig(PolicyConfig):
    accuracy_weight: Share
    length_weight: Share
    overlong_cache: Count  # the last tokens of max_completion_tokens, over which the penalty grows to 1
    max_resample: Natural  # extra draws of prompts a step, to replace groups without signal

    @model_validator(mode="after")
    def _cache_fits(self) -> Self:
        if self.overlong_cache > self.max_completion_tokens:
            raise ValueError("overlong_cache is larger than max_completion_tokens")
        return self


class ClipConfig(JobConfig):
    vocabulary: Annotated[int, Field(ge=300)]
    max_tokens: Count
    image_size: Count
    patch_size: Count
    hidden: Count
    layers: Count
    heads: Count
    projection: Count
    max_scale: Positive  # upper bound of the learnable scale (1 / temperature)

    @model_validator(mode="after")
    def _shape(self) -> Self:
        if self.image_size % self.patch_size or self.hidden % self.heads:
            raise ValueError("image_size must be a multiple of patch_size and hidden of heads")
        if self.batch < 2:
            raise ValueError("contrast needs a batch of at least 2")
        return self


class ImageKindsConfig(JobConfig):
    """EfficientNet for image kinds. Without `model` its shape is built from the coefficients."""

    model: str | None  # a local folder
    image_size: Annotated[int, Field(ge=32, le=1024)]
    width_coefficient: Positive
    depth_coefficient: Positive
    dropout: Share
    folds: Annotated[int, Field(ge=2, le=10)]
    most: Count  # pictures of one kind that teach

    @model_validator(mode="after")
    def _norm_needs_two(self) -> Self:
        if self.batch < 2:
            raise ValueError("batch normalisation needs a batch of at least 2")
        return self


C = TypeVar("C", bound=Settings)


def load_config(path: Path, model: type[C]) -> C:
    """Read and check a YAML file. Raises BadInput with the first thing that is wrong."""
    try:
        values: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise BadInput(f"{path} does not exist; the ready settings lie in training/configs") from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadInput(f"{path} cannot be read as YAML ({one_line(error)}); mend the file") from error
    if not isinstance(values, dict):
        raise BadInput(f"{path} holds no settings; copy one of training/configs and change it")
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            known = ", ".join(sorted(model.model_fields))
            raise BadInput(f"{path}: the key {key} is not known; known keys are {known}") from error
        if first["type"] == "missing":
            raise BadInput(f"{path}: the key {key} is missing; add it (training/configs shows all keys)") from error
        what = first["msg"].removeprefix("Value error, ")
        raise BadInput(f"{path}: {key + ': ' if key else ''}{what[0].lower() + what[1:]}; mend the file") from error


def config_hash(config: Settings) -> str:
    return content_hash(config.model_dump(mode="json"))
