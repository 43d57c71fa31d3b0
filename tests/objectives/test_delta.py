"""Delta matching."""

from __future__ import annotations

import torch

from auxjepa.objectives import build
from auxjepa.objectives.check import of_step
from auxjepa.objectives.delta import delta_loss


def test_value_by_hand() -> None:
    now, after = torch.tensor([[0.0, 1.0]]), torch.tensor([[2.0, 1.0]])
    target_now, target_after = torch.tensor([[5.0, 5.0]]), torch.tensor([[6.0, 2.0]])
    assert delta_loss(now, after, target_now, target_after).item() == 2


def test_a_constant_offset_between_student_and_teacher_costs_nothing(make_step) -> None:
    step = of_step(make_step(), lambda x: x.detach())
    moved = of_step(step, lambda x: x)
    for view in moved.views:
        tokens = step.target.gather(1, view.context_index[..., None, None].expand_as(view.context))
        view.context.copy_(tokens + 3)
    assert build("delta", levels=2, dim=4)(moved).item() < 1e-6
