"""What every head must do, swept over all of them, and what each of them can and cannot read."""

from __future__ import annotations

from typing import Any, get_args

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from auxjepa.probes.fit import Split, fit_probe, probe
from auxjepa.probes.heads import SEES, UNDECAYED, build
from auxjepa.probes.protocol import Head, Protocol

TRAINED = [name for name in SEES if name != "knn"]
TEMPORAL = ["tap", "temporal_conv", "motion_router", "motion_router_full", "spatial_router", "st_attn"]
B, T, S, D, C = 5, 4, 3, 16, 4
SHAPES = {"mean": (B, D), "tokens": (B, T * S, D), "steps": (B, T, D), "places": (B, T, S, D)}


def made(name: str, grid: int = 1, *, stir: bool = True, dropout: float = 0.1) -> Any:
    protocol = Protocol(name=name, head=name, attention_heads=2, dropout=dropout)  # type: ignore[arg-type]
    head = build(protocol, grid, D, C, torch.Generator().manual_seed(0))
    if stir:
        noise = torch.Generator().manual_seed(1)
        with torch.no_grad():
            for p in head.parameters():
                p.add_(0.3 * torch.randn(p.shape, generator=noise))
    return head.eval()


def given(name: str, seed: int = 2) -> Tensor:
    return torch.randn(SHAPES[SEES[name]], generator=torch.Generator().manual_seed(seed))


def test_every_head_of_a_protocol_is_known() -> None:
    assert set(SEES) == set(get_args(Head))
    with pytest.raises(ValueError, match="'knn' is not trained"):
        made("knn")


@pytest.mark.parametrize("name", TRAINED)
def test_output_is_finite_of_its_shape_and_reached_by_every_parameter(name: str) -> None:
    head = made(name, grid=3)
    out = head(given(name))
    assert out.shape == (3, B, C) and bool(out.isfinite().all())
    F.cross_entropy(out.flatten(0, 1), (torch.arange(B) % C).repeat(3)).backward()
    for path, p in head.named_parameters():
        assert p.grad is not None and bool(p.grad.isfinite().all()), path
        assert all(float(point.abs().max()) > 1e-7 for point in p.grad), path


@pytest.mark.parametrize("name", TRAINED)
def test_grid_points_start_alike_and_share_nothing(name: str) -> None:
    head = made(name, grid=3, stir=False)
    assert all(torch.equal(p[0], p[1]) and torch.equal(p[0], p[2]) for p in head.parameters())
    head(given(name))[1].square().sum().backward()
    for path, p in head.named_parameters():
        assert p.grad is not None and not p.grad[0].any() and not p.grad[2].any(), path


