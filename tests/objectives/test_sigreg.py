"""SIGReg."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from scipy.integrate import quad
from torch import Tensor

from auxjepa.objectives import build
from auxjepa.objectives.sigreg import WaveSums, epps_pulley


def test_statistic_equals_its_integral() -> None:
    samples = torch.randn(40, 1, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) * 1.5

    def integrand(t: float) -> float:
        phi = math.exp(-t * t / 2)
        wave = torch.exp(1j * t * samples[:, 0]).mean().item()
        return abs(wave - phi) ** 2 * phi

    expected = 40 * quad(integrand, -3, 3)[0]
    assert epps_pulley(samples, 3.0, 17).item() == pytest.approx(expected, rel=0.02)
    assert epps_pulley(samples, 3.0, 2001).item() == pytest.approx(expected, rel=1e-5)


def test_wave_sums_and_their_gradient_equal_the_plain_formula() -> None:
    samples = torch.randn(30, 5, dtype=torch.float64, requires_grad=True)
    t = torch.arange(1, 9, dtype=torch.float64)[:, None, None] * 0.3
    plain = (t * samples).cos().sum(1), (t * samples).sin().sum(1)
    fast = WaveSums.apply(samples, 0.3, 9)
    assert isinstance(fast, tuple)
    weights = torch.randn(2, 8, 5, dtype=torch.float64)
    gradients = []
    for sums in (plain, fast):
        torch.testing.assert_close(torch.stack(sums), torch.stack(plain))
        gradients.append(torch.autograd.grad((torch.stack(sums) * weights).sum(), samples)[0])
    torch.testing.assert_close(*gradients)


def test_gaussian_features_score_lower_than_any_other(make_step) -> None:
    rng = torch.Generator().manual_seed(0)
    gauss = torch.randn(4000, 1, generator=rng)
    others = [torch.rand(4000, 1, generator=rng) * 3.46 - 1.73, gauss * 0.5, gauss + 1, torch.zeros(4000, 1)]
    assert epps_pulley(gauss).item() < 5
    assert all(epps_pulley(x).item() > 20 for x in others)


def test_the_counter_picks_the_slices_and_is_saved(make_step) -> None:
    step = make_step()
    objective = build("sigreg", levels=2, dim=4, slices=8)
    first, second = objective(step).item(), objective(step).item()
    assert first != second and objective.get_buffer("counter").item() == 2
    objective.eval()
    third = objective(step).item()
    assert objective(step).item() == third and objective.get_buffer("counter").item() == 2
    again = build("sigreg", levels=2, dim=4, slices=8)
    again.load_state_dict(objective.state_dict())
    assert again(step).item() == third
    again.get_buffer("counter").fill_(0)
    assert again(step).item() == first


def _rank(rank: int, store: str, samples: Tensor, out: str) -> None:
    dist.init_process_group("gloo", init_method=f"file://{store}", rank=rank, world_size=2)
    mine = samples.chunk(2)[rank].clone().requires_grad_()
    loss = epps_pulley(mine).mean()
    loss.backward()
    torch.save((loss.detach(), mine.grad), f"{out}/{rank}.pt")
    dist.destroy_process_group()


@pytest.mark.slow
def test_two_ranks_see_all_tokens(tmp_path: Path) -> None:
    """Each rank's value is that of the whole batch; averaged over ranks, so is the gradient."""
    samples = torch.randn(20, 3)
    mp.start_processes(_rank, (str(tmp_path / "store"), samples, str(tmp_path)), nprocs=2, start_method="fork")
    whole = samples.clone().requires_grad_()
    expected = epps_pulley(whole).mean()
    expected.backward()
    ranks = [torch.load(tmp_path / f"{r}.pt", weights_only=True) for r in (0, 1)]
    for loss, _ in ranks:
        torch.testing.assert_close(loss, expected.detach())
    torch.testing.assert_close(torch.cat([gradient for _, gradient in ranks]) / 2, whole.grad)
