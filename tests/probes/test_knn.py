"""k-nearest neighbours by hand."""

from __future__ import annotations

import math

import torch

from auxjepa.probes import knn


def unit(degrees: float, length: float = 1.0) -> list[float]:
    return [length * math.cos(math.radians(degrees)), length * math.sin(math.radians(degrees))]


def test_votes_by_hand():
    """One neighbour of class 0 at 0 degrees; two of class 1 at 10 and 12; votes are exp(cos / 0.07)."""
    bank, labels = torch.tensor([unit(0, 5), unit(10), unit(12, 0.1), unit(180)]), torch.tensor([0, 1, 1, 2])
    queries = torch.tensor([unit(0), unit(4), unit(175)])
    one, three, all_of_them = knn.predict(bank, labels, queries, (1, 3, 50))
    assert one.tolist() == [0, 0, 2]
    votes = [[math.exp(math.cos(math.radians(a - q)) / 0.07) for a in (0, 10, 12)] for q in (0, 4)]
    assert three[:2].tolist() == [int(b + c > a) for a, b, c in votes] == [1, 1]
    assert all_of_them.tolist() == [1, 1, 2]


def test_queries_in_parts_give_the_same(monkeypatch):
    rng = torch.Generator().manual_seed(0)
    bank, queries = torch.randn(40, 5, generator=rng), torch.randn(17, 5, generator=rng)
    labels = torch.randint(0, 6, (40,), generator=rng)
    whole = knn.predict(bank, labels, queries, (1, 5, 20))
    monkeypatch.setattr(knn, "QUERIES_AT_ONCE", 4)
    assert torch.equal(knn.predict(bank, labels, queries, (1, 5, 20)), whole)


def test_classes_that_the_bank_lacks_get_no_votes():
    bank, labels = torch.eye(3), torch.tensor([0, 2, 2])
    votes = knn.votes(bank, labels, torch.eye(3), (1,), classes=5)[0]
    assert votes.shape == (3, 5) and votes.argmax(dim=1).tolist() == [0, 2, 2]
    assert not votes[:, [1, 3, 4]].any() and knn.votes(bank, labels, torch.eye(3), (1,)).shape == (1, 3, 3)
