"""Checkpoints: safetensors and JSON under named roles, written as one atomic folder.

A checkpoint is ``step-000700/`` with ``weights.safetensors`` (keys ``student.…``, ``teacher.…``, ``predictor.…``,
``objectives.…``), ``optimizer.safetensors`` and ``state.json``. The folder is complete or absent: it is written under
another name and renamed. ``state.json`` says of each role whether training changed it, so that an untrained network is
never probed by mistake (docs/paper/findings.md#finding-2). Nothing here can execute code on loading.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any, Literal

import torch
from pydantic import Field
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from auxjepa.config import RunConfig, Typed
from auxjepa.models.jepa import JEPA, build_encoder
from auxjepa.models.vit import Encoder

Role = Literal["student", "teacher", "predictor", "objectives"]
EncoderRole = Literal["student", "teacher"]


class CheckpointError(RuntimeError):
    """A checkpoint that is missing, damaged, or doesn't hold what was asked for."""


class State(Typed):
    """``state.json``: everything of a run at a step except its tensors."""

    version: Literal[1] = 1
    step: int = Field(description="steps done")
    config: RunConfig
    trained: dict[str, bool] = Field(description="role: whether training changed its weights")
    initial: dict[str, str] = Field(description="role: digest of its weights at initialisation")
    loop: dict[str, Any] = Field(default={}, description="counters that the loop needs to go on")
    weights_digest: str = ""
    optimizer_digest: str = ""


def digest(tensors: dict[str, Tensor]) -> str:
    """Content hash of named tensors: names, types, shapes and every bit."""
    total = hashlib.sha256()
    for name in sorted(tensors):
        tensor = tensors[name].detach().cpu().contiguous()
        total.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        total.update(tensor.reshape(-1).view(torch.uint8).numpy().tobytes())
    return total.hexdigest()[:16]


def by_role(model: JEPA, objectives: nn.ModuleDict) -> dict[str, dict[str, Tensor]]:
    """Tensors of each role, an empty one left out."""
    modules: dict[str, nn.Module | None] = {
        "student": model.student,
        "teacher": model.teacher,
        "predictor": model.predictor,
        "objectives": objectives,
    }
    states = {role: module.state_dict() for role, module in modules.items() if module is not None}
    return {role: state for role, state in states.items() if state}


