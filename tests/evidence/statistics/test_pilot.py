from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from auxjepa.evidence.statistics.effects import paired_effect
from auxjepa.evidence.statistics.pilot import seeds_after_pilot, shrunk_effect, upper_standard_deviation
from auxjepa.evidence.statistics.records import direction_of
from auxjepa.evidence.statistics.sign_flip_power import sign_flip_power


def test_the_upper_limit_is_above_the_true_spread_in_85_percent_of_pilots() -> None:
    sds = np.random.default_rng(0).normal(size=(4000, 3)).std(axis=1, ddof=1)
    assert np.mean([upper_standard_deviation(sd, 3) > 1 for sd in sds]) == pytest.approx(0.85, abs=0.02)
    with pytest.raises(ValueError, match="at least 2 pairs"):
        upper_standard_deviation(1.0, 1)


def test_the_effect_is_shrunk_to_0_below_its_standard_error() -> None:
    assert shrunk_effect(0.5, 1.0, 3) == shrunk_effect(0.0, 1.0, 3) == shrunk_effect(5.0, 1.0, 2) == 0
    assert 0 < shrunk_effect(2.0, 1.0, 3) < shrunk_effect(2.0, 1.0, 10) < 2.0
    assert shrunk_effect(-2.0, 1.0, 6) == -shrunk_effect(2.0, 1.0, 6)


@pytest.mark.parametrize("only_clear", [False, True])
def test_plans_from_pilots_of_3_seeds_that_lean_up_have_80_percent_power(only_clear: bool) -> None:
    drawn = np.random.default_rng(1).normal(1.0, 1.0, (3000, 3))
    mean, sd = drawn.mean(axis=1), drawn.std(axis=1, ddof=1)
    least = stats.t.ppf(0.975, 2) if only_clear else 0.0
    selected = [(m, s) for m, s in zip(mean, sd, strict=True) if m / s * 3**0.5 > least][:400]
    plans = [n for m, s in selected if (n := seeds_after_pilot(m, s, 3)) is not None]
    power = {n: sign_flip_power(1.0, n) for n in set(plans)}
    assert np.mean([power[n] for n in plans]) > 0.79


def test_the_effect_of_a_screen_is_planned_with_the_pilot_rule() -> None:
    scores = {0: 52.0, 1: 53.0, 2: 52.5}
    effect = paired_effect(scores, dict.fromkeys(scores, 50.0), variant="ld", reference="b", benchmark="x")
    assert effect.sd is not None and effect.detectable is None, "3 seeds detect nothing"
    assert effect.seeds_needed == seeds_after_pilot(effect.mean, effect.sd, 3)
    assert direction_of(effect.interval) == "up" and effect.seeds_needed is not None and effect.seeds_needed > 6
    assert seeds_after_pilot(0.5, 1.0, 3) is None
