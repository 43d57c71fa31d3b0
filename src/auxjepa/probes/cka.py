"""Centred kernel alignment (CKA) with a linear kernel: how alike two networks arrange the same clips.

Kornblith et al. (2019), "Similarity of Neural Network Representations Revisited". 1 for features that differ by a
rotation, a shift or a scale; other invertible maps change it. The plain form is biased upwards, the more so the fewer
clips there are for the channels: unrelated features of 100 clips in 64 channels reach about 0.4. The debiased form
takes the three dependence measures (HSIC) by the unbiased estimator of Song et al. (2012) and is about 0 there; it can
be slightly negative.

Resampling clips with replacement would pair clips with themselves, and so put the bias back that the estimator removes.
Here a resample says how often each clip counts, and only different clips are paired.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

LEAST = 4
"""Clips that the unbiased estimator needs."""
FLAT = 1e-10
"""Share of a feature's squared length that its spread over clips must reach, or it counts as the same for all."""


def linear_cka(one: Float[Tensor, "n C"], other: Float[Tensor, "n K"]) -> float:
    """The plain form, 0 to 1; 0 where one side is the same for all clips."""
    a, b = (part.double() - part.double().mean(dim=0) for part in (one, other))
    shared = (a.T @ b).square().sum()
    own = (a.T @ a).square().sum().sqrt() * (b.T @ b).square().sum().sqrt()
    return float(shared / own.clamp_min(1e-12))


def debiased_cka(one: Float[Tensor, "n C"], other: Float[Tensor, "m K"]) -> float:
    """The debiased form; 1 for a rotated, shifted or scaled copy, about 0 for unrelated features.

    Raises:
        ValueError: with fewer than 4 clips, another number of them, or features that are the same for every clip.
    """
    counts = torch.ones(1, len(one), dtype=torch.float64)
    return float(resampled_cka([one, other], [(0, 1)], counts))


def resampled_cka(
    features: Sequence[Float[Tensor, "_ _"]], pairs: Sequence[tuple[int, int]], counts: Float[Tensor, "R n"]
) -> Float[Tensor, "P R"]:
    """Debiased CKA of pairs of feature sets, once for each row of ``counts``.

    Args:
        features: of the same clips in the same order.
        pairs: places in ``features``.
        counts: how often each clip counts in each resample (shares do as well); all ones is the estimate itself.

    Raises:
        ValueError: as :func:`debiased_cka`.
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
    """Inner products of centred features, of different clips only (the diagonal is 0), scaled to a mean square of 1.

    Raises:
        ValueError: with fewer than 4 clips, or features that are the same for every clip.
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
    """Unbiased Hilbert-Schmidt independence criterion of two kernels without diagonals.

    Song et al. (2012), equation 5, for clips that count more than once: means over all pairs, triples and quadruples of
    different clips, weighted by the product of their counts.

        mean k_ij l_ij + mean k_ij l_qr - 2 mean k_ij l_iq
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
