"""Typed configuration of one pretraining run, with YAML input and output and a hash of all that can change its numbers.

This module imports no torch, so that the command line and the report can read a configuration quickly.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, Field, model_validator

from auxjepa import yaml_text
from auxjepa.data_config import DataConfig, MixedConfig
from auxjepa.typed import LARGEST, BelowOne, Count, Natural, Number, Positive, Share, Threads, Typed, Whole

__all__ = [
    "LARGEST",
    "BelowOne",
    "CheckpointConfig",
    "ConfigError",
    "Count",
    "DataConfig",
    "LogConfig",
    "MaskConfig",
    "MixedConfig",
    "ModelConfig",
    "Natural",
    "Number",
    "ObjectiveConfig",
    "OptimConfig",
    "Positive",
    "RunConfig",
    "ScheduleConfig",
    "Share",
    "TeacherConfig",
    "Threads",
    "Typed",
    "Whole",
    "flatten",
    "hint",
    "parse_yaml",
    "read_yaml",
    "to_yaml",
]


class ModelConfig(Typed):
    """Size and architecture of encoder and predictor."""

    size: Literal["nano", "tiny", "small", "base", "large"] = "nano"
    tubelet: Count = Field(default=2, description="frames per token")
    patch: Count = Field(default=8, description="pixel rows and columns per token")
    levels: Literal[1, 2, 4] = Field(default=1, description="encoder depths that are predicted, evenly spaced")
    position: Literal["rope", "sincos"] = "rope"
    rope: Literal["interleaved", "tiled"] = Field(default="interleaved", description="'tiled' is the form of V-JEPA 2")
    rope_interpolate: Count | None = Field(default=None, description="side of the grid that positions are stretched to")
    modality_embedding: bool = Field(default=False, description="learned embeddings of images and of videos")
    predictor_dim: Count | None = Field(default=None, description="predictor width; by size when unset")
    predictor_depth: Count | None = Field(default=None, description="predictor blocks; by size when unset")


class MaskConfig(Typed):
    """One mask generator; each generator of a run gives one view."""

    kind: str = Field(default="multiblock", description="a name of auxjepa.masks.MASKS")
    blocks: Count = Field(default=3, description="blocks per clip")
    scale: Share = Field(default=0.15, description="area of a block as a share of the frame")
    temporal_scale: Share = Field(default=1.0, description="duration of a block as a share of the clip")
    aspect: tuple[Positive, Positive] = Field(default=(0.75, 1.5), description="range of height over width")
    truncation: Literal["random", "raster"] = Field(
        default="random",
        description="how lists are cut to the batch minimum; 'raster' drops the last frames, as the released code does",
    )
    args: dict[str, float | int | str | bool] = Field(
        default={}, description="settings of this kind of mask only, for example the motion strength"
    )


class ScheduleConfig(Typed):
    """Factor on an objective's weight as a function of training progress (0 to 1)."""

    kind: Literal["constant", "linear", "cosine"] = "constant"
    start: Share = Field(default=0.0, description="progress at which the change begins")
    end: Share = Field(default=1.0, description="progress at which it ends")
    first: Number = Field(default=1.0, ge=0, description="factor before `start`")
    last: Number = Field(default=1.0, ge=0, description="factor after `end`")

    @model_validator(mode="after")
    def _ordered(self) -> ScheduleConfig:
        if self.end < self.start:
            raise ValueError(f"end ({self.end}) must not come before start ({self.start})")
        return self


class ObjectiveConfig(Typed):
    """One term of the loss."""

    name: str | None = Field(default=None, description="registered objective; the key of this entry when unset")
    weight: Number = Field(default=1.0, ge=0)
    schedule: ScheduleConfig = ScheduleConfig()
    args: dict[str, Any] = Field(default={}, description="hyperparameters of the objective")
    plugin: str = Field(
        default="", description="package, version and digest of a plug-in's objective; filled in automatically"
    )

    OMIT_AT_DEFAULT: ClassVar[Mapping[str, Any]] = {"plugin": ""}


class TeacherConfig(Typed):
    """The EMA teacher."""

    OMIT_AT_DEFAULT: ClassVar[Mapping[str, Any]] = {"schedule": "linear", "width": 0.05}

    enabled: bool = Field(default=True, description="off: targets come from the student itself, with gradient")
    momentum: tuple[Share, Share] = Field(
        default=(0.996, 1.0),
        description="linear from first to last step; in schedule 'power' the second is an upper limit, the first is "
        "not used",
    )
    schedule: Literal["linear", "power"] = Field(
        default="linear",
        description="of the momentum; 'power': grows with the number of steps (EDM2), fits runs of any length",
    )
    width: Positive = Field(
        default=0.05,
        ge=0.001,
        le=0.28,
        description="schedule 'power': standard deviation of the averaged steps as a share of the completed steps",
    )
    normalise: Literal["layer", "position"] = Field(
        default="layer",
        description="'position': also minus the batch mean per position, over the std per channel",
    )


