"""Augments whole batches in plain torch: random resized crop with one box a clip, horizontal flip, ImageNet
normalisation.

A cache holds clips at the training size, so that a crop only enlarges and bilinear interpolation needs no antialiasing.
All randomness comes from the caller's generator. Every call draws the same number of values for all settings and
outcomes, so that two runs with one seed stay paired.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int, UInt8
from torch import Tensor

from auxjepa.config import ConfigError

MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)
_TRIES = 10


def normalise(pixels: UInt8[Tensor, "B F X Y 3"]) -> Float[Tensor, "B 3 F X Y"]:
    """Return pixels as float32, channels first, minus ImageNet's mean, divided by its standard deviation."""
    scale = torch.tensor([1 / (255 * s) for s in STD], device=pixels.device).view(1, 3, 1, 1, 1)
    shift = torch.tensor([-m / s for m, s in zip(MEAN, STD, strict=True)], device=pixels.device).view(1, 3, 1, 1, 1)
    # The channels are moved while they are bytes, which takes a quarter of the memory traffic of floats.
    return pixels.permute(0, 4, 1, 2, 3).contiguous().float().mul_(scale).add_(shift)


def normalise_shares(pixels: Float[Tensor, "B F X Y 3"]) -> Float[Tensor, "B 3 F X Y"]:
    """Return float pixels as :func:`normalise` returns bytes.

    Args:
        pixels: shares of full brightness, 0 … 1.
    """
    mean, std = (torch.tensor(values, device=pixels.device).view(1, 3, 1, 1, 1) for values in (MEAN, STD))
    return (pixels.permute(0, 4, 1, 2, 3).float() - mean) / std


def denormalise(pixels: Float[Tensor, "B 3 F X Y"]) -> UInt8[Tensor, "B F X Y 3"]:
    """Return the inverse of :func:`normalise`, rounded and clamped, for pictures in reports."""
    scale = torch.tensor(STD, device=pixels.device).view(1, 3, 1, 1, 1)
    shift = torch.tensor(MEAN, device=pixels.device).view(1, 3, 1, 1, 1)
    return ((pixels.float() * scale + shift) * 255).round().clamp(0, 255).byte().permute(0, 2, 3, 4, 1).contiguous()


class Augment:
    """Random resized crop, horizontal flip and normalisation of a batch. Without arguments it only normalises.

    The crop is the usual one of video pretraining (docs/paper/recipe.md: area 0.3-1.0, aspect 0.75-1.35): area uniform,
    aspect (width over height) log-uniform, position uniform, one box for all frames of a clip. A box that doesn't fit
    is drawn again, up to ten times; then it is cut to the frame.

    Args:
        crop_area: range of the box's area as a share of the frame; (1, 1) means no crop, at no cost.
        crop_aspect: range of the box's aspect relative to the frame's.
        flip: mirror left and right with probability 1/2. Don't use it when direction is the label.

    Raises:
        ConfigError: for a range that is empty or outside 0 … 1 (area) or not positive (aspect).
    """

    def __init__(
        self,
        crop_area: tuple[float, float] = (1.0, 1.0),
        crop_aspect: tuple[float, float] = (0.75, 1.35),
        flip: bool = False,
    ) -> None:
        if not 0 < crop_area[0] <= crop_area[1] <= 1:
            raise ConfigError(f"data.crop_area must be a range within 0 … 1, got {crop_area}")
        if not 0 < crop_aspect[0] <= crop_aspect[1]:
            raise ConfigError(f"data.crop_aspect must be a range of positive numbers, got {crop_aspect}")
        self.crop_area, self.crop_aspect, self.flip = crop_area, crop_aspect, flip
        self.crops = tuple(crop_area) != (1.0, 1.0)

    def __call__(
        self, pixels: UInt8[Tensor, "B F X Y 3"], generator: torch.Generator | None
    ) -> Float[Tensor, "B 3 F X Y"]:
        """Return a batch, cropped, flipped and normalised.

        Args:
            pixels: the batch.
            generator: source of randomness; may be None if nothing is random.

        Raises:
            ValueError: when crop or flip is on and there is no generator.
        """
        if not (self.crops or self.flip):
            return normalise(pixels)
        if generator is None:
            raise ValueError("crop and flip are random: pass a torch.Generator")
        clips = len(pixels)
        mirrored = torch.zeros(clips, dtype=torch.bool)
        if self.flip:
            mirrored = torch.rand(clips, generator=generator, device=generator.device) < 0.5
        if not self.crops:
            mirrored = mirrored.to(pixels.device)[:, None, None, None, None]
            return normalise(torch.where(mirrored, pixels.flip(3), pixels))
        boxes = self.boxes(clips, generator).to(pixels.device)
        return crop(normalise(pixels), boxes, mirrored.to(pixels.device))

    def boxes(self, clips: int, generator: torch.Generator) -> Float[Tensor, "clips 4"]:
        """Return random boxes (top, left, height, width) as shares of the frame's sides."""
        draw = torch.rand(clips, _TRIES, 2, generator=generator, device=generator.device)
        place = torch.rand(clips, 2, generator=generator, device=generator.device)
        area = self.crop_area[0] + draw[..., 0] * (self.crop_area[1] - self.crop_area[0])
        low, high = math.log(self.crop_aspect[0]), math.log(self.crop_aspect[1])
        aspect = torch.exp(low + draw[..., 1] * (high - low))
        sides = torch.stack([(area / aspect).sqrt(), (area * aspect).sqrt()], dim=-1)
        fits = (sides <= 1).all(-1)
        # argmax returns the first box that fits. If none does it returns 0, and that box is cut to the frame.
        chosen: Int[Tensor, " clips"] = fits.to(torch.uint8).argmax(1)
        sides = sides[torch.arange(clips, device=sides.device), chosen].clamp(max=1)
        return torch.cat([place * (1 - sides), sides], dim=1)


def crop(
    pixels: Float[Tensor, "B C F X Y"], boxes: Float[Tensor, "B 4"], mirrored: Tensor | None = None
) -> Float[Tensor, "B C F X Y"]:
    """Return each clip's box enlarged to the full frame, bilinear.

    Args:
        pixels: the batch.
        boxes: top, left, height, width of each clip's box, as shares of the sides.
        mirrored: bool ``[B]``, clips to flip left to right after the crop.
    """
    clips, channels, frames, rows, columns = pixels.shape
    top, left, height, width = boxes.unbind(1)
    if mirrored is not None:
        left, width = torch.where(mirrored, left + width, left), torch.where(mirrored, -width, width)
    # Pixel centres; grid_sample counts each side from -1 to 1 between the outer edges.
    y = (torch.arange(rows, device=pixels.device) + 0.5) / rows
    x = (torch.arange(columns, device=pixels.device) + 0.5) / columns
    y = 2 * (top[:, None] + height[:, None] * y) - 1
    x = 2 * (left[:, None] + width[:, None] * x) - 1
    grid = torch.stack([x[:, None, :].expand(-1, rows, -1), y[:, :, None].expand(-1, -1, columns)], dim=-1)
    # All frames of a clip share the box, so that they are passed as channels.
    flat = pixels.reshape(clips, channels * frames, rows, columns)
    return F.grid_sample(flat, grid.to(flat), mode="bilinear", padding_mode="border", align_corners=False).view_as(
        pixels
    )
