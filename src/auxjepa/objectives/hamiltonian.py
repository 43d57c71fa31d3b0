"""Hamiltonian dynamics: half of the channels are positions, half momenta, and a learned energy moves them one step."""

from __future__ import annotations

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from auxjepa.config import ConfigError
from auxjepa.objectives.objective import Objective, joined, positive
from auxjepa.step import Step, View


def symplectic_step(
    energy: Callable[[Tensor], Tensor], q: Float[Tensor, "*any C"], p: Float[Tensor, "*any C"], dt: float | int
) -> tuple[Float[Tensor, "*any C"], Float[Tensor, "*any C"]]:
    """Return one step of semi-implicit Euler: q' = q + dt dE/dp(q, p), then p' = p - dt dE/dq(q', p).

    The step is symplectic if the energy is the sum of a function of q and a function of p. It works under ``no_grad``.

    Args:
        energy: function of joined positions and momenta (``*any 2C``) that returns one number each.
        q: positions.
        p: momenta.
        dt: length of the step.
    """
    graph = torch.is_grad_enabled()
    with torch.enable_grad():
        q, p = (x if graph and x.requires_grad else x.detach().requires_grad_() for x in (q, p))
        (force,) = torch.autograd.grad(energy(torch.cat([q, p], -1)).sum(), p, create_graph=True)
        moved = q + dt * force
        (force,) = torch.autograd.grad(energy(torch.cat([moved, p], -1)).sum(), moved, create_graph=True)
        kicked = p - dt * force
    return (moved, kicked) if graph else (moved.detach(), kicked.detach())


class Hamiltonian(Objective):
    """Distance at t+1 between the symplectic step of a token and the teacher, summed over positions and momenta.

    The gradient (second order) reaches the student at t and the energy network. Its last bias only shifts the energy,
    so it has no gradient.

    Args:
        dt: length of the step.
        hidden_dim: width of the energy network's two hidden layers.

    Raises:
        ConfigError: for values out of range, or an odd number of channels.
    """

    inert = frozenset({"energy.4.bias"})

    def __init__(self, *, levels: int, dim: int, dt: float | int = 0.1, hidden_dim: int = 256) -> None:
        super().__init__(levels=levels, dim=dim)
        positive(dt=dt, hidden_dim=hidden_dim)
        channels = levels * dim
        if channels % 2:
            raise ConfigError(f"hamiltonian halves the channels into positions and momenta, but {channels} is odd")
        self.dt = dt
        self.energy = nn.Sequential(
            nn.Linear(channels, hidden_dim),
            nn.GELU(),
            nn.Linear(hidden_dim, hidden_dim),
            nn.GELU(),
            nn.Linear(hidden_dim, 1),
        )

    def term(self, step: Step, view: View) -> Float[Tensor, ""] | None:
        pairs = step.pairs(view)
        if not len(pairs.now):
            return None
        q, p = joined(pairs.now).chunk(2, -1)
        target_q, target_p = joined(pairs.target_after).detach().chunk(2, -1)
        q, p = symplectic_step(self.energy, q, p, self.dt)
        return (q - target_q).abs().mean() + (p - target_p).abs().mean()
