"""Static appearance."""

from __future__ import annotations

import torch

from auxjepa.objectives import build
from auxjepa.objectives.static_appearance import static_appearance_loss


def test_value_by_hand() -> None:
    assert static_appearance_loss(torch.tensor([[1.0, 2.0]]), torch.tensor([[4.0, 1.0]])).item() == 2


def test_gradient_stays_in_the_appearance_channels(make_step) -> None:
    step = make_step()
    build("static_appearance", levels=2, dim=4)(step).backward()
    for view in step.views:
        assert view.context.grad[..., :2].abs().sum() > 0
        assert view.context.grad[..., 2:].abs().sum() == 0
    released = make_step()
    build("static_appearance", levels=2, dim=4, subspaces={"split": "concatenated"})(released).backward()
    for view in released.views:
        assert view.context.grad[:, :, 0].abs().sum() > 0
        assert view.context.grad[:, :, 1].abs().sum() == 0
