"""Steps for objective tests: random ones, and those of the golden vectors."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from auxjepa.step import Step, View
from auxjepa.tokens import Grid


@pytest.fixture
def make_step() -> Callable[..., Step]:
    """A step of random features in which every tensor is a leaf with gradient."""

    def make(
        grid: Grid | None = None,
        batch: int = 2,
        levels: int = 2,
        dim: int = 4,
        views: int = 2,
        seed: int = 0,
        dtype: torch.dtype = torch.float32,
        context: list[Tensor] | None = None,
        target: list[Tensor] | None = None,
    ) -> Step:
        grid = grid or Grid(4, 3, 3, 2, 4)
        g = torch.Generator().manual_seed(seed)

        def randn(*shape: int) -> Tensor:
            return torch.randn(*shape, generator=g, dtype=torch.float64).to(dtype).requires_grad_()

        made = []
        for v in range(views):
            # Whole sites are visible, so that pairs and full-time sites exist.
            hidden_sites = (grid.S + 1) // 2
            order = torch.stack([torch.randperm(grid.S, generator=g) for _ in range(batch)])
            time = torch.arange(grid.T)[None, :, None] * grid.S
            hidden = (order[:, None, :hidden_sites] + time).flatten(1).sort(1).values
            visible = (order[:, None, hidden_sites:] + time).flatten(1).sort(1).values
            if context is not None:
                visible = context[v]
            if target is not None:
                hidden = target[v]
            k, m = visible.shape[1], hidden.shape[1]
            made.append(
                View(
                    visible,
                    hidden,
                    randn(batch, k, levels, dim),
                    randn(batch, m, levels, dim),
                    randn(batch, k, levels, dim),
                )
            )
        pixels = randn(batch, 3, grid.T * grid.tubelet, grid.H * grid.patch, grid.W * grid.patch).detach()
        return Step(pixels, grid, randn(batch, grid.N, levels, dim), tuple(made), 0.5)

    return make
