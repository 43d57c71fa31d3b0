"""Prediction."""

from __future__ import annotations

import pytest
import torch

from auxjepa.objectives import build
from auxjepa.objectives.prediction import prediction_loss


@pytest.mark.parametrize(("exponent", "expected"), [(1, 2.0), (2, 2.5)])
def test_value_by_hand(exponent: int, expected: float) -> None:
    predicted = torch.tensor([[[[1.0, 3.0]]]])
    assert prediction_loss(predicted, torch.zeros(1, 1, 1, 2), exponent).item() == expected


def test_gradient_reaches_prediction_and_target_but_not_context(make_step) -> None:
    step = make_step()
    build("prediction", levels=2, dim=4)(step).backward()
    assert all(v.predicted.grad is not None and v.context.grad is None for v in step.views)
    assert step.target.grad is not None, "with the teacher off, targets carry gradient"


def test_a_perfect_prediction_costs_nothing(make_step) -> None:
    step = make_step()
    perfect = step.target.gather(1, step.views[0].target_index[..., None, None].expand_as(step.views[0].predicted))
    assert prediction_loss(perfect, perfect).item() == 0
