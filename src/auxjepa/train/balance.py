"""Gradient balancing: several terms' gradients become one update, in place of the gradient of their weighted sum.

The aggregators are TorchJD's (Quinton and Rey 2024, arXiv 2406.16232; the extra ``balance``). They act on what all
terms share, student and predictor; a head belongs to one term and keeps the plain gradient of that term.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from auxjepa.config import ConfigError, RunConfig
from auxjepa.models.jepa import JEPA
from auxjepa.seeds import derive_seed

# TorchJD's class, and whether it averages over terms: then it is multiplied by their number, so that a learning rate
# keeps its meaning. Orthogonal terms of equal size are updated as by their sum (CAGrad, which steps further, excepted).
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
    """A map from the terms' gradients (terms x parameters) to one gradient.

    Raises:
        ConfigError: for an unknown name, or when the packages it needs aren't installed.
    """
    if kind not in AGGREGATORS:
        raise ConfigError(f"no balance is called {kind!r}; known are sum, {', '.join(AGGREGATORS)}")
    name, averages = AGGREGATORS[kind]
    extra = "pip install 'torchjd[cagrad]'" if kind == "cagrad" else "pip install 'auxjepa[balance]'"
    try:
        from torchjd import aggregation

        made = aggregation.CAGrad(c=CAGRAD_RADIUS) if kind == "cagrad" else getattr(aggregation, name)()
    except ImportError as error:
        raise ConfigError(f"optim.balance {kind} needs a package that isn't installed: {extra}") from error
    return (lambda rows: len(rows) * made(rows)) if averages else made


class Balance:
    """Puts aggregated gradients into parameters.

    Args:
        kind: a key of AGGREGATORS.
        shared: parameters that all terms may reach.
        own: those of the heads.
        seed: of the run; PCGrad goes through the terms in a random order.

    Raises:
        ConfigError: see :func:`aggregator`.
    """

    def __init__(self, kind: str, shared: Sequence[nn.Parameter], own: Sequence[nn.Parameter], seed: int = 0) -> None:
        self.aggregate = aggregator(kind)
        self.shared, self.own, self.seed = list(shared), list(own), seed

    def backward(self, terms: Mapping[str, Tensor], step: int = 0) -> None:
        """Set ``grad`` of every parameter that a term reaches; others are left as they are.

        One backward pass a term. ``terms`` are the weighted values of a step; those without gradient are passed over.

        Raises:
            BalanceError: when the gradient of a term isn't finite.
        """
        reach = {name: value for name, value in terms.items() if value.requires_grad}
        rows: list[Float[Tensor, " P"]] = []
        reached = [False] * len(self.shared)
        for place, (name, value) in enumerate(reach.items()):
            last = place == len(reach) - 1
            try:
                found = torch.autograd.grad(value, [*self.shared, *self.own], retain_graph=not last, allow_unused=True)
            except Exception as error:  # an operation of an objective's own may fail on its way back
                what = f"the gradient of {name} can't be computed: {' '.join(str(error).split())}"
                raise BalanceError(f"step {step}: {what}") from error
            row = torch.cat([_flat(g, p) for g, p in zip(found, self.shared, strict=False)])
            if not row.isfinite().all():
                raise BalanceError(f"step {step}: the gradient of {name} is not finite")
            # A term that leaves the shared networks alone has no say in their update (MGDA would stop them).
            if row.any():
                rows.append(row)
            reached = [before or g is not None for before, g in zip(reached, found, strict=False)]
            for parameter, gradient in zip(self.own, found[len(self.shared) :], strict=True):
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
            except Exception as error:  # solvers give up on gradients that are too large or too alike
                what = f"the terms' gradients can't be aggregated: {' '.join(str(error).split())}"
                raise BalanceError(f"step {step}: {what}; optim.balance sum always can") from error

    def _spread(self, gradient: Float[Tensor, " P"], reached: Sequence[bool]) -> None:
        parts = gradient.split([p.numel() for p in self.shared])
        for parameter, part, touched in zip(self.shared, parts, reached, strict=True):
            if touched:
                parameter.grad = part.view_as(parameter).clone()


def build_balance(config: RunConfig, model: JEPA, heads: nn.ModuleDict) -> Balance | None:
    """What aggregates the gradients of a run's terms; None where they are summed.

    Raises:
        ConfigError: see :func:`aggregator`.
    """
    if config.optim.balance == "sum":
        return None
    shared = [p for p in model.parameters() if p.requires_grad]
    return Balance(config.optim.balance, shared, list(heads.parameters()), config.seed)


def _flat(gradient: Tensor | None, parameter: nn.Parameter) -> Float[Tensor, " P"]:
    return parameter.new_zeros(parameter.numel()) if gradient is None else gradient.flatten()
