"""Writes two small encoders of official classes with random weights into the folders ``dino`` and ``vjepa2``.

They take the place of published checkpoints where none can be downloaded. Needs the extra ``hf``.
"""

from __future__ import annotations

import json
from pathlib import Path

import torch
from transformers import Dinov2Config, Dinov2Model, VJEPA2Config, VJEPA2Model

PIXELS = {
    "do_resize": True,
    "do_rescale": True,
    "rescale_factor": 1 / 255,
    "do_normalize": True,
    "image_mean": [0.485, 0.456, 0.406],
    "image_std": [0.229, 0.224, 0.225],
}
NETWORK = {"hidden_size": 48, "num_hidden_layers": 2, "num_attention_heads": 2}


def main() -> None:
    """Write both folders."""
    torch.manual_seed(0)
    dino = Dinov2Model(Dinov2Config(**NETWORK, intermediate_size=96, image_size=56, patch_size=14))
    dino.save_pretrained("dino")
    size = {"height": 56, "width": 56}
    Path("dino/preprocessor_config.json").write_text(json.dumps({**PIXELS, "crop_size": size}))
    predictor = {"pred_hidden_size": 24, "pred_num_hidden_layers": 1, "pred_num_attention_heads": 2}
    clip = {"crop_size": 32, "frames_per_clip": 8, "patch_size": 8, "tubelet_size": 2}
    VJEPA2Model(VJEPA2Config(**NETWORK, **clip, **predictor, mlp_ratio=2)).save_pretrained("vjepa2")
    size = {"height": 32, "width": 32}
    Path("vjepa2/video_preprocessor_config.json").write_text(json.dumps({**PIXELS, "crop_size": size}))


if __name__ == "__main__":
    main()
