"""Measures of features by hand: power laws, ranks and changes over time that were planted."""

from __future__ import annotations

import math

import pytest
import torch

from auxjepa.seeds import generator
from auxjepa.train.spectra import power_law, rank_me, spectrum


@pytest.mark.parametrize("exponent", [0.5, 1.0, 3.0])
def test_exponent_of_a_power_law(exponent: float) -> None:
    values = torch.arange(1, 65, dtype=torch.float64) ** -exponent
    assert power_law(values) == pytest.approx(exponent) == power_law(7 * values)


@pytest.mark.parametrize("dim", [1, 2, 3, 6, 192])
def test_power_law_of_any_number_of_channels(dim: int) -> None:
    value = power_law(torch.arange(1, dim + 1, dtype=torch.float64) ** -2.0)
    assert math.isnan(value) if dim < 3 else value == pytest.approx(2)


def test_rank_is_that_of_the_singular_values() -> None:
    assert rank_me(torch.tensor([4.0, 4.0, 4.0, 0.0])) == pytest.approx(3)
    share = [2 / 3, 1 / 3]  # singular values 2 and 1
    assert rank_me(torch.tensor([4.0, 1.0])) == pytest.approx(math.exp(-sum(p * math.log(p) for p in share)))


def test_position_codes_are_removed() -> None:
    """Features with one direction a clip on top of a large code of the position have rank 1 and don't change."""
    draw = generator("test")
    clip, channel = torch.randn(20, generator=draw), torch.randn(8, generator=draw)
    position = 100 * torch.randn(1, 12, 8, generator=draw)
    measured = spectrum(position + (clip[:, None, None] * channel).expand(20, 12, 8), steps=3)
    assert measured.clip_rank == pytest.approx(1, abs=0.05) and measured.time_share == pytest.approx(0, abs=1e-6)


def test_share_over_time_of_planted_features() -> None:
    """Half of the variance never changes. The other half is drawn again at each time, and (T - 1) / T of it changes."""
    draw = generator("test")
    still = torch.randn(2000, 1, 1, 4, generator=draw).expand(-1, 5, 2, -1)
    moving = torch.randn(2000, 5, 1, 4, generator=draw).expand(-1, -1, 2, -1)
    assert spectrum((still + moving).flatten(1, 2), steps=5).time_share == pytest.approx(0.4, abs=0.01)
    assert spectrum(still.flatten(1, 2), steps=5).time_share == pytest.approx(0, abs=1e-9)
    assert spectrum(moving[:, :1].flatten(1, 2), steps=1).time_share == 0, "an image has no time"


def test_scale_does_not_matter() -> None:
    x = torch.randn(32, 8, 6, generator=generator("test"))
    assert spectrum(1e18 * x, 2) == pytest.approx(spectrum(x, 2), rel=1e-4)


@pytest.mark.parametrize("value", [1.0, float("inf"), float("nan")])
def test_features_without_variance_have_no_spectrum(value: float) -> None:
    assert all(math.isnan(number) for number in spectrum(torch.full((4, 6, 8), value), steps=2))