class OptimConfig(Typed):
    """Settings of the optimiser."""

    steps: Count = 700
    batch: Count = 64
    lr: Positive = 2e-3
    lr_start: Share = Field(default=0.0, description="first learning rate of the warm-up as a share of lr")
    lr_end: Share = Field(default=0.01, description="last learning rate as a share of lr (1 is constant)")
    warmup: Share = Field(default=0.1, description="share of the steps")
    weight_decay: Number = Field(default=0.04, ge=0)
    betas: tuple[BelowOne, BelowOne] = (0.9, 0.999)
    clip: Positive | None = Field(default=1.0, description="gradient norm limit; none when unset")
    precision: Literal["fp32", "bf16"] = "fp32"
    balance: Literal["sum", "upgrad", "pcgrad", "cagrad", "mgda", "dualproj", "aligned_mtl"] = Field(
        default="sum",
        description="how the terms' gradients are combined (all but sum: TorchJD, extra 'balance')",
    )


class CheckpointConfig(Typed):
    """Checkpoints that stay on disk. The policy is fixed before the run, so that no lucky step is selected later."""

    every: Count = Field(default=200, description="steps between checkpoints; part of the hash only if keep is 'best'")
    keep: Literal["last", "all", "best"] = Field(
        default="last", description="'best': the lowest mean of `metric`, and the last"
    )
    metric: str = Field(default="loss", description="metric of 'best': a key of metrics.jsonl")


class LogConfig(Typed):
    """Settings of the log that is written during training; not part of the hash."""

    monitor_every: Count = Field(
        default=50, description="steps between measurements of the spread and rank of features"
    )
    tensorboard: bool = False


class RunConfig(Typed):
    """Configuration of one pretraining run. Every field is a flag (--optim.lr 1e-3) and a YAML key."""

    variant: str = Field(default="custom", description="name shown in tables; not part of the hash")
    regime: str = Field(default="world", description="name of the pretraining data mixture; not part of the hash")
    seed: Natural = Field(default=0, description="fixes initialisation, data order, augmentation and masks")
    data: DataConfig = DataConfig()
    model: ModelConfig = ModelConfig()
    masks: tuple[MaskConfig, ...] = Field(default=(MaskConfig(),), min_length=1)
    objectives: dict[str, ObjectiveConfig] = Field(default={"prediction": ObjectiveConfig()})
    teacher: TeacherConfig = TeacherConfig()
    optim: OptimConfig = OptimConfig()
    checkpoint: CheckpointConfig = CheckpointConfig()
    log: LogConfig = LogConfig()

    def content_hash(self) -> str:
        """Return the hash of everything that can change the numbers: without names, places on disk and logging."""
        places = dict.fromkeys(DataConfig.PLACES, True)
        ignored: dict[str, Any] = {"variant": True, "regime": True, "log": True, "data": places}
        if self.checkpoint.keep != "best":  # 'best' selects among the checkpoints, so their distance matters there
            ignored["checkpoint"] = {"every": True}
        content = self.model_dump(mode="json", exclude=ignored)
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def flatten(value: Any, name: str = "") -> dict[str, Any]:
    """Return a nested mapping as a flat one with dotted names. Lists and empty mappings are values."""
    if not isinstance(value, dict) or not value:
        return {name: value}
    parts = (flatten(part, f"{name}.{key}" if name else str(key)) for key, part in value.items())
    return {key: item for part in parts for key, item in part.items()}


def to_yaml(config: BaseModel) -> str:
    """Return the YAML text of a configuration, with keys in the order of the fields."""
    return yaml_text.dump(config.model_dump(mode="json"))


def parse_yaml(text: str) -> Any:
    """Return the value of a YAML text. Flags and files are read by the same rules.

    Raises:
        YamlError: if it isn't YAML that this package accepts (:func:`auxjepa.yaml_text.load`).
    """
    return yaml_text.load(text)


def read_yaml(path: Path) -> dict[str, Any]:
    """Return the mapping in a YAML file.

    Raises:
        ConfigError: if the file is missing, isn't YAML, or doesn't hold a mapping.
    """
    try:
        with path.open("rb") as file:
            text = yaml_text.decode(file.read(yaml_text.MOST_BYTES + 1))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error
    except yaml_text.YamlError as error:
        raise ConfigError(f"{path}: {error}") from error
    try:
        content = parse_yaml(text)
    except yaml_text.YamlError as error:
        raise ConfigError(f"{path}: not YAML that can be used here: {error}") from error
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise ConfigError(f"{path}: expected keys and values, found {type(content).__name__}")
    return content


class ConfigError(ValueError):
    """A configuration that can't be used; the message is one line for people."""


def hint(word: str, candidates: Iterable[str], *, listing: bool = True, cutoff: float = 0.5) -> str:
    """Return the end of a message about an unknown name: the nearest one.

    Args:
        word: the unknown name.
        candidates: the valid names.
        listing: whether all names are listed where none is near.
        cutoff: similarity that a near name has at least, 0 to 1.
    """
    names = list(candidates)
    close = get_close_matches(word, names, n=1, cutoff=cutoff)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; known are {', '.join(names)}" if names and listing else ""
