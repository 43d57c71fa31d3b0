"""Latent temporal contrast."""

from __future__ import annotations

import pytest
import torch

from auxjepa.objectives.temporal_contrast import temporal_contrast_loss

X, Y = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]])


@pytest.mark.parametrize(
    ("now", "target_now", "target_after", "expected"),
    [(X, X, Y, 0.0), (X, X, X, 0.5), (X, Y, X, 1.5), (3 * X, 2 * X, -X, 0.0)],
)
def test_value_by_hand(now, target_now, target_after, expected: float) -> None:
    assert temporal_contrast_loss(now, target_now, target_after, 0.5).item() == pytest.approx(expected)


def test_a_zero_vector_is_no_nan() -> None:
    z = torch.zeros(1, 2, requires_grad=True)
    loss = temporal_contrast_loss(z, X, Y)
    loss.backward()
    assert loss.isfinite() and z.grad is not None and z.grad.isfinite().all()
