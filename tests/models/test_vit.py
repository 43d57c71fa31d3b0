"""The encoder: patches, masked tokens, levels, images, precision."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from auxjepa.models import vit
from auxjepa.models.vit import SIZES, Block, Encoder, Width, patchify
from auxjepa.tokens import Grid

GRID = Grid(T=2, H=2, W=3, tubelet=2, patch=4)
SMALL = Width(24, 4, 2)


def encoder(**settings) -> Encoder:
    torch.manual_seed(0)
    return Encoder(SMALL, patch_values=3 * 2 * 4 * 4, **settings)


@pytest.fixture
def patches() -> torch.Tensor:
    pixels = torch.randn(3, 3, 4, 8, 12, generator=torch.Generator().manual_seed(0))
    return patchify(pixels, GRID)


def test_a_patch_holds_the_pixels_of_its_tile():
    pixels = torch.randn(2, 3, 4, 8, 12)
    patches = patchify(pixels, GRID)
    for n, (t, y, x) in enumerate(GRID.positions().tolist()):
        tile = pixels[1, :, 2 * t : 2 * t + 2, 4 * y : 4 * y + 4, 4 * x : 4 * x + 4]
        assert torch.equal(patches[1, n], tile.flatten())


def test_an_image_is_a_clip_of_one_tubelet_in_which_nothing_moves():
    image = torch.randn(2, 3, 1, 8, 12)
    grid = Grid(T=1, H=2, W=3, tubelet=2, patch=4)
    assert torch.equal(patchify(image, grid), patchify(image.repeat(1, 1, 2, 1, 1), grid))


@pytest.mark.parametrize("position", ["rope", "sincos"])
def test_listing_every_token_is_the_same_as_listing_none(patches, position):
    model = encoder(position=position)
    everything = torch.arange(GRID.N).expand(3, -1)
    assert torch.allclose(model(patches, GRID), model(patches, GRID, everything), atol=1e-5)


@pytest.mark.parametrize("settings", [{}, {"rope": "tiled"}, {"position": "sincos"}, {"rope_interpolate": 8}])
def test_order_of_listing_does_not_matter_and_position_does(patches, settings):
    model = encoder(**settings)
    index = torch.tensor([[1, 5, 8, 10], [0, 2, 3, 11], [4, 6, 7, 9]])
    shuffle = torch.tensor([2, 0, 3, 1])
    out = model(patches, GRID, index)
    assert torch.allclose(out[:, shuffle], model(patches, GRID, index[:, shuffle]), atol=1e-5)
    same = patches[:, :1].expand(-1, GRID.N, -1).clone()
    same[:, 0] = 0  # one token that differs, seen from different distances
    seen = model(same, GRID)[:, 1:]
    assert (seen[:, 0] - seen[:, -1]).abs().max() > 1e-4


def test_hidden_tokens_cannot_be_seen(patches):
    model = encoder()
    index = torch.tensor([[1, 5, 8, 10]] * 3)
    garbage = patches.clone()
    hidden = [n for n in range(GRID.N) if n not in (1, 5, 8, 10)]
    garbage[:, hidden] = 1e6
    assert torch.equal(model(patches, GRID, index), model(garbage, GRID, index))


@pytest.mark.parametrize(("levels", "depths"), [(1, (3,)), (2, (1, 3)), (4, (0, 1, 2, 3))])
def test_levels_are_evenly_spaced_and_normed_on_their_own(patches, levels, depths):
    model = encoder(levels=levels)
    assert model.depths == depths
    out = model(patches, GRID)
    assert out.shape == (3, GRID.N, levels, 24)
    assert torch.allclose(out.mean(dim=-1), torch.zeros(3, GRID.N, levels), atol=1e-5)
    assert len({id(norm) for norm in model.norms}) == levels
    # Level l is what an encoder cut off after depth l would say.
    tables = model.trunk._table(GRID, None, patches.device)
    x = model.embed(patches)
    for depth, block in enumerate(model.trunk.blocks):
        x = block(x, vit.pick(tables, None))
        if depth in depths:
            level = depths.index(depth)
            assert torch.allclose(out[:, :, level], model.norms[level](x), atol=1e-5)


def test_base_takes_levels_of_v_jepa():
    with torch.device("meta"):
        model = Encoder(SIZES["base"], patch_values=1536, levels=4)
    assert model.depths == (2, 5, 8, 11)
    assert sum(p.numel() for p in model.trunk.parameters()) == 12 * (12 * 768**2 + 13 * 768)


def test_a_block_is_attention_and_mlp_as_written_out():
    torch.manual_seed(0)
    block = Block(Width(8, 1, 2))
    x = torch.randn(2, 5, 8)
    q, k, v = block.qkv(block.norm1(x)).chunk(3, dim=-1)
    heads = []
    for h in (slice(0, 4), slice(4, 8)):
        weight = (q[..., h] @ k[..., h].transpose(1, 2) / 4**0.5).softmax(dim=-1)
        heads.append(weight @ v[..., h])
    y = x + block.proj(torch.cat(heads, dim=-1))
    y = y + block.mlp(block.norm2(y))
    assert torch.allclose(block(x, None), y, atol=1e-5)


def test_modality_embedding_tells_images_from_clips_once_learned(patches):
    model = encoder(modality_embedding=True)
    assert model.modality is not None
    assert torch.equal(model(patches, GRID, image=True), model(patches, GRID, image=False))
    with torch.no_grad():
        model.modality[0] += torch.randn(24)
    assert not torch.allclose(model(patches, GRID, image=True), model(patches, GRID, image=False))
    model(patches, GRID, image=True)[..., 0].sum().backward()
    assert model.modality.grad is not None
    assert model.modality.grad[0].any() and not model.modality.grad[1].any()


def test_bf16_runs_and_attention_stays_float32_on_cpu(patches, monkeypatch):
    seen = []
    real = F.scaled_dot_product_attention

    def spy(q, k, v):
        seen.append((q.dtype, k.dtype, v.dtype))
        return real(q, k, v)

    monkeypatch.setattr(vit.F, "scaled_dot_product_attention", spy)
    model = encoder()
    exact = model(patches, GRID)
    seen.clear()
    with torch.autocast("cpu", torch.bfloat16):
        out = model(patches, GRID)
    out.float().square().mean().backward()
    assert set(seen) == {(torch.float32,) * 3}
    assert (out.float() - exact).abs().max() < 0.1
    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())


def test_initial_weights_follow_the_rule():
    torch.manual_seed(0)
    model = Encoder(SIZES["tiny"], patch_values=384)
    first, last = model.trunk.blocks[0], model.trunk.blocks[-1]
    assert isinstance(first, Block) and isinstance(last, Block)
    assert first.qkv.weight.std().item() == pytest.approx(0.04, rel=0.05)
    assert first.proj.weight.std().item() == pytest.approx(0.04 / 2**0.5, rel=0.05)
    assert last.proj.weight.std().item() == pytest.approx(0.04 / 24**0.5, rel=0.05)
    assert not last.qkv.bias.any()


def test_impossible_sizes_are_refused():
    with pytest.raises(ValueError, match="5 levels need at least 5 blocks, this encoder has 4"):
        encoder(levels=5)
    with pytest.raises(ValueError, match="50 channels cannot be shared by 4 heads"):
        Width(50, 1, 4)
