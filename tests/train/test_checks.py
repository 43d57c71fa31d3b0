"""A run that can't succeed is refused before anything is decoded or made; one that can is let through unchanged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from auxjepa import regimes, variants
from auxjepa.config import ConfigError, RunConfig
from auxjepa.data import space
from auxjepa.data.errors import CacheError
from auxjepa.objectives import OBJECTIVES, Objective
from auxjepa.train.checks import check_run
from auxjepa.train.loop import TrainingError

CPU = torch.device("cpu")
Tiny = Callable[..., RunConfig]


@pytest.mark.parametrize("name", sorted(variants.VARIANTS))
def test_every_variant_is_let_through(tiny: Tiny, name: str) -> None:
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    check_run(variants.apply(name, tiny(optim={"batch": 8})), CPU)
    assert torch.equal(torch.rand(3), expected)  # and the global random stream is left alone


@pytest.mark.parametrize("name", sorted(regimes.REGIMES))
def test_every_regime_is_let_through_also_with_motion_guided_masks(name: str) -> None:
    config = RunConfig.model_validate(regimes.settings(name))
    for variant in ("fwm_hw_ld", "mgm"):
        check_run(variants.apply(variant, config), None)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"data": {"frames": 7}}, "clips of 7 frames can't be cut into tokens of 2 frames: data.frames must be a mult"),
        ({"data": {"size": 20}}, "clips of 20 pixels a side can't be cut into tokens of 8 pixels a side"),
        ({"data": {"size": 8}}, "even size of 16"),
        ({"data": {"source": "world:x"}}, "the world has no 'x'"),
        ({"data": {"source": ""}}, "data.source must be"),
        ({"data": {"source": "folder:"}}, "data.source must be"),
        ({"data": {"source": "nosuch:x"}}, "data.source must be"),
        ({"data": {"stride": 2}}, "data.stride and data.fps are for videos"),
        ({"data": {"crop_area": [0.9, 0.1]}}, "data.crop_area must be a range"),
        ({"data": {"crop_aspect": [2, 1]}}, "data.crop_aspect must be a range"),
        ({"data": {"mixture": {"world:motion": {"weight": 0}}}}, "needs a weight above 0"),
        ({"data": {"mixture": {"world:x": {}, "world:motion": {}}}}, "world:x: the world has no 'x'"),
        ({"data": {"mixture": {"a": {"frames": 3}}}}, "a: clips of 3 frames can't be cut"),
        ({"model": {"levels": 4}}, "model: 4 levels need at least 4 blocks"),
        ({"model": {"predictor_dim": 7}}, "model: 7 channels cannot be shared by 2 heads"),
        ({"model": {"predictor_dim": 4}}, "model: rotary positions need an even number of channels a head"),
        ({"model": {"predictor_dim": 4, "position": "sincos"}}, "model: sin-cos positions need at least 6 channels"),
        ({"masks": [{"kind": "tube"}]}, "no mask is called 'tube'; did you mean 'random_tube'?"),
        ({"masks": [{"scale": 1.0}]}, "nothing visible or nothing hidden"),
        ({"masks": [{"kind": "causal", "args": {"shortest": 1}}]}, "mask causal: no cut"),
        ({"masks": [{"kind": "causal", "args": {"longest": 1e308}}]}, "mask causal: no cut"),
        ({"masks": [{"kind": "motion_future", "args": {"past": 1e308}}]}, "leaves nothing visible or nothing to pred"),
        ({"masks": [{"kind": "motion_guided", "args": {"strength": "x"}}]}, "strength: input should be a valid numb"),
        ({"masks": [{"kind": "motion_guided", "args": {"strength": True}}]}, "strength: input should not be true"),
        (
            {"masks": [{"kind": "motion_guided", "args": {"normalise": "batch"}}], "optim": {"batch": 6}},
            "multiple of 4",
        ),
        ({"masks": [{"args": {"x": 1}}]}, "mask multiblock has no setting 'x'; it takes none"),
        ({"objectives": {"delt": {}}}, "no objective is called 'delt'; did you mean 'delta'?"),
        ({"objectives": {"pop": {"name": "delta"}}}, "can't be the key of a term"),
        ({"objectives": {"delta": {"args": {"x": 1}}}}, "delta has no hyperparameter 'x'"),
        ({"objectives": {"sigreg": {"args": {"points": "many"}}}}, "sigreg: points: input should be a valid integer"),
        ({"objectives": {"sigreg": {"args": {"slices": 2.5}}}}, "sigreg: slices: input should be a valid integer"),
        ({"objectives": {"latent_dynamics": {"args": {"hidden_dim": 10**13}}}}, "lower the hidden_dim of objectives"),
        ({"objectives": {"latent_dynamics": {"args": {"hidden_dim": 10**18}}}}, "can't be built with"),
        ({"objectives": {"latent_dynamics": {"args": {"hidden_dim": 10**30}}}}, "whole numbers have 64 bits"),
        ({"objectives": {"pixel_reconstruction": {"args": {"patch": 4}}}}, "was built for tiles of 2 frames and 4"),
        ({"teacher": {"normalise": "position"}, "optim": {"batch": 1}}, "needs optim.batch of 2 or more"),
        (
            {"checkpoint": {"keep": "best", "metric": "los"}},
            "checkpoint.metric 'los' is never logged; did you mean 'loss'",
        ),
        ({"checkpoint": {"keep": "best", "metric": "std/teacher"}, "teacher": {"enabled": False}}, "is never logged"),
        ({"optim": {"balance": "cagrad"}}, "optim.balance cagrad needs a package"),
    ],
    ids=str,
)
def test_settings_that_do_not_go_together_are_one_line(tiny: Tiny, change: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        check_run(tiny(**change), CPU)
    assert words in str(caught.value) and "\n" not in str(caught.value)


def test_missing_packages_are_reported(tiny: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    check_run(tiny(log={"tensorboard": True}), CPU)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"pip install 'auxjepa\[tensorboard\]'"):
        check_run(tiny(log={"tensorboard": True}), CPU)


def test_a_metric_that_is_logged_is_let_through(tiny: Tiny) -> None:
    for metric in ("loss", "waiting", "terms/prediction", "weighted/prediction", "std/teacher", "rank/student"):
        check_run(tiny(checkpoint={"keep": "best", "metric": metric}), CPU)


def test_an_objective_that_fails_is_named_before_training(tiny: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    class Nothing(Objective):
        def forward(self, step):
            return None

    monkeypatch.setitem(OBJECTIVES, "nothing", Nothing)
    with pytest.raises(TrainingError, match=r"^step 0 \(tried before training\): objective mine returned None; it"):
        check_run(tiny(objectives={"mine": {"name": "nothing"}}), CPU)


def test_a_disk_that_is_too_small_is_reported(tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "not" / "made"
    check_run(tiny(), CPU, folder)
    with pytest.raises(
        CacheError, match=r"1,000,000,000,000,000 steps with a checkpoint every 2 .* take about 200\.0 PB"
    ):
        check_run(tiny(optim={"steps": 10**15}), CPU, folder)
    monkeypatch.setattr(space.shutil, "disk_usage", lambda path: SimpleNamespace(free=10_000))
    with pytest.raises(CacheError, match=r"and 10\.0 kB are free: lower optim\.steps, raise checkpoint\.every"):
        check_run(tiny(), CPU, folder)
    assert list(tmp_path.iterdir()) == []


def test_what_this_machine_cannot_try_out_is_not_tried_where_it_is_not_trained(
    tiny: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A study is registered on one machine and run on another."""
    monkeypatch.setattr("auxjepa.train.checks.usable_memory", lambda: 1000)
    monkeypatch.setattr("auxjepa.train.checks.build_objectives", lambda config: pytest.fail("built"))
    check_run(tiny(), None)
    with pytest.raises(ConfigError, match="can't be cut"):
        check_run(tiny(data={"frames": 7}), None)
