"""An audit: a run is built as for training and measured on a few of its batches."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Literal

import numpy as np
import torch

from auxjepa.audit import rules
from auxjepa.audit.measure import Measurements, peak_weight, step_of, values_of
from auxjepa.audit.records import Audit
from auxjepa.config import RunConfig
from auxjepa.data.loading.feed import Feed
from auxjepa.train import checkpoint as checkpoints
from auxjepa.train import schedule
from auxjepa.train.loop import Run


def audit(
    config: RunConfig,
    clips: Feed | np.ndarray,
    *,
    evaluates: Literal["student", "teacher"] = "student",
    checkpoint: Path | None = None,
    batches: int = 2,
    device: str = "cpu",
    on_term: Callable[[str], None] = lambda name: None,
) -> Audit:
    """Measure every term of a run and return the audit with its findings.

    Args:
        config: configuration of the run.
        clips: feed of clips, or one array of clips, uint8 ``n F X Y 3``.
        evaluates: the network that will be probed.
        checkpoint: run folder or checkpoint with the weights of networks and heads; without one, the networks are those
            of step 0.
        batches: number of training batches.
        device: device for the measurements.
        on_term: called with the name of each term before it is measured, for progress.

    Raises:
        CheckpointError: if the checkpoint can't be read or doesn't fit.
        TrainingError: as in training.
        ConfigError: as in training.
    """
    with tempfile.TemporaryDirectory(prefix="auxjepa-audit-") as place:
        run = Run(config, clips, Path(place) / "run", device)
        step = _load(run, checkpoint) if checkpoint is not None else 0
        measurements = Measurements(run)
        for batch in range(batches):
            measurements.add_batch(step + batch, on_term)
        updated = _updated(run, step)
    result = Audit(
        variant=config.variant,
        regime=config.regime,
        hash=config.content_hash(),
        config=config,
        checkpoint=None if checkpoint is None else str(checkpoint),
        step=step,
        batches=batches,
        device=str(run.device),
        evaluates=evaluates,
        updated=updated,
        motion=[mask.kind for mask in config.masks if mask.args.get("normalise") == "batch"],
        unreached=measurements.unreached(),
        views=measurements.view_stats(),
        terms=measurements.terms(),
        versions={name: version(name) for name in ("auxjepa", "torch")},
    )
    return result.model_copy(update={"findings": rules.findings(result)})


def _load(run: Run, path: Path) -> int:
    """Load a checkpoint's weights into the run's networks and the heads of the same name, and return its step."""
    folder = checkpoints.resolve(path)
    weights = checkpoints.read_weights(folder)
    modules = {"student": run.model.student, "teacher": run.model.teacher, "predictor": run.model.predictor}
    for role, module in {**modules, "objectives": run.objectives}.items():
        state = {name.removeprefix(f"{role}."): w for name, w in weights.items() if name.startswith(f"{role}.")}
        if module is None or not state:
            continue
        expected = module.state_dict()
        state = {name: w for name, w in state.items() if role != "objectives" or name in expected}
        try:
            module.load_state_dict(state, strict=role != "objectives")
        except RuntimeError as error:
            line = " ".join(str(error).split())[:160]
            raise checkpoints.CheckpointError(f"{folder}: its {role} doesn't fit this run: {line}") from None
    return checkpoints.read_state(folder).step


def _updated(run: Run, step: int) -> dict[str, bool]:
    """Return which networks a training step changes, at the full learning rate and the smallest teacher momentum."""
    roles = {"student": run.model.student, "predictor": run.model.predictor, "teacher": run.model.teacher}
    present = {name: module for name, module in roles.items() if module is not None}
    before = {name: checkpoints.digest(module.state_dict()) for name, module in present.items()}
    total = sum(
        (peak_weight(run, name) * value for name, value in values_of(run, step_of(run, step)).items()),
        torch.zeros((), device=run.device),
    )
    run.optimizer.zero_grad(set_to_none=True)
    if total.requires_grad:
        total.backward()
        for group in run.optimizer.param_groups:
            group["lr"], group["weight_decay"] = run.config.optim.lr, 0.0
        run.optimizer.step()
    steps = run.config.optim.steps
    run.model.update_teacher(min(schedule.momentum(run.config.teacher, s, steps) for s in (0, steps - 1)))
    return {name: checkpoints.digest(module.state_dict()) != before[name] for name, module in present.items()}
