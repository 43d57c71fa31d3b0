"""Action conditioning."""

from __future__ import annotations

import torch

from auxjepa.objectives import build
from auxjepa.objectives.action import action_loss


def test_value_by_hand() -> None:
    assert action_loss(torch.tensor([[1.0, 0.0, 0.0]]), torch.tensor([[0.0, 0.0, 2.0]])).item() == 1


def test_first_colours_only(make_step) -> None:
    """With a head that always says 0 the loss is the mean size of the colour change of the first k colours."""
    for k in (1, 2, 3):
        step = make_step()
        objective = build("action", levels=2, dim=4, out_channels=k)
        for parameter in objective.parameters():
            parameter.data.zero_()
        changes = [step.pixel_delta[step.pairs(view).where][:, :k].abs().mean() for view in step.views]
        torch.testing.assert_close(objective(step), torch.stack(changes).mean())


def test_gradient_reaches_only_the_present(make_step) -> None:
    step = make_step(batch=2, visible=torch.arange(32).repeat(2, 1), views=1)
    build("action", levels=2, dim=4, channels="dynamics")(step).backward()
    gradient = step.views[0].context.grad
    assert gradient[:, 16:].abs().sum() == 0 and gradient[:, :16, :, :2].abs().sum() == 0
    assert gradient[:, :16, :, 2:].abs().sum() > 0
