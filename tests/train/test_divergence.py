"""What stops being finite is named: the term, the step, and what came before it; the last sound checkpoint stays."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from auxjepa.config import RunConfig
from auxjepa.objectives import OBJECTIVES, Objective
from auxjepa.train.balance import BalanceError
from auxjepa.train.checkpoint import find, read_weights
from auxjepa.train.loop import Run, TrainingError

LD = {"prediction": {}, "latent_dynamics": {}}
Tiny, Start = Callable[..., RunConfig], Callable[..., Run]


def message(run: Run) -> str:
    with pytest.raises((TrainingError, BalanceError)) as caught:
        run.train()
    line = str(caught.value)
    assert "\n" not in line and "svd" not in line.lower()
    return line


@pytest.mark.parametrize("optim", [{}, {"precision": "bf16"}, {"balance": "upgrad"}, {"clip": None}], ids=str)
@pytest.mark.parametrize("every", [1, 3, 100])
def test_a_learning_rate_that_is_far_too_high(tiny: Tiny, start: Start, optim: dict[str, Any], every: int) -> None:
    run = start(
        tiny(objectives=LD, optim={"lr": 1e300, **optim}, checkpoint={"every": 100}, log={"monitor_every": every})
    )
    line = message(run)
    assert line.startswith("step 1: ") and ("objective prediction is nan" in line or "features of whole clips" in line)
    assert "the update of step 0 left numbers that aren't finite, first in student.embed.weight" in line
    assert "learning rate 1e+300" in line and "largest term latent_dynamics with 1." in line


def test_huge_finite_weights_are_reported_with_their_step(tiny: Tiny, start: Start) -> None:
    line = message(start(tiny(optim={"lr": 1e25}, checkpoint={"every": 100}, log={"monitor_every": 100})))
    assert "step 1: objective prediction is nan" in line and "features aren't finite (weights are as large as" in line
    assert "since the update of step 0 with learning rate 1e+25" in line


@pytest.mark.parametrize("steps", [1, 2])
def test_the_last_update_of_a_run_is_looked_at_too(tiny: Tiny, start: Start, steps: int) -> None:
    run = start(tiny(optim={"lr": 1e300, "steps": steps, "warmup": 0}, log={"monitor_every": 100}))
    assert "the update of step 0 left numbers that aren't finite" in message(run)
    assert not (run.folder / "summary.json").exists() and find(run.folder / "checkpoints") == []


def test_the_last_finite_checkpoint_stays(tiny: Tiny, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    run = start(tiny(checkpoint={"every": 2}, log={"monitor_every": 100}))
    real: Callable[..., Any] = run.optimizer.step

    def step() -> None:
        real()
        if run.step == 3:
            with torch.no_grad():
                run.model.predictor.mask_token[0] = float("inf")

    monkeypatch.setattr(run.optimizer, "step", step)
    line = message(run)
    assert "step 4: no checkpoint is written: the update of step 3 left" in line and "predictor.mask_token" in line
    (kept,) = find(run.folder / "checkpoints")
    assert kept.name == "step-000002" and all(x.isfinite().all() for x in read_weights(kept).values())
    again = start(run.config)  # and training resumes from it
    assert again.step == 2 and again.train().steps == 6


def test_moments_that_are_not_finite_are_not_saved(tiny: Tiny, start: Start) -> None:
    run = start(tiny(checkpoint={"every": 1}))
    run.advance()
    parameter = run.model.student.embed.weight
    run.optimizer.state[parameter]["exp_avg_sq"][0] = float("inf")
    with pytest.raises(TrainingError, match=r"no checkpoint is written: .* first in student\.embed\.weight"):
        run._save()


@pytest.mark.parametrize(
    ("weight", "words"),
    [
        (1e20, "the gradient of latent_dynamics is too large (its norm is "),
        (1e38, "the gradient of latent_dynamics is"),
        (1e39, "objective latent_dynamics is 1."),
        (1e308, "with its weight of 1e+308; a smaller weight is needed"),
    ],
)
def test_a_weight_that_is_far_too_large_names_the_term(tiny: Tiny, start: Start, weight: float, words: str) -> None:
    terms = {"prediction": {}, "latent_dynamics": {"weight": weight}}
    line = message(start(tiny(objectives=terms, optim={"clip": None}, log={"monitor_every": 100})))
    assert line.startswith("step 0: ") and words in line


def test_terms_whose_sum_overflows(tiny: Tiny, start: Start) -> None:
    terms = {"prediction": {"weight": 3e38}, "again": {"name": "prediction", "weight": 3e38}}
    line = message(start(tiny(objectives=terms)))
    assert "the sum of the weighted terms isn't finite (prediction " in line and ", again " in line


def test_clips_that_are_not_finite_are_named(tiny: Tiny, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    run, real = start(tiny(log={"monitor_every": 100})), Run.batch_at
    monkeypatch.setattr(Run, "batch_at", lambda self, step: real(self, step) * (float("nan") if step == 2 else 1))
    line = message(run)
    assert line.startswith("step 2: objective prediction is nan: the clips hold numbers that aren't finite")


def test_features_that_are_not_finite_are_named(tiny: Tiny, start: Start) -> None:
    run = start(tiny())
    run.model.predictor.norm.register_forward_hook(lambda module, args, out: out * float("inf"))
    assert "objective prediction is nan: the predictor's outputs aren't finite" in message(run)
    run = start(tiny(), "look")
    run.model.student.norms[0].register_forward_hook(lambda module, args, out: out * float("inf"))
    assert "step 0: the student's features of whole clips aren't finite" in message(run)


class Backwards(torch.autograd.Function):
    """Fails, or gives a gradient that isn't finite, on its way back."""

    @staticmethod
    def forward(ctx, x, act):
        ctx.act = act
        return x.clone()

    @staticmethod
    def backward(ctx, grad):
        return ctx.act(grad), None


