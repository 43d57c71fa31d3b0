"""Cross-covariance."""

from __future__ import annotations

import numpy as np
import torch

from auxjepa.objectives.cross_covariance import cross_covariance_loss


def test_value_equals_numpys_covariance() -> None:
    x, y = torch.randn(50, 3, dtype=torch.float64), torch.randn(50, 5, dtype=torch.float64)
    both = np.cov(torch.cat([x, y], 1).numpy().T)
    np.testing.assert_allclose(cross_covariance_loss(x, y).item(), np.square(both[:3, 3:]).mean())


def test_shifts_do_not_matter() -> None:
    x, y = torch.randn(40, 3), torch.randn(40, 2)
    torch.testing.assert_close(cross_covariance_loss(x + 7, y - 3), cross_covariance_loss(x, y), rtol=1e-4, atol=1e-6)
