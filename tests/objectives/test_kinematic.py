"""Kinematic smoothness."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from auxjepa.objectives import build
from auxjepa.objectives.kinematic import kinematic_loss
from auxjepa.tokens import Grid


def test_values_by_hand() -> None:
    difference = torch.tensor([[0.05, -1.0]])
    assert kinematic_loss(difference).item() == pytest.approx(0.525)
    # Huber: d^2/2 inside 0.1, 0.1 (|d| - 0.05) outside.
    assert kinematic_loss(difference, "huber", 0.1).item() == pytest.approx((0.00125 + 0.095) / 2)


@pytest.mark.parametrize("on", ["student", "target"])
def test_steady_motion_has_no_acceleration(on: str, make_step) -> None:
    step = make_step()
    pace = torch.arange(4.0).repeat_interleave(16).view(1, 64, 1, 1)
    steady = (pace * torch.randn(3, 1, 2, 4)).detach()
    views = tuple(
        replace(v, context=steady.gather(1, v.context_index[..., None, None].expand_as(v.context))) for v in step.views
    )
    step = replace(step, target=steady, views=views)
    assert build("kinematic", levels=2, dim=4, kind="acceleration", on=on)(step).item() < 1e-6
    assert build("kinematic", levels=2, dim=4, kind="l1", on=on)(step).item() > 0.1


def test_share_of_channels_by_level_on_the_student_and_by_depth_on_the_target(make_step) -> None:
    step = make_step()
    build("kinematic", levels=2, dim=4, channel_share=0.5)(step).backward()
    assert all(v.context.grad[..., 2:].abs().sum() == 0 for v in step.views)
    assert all(v.context.grad[..., :2].abs().sum((0, 1, 3)).gt(0).all() for v in step.views)
    step = make_step()
    build("kinematic", levels=2, dim=4, channel_share=0.5, on="target")(step).backward()
    assert step.target.grad[:, :, 1].abs().sum() == 0 and step.target.grad[:, :, 0].abs().sum() > 0
    step = make_step()
    build("kinematic", levels=2, dim=4, channel_share=0.5, on="target", split="per_level")(step).backward()
    assert step.target.grad[..., 2:].abs().sum() == 0


def test_short_clips(make_step) -> None:
    two, one = Grid(2, 4, 4, 2, 8), Grid(1, 4, 4, 2, 8)
    for on in ("student", "target"):
        fast = build("kinematic", levels=2, dim=4, kind="acceleration", on=on)
        plain = build("kinematic", levels=2, dim=4, on=on)
        assert fast(make_step(two)).item() == plain(make_step(two)).item() > 0
        assert fast(make_step(one)).item() == 0
