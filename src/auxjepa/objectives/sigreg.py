"""SIGReg: features should be an isotropic Gaussian, which is tested on random one-dimensional slices (Epps-Pulley)."""

from __future__ import annotations

import torch
import torch.distributed as dist
from jaxtyping import Float
from torch import Tensor

from auxjepa.config import ConfigError
from auxjepa.objectives.objective import Objective, joined, positive
from auxjepa.step import Step


class WaveSums(torch.autograd.Function):
    """Sums over samples of cos(k*step*s) and sin(k*step*s), k = 1 … points-1, for every slice.

    Multiples of an angle are computed from one cosine and sine by rotation. Slices are processed in chunks, and the
    backward pass computes the waves again, so that no more memory is needed than for the samples.
    """

    @staticmethod
    def forward(ctx, samples: Tensor, step: float, points: int) -> tuple[Tensor, Tensor]:
        ctx.save_for_backward(samples)
        ctx.step, ctx.points = step, points
        cosines = samples.new_empty(points - 1, samples.shape[1])
        sines = torch.empty_like(cosines)
        for part in _chunks(samples):
            for k, (c, s) in enumerate(_waves(samples[:, part], step, points)):
                cosines[k, part] = c.sum(0)
                sines[k, part] = s.sum(0)
        return cosines, sines

    @staticmethod
    def backward(ctx, *upstream: Tensor) -> tuple[Tensor, None, None]:
        (samples,) = ctx.saved_tensors
        grad = torch.zeros_like(samples)
        for part in _chunks(samples):
            for k, (c, s) in enumerate(_waves(samples[:, part], ctx.step, ctx.points)):
                t = (k + 1) * ctx.step
                grad[:, part].addcmul_(s, upstream[0][k, part] * -t).addcmul_(c, upstream[1][k, part] * t)
        return grad, None, None


class OverRanks(torch.autograd.Function):
    """Sum over all ranks. The loss of every rank depends on the samples of all ranks, so gradients are summed too."""

    @staticmethod
    def forward(ctx, x: Tensor) -> Tensor:
        x = x.clone()
        dist.all_reduce(x)
        return x

    @staticmethod
    def backward(ctx, *upstream: Tensor) -> Tensor:
        gradient = upstream[0].clone()
        dist.all_reduce(gradient)
        return gradient


def _chunks(samples: Tensor) -> list[slice]:
    """Return chunks of slices: small enough for the cache of a CPU, large on an accelerator."""
    width = max(1, (2**16 if samples.device.type == "cpu" else 2**26) // max(1, len(samples)))
    return [slice(start, start + width) for start in range(0, samples.shape[1], width)]


def _waves(samples: Tensor, step: float, points: int):
    angle = samples * step
    c1, s1 = angle.cos(), angle.sin()
    c, s = c1, s1
    for k in range(1, points):
        yield c, s
        if k + 1 < points:
            c, s = c * c1 - s * s1, s * c1 + c * s1


def epps_pulley(samples: Float[Tensor, "P S"], t_max: float | int = 3.0, points: int = 17) -> Float[Tensor, " S"]:
    """Return the Epps-Pulley statistic of each column against the standard normal.

    It is the number of samples times the integral of ``|phi_sample(t) - phi(t)|^2 phi(t)``, phi(t) = exp(-t^2/2), by
    the trapezoid rule on [-t_max, t_max]. In a distributed run, the samples of all ranks count.
    """
    step = t_max / (points - 1)
    t = torch.arange(1, points, device=samples.device, dtype=samples.dtype) * step
    phi = (-t.square() / 2).exp()
    weight = 2 * step * phi
    weight[-1] /= 2
    total = len(samples)
    sums: Tensor = torch.stack(WaveSums.apply(samples, step, points))
    if dist.is_available() and dist.is_initialized() and dist.get_world_size() > 1:
        sums = OverRanks.apply(sums)
        total *= dist.get_world_size()
    cosine, sine = sums / total
    # At t = 0 both functions are 1 and the integrand is 0.
    return total * (weight[:, None] * ((cosine - phi[:, None]).square() + sine.square())).sum(0)


class SIGReg(Objective):
    """Mean Epps-Pulley statistic of the visible tokens of all views over random directions (LeJEPA, 2511.08544).

    The statistic grows with the number of tokens if they aren't Gaussian. The buffer ``counter`` is the seed of the
    directions; it rises by one with every call in training mode and is saved with the weights. Set it to repeat a step.
    The gradient reaches the student.

    Args:
        slices: number of directions.
        t_max: upper limit of the integral.
        points: points of the trapezoid rule on [0, t_max].

    Raises:
        ConfigError: for values out of range.
    """

    doubling = "double"
    counter: Tensor

    def __init__(
        self, *, levels: int, dim: int, slices: int = 1024, t_max: float | int = 3.0, points: int = 17
    ) -> None:
        super().__init__(levels=levels, dim=dim)
        positive(slices=slices, t_max=t_max)
        if points < 2:
            raise ConfigError(f"points must be at least 2, got {points}")
        self.slices = slices
        self.t_max = t_max
        self.points = points
        self.register_buffer("counter", torch.zeros(1, dtype=torch.long))

    def loss(self, step: Step) -> Float[Tensor, ""]:
        tokens = torch.cat([joined(view.context).flatten(0, 1) for view in step.views])
        rng = torch.Generator().manual_seed(int(self.counter))
        directions = torch.randn(tokens.shape[1], self.slices, generator=rng)
        directions = (directions / directions.norm(dim=0)).to(tokens)
        if self.training:
            self.counter += 1
        return epps_pulley(tokens @ directions, self.t_max, self.points).mean()
