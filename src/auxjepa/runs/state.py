"""``state.json`` of a checkpoint, and checkpoint folders: ``step-000700/`` with weights, optimiser and state."""

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
    """A checkpoint that is missing, damaged, or doesn't have the requested content."""


class Counters(Typed):
    """The values that the training loop needs to resume.

    Args:
        seconds: elapsed seconds so far.
        cpu_seconds: processor seconds of this process so far.
        best: lowest mean of the metric that selects the best checkpoint.
        best_step: step of that mean.
        monitor: best spread and rank so far, by role.
        verdicts: last verdict, by role.
        timed: seconds, by part of a step.
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

    Version 1 has no digest, so it is read without a check.
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
    def _valid(self) -> State:
        try:
            self.counters  # noqa: B018
        except ValidationError as error:
            raise ValueError(f"loop: {first_line(error)}") from None
        return self

    @property
    def counters(self) -> Counters:
        """Return ``loop`` as a typed record."""
        return Counters.model_validate_json(json.dumps(self.loop), strict=True)


def to_json(state: dict[str, Any]) -> dict[str, Any]:
    """Return the content of the file: the fields of a :class:`State` and their digest."""
    return seal(state, SEAL)


def read_state(checkpoint: Path) -> State:
    """Read ``state.json`` of a checkpoint.

    Raises:
        CheckpointError: if it can't be read, was changed, or is from another step than the name of its folder.
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
    if (expected := step_of(checkpoint)) not in (None, state.step):
        raise CheckpointError(f"{path}: damaged, it is of step {state.step} in the folder of step {expected}")
    return state


def check(checkpoint: Path, *names: str) -> State:
    """Check that the files of a checkpoint exist and are complete, and return its state. Digests are not checked.

    Args:
        checkpoint: folder of the checkpoint.
        names: names of the required tensor files.

    Raises:
        CheckpointError: if a file is missing or incomplete; the message names it.
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
    """Return the folder of the checkpoint of a step."""
    return folder / f"step-{step:06d}"


def step_of(checkpoint: Path) -> int | None:
    """Return the step in the name of a checkpoint's folder; None if the name has no step."""
    match = _NAME.fullmatch(checkpoint.name)
    return int(match[1]) if match else None


def find(folder: Path) -> list[Path]:
    """Return the checkpoints in ``folder``, oldest first; they may be incomplete."""
    steps = {path: step_of(path) for path in folder.glob("step-*") if (path / STATE).exists()}
    return sorted((path for path, step in steps.items() if step is not None), key=lambda path: steps[path] or 0)
