"""Gradient balancing: an aggregator combines the gradients of the terms, instead of the gradient of their weighted sum.

The aggregators are those of TorchJD (the extra ``balance``). They combine gradients of student and predictor, which all
terms share; a head belongs to one term and keeps the gradient of that term.

Source: Quinton and Rey 2024, arXiv 2406.16232
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from auxjepa.config import ConfigError, RunConfig
from auxjepa.models.jepa import JEPA
from auxjepa.seeds import derive_seed

# Class of TorchJD, and whether it averages over terms. An average is multiplied by the number of terms, so that the
# learning rate keeps its meaning: for orthogonal terms of equal size the update is their sum (CAGrad steps further).
AGGREGATORS: dict[str, tuple[str, bool]] = {
    "upgrad": ("UPGrad", True),
    "pcgrad": ("PCGrad", False),
    "cagrad": ("CAGrad", True),
    "mgda": ("MGDA", True),
    "dualproj": ("DualProj", True),
    "aligned_mtl": ("AlignedMTL", True),
}
CAGRAD_RADIUS = 0.4  # c of CAGrad, as for NYU-v2 in Liu et al. 2021 (arXiv 2110.14048)


class BalanceError(RuntimeError):
    """Gradients that can't be aggregated; the message names the term."""


def aggregator(kind: str) -> Callable[[Tensor], Tensor]:
    """Return a function from the terms' gradients (terms x parameters) to one gradient.

    Args:
        kind: a key of AGGREGATORS.

    Raises:
        ConfigError: for an unknown name, or if a required package isn't installed.
    """
    if kind not in AGGREGATORS:
        raise ConfigError(f"no balance is called {kind!r}; known are sum, {', '.join(AGGREGATORS)}")
    name, averages = AGGREGATORS[kind]
    extra = "pip install 'torchjd[cagrad]'" if kind == "cagrad" else "pip install 'auxjepa[balance]'"
    try:
        from torchjd import aggregation

        aggregate = aggregation.CAGrad(c=CAGRAD_RADIUS) if kind == "cagrad" else getattr(aggregation, name)()
    except ImportError as error:
        raise ConfigError(f"optim.balance {kind} needs a package that isn't installed: {extra}") from error
    return (lambda rows: len(rows) * aggregate(rows)) if averages else aggregate


class Balance:
    """Sets the gradients of parameters to aggregated gradients.

    Args:
        kind: a key of AGGREGATORS.
        shared: parameters that all terms may reach.
        heads: parameters of the heads.
        seed: seed of the run; PCGrad visits the terms in a random order.

    Raises:
        ConfigError: see :func:`aggregator`.
    """

    def __init__(self, kind: str, shared: Sequence[nn.Parameter], heads: Sequence[nn.Parameter], seed: int = 0) -> None:
        self.aggregate = aggregator(kind)
        self.shared, self.heads, self.seed = list(shared), list(heads), seed

    def backward(self, terms: Mapping[str, Tensor], step: int = 0) -> None:
        """Set ``grad`` of every parameter that a term reaches, with one backward pass per term.

        Args:
            terms: weighted values of a step; values without gradient are ignored.
            step: training step, for random orders and messages.

        Raises:
            BalanceError: if the gradient of a term isn't finite.
        """
        reach = {name: value for name, value in terms.items() if value.requires_grad}
        rows: list[Float[Tensor, " P"]] = []
        reached = [False] * len(self.shared)
        for place, (name, value) in enumerate(reach.items()):
            last = place == len(reach) - 1
            try:
                gradients = torch.autograd.grad(
                    value, [*self.shared, *self.heads], retain_graph=not last, allow_unused=True
                )
            except Exception as error:  # a custom operation of an objective may fail in its backward pass
                what = f"the gradient of {name} can't be computed: {' '.join(str(error).split())}"
                raise BalanceError(f"step {step}: {what}") from error
            row = torch.cat([_flat(g, p) for g, p in zip(gradients, self.shared, strict=False)])
            if not row.isfinite().all():
                raise BalanceError(f"step {step}: the gradient of {name} is not finite")
            # A term that doesn't reach the shared networks takes no part in their update (MGDA would set it to zero).
            if row.any():
                rows.append(row)
            reached = [before or g is not None for before, g in zip(reached, gradients, strict=False)]
            for parameter, gradient in zip(self.heads, gradients[len(self.shared) :], strict=True):
                if gradient is not None:
                    parameter.grad = gradient if parameter.grad is None else parameter.grad + gradient
        if rows:
            self._spread(self._aggregated(torch.stack(rows), step), reached)

    def _aggregated(self, rows: Float[Tensor, "terms P"], step: int) -> Float[Tensor, " P"]:
        if len(rows) == 1:
            return rows[0]
        with torch.random.fork_rng(devices=[]), torch.no_grad():
            torch.manual_seed(derive_seed(self.seed, "balance", step))
            try:
                return self.aggregate(rows)
            except Exception as error:  # solvers fail on gradients that are too large or too similar
                what = f"the terms' gradients can't be aggregated: {' '.join(str(error).split())}"
                raise BalanceError(f"step {step}: {what}; optim.balance sum always can") from error

    def _spread(self, gradient: Float[Tensor, " P"], reached: Sequence[bool]) -> None:
        parts = gradient.split([p.numel() for p in self.shared])
        for parameter, part, touched in zip(self.shared, parts, reached, strict=True):
            if touched:
                parameter.grad = part.view_as(parameter).clone()


def build_balance(config: RunConfig, model: JEPA, heads: nn.ModuleDict) -> Balance | None:
    """Return the aggregator of a run's gradients; None if the terms are summed.

    Raises:
        ConfigError: see :func:`aggregator`.
    """
    if config.optim.balance == "sum":
        return None
    shared = [p for p in model.parameters() if p.requires_grad]
    return Balance(config.optim.balance, shared, list(heads.parameters()), config.seed)


def _flat(gradient: Tensor | None, parameter: nn.Parameter) -> Float[Tensor, " P"]:
    return parameter.new_zeros(parameter.numel()) if gradient is None else gradient.flatten()
