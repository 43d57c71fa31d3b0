"""Centring and whitening, fitted on training tokens."""

from __future__ import annotations

import pytest
import torch

from auxjepa.probes import prepare
from auxjepa.probes.prepare import choose_channels, fit
from auxjepa.probes.protocol import Protocol


@pytest.fixture
def tokens() -> torch.Tensor:
    """Correlated channels of very different size, a mean of its own at each position."""
    rng = torch.Generator().manual_seed(0)
    mix = torch.randn(10, 10, generator=rng) * torch.logspace(-1, 1, 10)
    return torch.randn(500, 6, 10, generator=rng) @ mix + 30 * torch.randn(1, 6, 10, generator=rng)


@pytest.mark.parametrize("centre", [True, False])
def test_whitened_training_tokens_have_identity_covariance(tokens, centre, monkeypatch):
    monkeypatch.setattr(prepare, "FLOOR", 1e-12)
    monkeypatch.setattr(prepare, "CLIPS_AT_ONCE", 64)
    out = fit(tokens, Protocol(name="p", centre=centre))(tokens).flatten(0, 1)
    assert torch.allclose(out.mean(dim=0), torch.zeros(10), atol=1e-3)
    assert torch.allclose(torch.cov(out.T), torch.eye(10), atol=5e-3)


def test_directions_of_nearly_no_variance_are_not_blown_up(tokens):
    flat = tokens.clone()
    flat[..., 0] = flat[..., 1] + 1e-6 * torch.randn(500, 6)
    assert fit(flat, Protocol(name="p"))(flat).var(dim=(0, 1)).min() < 1e-3


def test_centring_takes_the_training_mean_of_each_position(tokens):
    ready = fit(tokens, Protocol(name="p", whiten=False))
    assert torch.allclose(ready(tokens).mean(dim=0), torch.zeros(6, 10), atol=1e-4)
    other = torch.randn(3, 6, 10)
    assert torch.allclose(ready(other), other - tokens.mean(dim=0))


def test_neither_leaves_tokens_alone(tokens):
    assert torch.equal(fit(tokens, Protocol(name="p", centre=False, whiten=False))(tokens), tokens)


def test_halves_share_no_channel_and_lose_none(tokens):
    parts = [choose_channels(tokens, Protocol(name="p", channels=c, ratio=0.3)) for c in ("appearance", "dynamics")]
    assert [part.shape[-1] for part in parts] == [3, 7]
    assert torch.equal(torch.cat(parts, dim=-1), tokens)
    assert torch.equal(choose_channels(tokens, Protocol(name="p")), tokens)
    with pytest.raises(ValueError, match="ratio 1 leaves no dynamics channels of 10"):
        choose_channels(tokens, Protocol(name="p", channels="dynamics", ratio=1.0))


@pytest.mark.parametrize("whiten", [True, False])
@pytest.mark.parametrize("centre", [True, False])
def test_features_on_disk_are_prepared_alike(tokens, on_disk, centre, whiten, monkeypatch):
    monkeypatch.setattr(prepare, "CLIPS_AT_ONCE", 70)
    protocol = Protocol(name="p", centre=centre, whiten=whiten)
    in_memory, streamed = fit(tokens, protocol), fit(on_disk(tokens), protocol)
    assert streamed.mean.shape == in_memory.mean.shape and streamed.mean.dtype == torch.float32
    torch.testing.assert_close(streamed.mean, in_memory.mean, atol=1e-3, rtol=1e-5)
    one, other = (preparation(tokens[:50]).flatten(0, 1) for preparation in (in_memory, streamed))
    # Directions may be turned round, what they span may not.
    torch.testing.assert_close(one @ one.T, other @ other.T, atol=2e-2, rtol=1e-3)
