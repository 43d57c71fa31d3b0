"""Centred kernel alignment (CKA) with a linear kernel: how similarly two networks arrange the same clips.

CKA is 1 for features that differ by a rotation, a shift or a scale. Other invertible maps change it. The plain form has
an upward bias, which grows as the ratio of clips to channels falls: unrelated features of 100 clips in 64 channels
reach about 0.4. The debiased form computes the three dependence measures (HSIC) with the unbiased estimator. It is
about 0 for unrelated features and can be slightly negative.

Resampling clips with replacement would pair clips with themselves, which brings back the bias that the estimator
removes. Here a resample gives the count of each clip, and only different clips are paired.

Source: Kornblith et al. (2019), "Similarity of Neural Network Representations Revisited"; Song et al. (2012) (unbiased
estimator).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

LEAST = 4
"""Smallest number of clips for the unbiased estimator."""
FLAT = 1e-10
"""Smallest ratio of a feature's spread over clips to its squared length. Below it the feature counts as constant."""


def linear_cka(one: Float[Tensor, "n C"], other: Float[Tensor, "n K"]) -> float:
    """Return the plain form, 0 to 1; 0 if one side is the same for all clips.

    Args:
        one: features of the first network.
        other: features of the second network, of the same clips.
    """
    a, b = (part.double() - part.double().mean(dim=0) for part in (one, other))
    shared = (a.T @ b).square().sum()
    own = (a.T @ a).square().sum().sqrt() * (b.T @ b).square().sum().sqrt()
    return float(shared / own.clamp_min(1e-12))


def debiased_cka(one: Float[Tensor, "n C"], other: Float[Tensor, "m K"]) -> float:
    """Return the debiased form: 1 for a rotated, shifted or scaled copy, about 0 for unrelated features.

    Args:
        one: features of the first network.
        other: features of the second network, of the same clips.

    Raises:
        ValueError: if there are fewer than 4 clips, or the numbers of clips differ.
        ValueError: if features are the same for every clip.
    """
    counts = torch.ones(1, len(one), dtype=torch.float64)
    return float(resampled_cka([one, other], [(0, 1)], counts))


def resampled_cka(
    features: Sequence[Float[Tensor, "_ _"]], pairs: Sequence[tuple[int, int]], counts: Float[Tensor, "R n"]
) -> Float[Tensor, "P R"]:
    """Return the debiased CKA of pairs of feature sets, once for each row of ``counts``.

    Args:
        features: feature sets of the same clips in the same order.
        pairs: pairs of indices into ``features``.
        counts: count (or weight) of each clip in each resample; all ones give the estimate itself.

    Raises:
        ValueError: if :func:`debiased_cka` would raise it.
    """
    if len({len(one) for one in features} | {counts.shape[1]}) > 1:
        raise ValueError(f"CKA compares features of the same clips, got {', '.join(str(len(f)) for f in features)}")
    kernels = [kernel(one) for one in features]
    drawn = [counts @ one for one in kernels]
    own = {i: _hsic(kernels[i], kernels[i], drawn[i], drawn[i], counts) for i in sorted({i for p in pairs for i in p})}
    tiny = torch.finfo(torch.float64).tiny
    out = []
    for a, b in pairs:
        length = (own[a].clamp_min(0) * own[b].clamp_min(0)).sqrt().clamp_min(tiny)
        out.append(_hsic(kernels[a], kernels[b], drawn[a], drawn[b], counts) / length)
    return torch.stack(out)


def kernel(features: Float[Tensor, "n C"]) -> Float[Tensor, "n n"]:
    """Return the inner products of centred features of different clips (the diagonal is 0), scaled to a mean square of
    1.

    Args:
        features: features of the clips.

    Raises:
        ValueError: if there are fewer than 4 clips.
        ValueError: if features are the same for every clip.
    """
    n = len(features)
    if n < LEAST:
        raise ValueError(f"CKA needs at least {LEAST} clips, got {n}")
    x = features.double()
    centred = x - x.mean(dim=0)
    spread = centred.square().sum()
    if not spread > FLAT * x.square().sum():
        raise ValueError("CKA of features that are the same for every clip says nothing")
    inner = (centred @ centred.T).fill_diagonal_(0)
    return inner / inner.square().mean().sqrt()


def hsic(one: Float[Tensor, "n n"], other: Float[Tensor, "n n"], counts: Float[Tensor, "R n"]) -> Float[Tensor, " R"]:
    """Return the unbiased Hilbert-Schmidt independence criterion of two kernels without diagonals.

    The clips can count more than once. The result consists of means over all pairs, triples and quadruples of different
    clips, weighted by the product of their counts:

        mean k_ij l_ij + mean k_ij l_qr - 2 mean k_ij l_iq

    Args:
        one: first kernel.
        other: second kernel.
        counts: count of each clip in each resample.

    Source: Song et al. (2012), equation 5.
    """
    return _hsic(one, other, counts @ one, counts @ other, counts)


def _hsic(
    one: Float[Tensor, "n n"],
    other: Float[Tensor, "n n"],
    by_clip: Float[Tensor, "R n"],
    by_other: Float[Tensor, "R n"],
    counts: Float[Tensor, "R n"],
) -> Float[Tensor, " R"]:
    square = counts**2
    shared = one * other
    weighted = counts @ shared
    pair = (weighted * counts).sum(dim=1)
    pair_once = (weighted * square).sum(dim=1)  # clip j counted twice, as where two of three places are the same clip
    pair_twice = ((square @ shared) * square).sum(dim=1)
    triple = (counts * by_clip * by_other).sum(dim=1) - pair_once
    star = (square * by_clip * by_other).sum(dim=1)
    quadruple = (by_clip * counts).sum(dim=1) * (by_other * counts).sum(dim=1) - 4 * star + 2 * pair_twice
    s1, s2, s3, s4 = ((counts**power).sum(dim=1) for power in (1, 2, 3, 4))
    pairs = s1**2 - s2
    triples = s1**3 - 3 * s1 * s2 + 2 * s3
    quadruples = s1**4 - 6 * s1**2 * s2 + 3 * s2**2 + 8 * s1 * s3 - 6 * s4
    return pair / pairs + quadruple / quadruples - 2 * triple / triples
