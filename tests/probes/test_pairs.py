"""Captions become pairs, and controls take away what they say."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from auxjepa.probes.pairs import Pairs, pair, shuffled, time_mean
from auxjepa.probes.text import HashedNgrams


def test_captions_become_pairs():
    tokens = torch.zeros(3, 1, 2)
    pairs = pair(tokens, [["A ring", "a hoop"], ["a star"], ["a  Hoop", "a ring"]], HashedNgrams(32))
    assert pairs.owner.tolist() == [0, 0, 1, 2, 2] and pairs.texts.shape == (5, 32)
    assert pairs.identity[0] == pairs.identity[2] != pairs.identity[1], "the same set of captions"
    given = pair(tokens, [["a"], ["a"], ["b"]], HashedNgrams(32), identity=np.array([4, 5, 5]))
    assert given.identity.tolist() == [4, 5, 5]
    for captions in ([["a"], ["b"]], [["a"], [], ["b"]]):
        with pytest.raises(ValueError, match="3 clips need as many lists of captions, none empty"):
            pair(tokens, captions, HashedNgrams(32))


def test_shuffling_gives_clips_the_features_of_others_and_keeps_all_of_them():
    tokens = torch.arange(40.0)[:, None, None]
    pairs = pair(tokens, [[str(clip)] for clip in range(40)], HashedNgrams(8))
    mixed = shuffled(pairs, 0)
    assert sorted(mixed.tokens.flatten().tolist()) == tokens.flatten().tolist()
    assert (mixed.tokens != tokens).float().mean() > 0.8
    assert torch.equal(mixed.texts, pairs.texts) and torch.equal(mixed.identity, pairs.identity)
    assert torch.equal(mixed.tokens, shuffled(pairs, 0).tokens)
    assert not torch.equal(mixed.tokens, shuffled(pairs, 1).tokens)
    assert isinstance(mixed, Pairs)


def test_the_mean_over_time_forgets_the_order():
    rng = torch.Generator().manual_seed(0)
    tokens = torch.randn(3, 4 * 5, 6, generator=rng)
    backwards = tokens.unflatten(1, (4, 5)).flip(1).flatten(1, 2)
    assert time_mean(tokens, 4).shape == (3, 5, 6)
    assert torch.allclose(time_mean(tokens, 4), time_mean(backwards, 4), atol=1e-6)
    with pytest.raises(ValueError, match="20 tokens can't be divided into 3"):
        time_mean(tokens, 3)
