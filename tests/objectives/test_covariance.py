"""Covariance."""

from __future__ import annotations

import numpy as np
import torch

from auxjepa.objectives.covariance import covariance_loss


def test_value_equals_numpys_covariance() -> None:
    x = torch.randn(2, 60, 4, dtype=torch.float64)
    expected = []
    for level in x.numpy():
        c = np.cov(level.T)
        expected.append((np.square(c).sum() - np.square(np.diag(c)).sum()) / 4)
    np.testing.assert_allclose(covariance_loss(x).item(), np.mean(expected))


def test_decorrelated_channels_cost_nothing() -> None:
    x = torch.tensor([[[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]]])
    assert covariance_loss(x).item() == 0
