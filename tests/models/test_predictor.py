"""The predictor: who sees what, and where its answers come out."""

from __future__ import annotations

import pytest
import torch

from auxjepa.models.predictor import Predictor
from auxjepa.models.vit import Width
from auxjepa.tokens import Grid

GRID = Grid(T=2, H=2, W=3, tubelet=2, patch=4)


@pytest.fixture(params=["rope", "sincos"])
def predictor(request) -> Predictor:
    torch.manual_seed(0)
    return Predictor(Width(24, 2, 2), dim=16, levels=2, position=request.param)


@pytest.fixture
def places() -> tuple[torch.Tensor, torch.Tensor]:
    index = torch.stack([torch.randperm(GRID.N, generator=torch.Generator().manual_seed(s)) for s in range(3)])
    return index[:, :7], index[:, 7:]


def test_shapes_and_the_optional_visible_answer(predictor, places):
    context = torch.randn(3, 7, 2, 16)
    said = predictor(context, *places, GRID)
    assert said.hidden.shape == (3, 5, 2, 16) and said.visible is None
    both = predictor(context, *places, GRID, visible=True)
    assert both.visible is not None and both.visible.shape == (3, 7, 2, 16)
    assert torch.equal(both.hidden, said.hidden)


def test_answers_follow_their_tokens_whatever_the_order_of_listing(predictor, places):
    """Tokens need no sorting: a permuted list gives the permuted answer."""
    seen, hidden = places
    context = torch.randn(3, 7, 2, 16)
    said = predictor(context, seen, hidden, GRID, True)
    a, b = torch.randperm(7), torch.randperm(5)
    again = predictor(context[:, a], seen[:, a], hidden[:, b], GRID, True)
    assert torch.allclose(said.hidden[:, b], again.hidden, atol=1e-5)
    assert torch.allclose(said.visible[:, a], again.visible, atol=1e-5)


def test_hidden_places_get_different_answers(predictor, places):
    said = predictor(torch.randn(3, 7, 2, 16), *places, GRID)
    assert (said.hidden[:, 0] - said.hidden[:, 1]).abs().max() > 1e-4


def test_heads_are_separate(predictor, places):
    said = predictor(torch.randn(3, 7, 2, 16), *places, GRID, True)
    said.hidden.sum().backward()
    assert predictor.hidden_head.weight.grad is not None and predictor.visible_head.weight.grad is None
    assert predictor.mask_token.grad is not None and predictor.fuse[0].weight.grad is not None
