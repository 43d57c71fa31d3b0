"""Spread of hard-region weights by hand."""

from __future__ import annotations

import pytest
import torch

from auxjepa.audit.weights import pools, spread
from auxjepa.objectives import build
from auxjepa.objectives.check import example_step
from auxjepa.tokens import gather


@pytest.mark.parametrize("n", [4, 10, 37])
def test_equal_weights(n: int) -> None:
    got = spread([torch.full((n,), 3.0)])
    assert got is not None
    assert (got.max_over_mean, got.top_tenth, got.effective) == pytest.approx((1.0, 0.1, 1.0))


def test_by_hand() -> None:
    got = spread([torch.tensor([6.0, *[0.5] * 4, *[0.4] * 5])])  # sum 10 over 10 positions
    assert got is not None
    assert (got.max_over_mean, got.top_tenth) == pytest.approx((6.0, 0.6))
    assert got.effective == pytest.approx(100 / (36 + 1 + 0.8) / 10)
    assert spread([]) is None


@pytest.mark.parametrize(("pool", "count"), [("batch", 2), ("clip", 6)])
def test_latent_dynamics_weighs_over_its_pool(pool: str, count: int) -> None:
    objective = build("latent_dynamics", levels=2, dim=4, hard_region={"pool": pool, "temperature": 0.1})
    found = pools(objective, example_step(batch=3, views=2))
    assert len(found) == count and all(float(w.mean()) == pytest.approx(1, abs=1e-4) for w in found)


def test_a_weighted_loss_is_that_of_the_weights_found() -> None:
    step = example_step(batch=2, views=1)
    objective = build("hard_region", levels=2, dim=4, temperature=0.3)
    view = step.views[0]
    error = (view.predicted - gather(step.target, view.target_index)).detach().abs().flatten(2).mean(-1)
    weights = torch.stack(pools(objective, step))
    assert float((weights * error).mean()) == pytest.approx(objective(step).item(), rel=1e-5)


def test_other_terms_weigh_nothing() -> None:
    assert pools(build("prediction", levels=2, dim=4), example_step()) == []
    assert pools(build("latent_dynamics", levels=2, dim=4), example_step()) == []
