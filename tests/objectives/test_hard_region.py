"""Hard-region prediction."""

from __future__ import annotations

import torch

from auxjepa.objectives import build
from auxjepa.objectives.hard_region import hard_region_loss, hard_region_weights


def test_weights_have_mean_one_and_follow_the_error() -> None:
    error = torch.rand(3, 7)
    for temperature in (0.05, 1.0, 50.0):
        weights = hard_region_weights(error, temperature)
        torch.testing.assert_close(weights.mean(1), torch.ones(3))
        assert weights.argmax(1).equal(error.argmax(1))
    assert (hard_region_weights(error, 1e4) - 1).abs().max() < 1e-3


def test_the_gradient_is_that_of_fixed_weights() -> None:
    predicted = torch.randn(2, 5, 2, 3, requires_grad=True)
    target = torch.randn(2, 5, 2, 3)
    hard_region_loss(predicted, target, 0.3).backward()
    error = (predicted.detach() - target).abs().mean((2, 3))
    weights = 5 * (error / 0.3).softmax(1)
    expected = weights[:, :, None, None] * (predicted.detach() - target).sign() / predicted.numel()
    torch.testing.assert_close(predicted.grad, expected)


def test_a_single_hidden_token_is_left_out(make_step) -> None:
    visible = torch.arange(63).repeat(2, 1)
    step = make_step(batch=2, visible=visible)
    loss = build("hard_region", levels=2, dim=4)(step)
    assert loss.item() == 0 and not loss.requires_grad