def failing(grad):
    raise RuntimeError("no way\nback")


def planted(act: Callable[[torch.Tensor], torch.Tensor]) -> type[Objective]:
    class Planted(Objective):
        def loss(self, step):
            return Backwards.apply(step.views[0].context, act).mean()

    return Planted


@pytest.mark.parametrize("balance", ["sum", "upgrad"])
@pytest.mark.parametrize(
    ("act", "words"),
    [
        (failing, "the gradient of planted can't be computed: no way back"),
        (lambda grad: grad * float("nan"), "the gradient of planted is not finite"),
    ],
)
def test_a_way_back_that_fails_names_the_term(
    tiny: Tiny, start: Start, monkeypatch: pytest.MonkeyPatch, act, words: str, balance: str
) -> None:
    monkeypatch.setitem(OBJECTIVES, "planted", planted(act))
    run = start(tiny(objectives={"prediction": {}, "planted": {}}, optim={"balance": balance}))
    assert message(run).startswith(f"step 0: {words}")
    plug = start(tiny(objectives={"prediction": {}, "planted": {}}), "named")
    plug.objectives["planted"].origin = "plug-in mine 0.1, mine:Mine"
    assert "planted (plug-in mine 0.1, mine:Mine)" in message(plug)


def test_a_solver_that_gives_up_is_one_line(tiny: Tiny, start: Start) -> None:
    run = start(tiny(objectives=LD, optim={"balance": "upgrad"}))

    def give_up(rows):
        raise ArithmeticError("no\nsolution")

    run.balance.aggregate = give_up
    assert message(run) == "step 0: the terms' gradients can't be aggregated: no solution; optim.balance sum always can"


def test_a_plug_in_that_fails_later_is_named_with_its_step(
    tiny: Tiny, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Late(Objective):
        def forward(self, step):
            self.calls = getattr(self, "calls", 0) + 1
            if self.calls == 4:
                raise KeyError("boom")
            return step.views[0].context.mean()

    monkeypatch.setitem(OBJECTIVES, "late", Late)
    run = start(tiny(objectives={"prediction": {}, "mine": {"name": "late"}}))
    run.objectives["mine"].origin = "plug-in mine 0.1, mine:Late"
    assert message(run) == "step 3: objective mine (plug-in mine 0.1, mine:Late) failed: KeyError: 'boom'"
    assert len((run.folder / "metrics.jsonl").read_text().splitlines()) == 3


def test_a_run_that_fails_in_its_first_step_leaves_its_folder_free(tiny: Tiny, start: Start, tmp_path: Path) -> None:
    terms = {"prediction": {"weight": 1e308}}
    message(start(tiny(objectives=terms), "new/run"))
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "notes.txt").write_text("mine")
    message(start(tiny(objectives=terms)))
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["notes.txt"]
    assert start(tiny()).train().steps == 6


def test_a_run_that_fails_later_keeps_its_folder(tiny: Tiny, start: Start) -> None:
    run = start(tiny(optim={"lr": 1e300}, checkpoint={"every": 100}, log={"monitor_every": 100}))
    message(run)
    assert [json.loads(line)["step"] for line in (run.folder / "metrics.jsonl").read_text().splitlines()] == [0]
    with pytest.raises(TrainingError, match="choose another folder"):
        start(tiny())


def test_memory_that_does_not_suffice_is_one_line(tiny: Tiny, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    for error in (MemoryError(), RuntimeError("[enforce] DefaultCPUAllocator: can't allocate memory: you tried")):

        def fail(*_: Any, error: Exception = error) -> np.ndarray:
            raise error

        run = start(tiny(log={"monitor_every": 100}))
        monkeypatch.setattr(run, "masks_at", fail)
        assert "step 0: the memory of cpu doesn't suffice for 4 clips of 8 x 16 x 16: lower optim.batch" in message(run)
