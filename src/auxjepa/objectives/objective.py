"""The base class of objectives: a module that maps a Step to one scalar.

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

    Subclasses define ``term`` (for one mask; None if it is undefined) or, if masks aren't averaged, ``loss``. Both run
    with autocast off. If no view defines the term, the value is 0 without gradient and never NaN.

    Class attributes describe the expected behaviour for the contract test:

    - ``target_gradient``: the term passes a gradient to ``Step.target``. This matters only if the teacher is off and
      the targets come from the student; a teacher network never has a gradient.
    - ``doubling``: change of the loss if every clip of the batch is repeated: ``"same"``, ``"double"``, or ``"any"`` if
      clips or tokens are compared with each other.
    - ``inert``: parameters that receive no gradient by construction.

    ``origin`` is the plug-in of the class, '' for classes of this package; :func:`auxjepa.objectives.build` sets it.
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
        """Return the unweighted term of this step."""
        with torch.autocast(step.target.device.type, enabled=False):
            return self.loss(step)

    def loss(self, step: Step) -> Float[Tensor, ""]:
        """Return the mean of ``term`` over the views on which it is defined."""
        return average((self.term(step, view) for view in step.views), step)

    def term(self, step: Step, view: View) -> Float[Tensor, ""] | None:
        """Return the term on one view; None if it is undefined."""
        raise NotImplementedError(f"{type(self).__name__} must define term() or loss()")


def average(terms: Iterable[Tensor | None], step: Step) -> Float[Tensor, ""]:
    """Return the mean of the defined terms; 0 without gradient if there are none."""
    defined = [term for term in terms if term is not None]
    if not defined:
        return full(step.target.new_zeros(()))
    return torch.stack(defined).mean()


def full(x: Float[Tensor, "*any"]) -> Float[Tensor, "*any"]:
    """Return a tensor in at least float32: half precision is converted, double isn't."""
    return x if x.dtype in (torch.float32, torch.float64) else x.float()


def joined(x: Float[Tensor, "*rest L D"]) -> Float[Tensor, "*rest LD"]:
    """Return levels joined on the channel axis (level l is channels l*D … (l+1)*D), in at least float32."""
    return full(x).flatten(-2)


def power(error: Float[Tensor, "*any"], exponent: float | int) -> Float[Tensor, "*any"]:
    """Return ``|error|^e / e`` element by element."""
    return error.abs() if exponent == 1 else error.abs().pow(exponent) / exponent


def two_layer(inputs: int, hidden: int, outputs: int) -> nn.Sequential:
    """Return a network of Linear, GELU and Linear."""
    positive(hidden_dim=hidden)
    return nn.Sequential(nn.Linear(inputs, hidden), nn.GELU(), nn.Linear(hidden, outputs))


def positive(**values: object) -> None:
    """Check that every value is a number above 0.

    Raises:
        ConfigError: if a value isn't.
    """
    for name, value in values.items():
        if not (isinstance(value, (int, float)) and value > 0):
            raise ConfigError(f"{name} must be a number above 0, got {value!r}")


def record(kind: type[Record], value: Record | Mapping[str, Any] | None) -> Record:
    """Return a typed record from a record, from a mapping (as in YAML), or with its defaults.

    Args:
        kind: class of the record.
        value: a record, a mapping of its fields, or None for the defaults.

    Raises:
        ConfigError: if the mapping has unknown keys or values out of range.
    """
    if isinstance(value, kind):
        return value
    try:
        return kind(**dict(value or {}))
    except (ValidationError, TypeError) as error:
        first = error.errors()[0] if isinstance(error, ValidationError) else None
        what = f"{'.'.join(map(str, first['loc']))}: {first['msg']}" if first else str(error)
        raise ConfigError(f"{kind.__name__} {what} (it takes {', '.join(kind.model_fields)})") from None
