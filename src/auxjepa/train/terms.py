"""The terms of a step's loss: values, weights and sum, all checked to be finite."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn

from auxjepa.config import RunConfig
from auxjepa.objectives import Objective, evaluate
from auxjepa.objectives.evaluation import ObjectiveError, title
from auxjepa.step import Step
from auxjepa.train import schedule

REMEDY = "a lower optim.lr or a smaller weight usually helps"


class TrainingError(RuntimeError):
    """Training that can't start or continue. If a term is the cause, the message names it and the step."""


class Loss(NamedTuple):
    """The loss of a step.

    Args:
        total: sum of the weighted terms, with gradient.
        weighted: terms with a weight other than 0, with gradient, by key.
        numbers: ``terms/KEY`` and ``weighted/KEY`` of every term.
    """

    total: Tensor
    weighted: dict[str, Tensor]
    numbers: dict[str, float]


def loss_of(
    config: RunConfig, objectives: nn.ModuleDict, offered: Step, done: float, step: int, cause: Callable[[], str]
) -> Loss:
    """Return the terms of a step and their weighted sum.

    Args:
        config: configuration of the run.
        objectives: terms of the run by key.
        offered: input of the terms.
        done: completed share of training, 0 to 1.
        step: current step, for messages.
        cause: function that returns the source of numbers that aren't finite; '' if unknown.

    Raises:
        TrainingError: if an objective fails, or a term isn't finite.
    """
    total = torch.zeros((), device=offered.target.device)
    weighted: dict[str, Tensor] = {}
    values: dict[str, Tensor] = {}
    for key, objective in objectives.items():
        assert isinstance(objective, Objective)
        weight = weight_of(config, key, done)
        try:
            with torch.set_grad_enabled(weight != 0):
                value = evaluate(key, objective, offered)
        except ObjectiveError as error:
            raise TrainingError(f"step {step}: {error}") from error
        if weight != 0:
            weighted[key] = weight * value
            total = total + weighted[key]
        values[f"terms/{key}"], values[f"weighted/{key}"] = value.detach(), weight * value.detach()
    *parts, total_value = torch.stack([*values.values(), total.detach()]).tolist()
    numbers = dict(zip(values, parts, strict=True))
    for key in objectives:
        value, share = numbers[f"terms/{key}"], numbers[f"weighted/{key}"]
        if not math.isfinite(value):
            what = f"step {step}: objective {title_of(objectives, key)} is {value}{_others(numbers, key)}"
            raise TrainingError(f"{what}: {cause() or REMEDY}")
        if not math.isfinite(share):
            weight = weight_of(config, key, done)
            what = f"objective {title_of(objectives, key)} is {value:.4g}, and {share} with its weight of {weight:.4g}"
            raise TrainingError(f"step {step}: {what}; a smaller weight is needed")
    if not math.isfinite(total_value):
        words = ", ".join(f"{key} {numbers[f'weighted/{key}']:.4g}" for key in weighted)
        raise TrainingError(f"step {step}: the sum of the weighted terms isn't finite ({words}); {REMEDY}")
    return Loss(total, weighted, numbers)


def weight_of(config: RunConfig, key: str, done: float) -> float:
    """Return the weight of a term after a share ``done`` of training."""
    term = config.objectives[key]
    return term.weight * schedule.factor(term.schedule, done)


def title_of(objectives: nn.ModuleDict, key: str) -> str:
    """Return the name of a term in messages: its key, and its plug-in if it comes from one."""
    objective = objectives[key]
    assert isinstance(objective, Objective)
    return title(key, objective)


def _others(numbers: dict[str, float], key: str) -> str:
    """Return the values of the other terms in brackets."""
    others = ((name.removeprefix("terms/"), value) for name, value in numbers.items() if name.startswith("terms/"))
    words = ", ".join(f"{name} {value:.4g}" for name, value in others if name != key)
    return f" ({words})" if words else ""
