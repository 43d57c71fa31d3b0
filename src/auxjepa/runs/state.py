"""``state.json`` of a checkpoint, and where checkpoints lie: ``step-000700/`` with weights, optimiser and state."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, model_validator
from safetensors import SafetensorError, safe_open

from auxjepa.config import RunConfig, Typed
from auxjepa.sealed import first_line, read_sealed, seal

STATE, WEIGHTS, OPTIMIZER = "state.json", "weights.safetensors", "optimizer.safetensors"
SEAL = "state_digest"
_NAME = re.compile(r"step-(\d+)")


class CheckpointError(RuntimeError):
    """A checkpoint that is missing, damaged, or doesn't hold what was asked for."""


class Counters(Typed):
    """What the loop needs to go on.

    Args:
        seconds: spent so far, by the clock.
        cpu_seconds: spent so far, of this process.
        best: lowest mean of the metric that 'best' is judged on.
        best_step: where that was.
        monitor: role: best spread and rank seen.
        verdicts: role: the last verdict.
        timed: seconds by part of a step.
    """

    seconds: float = Field(ge=0)
    cpu_seconds: float = Field(ge=0)
    best: float | None
    best_step: int = Field(ge=0)
    monitor: dict[str, tuple[float, float]]
    verdicts: dict[str, Literal["healthy", "shrinking", "collapsed"]]
    timed: dict[str, float]


class State(Typed):
    """``state.json``: everything of a run at a step except its tensors.

    Version 1 carries no digest of itself: it is read as it is.
    """

    version: Literal[1, 2] = 2
    step: int = Field(ge=0, description="steps done")
    config: RunConfig
    trained: dict[str, bool] = Field(description="role: whether training changed its weights")
    initial: dict[str, str] = Field(description="role: digest of its weights at initialisation")
    loop: dict[str, Any] = Field(description="the fields of Counters")
    weights_digest: str = ""
    optimizer_digest: str = ""
    state_digest: str = Field(default="", description="of everything above")

    @model_validator(mode="after")
    def _whole(self) -> State:
        try:
            self.counters  # noqa: B018
        except ValidationError as error:
            raise ValueError(f"loop: {first_line(error)}") from None
        return self

    @property
    def counters(self) -> Counters:
        """``loop``, typed."""
        return Counters.model_validate_json(json.dumps(self.loop), strict=True)


def to_json(state: dict[str, Any]) -> dict[str, Any]:
    """What the file holds: the fields of a :class:`State` and their digest."""
    return seal(state, SEAL)


def read_state(checkpoint: Path) -> State:
    """``state.json`` of a checkpoint.

    Raises:
        CheckpointError: when it can't be read, isn't what was written, or is of another step than its folder's name.
    """
    path = checkpoint / STATE
    try:
        state = read_sealed(path, SEAL, State)
    except FileNotFoundError:
        raise CheckpointError(f"{path}: missing") from None
    except ValueError as error:
        raise CheckpointError(f"{path}: {error}") from None
    if (state.version == 1) == bool(state.state_digest):
        has = "has no" if state.version == 1 else "needs a"
        raise CheckpointError(f"{path}: damaged, version {state.version} {has} {SEAL}")
    if (named := step_of(checkpoint)) not in (None, state.step):
        raise CheckpointError(f"{path}: damaged, it is of step {state.step} in the folder of step {named}")
    return state


def check(checkpoint: Path, *names: str) -> State:
    """The state of a checkpoint whose files are there and as long as they say; their bits are not compared.

    Args:
        names: of the tensor files that are needed.

    Raises:
        CheckpointError: naming the file that isn't whole.
    """
    state = read_state(checkpoint)
    for name in names:
        try:
            with safe_open(checkpoint / name, "np"):
                pass
        except (OSError, SafetensorError) as error:
            raise CheckpointError(f"{checkpoint / name}: cannot be read ({' '.join(str(error).split())})") from error
    return state


def place(folder: Path, step: int) -> Path:
    """Where the checkpoint of a step lies."""
    return folder / f"step-{step:06d}"


def step_of(checkpoint: Path) -> int | None:
    """The step in the name of a checkpoint's folder; None for another name."""
    match = _NAME.fullmatch(checkpoint.name)
    return int(match[1]) if match else None


def find(folder: Path) -> list[Path]:
    """Checkpoints below ``folder``, oldest first; whether they are whole shows when they are read."""
    steps = {path: step_of(path) for path in folder.glob("step-*") if (path / STATE).exists()}
    return sorted((path for path, step in steps.items() if step is not None), key=lambda path: steps[path] or 0)
