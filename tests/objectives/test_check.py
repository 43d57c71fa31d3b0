"""The contract test itself: it passes every registered objective and catches what it is meant to catch."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from jaxtyping import Float
from torch import Tensor, nn

from auxjepa.objectives import OBJECTIVES, ContractError, Objective, check
from auxjepa.objectives.objective import joined
from auxjepa.step import Step, View

OTHER_FORMS: list[tuple[str, dict[str, Any]]] = [
    ("prediction", {"exponent": 2}),
    ("context", {"distance_weighted": False}),
    ("hard_region", {"temperature": 0.1}),
    ("static_appearance", {"subspaces": {"split": "concatenated"}}),
    ("cross_covariance", {"subspaces": {"ratio": 0.25}}),
    ("latent_dynamics", {"channels": "dynamics", "hard_region": {"temperature": 0.5}}),
    ("latent_dynamics", {"hard_region": {"pool": "clip"}}),
    ("latent_dynamics", {"channels": "appearance", "subspaces": {"split": "concatenated"}}),
    ("action", {"channels": "dynamics", "out_channels": 2}),
    ("kinematic", {"kind": "huber"}),
    ("kinematic", {"kind": "acceleration", "channel_share": 0.5}),
]


@pytest.mark.parametrize("name", OBJECTIVES)
def test_every_objective_keeps_the_contract(name: str) -> None:
    check(name)


@pytest.mark.parametrize(("name", "settings"), OTHER_FORMS)
def test_other_forms_keep_the_contract(name: str, settings: dict[str, Any]) -> None:
    check(name, **settings)


def test_the_released_dead_losses_are_caught() -> None:
    with pytest.raises(ContractError, match="has no gradient"):
        check("latent_dynamics", hard_region={"detach": True})
    with pytest.raises(ContractError, match="reaches the student"):
        check("kinematic", on="target")


class Correct(Objective):
    """A well-behaved objective to be broken in one respect."""

    def __init__(self, *, levels: int, dim: int) -> None:
        super().__init__(levels=levels, dim=dim)
        self.head = nn.Linear(levels * dim, 1)

    def term(self, step: Step, view: View) -> Float[Tensor, ""] | None:
        pairs = step.pairs(view)
        return self.head(joined(pairs.now)).square().mean() if len(pairs.now) else None


class NoGuard(Correct):
    def term(self, step, view):
        return self.head(joined(step.pairs(view).now)).square().mean()


class Leaks(Correct):
    def term(self, step, view):
        loss = super().term(step, view)
        return None if loss is None else loss + step.target.square().mean()


class ReadsHidden(Correct):
    def term(self, step, view):
        return self.head(joined(step.dense(view).z)).square().mean()


class Sums(Correct):
    def term(self, step, view):
        pairs = step.pairs(view)
        return self.head(joined(pairs.now)).square().sum() if len(pairs.now) else None


class Ordered(Correct):
    def term(self, step, view):
        return self.head(joined(view.context[0])).square().mean()


class DeadHead(Correct):
    def __init__(self, *, levels, dim):
        super().__init__(levels=levels, dim=dim)
        self.unused = nn.Linear(2, 2)


class NotScalar(Correct):
    def forward(self, step):
        return super().forward(step)[None]


class InPlace(Correct):
    def term(self, step, view):
        with torch.no_grad():
            step.target.mul_(1.5)
        return super().term(step, view)


class Wanders(Correct):
    def term(self, step, view):
        loss = super().term(step, view)
        return None if loss is None else loss * torch.rand(())


class Forgets(Correct):
    def __init__(self, *, levels, dim):
        super().__init__(levels=levels, dim=dim)
        self.register_buffer("scale", torch.ones(()), persistent=False)

    def term(self, step, view):
        loss = super().term(step, view)
        return None if loss is None else loss * self.get_buffer("scale")


class HalfPrecision(Correct):
    def forward(self, step):
        return super().forward(step).bfloat16()


def test_a_correct_class_passes() -> None:
    check(Correct)


@pytest.mark.parametrize(
    ("broken", "clause"),
    [
        (NoGuard, "is nan where no clip has a valid pair"),
        (Leaks, "reaches the teacher"),
        (ReadsHidden, "where nothing is visible"),
        (Sums, "doubled batch"),
        (Ordered, "order of the clips"),
        (DeadHead, "own parameter unused.weight"),
        (NotScalar, "scalar of float32"),
        (InPlace, "changes its inputs"),
        (Wanders, "called again"),
        (Forgets, "round-trip"),
        (HalfPrecision, "scalar of float32"),
    ],
)
def test_each_clause_catches_its_break(broken: type[Objective], clause: str) -> None:
    with pytest.raises(ContractError, match=clause):
        check(broken)
