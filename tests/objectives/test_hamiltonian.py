"""Hamiltonian dynamics."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from auxjepa.objectives import build
from auxjepa.objectives.hamiltonian import symplectic_step


def oscillator(x: torch.Tensor) -> torch.Tensor:
    """Energy (q^2 + p^2) / 2."""
    return x.square().sum(-1, keepdim=True) / 2


def test_the_harmonic_oscillator_by_hand() -> None:
    q, p = torch.tensor([[1.0]]), torch.tensor([[0.5]])
    moved, kicked = symplectic_step(oscillator, q, p, 0.1)
    assert moved.item() == pytest.approx(1.05) and kicked.item() == pytest.approx(0.5 - 0.1 * 1.05)


def test_the_step_keeps_area_and_bounds_the_energy() -> None:
    state = torch.randn(2, dtype=torch.float64)

    def flow(s: torch.Tensor) -> torch.Tensor:
        return torch.cat(symplectic_step(oscillator, s[:1], s[1:], 0.1))

    jacobian = torch.autograd.functional.jacobian(flow, state)
    assert torch.linalg.det(jacobian).item() == pytest.approx(1, abs=1e-12)
    q, p = torch.ones(1, 1), torch.zeros(1, 1)
    for _ in range(1000):
        q, p = symplectic_step(oscillator, q.detach(), p.detach(), 0.1)
    assert oscillator(torch.cat([q, p], -1)).item() == pytest.approx(0.5, rel=0.06)


def test_one_step_of_the_released_network(shared: Path) -> None:
    data = load_file(shared / "golden" / "hamiltonian.safetensors")
    objective = build("hamiltonian", levels=1, dim=32, hidden_dim=16)
    head = "case0/head/net."
    objective.load_state_dict({f"energy.{k[len(head) :]}": v for k, v in data.items() if k.startswith(head)})
    q, p = symplectic_step(objective.get_submodule("energy"), data["case0/q_in"], data["case0/p_in"], 0.1)
    torch.testing.assert_close(q, data["case0/q_next"], rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(p, data["case0/p_next"], rtol=1e-5, atol=1e-6)


def test_it_works_without_grad(make_step) -> None:
    step = make_step()
    objective = build("hamiltonian", levels=2, dim=4)
    expected = objective(step).item()
    with torch.no_grad():
        loss = objective(step)
    assert loss.item() == expected and not loss.requires_grad
