"""Video-JEPA: a student encodes visible tokens, an EMA teacher encodes the whole clip, a predictor connects them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.optim.swa_utils import get_ema_multi_avg_fn

from auxjepa.config import ModelConfig, RunConfig
from auxjepa.models import predictor as predictors
from auxjepa.models.predictor import Predictor
from auxjepa.models.vit import SIZES, Encoder, Width, patchify
from auxjepa.step import Step, View
from auxjepa.tokens import Grid

Watch = Callable[[str], AbstractContextManager]


def build_encoder(config: ModelConfig) -> Encoder:
    """Return a newly initialised encoder (torch's global generator)."""
    return Encoder(
        SIZES[config.size],
        patch_values=3 * config.tubelet * config.patch**2,
        levels=config.levels,
        position=config.position,
        rope=config.rope,
        rope_interpolate=config.rope_interpolate,
        modality_embedding=config.modality_embedding,
    )


def build_predictor(config: ModelConfig) -> Predictor:
    """Return a newly initialised predictor (torch's global generator)."""
    default = predictors.SIZES[config.size]
    width = Width(config.predictor_dim or default.dim, config.predictor_depth or default.depth, default.heads)
    return Predictor(
        width,
        dim=SIZES[config.size].dim,
        levels=config.levels,
        position=config.position,
        rope=config.rope,
        rope_interpolate=config.rope_interpolate,
    )


def normalise_layer(features: Float[Tensor, "B N L D"]) -> Float[Tensor, "B N L D"]:
    """Return the non-affine LayerNorm of every token and level, in float32 (docs/paper/objectives.md)."""
    return F.layer_norm(features.float(), features.shape[-1:])


def normalise_position(features: Float[Tensor, "B N L D"]) -> Float[Tensor, "B N L D"]:
    """Return the LayerNorm minus the batch mean of every position, over the standard deviation of every channel.

    Without this, targets of tiny models shrink toward a code of the position (docs/paper/laptop.md).
    """
    h = normalise_layer(features)
    h = h - h.mean(dim=0, keepdim=True)
    return h / h.square().mean(dim=(0, 1), keepdim=True).sqrt().clamp_min(1e-5)


class JEPA(nn.Module):
    """Student, teacher and predictor of one run.

    If ``config.teacher.enabled`` is false, there is no teacher network: targets come from the student, with gradient,
    and only the student can be evaluated.
    """

    def __init__(self, config: RunConfig) -> None:
        super().__init__()
        self.config = config
        self.student = build_encoder(config.model)
        self.predictor = build_predictor(config.model)
        self.teacher: Encoder | None = None
        if config.teacher.enabled:
            self.teacher = build_encoder(config.model)
            self.teacher.load_state_dict(self.student.state_dict())
            self.teacher.requires_grad_(False)
        self.normalise = normalise_position if config.teacher.normalise == "position" else normalise_layer

    def grid(self, pixels: Float[Tensor, "B 3 F X Y"]) -> Grid:
        """Return the token grid of a batch; one frame (an image) has a grid with T = 1."""
        frames, rows, columns = pixels.shape[2:]
        model = self.config.model
        return Grid.of_clip(model.tubelet if frames == 1 else frames, rows, columns, model.tubelet, model.patch)

    def forward(
        self,
        pixels: Float[Tensor, "B 3 F X Y"],
        masks: Sequence[tuple[Int[Tensor, "B _"], Int[Tensor, "B _"]]],
        progress: float,
        reconstruct: bool = False,
        watch: Watch = lambda name: nullcontext(),
    ) -> Step:
        """Return the features of one step, in float32.

        Args:
            pixels: normalised clips.
            masks: raster indices of visible and hidden tokens, one pair per view.
            progress: completed share of training.
            reconstruct: also predict visible tokens.
            watch: ``watch(part)`` is a context manager that times the part.

        Raises:
            ValueError: if frames, rows or columns of the clip can't be cut into tokens.
        """
        grid, image = self.grid(pixels), pixels.shape[2] == 1
        with watch("teacher"):
            patches = patchify(pixels, grid)
            if self.teacher is None:
                target = self.normalise(self.student(patches, grid, image=image))
            else:
                with torch.no_grad():
                    target = self.normalise(self.teacher(patches, grid, image=image))
        views = []
        for context_index, target_index in masks:
            with watch("student"):
                context = self.student(patches, grid, context_index, image)
            with watch("predictor"):
                predicted = self.predictor(context, context_index, target_index, grid, reconstruct)
            views.append(
                View(
                    context_index=context_index,
                    target_index=target_index,
                    context=context.float(),  # objectives get float32, also under bf16 autocast
                    predicted=predicted.hidden.float(),
                    reconstructed=None if predicted.visible is None else predicted.visible.float(),
                )
            )
        return Step(pixels=pixels, grid=grid, target=target, views=tuple(views), progress=progress)

    @torch.no_grad()
    def update_teacher(self, momentum: float) -> None:
        """Move the teacher toward the student: teacher = momentum * teacher + (1 - momentum) * student."""
        if self.teacher is not None:
            old: list[Tensor] = list(self.teacher.parameters())
            new: list[Tensor] = list(self.student.parameters())
            get_ema_multi_avg_fn(momentum)(old, new, 0)
