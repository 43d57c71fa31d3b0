"""Gradient balancing: the aggregators by hand, heads left alone, and a run that uses one."""

from __future__ import annotations

import builtins
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from auxjepa.config import ConfigError, DataConfig, ObjectiveConfig, OptimConfig, RunConfig
from auxjepa.train.balance import AGGREGATORS, Balance, BalanceError, aggregator
from auxjepa.train.loop import Run

INSTALLED = [name for name in AGGREGATORS if name != "cagrad"]  # CAGrad needs cvxpy, which no extra of ours brings
CONFLICT = torch.tensor([[1.0, 0.0, 0.0], [-0.5, 1.0, 0.0]])


@pytest.mark.parametrize("name", INSTALLED)
def test_orthogonal_equal_gradients_are_summed(name: str) -> None:
    torch.testing.assert_close(aggregator(name)(torch.eye(3)), torch.ones(3), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("name", ["upgrad", "pcgrad"])
def test_conflicting_gradients_are_projected_on_each_other(name: str) -> None:
    # Each loses its part along the other: (1, 0) + 0.4 (-0.5, 1) and (0, 1).
    torch.testing.assert_close(aggregator(name)(CONFLICT), torch.tensor([0.8, 1.4, 0.0]), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("name", ["upgrad", "mgda", "dualproj"])
def test_no_term_is_made_worse_where_the_method_promises_it(name: str) -> None:
    rows = torch.randn(4, 50, generator=torch.Generator().manual_seed(1))
    rows[1] = -0.9 * rows[0] + 0.3 * rows[1]
    assert (rows.sum(0) @ rows.T).min() < 0
    # Up to the solver's regularisation, in units of the rows' squared length.
    assert (aggregator(name)(rows) @ rows.T).min() > -1e-3 * rows.square().sum(1).mean()


def test_unknown_and_missing() -> None:
    with pytest.raises(ConfigError, match="known are sum, upgrad"):
        aggregator("average")


def test_without_the_extra_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def absent(name: str, *args: object, **kwargs: object) -> object:
        if name.startswith("torchjd"):
            raise ImportError(name)
        return real(name, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(ConfigError, match=r"pip install 'auxjepa\[balance\]'"):
        aggregator("upgrad")


class Problem:
    """Two terms that share a vector; the second has a head of its own, and an idle parameter is reached by none."""

    def __init__(self) -> None:
        self.shared = nn.Parameter(torch.tensor([1.0, 2.0]))
        self.idle = nn.Parameter(torch.ones(1))
        self.head = nn.Parameter(torch.tensor([3.0]))

    def terms(self) -> dict[str, torch.Tensor]:
        first = self.shared[0] * 1.0
        second = -0.5 * self.shared[0] + self.shared[1] + 2 * self.head.sum()
        return {"first": first, "second": second}

    def balanced(self, kind: str, terms: dict[str, torch.Tensor], seed: int = 0) -> torch.Tensor:
        Balance(kind, [self.shared, self.idle], [self.head], seed).backward(terms)
        assert self.shared.grad is not None
        return self.shared.grad


def test_shared_parameters_are_aggregated_and_heads_keep_their_gradient() -> None:
    problem = Problem()
    got = problem.balanced("upgrad", problem.terms())
    torch.testing.assert_close(got, torch.tensor([0.8, 1.4]), rtol=1e-3, atol=1e-3)
    assert problem.head.grad is not None and problem.head.grad.item() == 2.0
    assert problem.idle.grad is None  # as a plain backward leaves it: no weight decay


@pytest.mark.parametrize("name", INSTALLED)
def test_a_dead_term_and_one_for_its_head_alone_have_no_say(name: str) -> None:
    problem = Problem()
    terms = {"first": problem.terms()["first"], "dead": torch.tensor(4.0), "own": problem.head.sum()}
    assert problem.balanced(name, terms).tolist() == [1.0, 0.0]
    assert problem.head.grad is not None and problem.head.grad.item() == 1.0


def test_a_gradient_that_is_not_finite_names_its_term() -> None:
    problem = Problem()
    with pytest.raises(BalanceError, match="gradient of second"):
        problem.balanced("upgrad", {"first": problem.shared[0] * 1.0, "second": problem.shared[1] * torch.inf})


def test_pcgrad_repeats_itself_and_leaves_the_global_generator_alone() -> None:
    rows = torch.randn(5, 8, generator=torch.Generator().manual_seed(0))
    results = []
    for noise in (1, 2):
        torch.manual_seed(noise)
        before = torch.get_rng_state()
        shared = nn.Parameter(torch.zeros(8))
        Balance("pcgrad", [shared], [], seed=7).backward({str(i): row @ shared for i, row in enumerate(rows)}, 3)
        assert torch.get_rng_state().equal(before)
        results.append(shared.grad)
    assert results[0].equal(results[1])


def _trained(folder: Path, **optim: object) -> tuple[list[dict[str, float]], Run]:
    config = RunConfig(
        data=DataConfig(clips=8),
        objectives={"prediction": ObjectiveConfig(), "latent_dynamics": ObjectiveConfig()},
        optim=OptimConfig(steps=3, batch=4, **optim),  # type: ignore[arg-type]
    )
    clips = np.random.default_rng(0).integers(0, 256, (8, 8, 32, 32, 3), dtype=np.uint8)
    run = Run(config, clips, folder)
    run.train()
    return [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()], run


def test_a_run_can_be_balanced(tmp_path: Path) -> None:
    plain, _ = _trained(tmp_path / "sum")
    lines, run = _trained(tmp_path / "mgda", balance="mgda")
    assert lines[0]["loss"] == plain[0]["loss"] and lines[2]["loss"] != plain[2]["loss"]
    assert (
        run.config.content_hash()
        != RunConfig.model_validate(
            run.config.model_dump() | {"optim": run.config.optim.model_dump() | {"balance": "sum"}}
        ).content_hash()
    )
    again, _ = _trained(tmp_path / "again", balance="mgda")
    assert [x["loss"] for x in again] == [x["loss"] for x in lines]
