"""The value of an objective with checks: errors and wrong results become one line that names the objective."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from auxjepa.config import ConfigError
from auxjepa.objectives.objective import Objective
from auxjepa.plugins import interrupted_by_user, reason
from auxjepa.step import Step


class ObjectiveError(RuntimeError):
    """An objective that raised, tried to end the process, or didn't return one number."""


def evaluate(key: str, objective: Objective, step: Step) -> Tensor:
    """Return the unweighted term of a step: a floating-point tensor without dimensions.

    Args:
        key: key of the term, for messages.
        objective: the objective, of this package or a plug-in.
        step: input of the objective.

    Raises:
        ConfigError: if the objective raises it.
        ObjectiveError: for all other errors in the objective.
    """
    shared = [step.pixels, step.target, *(x for view in step.views for x in (view.context, view.predicted))]
    versions = [x._version for x in shared] if objective.origin else []
    with failures_named(key, objective):
        value = objective(step)
    wrong = _wrong(value, step)
    if wrong is None and objective.origin:
        if [x._version for x in shared] != versions:
            wrong = "changed the clips or features that all objectives share; it must work on copies"
        elif torch.is_grad_enabled() and not value.requires_grad and value.item() != 0:
            wrong = "returned a number without gradient, so nothing would learn; weight 0 only logs a term"
    if wrong is not None:
        raise ObjectiveError(f"objective {title(key, objective)} {wrong}")
    return value


@contextmanager
def failures_named(key: str, objective: Objective) -> Iterator[None]:
    """Name the objective, and the plug-in that it comes from, in errors of the block.

    Args:
        key: of the term.
        objective: that the block computes.

    Raises:
        ObjectiveError: for every error but those of the configuration, of memory, and Ctrl-C.
    """
    try:
        yield
    except (ConfigError, ObjectiveError, MemoryError, torch.OutOfMemoryError):
        raise
    except BaseException as error:
        if interrupted_by_user(error):
            raise
        raise ObjectiveError(f"objective {title(key, objective)} failed: {reason(error)}") from error


def title(key: str, objective: Objective) -> str:
    """Return the key of a term, and the plug-in of its objective if there is one."""
    return f"{key} ({objective.origin})" if objective.origin else key


def _wrong(value: object, step: Step) -> str | None:
    """Return why a returned value can't be a term of the loss; None if it can."""
    if not isinstance(value, Tensor):
        what = repr(value) if value is None or isinstance(value, (int, float)) else f"a {type(value).__name__}"
    elif value.shape != ():
        what = f"a tensor of shape {tuple(value.shape)}"
    elif not value.is_floating_point():
        what = f"a tensor of {str(value.dtype).removeprefix('torch.')}"
    elif value.device != step.target.device:
        what = f"a tensor on the device {value.device} (features are on {step.target.device})"
    else:
        return None
    return f"returned {what}; it must return a tensor that holds one floating-point number"
