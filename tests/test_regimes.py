from __future__ import annotations

import pytest

from auxjepa.cli.pretrain import resolve
from auxjepa.config import ConfigError, RunConfig
from auxjepa.regimes import REGIMES, find, settings


@pytest.mark.parametrize("name", REGIMES)
def test_every_regime_is_a_valid_run_under_its_name(name: str) -> None:
    regime = find(name)
    config = RunConfig.model_validate(settings(name))
    assert regime.name == config.regime == name and regime.summary and config.data == regime.data
    weights = [part.weight for part in config.data.mixture.values()]
    assert not weights or sum(weights) == pytest.approx(1)
    for one in config.data.sources.values():
        assert one.frames == 1 or one.frames % config.model.tubelet == 0
        assert one.size % config.model.patch == 0


def test_the_papers_regimes_are_as_described() -> None:
    single, mixed = find("ucf101").data, find("mixed").data
    assert (single.frames, single.fps, single.size) == (16, 16, 224)
    assert {name: part.weight for name, part in mixed.mixture.items()} == {
        "ucf101": 0.2,
        "ssv2": 0.6,
        "imagenet100": 0.2,
    }
    assert (mixed.frames, mixed.stride, mixed.fps) == (16, 2, None)
    assert find("mixed_images").data.sources["imagenet100"].frames == 1


def test_two_flags_are_the_papers_run_and_others_are_laid_over_them() -> None:
    config, _ = resolve(["--regime", "mixed", "--variant", "fwm_hw_ld"])
    assert (config.model.size, config.model.levels, config.optim.steps) == ("base", 4, 30_000)
    assert set(config.data.sources) == {"ucf101", "ssv2", "imagenet100"} and "latent_dynamics" in config.objectives
    words = "--regime ucf101 --data.size 64 --model.size nano --data.mixture.mine.source folder:x"
    small, _ = resolve(words.split())
    assert (small.data.size, small.model.size, list(small.data.sources)) == (64, "nano", ["mine"])


def test_a_wrong_name_is_reported() -> None:
    with pytest.raises(ConfigError, match="did you mean 'mixed'"):
        resolve(["--regime", "mixd"])
