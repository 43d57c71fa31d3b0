"""Heads against the same functions written out."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from auxjepa.probes.heads import UNDECAYED, Attentive, Linear


def stirred(head):
    """Parameters moved apart, so that grid points and heads differ."""
    torch.manual_seed(0)
    with torch.no_grad():
        for p in head.parameters():
            p.add_(0.3 * torch.randn_like(p))
    return head


def test_attentive_is_multi_head_cross_attention_with_one_learned_query():
    """Written out with separate query, key, value and output projections, values as wide as the tokens; the probe
    holds the products key^T query and value output."""
    torch.manual_seed(1)
    dim, heads, width, classes = 6, 2, 4, 3
    tokens, query = torch.randn(5, 7, dim), torch.randn(heads, width)
    key, value = torch.randn(heads, width, dim), torch.randn(heads, dim, dim)
    output = torch.randn(heads, dim, dim)
    probe = stirred(Attentive(1, dim, classes, heads, torch.Generator().manual_seed(0)))
    with torch.no_grad():
        for h in range(heads):
            probe.query[0, h] = key[h].T @ query[h] / width**0.5
            probe.value[0, h * dim : (h + 1) * dim] = (output[h] @ value[h]).T

    attended = torch.zeros(5, dim)
    for h in range(heads):
        k, v = tokens @ key[h].T, tokens @ value[h].T
        weight = (k @ query[h] / width**0.5).softmax(dim=1)
        attended += (weight[:, :, None] * v).sum(dim=1) @ output[h].T
    x = attended
    normed = F.layer_norm(x, (dim,)) * probe.scale[0, 0] + probe.shift[0, 0]
    x = x + F.gelu(normed @ probe.up[0] + probe.up_bias[0, 0]) @ probe.down[0]
    expected = F.layer_norm(x, (dim,)) @ probe.weight[0] + probe.bias[0, 0]
    assert torch.allclose(probe(tokens)[0], expected, atol=1e-4)


@pytest.mark.parametrize("kind", ["linear", "attentive"])
def test_grid_points_start_alike_and_are_independent(kind):
    rng = torch.Generator().manual_seed(0)
    head = Linear(3, 6, 4, rng) if kind == "linear" else Attentive(3, 6, 4, 2, rng)
    x = torch.randn(5, 6) if kind == "linear" else torch.randn(5, 7, 6)
    logits = head(x)
    assert logits.shape == (3, 5, 4)
    assert all(torch.equal(p[0], p[1]) for p in head.parameters())
    head(x)[1].square().sum().backward()
    for p in head.parameters():
        assert p.grad is not None and not p.grad[0].any() and not p.grad[2].any()


def test_every_point_of_the_grid_is_the_head_alone():
    head = stirred(Attentive(3, 6, 4, 2, torch.Generator().manual_seed(0)))
    alone = Attentive(1, 6, 4, 2, torch.Generator().manual_seed(0))
    alone.load_state_dict({name: value[2:] for name, value in head.state_dict().items()})
    x = torch.randn(5, 7, 6)
    assert torch.allclose(head(x)[2], alone(x)[0], atol=1e-5)


def test_undecayed_names_are_the_vectors():
    head = Attentive(1, 6, 4, 1, torch.Generator())
    assert {name for name, p in head.named_parameters() if p[0].squeeze().ndim < 2} - {"query"} == UNDECAYED


def test_no_attention_head_is_refused():
    with pytest.raises(ValueError, match="at least one attention head, got 0"):
        Attentive(1, 6, 4, 0, torch.Generator())
