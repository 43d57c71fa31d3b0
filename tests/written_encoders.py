"""Tiny encoders of transformers with random weights, written in the layout of the Hugging Face Hub."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import torch

FRAMES, SIDE, PATCH = 4, 32, 16
PROCESSOR: dict[str, Any] = {
    "do_resize": True,
    "size": {"shortest_edge": 36},
    "do_center_crop": True,
    "crop_size": {"height": SIDE, "width": SIDE},
    "do_rescale": True,
    "rescale_factor": 1 / 255,
    "do_normalize": True,
    "image_mean": [0.5, 0.4, 0.3],
    "image_std": [0.2, 0.3, 0.4],
    "resample": 2,
}
"""Settings of a processor, in the official format."""
_WIDTH = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2}
_MLP = {**_WIDTH, "intermediate_size": 32}
_PICTURE = {"image_size": SIDE, "patch_size": PATCH}
KINDS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "vjepa2": (
        "VJEPA2Model",
        "VJEPA2Config",
        {
            **_WIDTH,
            "hidden_size": 24,
            "patch_size": PATCH,
            "crop_size": SIDE,
            "frames_per_clip": FRAMES,
            "tubelet_size": 2,
            "mlp_ratio": 2.0,
            "pred_hidden_size": 24,
            "pred_num_attention_heads": 2,
            "pred_num_hidden_layers": 1,
            "pred_num_mask_tokens": 2,
        },
    ),
    "videomae": (
        "VideoMAEModel",
        "VideoMAEConfig",
        {**_MLP, **_PICTURE, "num_frames": FRAMES, "use_mean_pooling": False},
    ),
    "vivit": (
        "VivitModel",
        "VivitConfig",
        {**_MLP, "image_size": SIDE, "num_frames": FRAMES, "tubelet_size": [2, PATCH, PATCH]},
    ),
    "timesformer": ("TimesformerModel", "TimesformerConfig", {**_MLP, **_PICTURE, "num_frames": FRAMES}),
    "dinov2": ("Dinov2Model", "Dinov2Config", {**_WIDTH, "mlp_ratio": 2, "image_size": 48, "patch_size": PATCH}),
    "dinov2_with_registers": (
        "Dinov2WithRegistersModel",
        "Dinov2WithRegistersConfig",
        {**_WIDTH, **_PICTURE, "mlp_ratio": 2, "num_register_tokens": 4},
    ),
    "dinov3_vit": ("DINOv3ViTModel", "DINOv3ViTConfig", {**_MLP, **_PICTURE, "num_register_tokens": 4}),
    "siglip_vision_model": ("SiglipVisionModel", "SiglipVisionConfig", {**_MLP, **_PICTURE}),
    "ijepa": ("IJepaModel", "IJepaConfig", {**_MLP, **_PICTURE}),
}
"""Class, class of the configuration and settings, by ``model_type``."""
VIDEO = ("vjepa2", "videomae", "vivit", "timesformer")


def build_network(kind: str) -> Any:
    """Return a network with random weights, also where the class starts with zeros.

    Args:
        kind: ``model_type`` of the network.
    """
    import transformers

    name, config, settings = KINDS[kind]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = getattr(transformers, name)(getattr(transformers, config)(**settings))
        with torch.no_grad():
            for parameter in network.parameters():
                parameter.add_(0.1 * torch.randn_like(parameter))
    return network.eval()


def save_network(network: Any, folder: Path, processor: dict[str, Any] | None = None) -> None:
    """Write a network and the file of its processor.

    Args:
        network: a network of transformers.
        folder: the folder.
        processor: settings of the processor; ``PROCESSOR`` when None.
    """
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()
    transformers_logging.set_verbosity(logging.ERROR)
    network.save_pretrained(folder)
    (folder / "preprocessor_config.json").write_text(json.dumps(PROCESSOR if processor is None else processor))


def save_encoder(kind: str, folder: Path) -> None:
    """Write an encoder with random weights.

    Args:
        kind: ``model_type`` of the network.
        folder: the folder.
    """
    save_network(build_network(kind), folder)
