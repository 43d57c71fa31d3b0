"""Folders of pretraining runs with checkpoints and summary, written without training."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from auxjepa.config import RunConfig
from auxjepa.runs.config_file import write_config
from auxjepa.runs.record import CHECKPOINTS
from auxjepa.runs.state import OPTIMIZER, SEAL, STATE, WEIGHTS, State, place, to_json
from auxjepa.runs.summary import Summary, write_summary


def config_of(steps: int = 40, **changes: object) -> RunConfig:
    """A run of so many steps."""
    return RunConfig.model_validate({"optim": {"steps": steps}, **changes})


def summary_of(config: RunConfig, **changes: object) -> Summary:
    """What a finished run of this configuration writes."""
    content: dict[str, object] = {
        "variant": config.variant,
        "regime": config.regime,
        "seed": config.seed,
        "hash": config.content_hash(),
        "steps": config.optim.steps,
        "parameters": 170_000,
        "seconds": 20.0,
        "cpu_seconds": 19.0,
        "peak_memory_mb": 600.0,
        "milliseconds_per_step": 500.0,
        "verdict": "healthy",
        "shares": {"data": 0.4, "student": 0.6},
        "checkpoint": f"checkpoints/step-{config.optim.steps:06d}",
    }
    return Summary.model_validate(content | changes)


def write_checkpoint(folder: Path, config: RunConfig, step: int, *, best_step: int = 0) -> Path:
    """One checkpoint of a run, with tensors of no meaning."""
    counters = {"seconds": 1.5 * step, "cpu_seconds": 1.4 * step, "best": 0.5 if best_step else None}
    counters |= {"best_step": best_step, "monitor": {"student": [0.9, 20.0]}, "verdicts": {"student": "healthy"}}
    state = State(
        step=step, config=config, trained={"student": True}, initial={"student": "0"}, loop=counters | {"timed": {}}
    )
    path = place(folder / CHECKPOINTS, step)
    path.mkdir(parents=True)
    save_file({"student.x": np.arange(step + 1.0)}, path / WEIGHTS)
    save_file({"x/exp_avg": np.zeros(3)}, path / OPTIMIZER)
    (path / STATE).write_text(json.dumps(to_json(state.model_dump(mode="json", exclude={SEAL})), indent=1))
    return path


def write_run(folder: Path, config: RunConfig, steps: tuple[int, ...], *, summary: bool = True) -> Path:
    """A run folder with checkpoints of these steps; its last step is planned unless the configuration says more."""
    folder.mkdir(parents=True, exist_ok=True)
    write_config(folder, config)
    for step in steps:
        write_checkpoint(folder, config, step, best_step=steps[0] if config.checkpoint.keep == "best" else 0)
    if summary:
        write_summary(folder, summary_of(config))
    return folder
