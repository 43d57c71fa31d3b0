"""Student, teacher and predictor together."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from auxjepa.models.jepa import JEPA, build_encoder, normalise_layer, normalise_position
from auxjepa.tokens import Grid


def masks(n=8, clips=3):
    index = torch.stack([torch.randperm(n, generator=torch.Generator().manual_seed(s)) for s in range(clips)])
    return [(index[:, : n // 2], index[:, n // 2 :])]


def clips(frames=4):
    return torch.randn(3, 3, frames, 16, 16, generator=torch.Generator().manual_seed(0))


def built(config) -> JEPA:
    torch.manual_seed(0)
    return JEPA(config)


@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16])
def test_objectives_get_float32(configured, precision):
    model = built(configured())
    with torch.autocast("cpu", torch.bfloat16, enabled=precision == torch.bfloat16):
        step = model(clips(), masks(), 0.25, reconstruct=True)
    (view,) = step.views
    assert view.reconstructed is not None
    assert {x.dtype for x in (step.target, view.context, view.predicted, view.reconstructed)} == {torch.float32}
    assert step.grid == Grid(T=2, H=2, W=2, tubelet=2, patch=8) and step.progress == 0.25


def test_the_teacher_starts_as_the_student_and_gets_no_gradient(configured):
    model = built(configured())
    assert model.teacher is not None
    for old, new in zip(model.teacher.parameters(), model.student.parameters(), strict=True):
        assert torch.equal(old, new) and not old.requires_grad and new.requires_grad
    step = model(clips(), masks(), 0.0)
    assert not step.target.requires_grad
    step.views[0].predicted.square().mean().backward()
    assert all(p.grad is None for p in model.teacher.parameters())
    assert model.student.embed.weight.grad is not None


def test_ema_is_a_weighted_mean(configured):
    model = built(configured())
    assert model.teacher is not None
    before = [p.clone() for p in model.teacher.parameters()]
    with torch.no_grad():
        for p in model.student.parameters():
            p.add_(torch.randn_like(p))
    model.update_teacher(0.9)
    for old, now, student in zip(before, model.teacher.parameters(), model.student.parameters(), strict=True):
        assert torch.allclose(now, 0.9 * old + 0.1 * student, atol=1e-6)
    kept = [p.clone() for p in model.teacher.parameters()]
    model.update_teacher(1.0)
    assert all(torch.equal(a, b) for a, b in zip(kept, model.teacher.parameters(), strict=True))


def test_without_a_teacher_targets_are_the_students_own_with_gradient(configured):
    model = built(configured(teacher={"enabled": False}))
    assert model.teacher is None and not any(name.startswith("teacher") for name in model.state_dict())
    step = model(clips(), masks(), 0.0)
    assert step.target.requires_grad
    model.update_teacher(0.9)


def test_the_students_start_does_not_depend_on_the_rest(configured):
    """So that the random-init control is the start of every variant of a seed."""
    plain, other = built(configured()), built(configured(teacher={"enabled": False}, model={"predictor_depth": 1}))
    torch.manual_seed(0)
    alone = build_encoder(configured().model)
    for a, b, c in zip(plain.student.parameters(), other.student.parameters(), alone.parameters(), strict=True):
        assert torch.equal(a, b) and torch.equal(a, c)


def test_an_image_makes_one_time_step_and_a_repeated_one_makes_all(configured):
    model = built(configured())
    image = clips(frames=1)
    step = model(image, masks(n=4), 0.0)
    assert step.grid.T == 1 and step.target.shape[1] == 4
    assert model(image.expand(-1, -1, 4, -1, -1), masks(), 0.0).grid.T == 2
    assert step.pixel_delta.shape[1] == 0


def test_odd_clips_are_refused(configured):
    with pytest.raises(ValueError, match="3 frames cannot be cut into tokens of 2"):
        built(configured())(clips(frames=3), masks(), 0.0)


def test_layer_normalisation_is_per_token_and_level():
    x = torch.randn(4, 5, 2, 16) * 3 + 1
    out = normalise_layer(x)
    assert torch.allclose(out[1, 2, 1], F.layer_norm(x[1, 2, 1], (16,)))


def test_position_normalisation_removes_what_depends_on_the_position_alone():
    torch.manual_seed(0)
    place = torch.randn(1, 6, 2, 16) * 10
    out = normalise_position(torch.randn(32, 6, 2, 16) + place)
    assert torch.allclose(out.mean(dim=0), torch.zeros(6, 2, 16), atol=1e-5)
    assert torch.allclose(out.square().mean(dim=(0, 1)), torch.ones(2, 16), atol=1e-4)
    assert not normalise_position(place.expand(8, -1, -1, -1)).abs().gt(1e-1).any()
