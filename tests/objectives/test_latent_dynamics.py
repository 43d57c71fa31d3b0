"""Latent dynamics."""

from __future__ import annotations

import torch

from auxjepa.objectives import HardRegion, Subspaces, build


def test_gradient_reaches_the_present_and_not_the_future(make_step) -> None:
    """With times 0 and 1 visible, tokens at time 1 are only ever targets' partners."""
    visible = torch.arange(32).repeat(2, 1)
    step = make_step(batch=2, visible=visible, views=1)
    build("latent_dynamics", levels=2, dim=4)(step).backward()
    gradient = step.views[0].context.grad
    assert (gradient[:, :16].abs().sum((2, 3)) > 0).all() and gradient[:, 16:].abs().sum() == 0
    assert step.target.grad is None


def test_head_reads_only_the_chosen_channels(make_step) -> None:
    for channels, silent in (("dynamics", slice(0, 2)), ("appearance", slice(2, 4))):
        step = make_step()
        objective = build("latent_dynamics", levels=2, dim=4, channels=channels, subspaces=Subspaces())
        assert objective.get_parameter("head.0.weight").shape == (256, 4)
        assert objective.get_parameter("head.2.weight").shape == (8, 256)
        objective(step).backward()
        assert all(view.context.grad[..., silent].abs().sum() == 0 for view in step.views)


def test_hard_region_weighting_keeps_its_gradient_and_detach_reproduces_the_accident(make_step) -> None:
    for hard_region in ({"temperature": 0.1}, HardRegion(pool="clip")):
        loss = build("latent_dynamics", levels=2, dim=4, hard_region=hard_region)(make_step())
        assert loss.requires_grad
    torch.manual_seed(0)
    alive = build("latent_dynamics", levels=2, dim=4, hard_region={})
    torch.manual_seed(0)
    dead = build("latent_dynamics", levels=2, dim=4, hard_region={"detach": True})
    assert dead(make_step()).item() == alive(make_step()).item()
    assert not dead(make_step()).requires_grad


def test_pools_agree_for_one_clip_and_differ_for_many(make_step) -> None:
    values = {}
    for pool in ("batch", "clip"):
        torch.manual_seed(0)
        objective = build("latent_dynamics", levels=2, dim=4, hard_region={"pool": pool, "temperature": 0.1})
        values[pool] = (objective(make_step(batch=1)), objective(make_step(batch=3)))
    torch.testing.assert_close(values["batch"][0], values["clip"][0])
    assert not torch.isclose(values["batch"][1], values["clip"][1])