@pytest.mark.parametrize("name", TRAINED)
def test_every_point_of_the_grid_is_the_head_alone(name: str) -> None:
    head, alone = made(name, grid=3), made(name)
    alone.load_state_dict({key: value[2:] for key, value in head.state_dict().items()})
    x = given(name)
    torch.testing.assert_close(head(x)[2], alone(x)[0], atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("name", TRAINED)
def test_what_is_not_decayed_is_named(name: str) -> None:
    """Biases, scales and shifts start at 0 or 1; nothing else does."""
    for path, p in made(name, stir=False).named_parameters():
        flat = bool((p == 0).all() or (p == 1).all())
        assert flat == (path.rpartition(".")[2] in UNDECAYED), path


def moved(x: Tensor, name: str) -> Tensor:
    """The same clip with its time steps in another order."""
    order = torch.tensor([2, 0, 3, 1])
    return x.unflatten(1, (T, S))[:, order].flatten(1, 2) if SEES[name] == "tokens" else x[:, order]


@pytest.mark.parametrize("name", [n for n in TRAINED if n != "linear"])
def test_which_heads_see_the_order_of_time(name: str) -> None:
    """Without positions, attention and routing by content don't; convolution and routing by change do."""
    head, x = made(name), given(name)
    same = torch.allclose(head(x), head(moved(x, name)), atol=1e-5)
    assert same == (name not in ("temporal_conv", "motion_router", "motion_router_full"))


@pytest.mark.parametrize("name", ["motion_router_full", "spatial_router", "st_attn", "attentive"])
def test_order_of_places_is_nothing(name: str) -> None:
    head, x = made(name), given(name)
    order = torch.tensor([2, 0, 1])
    other = x[:, :, order] if SEES[name] == "places" else x.unflatten(1, (T, S))[:, :, order].flatten(1, 2)
    torch.testing.assert_close(head(x), head(other), atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("name", TRAINED)
def test_a_clip_in_which_nothing_moves_or_nothing_is_gives_numbers(name: str) -> None:
    head, x = made(name, stir=False), given(name)
    still = x[:, :1].expand_as(x).clone() if x.ndim > 2 else x
    for clip in (still, torch.zeros_like(x)):
        clip.requires_grad_()
        out = head(clip)
        out.sum().backward()
        assert out.isfinite().all() and clip.grad is not None and clip.grad.isfinite().all()


def test_a_router_without_change_weighs_all_tokens_alike() -> None:
    head, x = made("motion_router"), given("motion_router")
    still = x[:, :1].expand_as(x)
    routed = head.router(torch.cat([still, torch.zeros_like(still)], -1), still)
    torch.testing.assert_close(routed[0], x[:, 0])


@pytest.mark.parametrize("name", TEMPORAL)
def test_dropout_is_off_in_evaluation_and_seeded_in_training(name: str) -> None:
    x = given(name)
    torch.testing.assert_close(made(name)(x), made(name, dropout=0.0)(x))
    first, second = made(name, grid=2, stir=False).train(), made(name, grid=2, stir=False).train()
    torch.manual_seed(7)
    one = first(x)
    torch.manual_seed(8)
    torch.testing.assert_close(one, second(x), atol=0, rtol=0)
    torch.testing.assert_close(one[0], one[1])  # the grid shares the mask
    assert not torch.allclose(one, first(x))


@pytest.mark.parametrize("name", ["tap", "temporal_conv", "st_attn", "attentive_released"])
def test_channels_that_heads_cannot_share_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="16 channels cannot be shared by 3 attention heads"):
        build(Protocol(name="x", head=name, attention_heads=3), 1, D, C, torch.Generator())  # type: ignore[arg-type]


def test_released_attention_is_torch_multi_head_attention() -> None:
    """A learned token in front, torch's MultiheadAttention, residual, LayerNorm, linear."""
    head, x = made("attentive_released"), given("attentive_released")
    layer = head.summary.layers[0]
    theirs = nn.MultiheadAttention(D, 2, batch_first=True)
    with torch.no_grad():
        parts = (layer.query, layer.key, layer.value)
        theirs.in_proj_weight.copy_(torch.cat([part.weight[0].T for part in parts]))
        theirs.in_proj_bias.copy_(torch.cat([layer.query.bias[0, 0], torch.ones(D), layer.value.bias[0, 0]]))
        theirs.out_proj.weight.copy_(layer.out.weight[0].T)
        theirs.out_proj.bias.copy_(layer.out.bias[0, 0])
    whole = torch.cat([head.summary.token[0].expand(B, 1, D), x], dim=1)
    y = F.layer_norm(whole + theirs(whole, whole, whole)[0], (D,))[:, 0]
    y = y * layer.norm.scale[0, 0] + layer.norm.shift[0, 0]
    expected = y @ head.classes.weight[0] + head.classes.bias[0, 0]
    torch.testing.assert_close(head(x)[0], expected, atol=1e-4, rtol=1e-4)


def planted(kind: str, clips: int = 400) -> tuple[Split, Split, Split]:
    """Tokens whose class is: 'when' - which of four codes the one marked time step carries (the mean has all of them
    alike); 'before' - whether the mark comes before or after another mark, which no set of tokens tells."""
    rng = torch.Generator().manual_seed(3)
    splits = []
    for _ in range(3):
        x = 0.1 * torch.randn(clips, T, S, D, generator=rng)
        rows = torch.arange(clips)
        if kind == "when":
            codes = torch.stack([torch.randperm(4, generator=rng) for _ in range(clips)])
            time = torch.randint(0, T, (clips,), generator=rng)
            x += F.one_hot(codes, D)[:, :, None].float()
            x[rows, time, :, 8] += 2
            labels = codes[rows, time]
        else:
            labels = torch.randint(0, 2, (clips,), generator=rng)
            first = torch.randint(0, T - 1, (clips,), generator=rng)
            x[rows, first + labels, :, 0] += 2
            x[rows, first + 1 - labels, :, 1] += 2
        splits.append(Split(x.flatten(1, 2), labels, T))
    return splits[0], splits[1], splits[2]


QUICK = {
    "epochs": 15,
    "batch": 40,
    "learning_rates": (3e-3, 1e-2),
    "attention_heads": 2,
    "whiten": False,
    "centre": False,
}


@pytest.mark.parametrize("name", TEMPORAL)
def test_the_step_that_tells_is_found(name: str) -> None:
    splits = planted("when")
    assert probe(Protocol(name=name, head=name, **QUICK), *splits, classes=4, seed=0).test > 75  # type: ignore[arg-type]
    mean = Protocol(name="linear", **QUICK)  # type: ignore[arg-type]
    assert probe(mean, *splits, classes=4, seed=0).test < 40


@pytest.mark.parametrize(
    ("name", "can"), [("tap", False), ("spatial_router", False), ("st_attn", False), ("temporal_conv", True)]
)
def test_which_came_first_is_read_by_convolution_alone(name: str, can: bool) -> None:
    protocol = Protocol(name=name, head=name, **QUICK)  # type: ignore[arg-type]
    score = probe(protocol, *planted("before"), classes=2, seed=0).test
    assert score > 90 if can else 38 < score < 62


def test_same_seed_same_bits() -> None:
    train, validation, test = planted("when", 60)
    for name in TEMPORAL:
        protocol = Protocol(name=name, head=name, **{**QUICK, "epochs": 2})  # type: ignore[arg-type]
        one, two = (fit_probe(protocol, train, validation, 4, seed=5).scores(test.tokens) for _ in range(2))
        assert torch.equal(one, two), name


def test_tokens_that_are_no_time_steps_are_refused() -> None:
    train, validation, _ = planted("when", 20)
    wrong = Split(train.tokens, train.labels, 5)
    with pytest.raises(ValueError, match="12 tokens can't be divided into 5 time steps"):
        fit_probe(Protocol(name="tap", head="tap"), wrong, validation, 4, seed=0)


def test_mean_pooled_attention_sees_one_token() -> None:
    """The released probe of Something-Something: places and times are gone before the head is asked."""
    train, validation, test = planted("when")
    pooled = Protocol(name="p", head="attentive_released", pool="mean", **QUICK)  # type: ignore[arg-type]
    fitted = fit_probe(pooled, train, validation, 4, seed=0)
    assert isinstance(test.tokens, Tensor)
    mean = test.tokens.mean(dim=1, keepdim=True)
    torch.testing.assert_close(fitted.scores(test.tokens), fitted.scores(mean), atol=1e-5, rtol=1e-4)
    assert fitted.score(test).test < 40
    # The step that tells isn't in the mean; the same head on all tokens finds it.
    whole = pooled.model_copy(update={"pool": "none"})
    assert fit_probe(whole, train, validation, 4, seed=0).score(test).test > 80


def test_the_last_epoch_is_taken_where_the_protocol_says_so(linear) -> None:
    train, validation, test = linear(clips=60)
    last = Protocol(name="linear", epochs=4, select="last", learning_rates=(0.3,))
    fitted = fit_probe(last, train, validation, 4, seed=0)
    assert fitted.selected["epoch"] == 4
    best = fit_probe(last.model_copy(update={"select": "validation"}), train, validation, 4, seed=0)
    assert best.validation >= fitted.validation and len(test.labels) == 60
