"""Invariances that the mathematics has, and gradients in double precision, for every objective."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.func import functional_call

from auxjepa.objectives import OBJECTIVES, build
from auxjepa.objectives.check import of_step
from auxjepa.step import Step, View
from auxjepa.tokens import Grid

GRID = Grid(4, 3, 5, 2, 4)
SETTINGS: dict[str, dict[str, Any]] = {
    "pixel_reconstruction": {"patch": 4, "hidden_dim": 6},
    "sigreg": {"slices": 8},
    "latent_dynamics": {"hidden_dim": 6},
    "action": {"hidden_dim": 6},
    "hamiltonian": {"hidden_dim": 6},
    "infonce": {"hidden_dim": 6, "out_dim": 4},
}
# Unchanged when the clip runs backward. The directed ones tell the past from the future.
TIMELESS = {"delta", "spectral", "static_appearance", "kinematic", "velocity_gate", "prediction", "context"}
DIRECTED = {"latent_dynamics", "temporal_contrast", "action", "hamiltonian"}
# By what power of 2 the loss grows when features of student and teacher are doubled. Others have a scale of their own.
DEGREE = {
    "prediction": 1,
    "context": 1,
    "delta": 1,
    "spectral": 1,
    "static_appearance": 1,
    "kinematic": 1,
    "velocity_gate": 1,
    "cross_covariance": 4,
    "covariance": 4,
    "temporal_contrast": 0,
}


def _objective(name: str, levels: int = 2, dim: int = 4):
    torch.manual_seed(0)
    return build(name, levels=levels, dim=dim, **SETTINGS.get(name, {})).eval()


def _moved(step: Step, place: Callable[[Tensor], Tensor], roll: Callable[[Tensor], Tensor]) -> Step:
    """Every token n put at place[n]; the same movement of pixels is ``roll``."""
    where = place(torch.arange(step.grid.N).view(1, step.grid.T, step.grid.H, step.grid.W)).flatten()
    back = where.argsort()

    def of_view(v: View) -> View:
        return View(back[v.context_index], back[v.target_index], v.context, v.predicted, v.reconstructed)

    return Step(roll(step.pixels), step.grid, step.target[:, where], tuple(map(of_view, step.views)), step.progress)


@pytest.mark.parametrize("name", [name for name in OBJECTIVES if name != "context"])
def test_translation_in_the_grid_changes_nothing(name: str, make_step) -> None:
    """Cyclic in rows and columns. Not for `context`, whose distances know the border."""
    step = make_step(GRID)
    moved = _moved(step, lambda x: x.roll((1, 2), (2, 3)), lambda x: x.roll((4, 8), (3, 4)))
    objective = _objective(name)
    torch.testing.assert_close(objective(moved), objective(step), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_mirroring_the_frame_changes_nothing(name: str, make_step) -> None:
    """Tokens and the pixels of their tiles change places together, except inside tiles (`pixel_reconstruction`)."""

    def mirror(x: Tensor) -> Tensor:
        return x.unflatten(4, (-1, 4)).flip(4).flatten(4)

    step = make_step(GRID)
    objective = _objective(name)
    torch.testing.assert_close(
        objective(_moved(step, lambda x: x.flip(3), mirror)), objective(step), rtol=1e-5, atol=1e-6
    )


@pytest.mark.parametrize("name", sorted(TIMELESS | DIRECTED))
def test_time_reversal_tells_symmetric_from_directed_terms(name: str, make_step) -> None:
    step = make_step(GRID)
    reverse = _moved(step, lambda x: x.flip(1), lambda x: x.flip(2))
    objective = _objective(name)
    same = torch.isclose(objective(reverse), objective(step), rtol=1e-5, atol=1e-6)
    assert same.item() == (name in TIMELESS)


@pytest.mark.parametrize(("name", "degree"), DEGREE.items())
def test_scaling_the_features(name: str, degree: int, make_step) -> None:
    step = make_step(GRID)
    scaled = of_step(step, lambda x: 2 * x if x.is_floating_point() else x)
    objective = _objective(name)
    torch.testing.assert_close(objective(scaled), objective(step) * 2**degree, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", [name for name in OBJECTIVES if name != "hard_region"])
def test_gradients_in_double_precision(name: str, make_step) -> None:
    """Against finite differences, in features and parameters. Not for `hard_region`: its weights are held fixed."""
    step = make_step(Grid(4, 2, 2, 2, 4), batch=2, dim=2, dtype=torch.float64)
    objective = _objective(name, dim=2).double()
    names = [n for n, _ in objective.named_parameters()]
    views = len(step.views)

    def loss(*leaves: Tensor) -> Tensor:
        made = [View(v.context_index, v.target_index, *leaves[3 * i : 3 * i + 3]) for i, v in enumerate(step.views)]
        again = Step(step.pixels, step.grid, step.target.detach(), tuple(made), 0.5)
        return functional_call(objective, dict(zip(names, leaves[3 * views :], strict=True)), (again,))

    features = [x for v in step.views for x in (v.context, v.predicted, v.reconstructed)]
    leaves = [x.detach().clone().requires_grad_() for x in (*features, *objective.parameters())]
    assert torch.autograd.gradcheck(loss, leaves, eps=1e-6, atol=1e-6, fast_mode=True)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_double_inputs_are_computed_in_double(name: str, make_step) -> None:
    step = make_step(GRID, dtype=torch.float64)
    assert _objective(name).double()(step).dtype == torch.float64


@pytest.mark.parametrize("name", OBJECTIVES)
def test_views_are_averaged_or_pooled(name: str, make_step) -> None:
    """Showing the same view twice changes nothing, but for SIGReg (twice the tokens) and InfoNCE (another partner)."""
    step = make_step(GRID, views=1)
    twice = Step(step.pixels, step.grid, step.target, step.views * 2, 0.5)
    objective = _objective(name)
    ratio = (objective(twice) / objective(step)).item()
    if name == "sigreg":
        assert ratio == pytest.approx(2, rel=1e-5)
    elif name == "infonce":
        assert ratio != pytest.approx(1, rel=1e-3)
    else:
        assert ratio == pytest.approx(1, rel=1e-5)
