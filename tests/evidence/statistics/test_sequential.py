"""Sequential sign-flip tests against a reference that lists all patterns, and against their promised error."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from auxjepa.evidence.statistics.looks import smallest_sequential_p, spending
from auxjepa.evidence.statistics.sequential import SequentialTest, correction_levels, sequential_p
from auxjepa.evidence.statistics.significance import sign_flip_p

LOOKS = (3, 5, 6)
SHARES = spending(LOOKS, 0.4)


def reference(magnitudes: list[int], level: float) -> dict[tuple[int, ...], int]:
    """Return the first look that rejects each sign pattern of whole magnitudes, with exact fractions; 0 for none."""
    patterns = list(product((1, -1), repeat=LOOKS[-1]))
    first = dict.fromkeys(patterns, 0)
    for number, (seeds, share) in enumerate(zip(LOOKS, SHARES, strict=True), start=1):
        sums = {s: abs(sum(a * b for a, b in zip(s[:seeds], magnitudes[:seeds], strict=True))) for s in patterns}
        for value in sorted(set(sums.values()), reverse=True):
            group = [s for s in patterns if sums[s] == value and not first[s]]
            rejected = sum(look > 0 for look in first.values())
            if Fraction(rejected + len(group), len(patterns)) > Fraction(level * share):
                break
            first |= dict.fromkeys(group, number)
    return first


@pytest.mark.parametrize("magnitudes", [[1, 2, 3, 4, 5, 6], [5, 5, 5, 5, 5, 5], [9, 1, 7, 3, 0, 8], [0, 0, 4, 2, 2, 1]])
@pytest.mark.parametrize("level", [0.4, 0.2, 0.1])
def test_every_pattern_is_decided_at_the_look_of_the_reference(magnitudes: list[int], level: float) -> None:
    for signs, look in reference(magnitudes, level).items():
        differences = [0.1 * a * b for a, b in zip(signs, magnitudes, strict=True)]
        assert (SequentialTest(differences, LOOKS, SHARES).first_rejection(level) or 0) == look


@pytest.mark.parametrize("kind", ["pocock", "obrien_fleming"])
def test_the_p_is_valid_at_each_level_and_look_and_never_rises(kind) -> None:
    """All sign patterns of one sample are equally likely, so this is the exact error."""
    looks, alpha = (4, 5, 7), 0.15
    shares, magnitudes = spending(looks, alpha, kind), np.random.default_rng(0).exponential(size=7)
    for levels in (correction_levels(1, alpha, "holm"), correction_levels(3, alpha, "holm")):
        table = []
        for signs in product((1,), *[(1, -1)] * 6):
            values = sequential_p(list(magnitudes * signs), looks, shares, levels)
            table.append([value.p for value in values])
            assert all(not value.look or value.look <= number for number, value in enumerate(values, start=1))
        p = np.array(table)
        assert (np.diff(p, axis=1) <= 0).all()
        for level in levels:
            error = (p <= level).mean(axis=0)
            assert (error <= level * np.array(shares) + 1e-12).all()
            assert error[-1] > level - 2 / 2**6, "at the last look, no more than one pattern is left over"


def test_later_seeds_never_change_an_earlier_look() -> None:
    looks, levels = (6, 8, 10), correction_levels(2, 0.05, "holm")
    shares = spending(looks, 0.05)
    d = list(np.random.default_rng(1).normal(1, 1, 10))
    whole = sequential_p(d, looks, shares, levels)
    assert sequential_p(d[:8], looks, shares, levels) == whole[:2] == sequential_p(d[:9], looks, shares, levels)
    assert sequential_p(d[:5], looks, shares, levels) == ()
    assert [v.look for v in sequential_p([1.0] * 6 + [-9.0] * 4, looks, shares, (0.05,))] == [1, 1, 1]


def test_testing_again_has_a_larger_error_than_looks() -> None:
    """All sign patterns of one sample, so these errors are exact."""
    magnitudes, looks, alpha = np.random.default_rng(0).exponential(size=8), (4, 6, 8), 0.15
    lines = [list(magnitudes * signs) for signs in product((1,), *[(1, -1)] * 7)]
    again = np.mean([any(sign_flip_p(line[:n]) <= alpha for n in looks) for line in lines])
    shares = spending(looks, alpha)
    looked = np.mean([SequentialTest(line, looks, shares).first_rejection(alpha) is not None for line in lines])
    assert again > 1.4 * alpha and 0.9 * alpha < looked <= alpha


def test_a_family_with_heavy_tails_keeps_its_error() -> None:
    """Four true hypotheses with a common reference; by Holm, the first rejection is at a quarter of alpha."""
    rng, looks, alpha, studies = np.random.default_rng(2), (4, 5, 6), 0.4, 300
    shares, rejections = spending(looks, alpha), 0
    for _ in range(studies):
        scores = rng.standard_t(2, (5, looks[-1]))
        tests = [SequentialTest(list(line), looks, shares) for line in scores[1:] - scores[0]]
        rejections += any(test.first_rejection(alpha / 4) for test in tests)
    assert 0.1 < rejections / studies < alpha


def test_spending_is_the_published_function() -> None:
    # Values of Lan and DeMets' functions at alpha 0.05 and information 0.6, 0.8, 1 (R: ldbounds, gsDesign).
    assert [0.05 * s for s in spending((6, 8, 10), 0.05)] == pytest.approx([0.03543, 0.04324, 0.05], abs=1e-5)
    late = [0.05 * s for s in spending((6, 8, 10), 0.05, "obrien_fleming")]
    assert late == pytest.approx([0.01140, 0.02843, 0.05], abs=1e-5)


def test_the_smallest_p_is_reached_by_seeds_that_agree() -> None:
    looks, shares = (6, 8, 10), spending((6, 8, 10), 0.05)
    assert smallest_sequential_p(looks, shares, 0) == 1.0
    for number, seeds in enumerate(looks, start=1):
        p = smallest_sequential_p(looks, shares, number)
        test = SequentialTest([1.0 + i / 9 for i in range(seeds)], looks, shares)
        assert test.first_rejection(p * 1.0001) is not None and test.first_rejection(p * 0.9999) is None


def test_levels_of_the_corrections() -> None:
    assert correction_levels(2, 0.05, "holm") == (0.025, 0.05)
    assert correction_levels(4, 0.04, "benjamini_hochberg") == pytest.approx((0.01, 0.02, 0.03, 0.04))
