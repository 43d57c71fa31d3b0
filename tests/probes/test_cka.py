"""CKA on features whose similarity is known, and its resamples on clips that are drawn more than once."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
import torch
from torch import Tensor

from auxjepa.probes.cka import debiased_cka, hsic, kernel, linear_cka, resampled_cka


def drawn(n: int, channels: int, seed: int = 0) -> Tensor:
    return torch.randn(n, channels, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def rotation(channels: int, seed: int = 9) -> Tensor:
    return torch.linalg.qr(drawn(channels, channels, seed))[0]


@pytest.mark.parametrize("form", [linear_cka, debiased_cka])
def test_a_rotated_scaled_and_shifted_copy_is_the_same(form) -> None:
    x = drawn(40, 12)
    assert form(x, x) == pytest.approx(1, abs=1e-12)
    assert form(x, 3.7 * x @ rotation(12) + 5) == pytest.approx(1, abs=1e-10)
    assert form(x, torch.cat([x, x], dim=1)) == pytest.approx(1, abs=1e-10)
    assert form(x.float(), x.float() * 1e-4) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("form", [linear_cka, debiased_cka])
def test_both_sides_may_change_places(form) -> None:
    x, y = drawn(30, 5), drawn(30, 8, 1) + drawn(30, 5) @ drawn(5, 8, 2)
    assert form(x, y) == pytest.approx(form(y, x), abs=1e-12)
    assert 0.1 < form(x, y) < 0.99
    order = torch.randperm(30, generator=torch.Generator().manual_seed(0))
    assert form(x[order], y[order]) == pytest.approx(form(x, y), abs=1e-12)


def test_unrelated_features_are_0_only_without_the_bias() -> None:
    pairs = [(drawn(100, 64, 2 * i), drawn(100, 64, 2 * i + 1)) for i in range(30)]
    assert np.mean([linear_cka(*pair) for pair in pairs]) > 0.35
    found = [debiased_cka(*pair) for pair in pairs]
    assert abs(np.mean(found)) < 0.01 and np.std(found) < 0.05 and min(found) < 0 < max(found)


def test_an_invertible_map_that_stretches_changes_it() -> None:
    x = drawn(200, 6)
    assert debiased_cka(x, x * torch.tensor([10.0, 1, 1, 1, 1, 1])) < 0.6


def test_few_clips_meet_the_value_of_many_without_bias() -> None:
    x, noise = drawn(2400, 8), drawn(2400, 8, 1)
    whole = debiased_cka(x, x + noise)
    parts = list(zip(x.split(30), noise.split(30), strict=True))
    assert np.mean([debiased_cka(a, a + b) for a, b in parts]) == pytest.approx(whole, abs=0.03)
    assert np.mean([linear_cka(a, a + b) for a, b in parts]) > whole + 0.05


def test_hsic_is_the_formula_of_song_et_al() -> None:
    k, l = kernel(drawn(9, 3)), kernel(drawn(9, 4, 1) + drawn(9, 3) @ drawn(3, 4, 2))  # noqa: E741
    n, one = 9, torch.ones(9, dtype=torch.float64)
    song = (
        torch.trace(k @ l) + (one @ k @ one) * (one @ l @ one) / ((n - 1) * (n - 2)) - 2 / (n - 2) * (one @ k @ l @ one)
    )
    assert float(hsic(k, l, one[None])) == pytest.approx(float(song / (n * (n - 3))), abs=1e-12)


def test_counts_are_weights_of_different_clips() -> None:
    """Against every tuple of different clips, one by one."""
    k, l = kernel(drawn(6, 2)), kernel(drawn(6, 2, 1))  # noqa: E741
    c = torch.tensor([2.0, 0, 1, 3, 1, 2], dtype=torch.float64)

    def mean(places: int, value) -> float:
        tuples = list(permutations(range(6), places))
        weights = [float(torch.prod(c[list(t)])) for t in tuples]
        return float(np.dot(weights, [float(value(*t)) for t in tuples]) / np.sum(weights))

    by_hand = mean(2, lambda i, j: k[i, j] * l[i, j]) + mean(4, lambda i, j, q, r: k[i, j] * l[q, r])
    by_hand -= 2 * mean(3, lambda i, j, q: k[i, j] * l[i, q])
    assert float(hsic(k, l, c[None])) == pytest.approx(by_hand, abs=1e-12)
    assert float(hsic(k, l, c[None] / 9)) == pytest.approx(by_hand, abs=1e-12), "shares do as well"


def counts(n: int, resamples: int, seed: int = 0) -> Tensor:
    return torch.from_numpy(np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), resamples)).double()


def test_resamples_bring_no_bias_back() -> None:
    x, y, c = drawn(60, 32), drawn(60, 32, 1), counts(60, 300)
    estimate, ours = debiased_cka(x, y), resampled_cka([x, y], [(0, 1)], c)
    places = [torch.repeat_interleave(torch.arange(60), row.long()) for row in c[:60]]
    naive = np.mean([debiased_cka(x[p], y[p]) for p in places])
    assert abs(float(ours.mean()) - estimate) < 0.02 < 0.1 < abs(naive - estimate)


def test_the_interval_over_clips_covers_the_population() -> None:
    whole = debiased_cka(drawn(2000, 4, 50), drawn(2000, 4, 50) + 2 * drawn(2000, 4, 51))
    hit = 0
    for i in range(60):
        x = drawn(80, 4, 100 + i)
        found = resampled_cka([x, x + 2 * drawn(80, 4, 500 + i)], [(0, 1)], counts(80, 200, i))[0]
        low, high = np.quantile(found.numpy(), [0.025, 0.975])
        hit += low <= whole <= high
    assert hit >= 50, "95 % would be 57"


def test_several_pairs_share_their_resamples() -> None:
    features = [drawn(30, 4), drawn(30, 6, 1), drawn(30, 4) @ rotation(4)]
    found = resampled_cka(features, [(0, 1), (2, 1), (0, 2)], counts(30, 20))
    assert found.shape == (3, 20)
    torch.testing.assert_close(found[0], found[1])
    torch.testing.assert_close(found[2], torch.ones(20, dtype=torch.float64))


def test_what_has_no_similarity_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 4 clips, got 3"):
        debiased_cka(drawn(3, 2), drawn(3, 2))
    with pytest.raises(ValueError, match="features of the same clips, got 10, 9"):
        debiased_cka(drawn(10, 2), drawn(9, 2))
    with pytest.raises(ValueError, match="same for every clip"):
        debiased_cka(drawn(10, 2), torch.full((10, 3), 0.1))
    assert linear_cka(drawn(10, 2), torch.ones(10, 3)) == 0
