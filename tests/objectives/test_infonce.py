"""InfoNCE."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch

from auxjepa.objectives import build
from auxjepa.objectives.infonce import infonce_loss


def test_values_by_hand() -> None:
    eye = torch.eye(4)
    assert infonce_loss(eye, eye, 0.1).item() == pytest.approx(math.log(1 + 3 * math.exp(-10)), rel=1e-3)
    same = torch.ones(4, 2)
    assert infonce_loss(same, same).item() == pytest.approx(math.log(4))


def test_two_views_are_contrasted_and_one_view_meets_the_teacher(make_step) -> None:
    objective = build("infonce", levels=2, dim=4)
    step = make_step()
    objective(step).backward()
    assert all(v.context.grad is not None for v in step.views)
    louder = replace(step, target=step.target + 1)
    assert objective(louder).item() == objective(step).item()
    single = make_step(views=1)
    loss = objective(single)
    loss.backward()
    assert single.views[0].context.grad is not None and single.target.grad is None
    assert objective(replace(single, target=torch.randn_like(single.target))).item() != loss.item()


def test_a_batch_of_one_clip_is_undefined(make_step) -> None:
    assert not build("infonce", levels=2, dim=4)(make_step(batch=1)).requires_grad
