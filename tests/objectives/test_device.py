"""Every objective computes on the device of its features: a tensor on another device raises an error.

The device is ``meta``, which needs no accelerator: it has shapes and no values.
"""

from __future__ import annotations

import contextlib

import pytest
import torch
import torch.fx.experimental._config as experimental
from torch import Tensor

from auxjepa.objectives import OBJECTIVES, build
from auxjepa.objectives.check import DIM, LEVELS, example_step, of_step


@pytest.fixture
def meta(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the device ``meta`` run code that reads values: masks select everything, and numbers are 1."""
    monkeypatch.setattr(torch, "autocast", lambda *_, **__: contextlib.nullcontext())
    for reading, value in (("item", 1), ("__int__", 1), ("__bool__", True)):
        monkeypatch.setattr(Tensor, reading, lambda _, value=value: value)


def test_a_tensor_on_another_device_is_detected(meta: None) -> None:
    with pytest.raises(RuntimeError, match="device"):
        torch.zeros(3, device="meta") + torch.zeros(3)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_an_objective_computes_on_the_device_of_its_features(name: str, meta: None) -> None:
    step = of_step(example_step(), lambda x: x.detach().to("meta").requires_grad_(x.requires_grad))
    objective = build(name, levels=LEVELS, dim=DIM).to("meta")
    with experimental.patch(meta_nonzero_assume_all_nonzero=True):
        loss = objective(step)
        loss.backward()
    assert loss.device.type == "meta"
    assert all(
        parameter.grad is not None or name in objective.inert for name, parameter in objective.named_parameters()
    )
