"""Alarms: RankMe by hand, and verdicts on collapse that was planted."""

from __future__ import annotations

import math

import pytest
import torch

from auxjepa.train import monitor
from auxjepa.train.monitor import Monitor, Spread, spread


def test_rank_of_a_diagonal_example_by_hand():
    """Two clips at +v and -v, three positions: centred tokens have singular values in the ratio 3 : 2 : 1."""
    tokens = torch.diag(torch.tensor([3.0, 2.0, 1.0]))
    features = torch.stack([tokens, -tokens])
    share = [3 / 6, 2 / 6, 1 / 6]
    now = spread(features)
    assert now.rank == pytest.approx(math.exp(-sum(p * math.log(p) for p in share)), rel=1e-4)
    size = math.sqrt((9 + 4 + 1) / 9)
    assert now.std == pytest.approx((3 + 2 + 1) / 3**0.5 / 3 / size, rel=1e-5)


def test_a_code_of_the_position_counts_as_collapse():
    position = torch.randn(1, 16, 8).expand(20, -1, -1)
    assert spread(position).std == pytest.approx(0, abs=1e-6)
    assert Monitor().update("student", spread(position + 1e-3 * torch.randn(20, 16, 8))) == "collapsed"


def test_isotropic_features_have_nearly_full_rank_at_any_scale():
    x = torch.randn(64, 16, 8, generator=torch.Generator().manual_seed(0))
    now = spread(x)
    assert now.rank == pytest.approx(8, rel=0.01) and now.std == pytest.approx(1, rel=0.02)
    assert spread(100 * x) == pytest.approx(now, rel=1e-4)


def test_many_tokens_are_sampled_the_same_way_each_time(monkeypatch):
    monkeypatch.setattr(monitor, "MAX_TOKENS", 100)
    x = torch.randn(64, 16, 8, generator=torch.Generator().manual_seed(0))
    assert spread(x) == spread(x) and spread(x).rank == pytest.approx(8, rel=0.05)


def test_verdicts():
    watched = Monitor()
    assert watched.verdict == "healthy"
    assert watched.update("student", Spread(0.8, 20.0)) == "healthy"
    assert watched.update("student", Spread(0.5, 30.0)) == "healthy"
    assert watched.update("student", Spread(0.39, 30.0)) == "shrinking"
    assert watched.update("student", Spread(0.5, 14.0)) == "shrinking"
    assert watched.update("student", Spread(0.5, 1.4)) == "collapsed"
    assert watched.update("student", Spread(0.01, 30.0)) == "collapsed"
    assert watched.update("student", Spread(0.7, 25.0)) == "healthy"


def test_one_collapsed_network_is_enough():
    watched = Monitor()
    watched.update("teacher", Spread(0.001, 1.0))
    watched.update("student", Spread(0.8, 20.0))
    assert watched.verdict == "collapsed"
    assert watched.best == {"teacher": (0.001, 1.0), "student": (0.8, 20.0)}
