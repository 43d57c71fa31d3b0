"""What every objective is: a module that maps a Step to one scalar.

Shapes follow the legend in :mod:`auxjepa.tokens`; ``P`` is the number of positions where a term is defined.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, TypeVar

import torch
from jaxtyping import Float
from pydantic import ValidationError
from torch import Tensor, nn

from auxjepa.config import ConfigError, Typed
from auxjepa.step import Step, View

Record = TypeVar("Record", bound=Typed)


class Objective(nn.Module):
    """One auxiliary term: the unweighted scalar of a step, in float32 (float64 for double inputs).

    Subclasses write ``term`` (one mask; None where it is undefined) or, when masks aren't averaged, ``loss``. Both run
    with autocast off. A step on which no view defines the term gives 0 without gradient, never NaN.

    Class attributes tell the contract test what to expect:

    - ``target_gradient``: the term lets gradient through to ``Step.target``. That matters only when the teacher is
      switched off and the targets come from the student; a real teacher never carries gradient.
    - ``doubling``: what happens to the loss when every clip of the batch is repeated: ``"same"``, ``"double"``, or
      ``"any"`` where clips or tokens are compared with each other so that neither holds.
    - ``inert``: parameters that receive no gradient by construction.

    ``origin`` is set by :func:`auxjepa.objectives.build`: the plug-in that the class comes from, empty for our own.
    """

    origin: str = ""
    target_gradient: bool = False
    doubling: Literal["same", "double", "any"] = "same"
    inert: frozenset[str] = frozenset()

    def __init__(self, *, levels: int, dim: int) -> None:
        super().__init__()
        if levels < 1 or dim < 1:
            raise ConfigError(f"an objective needs at least one level and one channel, got levels={levels}, dim={dim}")
        self.levels = levels
        self.dim = dim

    def forward(self, step: Step) -> Float[Tensor, ""]:
        """The unweighted term of this step."""
        with torch.autocast(step.target.device.type, enabled=False):
            return self.loss(step)

    def loss(self, step: Step) -> Float[Tensor, ""]:
        """Mean of ``term`` over the views on which it is defined."""
        return average((self.term(step, view) for view in step.views), step)

    def term(self, step: Step, view: View) -> Float[Tensor, ""] | None:
        """The term on one view, None where it is undefined."""
        raise NotImplementedError(f"{type(self).__name__} must define term() or loss()")


def average(terms: Iterable[Tensor | None], step: Step) -> Float[Tensor, ""]:
    """Mean of the defined terms; a 0 without gradient when there are none."""
    defined = [term for term in terms if term is not None]
    if not defined:
        return full(step.target.new_zeros(()))
    return torch.stack(defined).mean()


def full(x: Float[Tensor, "*any"]) -> Float[Tensor, "*any"]:
    """At least float32: half precision is widened, double stays."""
    return x if x.dtype in (torch.float32, torch.float64) else x.float()


def joined(x: Float[Tensor, "*rest L D"]) -> Float[Tensor, "*rest LD"]:
    """Levels side by side on the channel axis (level l is channels l*D … (l+1)*D), at least float32."""
    return full(x).flatten(-2)


def power(error: Float[Tensor, "*any"], exponent: float | int) -> Float[Tensor, "*any"]:
    """``|error|^e / e`` element by element."""
    return error.abs() if exponent == 1 else error.abs().pow(exponent) / exponent


def two_layer(inputs: int, hidden: int, outputs: int) -> nn.Sequential:
    """Linear, GELU, Linear."""
    positive(hidden_dim=hidden)
    return nn.Sequential(nn.Linear(inputs, hidden), nn.GELU(), nn.Linear(hidden, outputs))


def positive(**values: object) -> None:
    """Raise ConfigError unless every value is a number above 0."""
    for name, value in values.items():
        if not (isinstance(value, (int, float)) and value > 0):
            raise ConfigError(f"{name} must be a number above 0, got {value!r}")


def record(kind: type[Record], value: Record | Mapping[str, Any] | None) -> Record:
    """A typed record from itself, from a mapping (as YAML gives it), or its defaults.

    Raises:
        ConfigError: when the mapping has unknown keys or values out of range.
    """
    if isinstance(value, kind):
        return value
    try:
        return kind(**dict(value or {}))
    except (ValidationError, TypeError) as error:
        first = error.errors()[0] if isinstance(error, ValidationError) else None
        what = f"{'.'.join(map(str, first['loc']))}: {first['msg']}" if first else str(error)
        raise ConfigError(f"{kind.__name__} {what} (it takes {', '.join(kind.model_fields)})") from None
