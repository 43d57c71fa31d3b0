"""Families of encoders in transformers: which class reads a checkpoint, and which of its outputs are tokens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from auxjepa.config import ConfigError


@dataclass(frozen=True)
class Family:
    """Settings with which encoders of one kind are opened and read.

    Args:
        network: name of the class in transformers.
        frames: field of the configuration that holds the frames of a clip; '' for image encoders.
        size: field of the configuration that holds the side of a picture, if the network reads only this size; ''
            if it reads other sizes too.
        leading: number of tokens before those of patches, without registers.
        registers: whether ``num_register_tokens`` more tokens precede those of patches.
        time_last: whether tokens are ordered by place first and by time last.
        pixels: name of the argument of the network.
        options: arguments of the class.
        call: further arguments of the network.
        unused: beginnings of names of weights that features don't depend on. They may be missing.
        other_parts: beginnings of names of weights that belong to heads, decoders and other towers. A checkpoint may
            have them, and the class does not.
    """

    network: str
    frames: str = ""
    size: str = ""
    leading: int = 0
    registers: bool = False
    time_last: bool = False
    pixels: str = "pixel_values"
    options: Mapping[str, Any] = field(default_factory=dict)
    call: Mapping[str, Any] = field(default_factory=dict)
    unused: tuple[str, ...] = ()
    other_parts: tuple[str, ...] = ()

    def leading_tokens(self, config: Any) -> int:
        """Return the number of tokens that are dropped: the class token and registers.

        Args:
            config: configuration of the network.
        """
        return self.leading + (config.num_register_tokens if self.registers else 0)


_MASK = ("embeddings.mask_token",)
_HEADS = ("classifier.", "pooler.")
_SIGLIP = Family(
    "SiglipVisionModel",
    size="image_size",
    unused=("head.", "vision_model.head."),
    other_parts=("text_model.", "logit_scale", "logit_bias", "classifier."),
)
FAMILIES: dict[str, Family] = {
    "vjepa2": Family(
        "VJEPA2Model",
        frames="frames_per_clip",
        pixels="pixel_values_videos",
        call={"skip_predictor": True},
        unused=("predictor.",),
        other_parts=_HEADS,
    ),
    "videomae": Family(
        "VideoMAEModel",
        frames="num_frames",
        size="image_size",
        other_parts=("classifier.", "fc_norm.", "decoder.", "encoder_to_decoder.", "mask_token", "position_embeddings"),
    ),
    "vivit": Family(
        "VivitModel",
        frames="num_frames",
        size="image_size",
        leading=1,
        options={"add_pooling_layer": False},
        other_parts=_HEADS,
    ),
    "timesformer": Family(
        "TimesformerModel", frames="num_frames", size="image_size", leading=1, time_last=True, other_parts=_HEADS
    ),
    "dinov2": Family("Dinov2Model", leading=1, unused=_MASK, other_parts=_HEADS),
    "dinov2_with_registers": Family(
        "Dinov2WithRegistersModel", leading=1, registers=True, unused=_MASK, other_parts=_HEADS
    ),
    "dinov3_vit": Family("DINOv3ViTModel", leading=1, registers=True, unused=_MASK, other_parts=_HEADS),
    "siglip": _SIGLIP,
    "siglip_vision_model": _SIGLIP,
    "ijepa": Family(
        "IJepaModel", size="image_size", options={"add_pooling_layer": False}, unused=_MASK, other_parts=_HEADS
    ),
}
"""Families by ``model_type`` in ``config.json``."""


def find_family(source: str, model_type: Any) -> Family:
    """Return the family of an encoder.

    Args:
        source: name of the encoder, for the message.
        model_type: value in its ``config.json``.

    Raises:
        ConfigError: if encoders of this type can't be read.
    """
    if not isinstance(model_type, str) or model_type not in FAMILIES:
        readable = ", ".join(FAMILIES)
        raise ConfigError(f"{source}: its config.json has model_type {model_type!r}, and these can be read: {readable}")
    return FAMILIES[model_type]
