"""Draw the pictures of docs/masks.md: ``python -m docs.build_masks``."""

from __future__ import annotations

from pathlib import Path

import matplotlib
import torch
from torch import Tensor

matplotlib.use("Agg")
import matplotlib.pyplot as plt

from auxjepa.config import MaskConfig
from auxjepa.masks import Mask, motion_map, sample
from auxjepa.tokens import Grid, occupancy

OUT = Path(__file__).parent / "masks"
GRID = Grid(8, 14, 14, 2, 8)
PICTURES: dict[str, MaskConfig] = {
    "multiblock": MaskConfig(blocks=8),
    "multiblock_raster": MaskConfig(blocks=8, truncation="raster"),
    "motion_guided": MaskConfig(kind="motion_guided", blocks=4, scale=0.08),
    "motion_aggressive": MaskConfig(kind="motion_guided", blocks=4, scale=0.08, args={"strength": 5, "random_rate": 0}),
    "future_predictive": MaskConfig(kind="future_predictive", blocks=4),
    "motion_future": MaskConfig(kind="motion_future", blocks=4, scale=0.08),
    "random_tube": MaskConfig(kind="random_tube"),
    "causal": MaskConfig(kind="causal"),
}


def clips(count: int) -> Tensor:
    """Return clips (B 3 F X Y) of a disc that crosses a plain background, each from another position."""
    frames, side = GRID.T * GRID.tubelet, GRID.H * GRID.patch
    y, x = torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij")
    images = []
    for clip in range(count):
        across = torch.linspace(25, 85, frames) + 3 * clip
        height = 35 + 7 * clip
        disc = torch.stack([((x - c) ** 2 + (y - height) ** 2 < 14**2).float() for c in across])
        images.append(torch.stack([0.25 + 0.6 * disc, 0.35 + 0.25 * disc, 0.5 - 0.3 * disc]))
    return torch.stack(images)


def draw(name: str, mask: Mask, clip: Tensor) -> None:
    """Draw one clip: visible tokens bright, hidden tokens dark, tokens in neither list pale grey."""
    shape = (GRID.T, GRID.H, GRID.W)
    visible, hidden = (occupancy(index[:1], GRID.N)[0].view(shape) for index in mask)
    figure, axes = plt.subplots(1, GRID.T, figsize=(GRID.T * 1.0, 1.25), dpi=100)
    for t, axis in enumerate(axes):
        image = clip[:, t * GRID.tubelet].permute(1, 2, 0).clone()
        large = [m[t].repeat_interleave(GRID.patch, 0).repeat_interleave(GRID.patch, 1) for m in (visible, hidden)]
        image[large[1]] *= 0.25
        image[~large[0] & ~large[1]] = 0.85
        axis.imshow(image.numpy(), interpolation="nearest")
        axis.set_title(f"t={t}", fontsize=7, pad=2)
        axis.set_axis_off()
    figure.subplots_adjust(0.005, 0.01, 0.995, 0.86, wspace=0.06)
    figure.savefig(OUT / f"{name}.png", pil_kwargs={"optimize": True}, metadata={"Software": None})
    plt.close(figure)


def main() -> None:
    OUT.mkdir(exist_ok=True)
    pixels = clips(8)
    motion = motion_map(pixels, GRID)
    for name, config in PICTURES.items():
        draw(name, sample(config, GRID, batch=8, seed=0, step=0, generator=0, motion=motion), pixels[0])


if __name__ == "__main__":
    main()
