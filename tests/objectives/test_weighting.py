"""Hard-region weights over pooled positions."""

from __future__ import annotations

import torch

from auxjepa.objectives import HardRegion

CLIP = torch.tensor([0, 0, 2, 2, 2])
ERROR = torch.tensor([1.0, 2.0, 5.0, 5.5, 900.0])


def test_batch_pool_is_one_softmax() -> None:
    expected = 5 * (ERROR / 2).softmax(0)
    torch.testing.assert_close(HardRegion(temperature=2).weights(ERROR, CLIP, 3), expected)


def test_clip_pool_is_a_softmax_per_clip_even_where_a_clip_has_none() -> None:
    weights = HardRegion(temperature=2, pool="clip").weights(ERROR, CLIP, 3)
    torch.testing.assert_close(weights[:2], 2 * (ERROR[:2] / 2).softmax(0))
    torch.testing.assert_close(weights[2:], 3 * (ERROR[2:] / 2).softmax(0))


def test_weights_carry_no_gradient() -> None:
    error = ERROR.clone().requires_grad_()
    for pool in ("batch", "clip"):
        assert not HardRegion.model_validate({"pool": pool}).weights(error, CLIP, 3).requires_grad
