"""The optimiser of a grid of probe heads."""

from __future__ import annotations

import torch
from torch import nn

from auxjepa.probes.heads import UNDECAYED


class GridAdamW:
    """AdamW optimiser with a separate learning rate and weight decay for each grid point.

    The grid is the first axis of every parameter. ``UNDECAYED`` parameters have no weight decay. The betas are 0.9 and
    0.999, and eps is 1e-8.

    Args:
        head: module of ``G`` heads.
        grid: learning rate and weight decay of each grid point.

    Source: Loshchilov and Hutter 2019.
    """

    def __init__(self, head: nn.Module, grid: list[tuple[float, float]]) -> None:
        named = list(head.named_parameters())
        self.parameters = [p for _, p in named]
        self.decayed = [name.rpartition(".")[2] not in UNDECAYED for name, _ in named]
        device = self.parameters[0].device
        self.rates = torch.tensor([rate for rate, _ in grid], device=device)
        self.decays = torch.tensor([decay for _, decay in grid], device=device)
        self.moments = [(torch.zeros_like(p), torch.zeros_like(p)) for p in self.parameters]
        self.count = 0

    def narrowed(self, head: nn.Module, places: list[int]) -> GridAdamW:
        """Return the optimiser of some of the heads, with the state that it has now.

        Args:
            head: module of these heads alone.
            places: their indices among the present heads.
        """
        out = GridAdamW(head, [(0.0, 0.0)] * len(places))
        out.rates, out.decays, out.count = self.rates[places], self.decays[places], self.count
        out.moments = [(first[places], second[places]) for first, second in self.moments]
        return out

    @torch.no_grad()
    def step(self, factor: float) -> None:
        """Update all parameters once.

        Args:
            factor: factor of each head's learning rate.
        """
        self.count += 1
        fix1, fix2 = 1 - 0.9**self.count, 1 - 0.999**self.count
        for p, decayed, (first, second) in zip(self.parameters, self.decayed, self.moments, strict=True):
            assert p.grad is not None
            shape = (-1, *(1,) * (p.ndim - 1))
            rate, decay = (self.rates * factor).view(shape), self.decays.view(shape)
            first.lerp_(p.grad, 0.1)
            second.mul_(0.999).addcmul_(p.grad, p.grad, value=0.001)
            if decayed:
                p.mul_(1 - rate * decay)
            p.sub_(rate * (first / fix1) / ((second / fix2).sqrt() + 1e-8))
