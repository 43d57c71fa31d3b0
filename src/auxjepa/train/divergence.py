"""The first part of a run with numbers that aren't finite, and its step, for the message of a run that must stop."""

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
"""Largest gradient norm whose square float32 can hold."""
LARGE_WEIGHT = 1e3
"""Size of a weight that is far above those of a healthy network."""
CLIPS = "the clips"


@dataclass(frozen=True)
class Diagnosis:
    """Diagnosis of a run that must stop. It computes nothing before that.

    Args:
        config: configuration of the run.
        model: networks of the run.
        objectives: terms of the run.
        optimizer: optimiser of the run.
    """

    config: RunConfig
    model: JEPA
    objectives: nn.ModuleDict
    optimizer: torch.optim.Optimizer

    def cause(self, step: int, last: Mapping[str, Any], offered: Step | None = None) -> str:
        """Return the source of numbers that aren't finite: the last update or the input of objectives; '' for neither.

        Args:
            step: current step.
            last: metrics of the step before it.
            offered: input of objectives.
        """
        if names := wild_weights(self.model, self.objectives):
            return after_update(step - 1, names, last)
        names = [] if offered is None else wild_features(offered, teacher=self.model.teacher is not None)
        if not names or names[0] == CLIPS:
            return f"{CLIPS} hold numbers that aren't finite" if names else ""
        return f"{names[0]} aren't finite{self._large(step, last)}; {REMEDY}"

    def _large(self, step: int, last: Mapping[str, Any]) -> str:
        """Return the largest weight of the networks in brackets if it explains an overflow, else ''."""
        sizes = {name: p.detach().abs().amax().item() for name, p in named_parameters(self.model, self.objectives)}
        name = max(sizes, key=lambda key: sizes[key])
        if sizes[name] < LARGE_WEIGHT:
            return ""
        rate = f" since the update of step {step - 1} with learning rate {last['lr']:.4g}" if last else ""
        return f" (weights are as large as {sizes[name]:.4g}{rate}, first in {name})"

    def of_features(self, step: int, last: Mapping[str, Any]) -> str:
        """Return why features of whole clips aren't finite."""
        return self.cause(step, last) or f"{REMEDY}{self._large(step, last)}"

    def of_checkpoint(self, step: int, last: Mapping[str, Any]) -> str:
        """Return why a checkpoint after ``step`` steps is unusable; '' if all its numbers are finite."""
        names = wild_weights(self.model, self.objectives)
        names += wild_moments(self.model, self.objectives, self.optimizer)
        return after_update(step - 1, names, last) if names else ""

    def of_gradients(self, offered: Callable[[], Step], done: float) -> str:
        """Return which term's gradient isn't finite, by computing each gradient separately.

        Args:
            offered: function that computes the input of objectives again.
            done: completed share of training.
        """
        step = offered()
        terms = {key: weight_of(self.config, key, done) * term(step) for key, term in self.objectives.items()}
        titles = {key: title_of(self.objectives, key) for key in terms}
        return in_gradients(terms, titles, named_parameters(self.model, self.objectives))


def wild_weights(model: JEPA, objectives: nn.ModuleDict) -> list[str]:
    """Return the names of the networks' tensors that hold a number that isn't finite."""
    roles = by_role(model, objectives)
    return wild((f"{role}.{name}", tensor) for role, state in roles.items() for name, tensor in state.items())


def wild_moments(model: JEPA, objectives: nn.ModuleDict, optimizer: torch.optim.Optimizer) -> list[str]:
    """Return the names of the parameters whose moments hold a number that isn't finite."""
    moments = ((name, optimizer.state.get(p, {})) for name, p in named_parameters(model, objectives))
    return wild((name, tensor) for name, state in moments for tensor in state.values())


def wild(tensors: Iterable[tuple[str, Tensor]]) -> list[str]:
    """Return the names of the tensors that hold a number that isn't finite, each once."""
    return list(dict.fromkeys(name for name, x in tensors if x.is_floating_point() and not x.isfinite().all()))


def after_update(step: int, names: Sequence[str], line: Mapping[str, Any]) -> str:
    """Return the message about an update after which weights or moments aren't finite.

    Args:
        step: step of the update.
        names: names of the tensors.
        line: metrics of that step; empty if unknown, for example after a resume.
    """
    details = ""
    if line:
        terms = {k.removeprefix("weighted/"): v for k, v in line.items() if k.startswith("weighted/")}
        largest = max(terms, key=lambda name: abs(terms[name]), default=None)
        words = [f"learning rate {line['lr']:.4g}", f"gradient norm {line['grad_norm']:.4g}"]
        words += [] if largest is None else [f"largest term {largest} with {terms[largest]:.4g}"]
        details = f" ({', '.join(words)})"
    return f"the update of step {step} left numbers that aren't finite, first in {_first(names)}{details}; {REMEDY}"


def wild_features(offered: Step, *, teacher: bool) -> list[str]:
    """Return the parts of a step that aren't finite before objectives read it, the earliest first.

    Args:
        offered: input of objectives.
        teacher: whether targets come from a teacher network.
    """
    parts = [(CLIPS, offered.pixels), ("the teacher's features" if teacher else "the targets", offered.target)]
    for view in offered.views:
        parts += [("the student's features", view.context), ("the predictor's outputs", view.predicted)]
        parts += [] if view.reconstructed is None else [("the predictor's outputs", view.reconstructed)]
    return wild(parts)


def in_gradients(
    terms: Mapping[str, Tensor], titles: Mapping[str, str], named: Sequence[tuple[str, nn.Parameter]]
) -> str:
    """Return which term's gradient isn't finite, fails, or is too large, as the beginning of a sentence.

    Args:
        terms: weighted values of a step with their graph.
        titles: names of the terms in messages.
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
                f"the gradient of {titles[key]} is not finite, first in {_first(names)} (its weighted value is {size})"
            )
        norms[key] = math.sqrt(sum(g.double().square().sum().item() for _, g in gradients))
    if norms and max(norms.values()) > LARGEST_NORM:
        key = max(norms, key=lambda term: norms[term])
        return f"the gradient of {titles[key]} is too large (its norm is {norms[key]:.4g})"
    return "the gradient is not finite"


def _first(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
