from __future__ import annotations

import numpy as np
import pytest

from auxjepa.evidence.statistics.effects import paired_effect
from auxjepa.evidence.statistics.equivalence import equivalence
from auxjepa.evidence.statistics.margins import _standardised_margin, clip_noise, object_to_margin, suggest_margin
from auxjepa.evidence.statistics.records import Effect, SampleTest

TESTS = tuple(SampleTest(seed, 30, 20, 0.2) for seed in range(4))


def pilot(spread: float = 0.5, reference: float = 50.0) -> Effect:
    scores = {seed: reference + spread * (-1) ** seed for seed in range(4)}
    base = dict.fromkeys(scores, reference)
    return paired_effect(scores, base, variant="ld", reference="b", benchmark="x", sample_tests=TESTS)


def test_clip_noise_is_that_of_a_paired_difference() -> None:
    marks = np.repeat([1, -1, 0], [30, 20, 950])
    assert clip_noise(TESTS, 1000) == pytest.approx(196 * marks.std() / 1000**0.5, rel=1e-3)
    assert clip_noise((), 100) == pytest.approx(9.6, abs=0.05)


def test_a_margin_is_above_both_noises_and_below_the_distance_to_chance() -> None:
    bounds = suggest_margin(pilot(), 1000, 12.5)
    assert bounds.by_seeds is not None and bounds.clip_noise is not None and bounds.suggestion is not None
    assert bounds.suggestion >= max(bounds.by_seeds, bounds.clip_noise) and bounds.floor == pytest.approx(37.5)
    assert suggest_margin(pilot(spread=0.1), 100, 12.5).suggestion == pytest.approx(
        np.ceil(10 * clip_noise(TESTS, 100)) / 10
    )
    assert suggest_margin(pilot(reference=13.0), 1000, 12.5).suggestion is None, "the reference is at chance"
    assert suggest_margin(pilot(), 0, None).clip_noise is None
    assert suggest_margin(pilot(spread=0.0), 1000, 12.5).suggestion is None, "equal differences have no spread"


def test_the_margin_is_shown_by_80_percent_of_studies_of_equal_encoders() -> None:
    drawn = np.random.default_rng(2).normal(0, 1, (1500, 10))
    margin = _standardised_margin(10, 0.05)
    shown = np.mean([equivalence(row.tolist(), margin).equivalent for row in drawn])
    assert shown == pytest.approx(0.8, abs=0.035)


def test_objections_to_a_margin() -> None:
    assert "means nothing" in object_to_margin(90.0, 3.0, 87.5)
    assert "below the noise of the test clips (±3.1 points)" in object_to_margin(1.0, 3.1, 87.5)
    assert object_to_margin(5.0, 3.1, 87.5) == object_to_margin(5.0, None, None) == ""