def optimizer_tensors(model: JEPA, objectives: nn.ModuleDict, optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """The optimiser's moments and step counts, keyed by parameter name."""
    tensors = {}
    for name, parameter in named_parameters(model, objectives):
        for key, value in optimizer.state.get(parameter, {}).items():
            tensors[f"{name}/{key}"] = value.detach().cpu().contiguous()
    return tensors


def named_parameters(model: JEPA, objectives: nn.ModuleDict) -> list[tuple[str, nn.Parameter]]:
    """Every trainable parameter of a run: student, predictor and heads of objectives."""
    named = [*model.named_parameters(), *(("objectives." + name, p) for name, p in objectives.named_parameters())]
    return [(name, parameter) for name, parameter in named if parameter.requires_grad]


def save(folder: Path, state: State, model: JEPA, objectives: nn.ModuleDict, optimizer: torch.optim.Optimizer) -> Path:
    """Write a checkpoint and return its folder, which is complete or absent whenever the process is killed.

    ``trained`` and the digests of ``state`` are filled in here.
    """
    roles = by_role(model, objectives)
    weights = {
        f"{role}.{name}": t.detach().cpu().contiguous() for role, named in roles.items() for name, t in named.items()
    }
    moments = optimizer_tensors(model, objectives, optimizer)
    now = {role: digest(named) for role, named in roles.items()}
    state = state.model_copy(
        update={
            "trained": {role: now[role] != state.initial.get(role) for role in now},
            "weights_digest": digest(weights),
            "optimizer_digest": digest(moments),
        }
    )
    target = place(folder, state.step)
    partial = folder / f".partial-{os.getpid()}-{target.name}"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    save_file(weights, partial / "weights.safetensors")
    save_file(moments, partial / "optimizer.safetensors")
    (partial / "state.json").write_text(json.dumps(state.model_dump(mode="json"), indent=1))
    for path in (*partial.iterdir(), partial):
        _sync(path)
    _remove(target)
    partial.rename(target)
    _sync(folder)
    return target


def _sync(path: Path) -> None:
    """Let a file or folder reach the disk before the next step is taken."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(checkpoint: Path) -> None:
    """Delete a checkpoint, renamed first: a kill in the middle leaves none that looks complete."""
    if checkpoint.exists():
        doomed = checkpoint.with_name(f".partial-{os.getpid()}-old-{checkpoint.name}")
        shutil.rmtree(doomed, ignore_errors=True)
        checkpoint.rename(doomed)
        shutil.rmtree(doomed, ignore_errors=True)


def place(folder: Path, step: int) -> Path:
    """Where the checkpoint of a step lies."""
    return folder / f"step-{step:06d}"


def find(folder: Path) -> list[Path]:
    """Complete checkpoints below ``folder``, oldest first."""
    found = [path for path in folder.glob("step-*") if (path / "state.json").exists()]
    return sorted(found, key=lambda path: int(path.name.removeprefix("step-")))


def point(link: Path, checkpoint: Path) -> None:
    """Let ``link`` point at a checkpoint (a relative symbolic link, replaced atomically)."""
    partial = link.with_name(f".{link.name}.{os.getpid()}.partial")
    partial.unlink(missing_ok=True)
    partial.symlink_to(os.path.relpath(checkpoint, link.parent), target_is_directory=True)
    partial.replace(link)


def prune(folder: Path, keep: set[Path]) -> None:
    """Delete the checkpoints below ``folder`` that aren't in ``keep``."""
    kept = {path.resolve() for path in keep}
    for path in folder.glob("step-*"):
        if path.resolve() not in kept:
            _remove(path)


def sweep(folder: Path) -> None:
    """Delete what killed writers left below ``folder``; for the one process that writes there."""
    for path in folder.glob(".partial-*"):
        shutil.rmtree(path, ignore_errors=True)


def resolve(path: Path) -> Path:
    """A checkpoint folder from itself or from a run folder: the best one where the run declared that, else the last.

    Raises:
        CheckpointError: when none is there.
    """
    for folder in (path, path / "best", path / "checkpoints"):
        if (folder / "state.json").exists():
            return folder.resolve()
        found = find(folder)
        if found:
            return found[-1]
    raise CheckpointError(f"{path}: no checkpoint here (expected step-NNNNNN/state.json, below it or in checkpoints/)")


def read_state(checkpoint: Path) -> State:
    """``state.json`` of a checkpoint.

    Raises:
        CheckpointError: when it can't be read.
    """
    try:
        return State.model_validate_json((checkpoint / "state.json").read_text())
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{checkpoint}/state.json: {' '.join(str(error).split())[:200]}") from error


def read_weights(checkpoint: Path) -> dict[str, Tensor]:
    """Every weight of a checkpoint, keys ``role.name``.

    Raises:
        CheckpointError: when the file is missing, damaged or not the one that ``state.json`` describes.
    """
    return _read(checkpoint / "weights.safetensors", read_state(checkpoint).weights_digest)


def _read(path: Path, expected: str) -> dict[str, Tensor]:
    try:
        tensors = load_file(path)
    except Exception as error:  # safetensors raises its own untyped errors on damaged files
        raise CheckpointError(f"{path}: cannot be read ({' '.join(str(error).split())})") from error
    if digest(tensors) != expected:
        raise CheckpointError(f"{path}: damaged, its content is not what state.json describes")
    return tensors


def restore(checkpoint: Path, model: JEPA, objectives: nn.ModuleDict, optimizer: torch.optim.Optimizer) -> State:
    """Put a run back to where ``checkpoint`` left it: every network, head, moment and counter.

    Raises:
        CheckpointError: when a file of the checkpoint is missing or damaged.
    """
    state = read_state(checkpoint)
    weights = _read(checkpoint / "weights.safetensors", state.weights_digest)
    moments = _read(checkpoint / "optimizer.safetensors", state.optimizer_digest)
    for role, module in (("student", model.student), ("teacher", model.teacher), ("predictor", model.predictor)):
        if module is not None:
            module.load_state_dict(_of_role(weights, role))
    objectives.load_state_dict(_of_role(weights, "objectives"))
    parameters = dict(named_parameters(model, objectives))
    for key, value in moments.items():
        name, _, moment = key.rpartition("/")
        # The moments of a parameter live where it lives, its step count as well (fused AdamW).
        optimizer.state[parameters[name]][moment] = value.to(parameters[name].device)
    return state


def load_encoder(path: Path, role: EncoderRole) -> tuple[Encoder, State]:
    """The frozen encoder of a run.

    Raises:
        CheckpointError: when the run has no such role, or training never changed it.
    """
    checkpoint = resolve(path)
    state = read_state(checkpoint)
    if role not in state.trained:
        raise CheckpointError(
            f"{checkpoint}: this run has no {role} (its roles: {', '.join(state.trained)}); with the EMA teacher off "
            "only the student can be evaluated"
        )
    if not state.trained[role]:
        raise CheckpointError(
            f"{checkpoint}: the {role} still has its initial weights, so its score would be that of a random network; "
            "ask for the random-init control if that is what you want"
        )
    encoder = build_encoder(state.config.model)
    encoder.load_state_dict(_of_role(read_weights(checkpoint), role))
    return encoder.eval().requires_grad_(False), state


def _of_role(weights: dict[str, Tensor], role: str) -> dict[str, Tensor]:
    prefix = role + "."
    return {name.removeprefix(prefix): value for name, value in weights.items() if name.startswith(prefix)}
