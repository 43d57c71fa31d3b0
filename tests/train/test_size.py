"""What a run takes at least is known without building it, and what no machine here has is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from auxjepa import regimes
from auxjepa.config import ConfigError, RunConfig
from auxjepa.models.jepa import JEPA
from auxjepa.train import checkpoint
from auxjepa.train.loop import Run
from auxjepa.train.size import (
    check_memory,
    checkpoint_bytes,
    encoder_parameters,
    network_bytes,
    predictor_parameters,
    run_bytes,
    step_bytes,
)

CPU = torch.device("cpu")


def count(module: torch.nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


@pytest.mark.parametrize(
    "model",
    [
        {},
        {"size": "tiny", "levels": 4, "patch": 16, "tubelet": 1},
        {"modality_embedding": True, "position": "sincos"},
        {"predictor_dim": 96, "predictor_depth": 5},
    ],
)
def test_parameters_are_those_of_the_networks(model: dict[str, Any]) -> None:
    config = RunConfig.model_validate({"model": model})
    built = JEPA(config)
    assert encoder_parameters(config.model) == count(built.student)
    assert predictor_parameters(config.model) == count(built.predictor)


def test_bytes_of_a_checkpoint_are_those_on_the_disk(tiny: Callable[..., RunConfig], start: Callable[..., Run]) -> None:
    run = start(tiny())
    run.train()
    (saved,) = checkpoint.find(run.folder / "checkpoints")
    there = sum((saved / name).stat().st_size for name in ("weights.safetensors", "optimizer.safetensors"))
    assert checkpoint_bytes(run.config) <= there < 1.1 * checkpoint_bytes(run.config)
    assert network_bytes(run.config) - checkpoint_bytes(run.config) == 4 * (
        count(run.model.student) + count(run.model.predictor)
    )


def test_what_is_kept_counts() -> None:
    def disk(**checkpoints: Any) -> int:
        return run_bytes(
            RunConfig.model_validate({"optim": {"steps": 1000}, "checkpoint": {"every": 100, **checkpoints}})
        )

    one = checkpoint_bytes(RunConfig())
    assert disk() - one == disk(keep="best") - 2 * one == disk(keep="all") - 10 * one > 0


def test_a_step_holds_at_least_what_is_computed(tiny: Callable[..., RunConfig], start: Callable[..., Run]) -> None:
    """Bytes that torch keeps for the backward pass of a step are more than the bound: it refuses nothing that fits."""
    run, kept = start(tiny(data={"size": 16}, optim={"batch": 8})), []
    with torch.autograd.graph.saved_tensors_hooks(lambda x: kept.append(x.nbytes) or x, lambda x: x):
        run.advance()
    assert sum(kept) > step_bytes(run.config, run.config.data)


@pytest.mark.parametrize("name", sorted(regimes.REGIMES))
def test_the_papers_recipes_are_within_reach(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = regimes.settings(name)
    config = RunConfig.model_validate(settings)
    large = config.model_copy(update={"model": config.model.model_copy(update={"size": "large"})})
    for one in (config, large):
        check_memory(one, None)
        assert step_bytes(one, next(iter(one.data.sources.values()))) < 80e9 > network_bytes(one)
    many = large.model_copy(update={"optim": large.optim.model_copy(update={"batch": 3072, "steps": 10**7})})
    check_memory(many, None)  # a cluster has room for that


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"data": {"frames": 10**9}}, "world: one clip of 1,000,000,000 x 32 x 32 takes 3.1 TB of memory, and this"),
        ({"data": {"size": 10**6}}, "one clip of 8 x 1,000,000 x 1,000,000 takes 24.0 TB of memory"),
        ({"data": {"frames": 2**62, "size": 2**62}}, "one clip of"),
        ({"optim": {"batch": 10**9}}, "a step on 1,000,000,000 clips of 8 x 32 x 32 takes at least"),
        ({"data": {"workers": 10**9}}, "1,000,000,000 worker processes take at least 50.0 PB"),
        ({"model": {"predictor_dim": 10**9}}, "networks of"),
        ({"model": {"predictor_depth": 10**15}}, "networks of"),
        ({"model": {"patch": 2**62}}, "networks of"),
        ({"masks": [{"blocks": 10**12}]}, "the number of mask blocks"),
    ],
)
def test_impossible_sizes_are_refused_with_their_size(change: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        check_memory(RunConfig.model_validate(change), CPU)
    line = str(caught.value)
    assert words in line and "lower " in line and "\n" not in line


def test_heads_count(tiny: Callable[..., RunConfig]) -> None:
    with pytest.raises(ConfigError, match=r"\(1,000,000,000,000 of them in objectives\).*: lower the hidden_dim"):
        check_memory(tiny(), CPU, heads=10**12)


def test_any_machine_is_bounded_by_64_bits() -> None:
    large = RunConfig.model_validate({"data": {"size": 10**6}})
    check_memory(large, None)
    with pytest.raises(ConfigError, match=r"64 bits address 9\.2 EB"):
        check_memory(RunConfig.model_validate({"data": {"size": 10**10}}), None)
