"""Which part of a run stopped being finite first, and at which step: for the message of a run that has to end."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from auxjepa.config import RunConfig
from auxjepa.models.jepa import JEPA
from auxjepa.step import Step
from auxjepa.train.checkpoint import by_role, named_parameters
from auxjepa.train.terms import REMEDY, title_of, weight_of

LARGEST_NORM = torch.finfo(torch.float32).max ** 0.5
"""Of a gradient whose squares the optimiser can still add up."""
LARGE_WEIGHT = 1e3
"""Far above any weight of a network that learns."""
CLIPS = "the clips"


@dataclass(frozen=True)
class Diagnosis:
    """Finds out what went wrong in a run that has to stop; costs nothing before that.

    Args:
        config, model, objectives, optimizer: of the run.
    """

    config: RunConfig
    model: JEPA
    objectives: nn.ModuleDict
    optimizer: torch.optim.Optimizer

    def cause(self, step: int, last: Mapping[str, Any], offered: Step | None = None) -> str:
        """Where numbers that aren't finite come from: the last update, or what objectives read; empty for neither.

        Args:
            step: that is being done.
            last: the metrics of the step before it.
            offered: what objectives read.
        """
        if names := wild_weights(self.model, self.objectives):
            return after_update(step - 1, names, last)
        names = [] if offered is None else wild_features(offered, teacher=self.model.teacher is not None)
        if not names or names[0] == CLIPS:
            return f"{CLIPS} hold numbers that aren't finite" if names else ""
        return f"{names[0]} aren't finite{self._large(step, last)}; {REMEDY}"

    def _large(self, step: int, last: Mapping[str, Any]) -> str:
        """In brackets, the largest weight of the networks where it is so large that it explains overflow."""
        sizes = {name: p.detach().abs().amax().item() for name, p in named_parameters(self.model, self.objectives)}
        name = max(sizes, key=lambda one: sizes[one])
        if sizes[name] < LARGE_WEIGHT:
            return ""
        rate = f" since the update of step {step - 1} with learning rate {last['lr']:.4g}" if last else ""
        return f" (weights are as large as {sizes[name]:.4g}{rate}, first in {name})"

    def of_features(self, step: int, last: Mapping[str, Any]) -> str:
        """Why features of whole clips aren't finite."""
        return self.cause(step, last) or f"{REMEDY}{self._large(step, last)}"

    def of_checkpoint(self, step: int, last: Mapping[str, Any]) -> str:
        """Why a checkpoint after ``step`` steps isn't worth keeping; empty where all its numbers are finite."""
        names = wild_weights(self.model, self.objectives)
        names += wild_moments(self.model, self.objectives, self.optimizer)
        return after_update(step - 1, names, last) if names else ""

    def of_gradients(self, offered: Callable[[], Step], done: float) -> str:
        """Which term's gradient went wrong, found by computing each alone.

        Args:
            offered: computes once more what objectives read.
            done: share of training done.
        """
        step = offered()
        terms = {key: weight_of(self.config, key, done) * one(step) for key, one in self.objectives.items()}
        titles = {key: title_of(self.objectives, key) for key in terms}
        return in_gradients(terms, titles, named_parameters(self.model, self.objectives))


def wild_weights(model: JEPA, objectives: nn.ModuleDict) -> list[str]:
    """Names of the networks' tensors that hold a number that isn't finite."""
    roles = by_role(model, objectives)
    return wild((f"{role}.{name}", tensor) for role, state in roles.items() for name, tensor in state.items())


def wild_moments(model: JEPA, objectives: nn.ModuleDict, optimizer: torch.optim.Optimizer) -> list[str]:
    """Names of the parameters whose moments hold a number that isn't finite."""
    moments = ((name, optimizer.state.get(p, {})) for name, p in named_parameters(model, objectives))
    return wild((name, tensor) for name, state in moments for tensor in state.values())


def wild(tensors: Iterable[tuple[str, Tensor]]) -> list[str]:
    """Names of the tensors that hold a number that isn't finite, each once."""
    return list(dict.fromkeys(name for name, x in tensors if x.is_floating_point() and not x.isfinite().all()))


def after_update(step: int, names: Sequence[str], line: Mapping[str, Any]) -> str:
    """The words for an update that left weights (or moments) that aren't finite.

    Args:
        step: of the update.
        names: of the tensors.
        line: the metrics of that step; empty where they aren't known, as after a resumed checkpoint.
    """
    seen = ""
    if line:
        terms = {k.removeprefix("weighted/"): v for k, v in line.items() if k.startswith("weighted/")}
        largest = max(terms, key=lambda name: abs(terms[name]), default=None)
        words = [f"learning rate {line['lr']:.4g}", f"gradient norm {line['grad_norm']:.4g}"]
        words += [] if largest is None else [f"largest term {largest} with {terms[largest]:.4g}"]
        seen = f" ({', '.join(words)})"
    return f"the update of step {step} left numbers that aren't finite, first in {_some(names)}{seen}; {REMEDY}"


def wild_features(offered: Step, *, teacher: bool) -> list[str]:
    """What of a step isn't finite before any objective reads it, the earliest first.

    Args:
        offered: what objectives read.
        teacher: whether targets come from a network of their own.
    """
    parts = [(CLIPS, offered.pixels), ("the teacher's features" if teacher else "the targets", offered.target)]
    for view in offered.views:
        parts += [("the student's features", view.context), ("the predictor's outputs", view.predicted)]
        parts += [] if view.reconstructed is None else [("the predictor's outputs", view.reconstructed)]
    return wild(parts)


def in_gradients(
    terms: Mapping[str, Tensor], titles: Mapping[str, str], named: Sequence[tuple[str, nn.Parameter]]
) -> str:
    """Which terms' gradients aren't finite, or fail, or are the largest: the beginning of a sentence.

    Args:
        terms: the weighted values of a step, with a graph of their own.
        titles: what messages call them.
        named: every parameter of the run.
    """
    norms: dict[str, float] = {}
    for key, value in terms.items():
        if not value.requires_grad:
            continue
        try:
            partial = torch.autograd.grad(value, [p for _, p in named], retain_graph=True, allow_unused=True)
        except Exception as error:
            return f"the gradient of {titles[key]} can't be computed: {' '.join(str(error).split())}"
        gradients = [(name, g) for (name, _), g in zip(named, partial, strict=True) if g is not None]
        if names := wild(gradients):
            size = f"{value.item():.4g}"
            return (
                f"the gradient of {titles[key]} is not finite, first in {_some(names)} (its weighted value is {size})"
            )
        norms[key] = math.sqrt(sum(g.double().square().sum().item() for _, g in gradients))
    if norms and max(norms.values()) > LARGEST_NORM:
        key = max(norms, key=lambda one: norms[one])
        return f"the gradient of {titles[key]} is too large (its norm is {norms[key]:.4g})"
    return "the gradient is not finite"


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
