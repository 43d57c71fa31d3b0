"""Checkpoints: safetensors and JSON, written as one atomic folder.

A checkpoint is ``step-000700/`` with ``weights.safetensors`` (keys ``student.…``, ``teacher.…``, ``predictor.…``,
``objectives.…``), ``optimizer.safetensors`` and ``state.json``. The folder is complete or absent: it is written under
another name and renamed. ``state.json`` stores for each role whether training changed it, so that an untrained network
is never probed by mistake (docs/paper/findings.md#finding-2). Loading a checkpoint can't execute code.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Literal

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from auxjepa.files import remove_folder, replacing, replacing_folder
from auxjepa.models.jepa import JEPA, build_encoder
from auxjepa.models.vit import Encoder
from auxjepa.runs.record import choose
from auxjepa.runs.state import OPTIMIZER, SEAL, STATE, WEIGHTS, CheckpointError, State, find, place, read_state, to_json

__all__ = ["CheckpointError", "State", "find", "place", "read_state"]  # their module imports no torch

Role = Literal["student", "teacher", "predictor", "objectives"]
EncoderRole = Literal["student", "teacher"]


def digest(tensors: dict[str, Tensor]) -> str:
    """Return the content hash of named tensors: names, types, shapes and every bit."""
    total = hashlib.sha256()
    for name in sorted(tensors):
        tensor = tensors[name].detach().cpu().contiguous()
        total.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        total.update(tensor.reshape(-1).view(torch.uint8).numpy().tobytes())
    return total.hexdigest()[:16]


def by_role(model: JEPA, objectives: nn.ModuleDict) -> dict[str, dict[str, Tensor]]:
    """Return the tensors of each role, without empty roles."""
    modules: dict[str, nn.Module | None] = {
        "student": model.student,
        "teacher": model.teacher,
        "predictor": model.predictor,
        "objectives": objectives,
    }
    states = {role: module.state_dict() for role, module in modules.items() if module is not None}
    return {role: state for role, state in states.items() if state}


def optimizer_tensors(model: JEPA, objectives: nn.ModuleDict, optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """Return the optimiser's moments and step counts by parameter name."""
    tensors = {}
    for name, parameter in named_parameters(model, objectives):
        for key, value in optimizer.state.get(parameter, {}).items():
            tensors[f"{name}/{key}"] = value.detach().cpu().contiguous()
    return tensors


def named_parameters(model: JEPA, objectives: nn.ModuleDict) -> list[tuple[str, nn.Parameter]]:
    """Return every trainable parameter of a run: student, predictor and heads of objectives."""
    named = [*model.named_parameters(), *(("objectives." + name, p) for name, p in objectives.named_parameters())]
    return [(name, parameter) for name, parameter in named if parameter.requires_grad]


def save(folder: Path, state: State, model: JEPA, objectives: nn.ModuleDict, optimizer: torch.optim.Optimizer) -> Path:
    """Write a checkpoint and return its folder, which is complete or absent even if the process is killed.

    Args:
        folder: folder of the run's checkpoints.
        state: state of the run; ``trained`` and the digests are set here.
        model: networks of the run.
        objectives: heads of the run.
        optimizer: optimiser of the run.

    Raises:
        WriteError: if the disk is full; earlier checkpoints are unchanged.
    """
    roles = by_role(model, objectives)
    weights = {
        f"{role}.{name}": t.detach().cpu().contiguous() for role, named in roles.items() for name, t in named.items()
    }
    moments = optimizer_tensors(model, objectives, optimizer)
    current = {role: digest(named) for role, named in roles.items()}
    state = state.model_copy(
        update={
            "version": 2,
            "trained": {role: current[role] != state.initial.get(role) for role in current},
            "weights_digest": digest(weights),
            "optimizer_digest": digest(moments),
        }
    )
    target = place(folder, state.step)
    with replacing_folder(target, folder / f".partial-{os.getpid()}-{target.name}") as partial:
        save_file(weights, partial / WEIGHTS)
        save_file(moments, partial / OPTIMIZER)
        content = to_json(state.model_dump(mode="json", exclude={SEAL}))
        (partial / STATE).write_text(json.dumps(content, indent=1))
    return target


def point(link: Path, checkpoint: Path) -> None:
    """Make ``link`` a relative symbolic link to a checkpoint; an existing link is replaced atomically."""
    with replacing(link) as partial:
        partial.symlink_to(os.path.relpath(checkpoint, link.parent), target_is_directory=True)


def prune(folder: Path, keep: set[Path]) -> None:
    """Delete the checkpoints in ``folder`` that aren't in ``keep``."""
    remaining = {path.resolve() for path in keep}
    for path in folder.glob("step-*"):
        if path.resolve() not in remaining:
            remove_folder(path)


def set_aside(folder: Path) -> Path:
    """Rename a folder of checkpoints so that a run can start again in its place, and return the new name."""
    number = 1
    while (aside := folder.with_name(f"{folder.name}-damaged-{number}")).exists():
        number += 1
    return folder.rename(aside)


def sweep(folder: Path) -> None:
    """Delete temporary folders of killed processes in ``folder``. Only the process that writes there may call this."""
    for path in folder.glob(".partial-*"):
        shutil.rmtree(path, ignore_errors=True)


def resolve(path: Path) -> Path:
    """Return the checkpoint folder of a run or a checkpoint; see :func:`auxjepa.runs.record.choose`.

    Raises:
        CheckpointError: if there is no readable checkpoint.
    """
    return choose(path).path


def read_weights(checkpoint: Path) -> dict[str, Tensor]:
    """Return all weights of a checkpoint with keys ``role.name``.

    Raises:
        CheckpointError: if the file is missing or damaged, or doesn't match ``state.json``.
    """
    return _read(checkpoint / WEIGHTS, read_state(checkpoint).weights_digest)


def _read(path: Path, expected: str) -> dict[str, Tensor]:
    try:
        tensors = load_file(path)
    except Exception as error:  # safetensors raises its own untyped errors on damaged files
        raise CheckpointError(f"{path}: cannot be read ({' '.join(str(error).split())})") from error
    if digest(tensors) != expected:
        raise CheckpointError(f"{path}: damaged, its content is not what state.json describes")
    return tensors


def restore(checkpoint: Path, model: JEPA, objectives: nn.ModuleDict, optimizer: torch.optim.Optimizer) -> State:
    """Load networks, heads and moments of a checkpoint into a run, and return its state.

    Args:
        checkpoint: folder of the checkpoint.
        model: networks of the run.
        objectives: heads of the run.
        optimizer: optimiser of the run.

    Raises:
        CheckpointError: if a file of the checkpoint is missing or damaged.
    """
    state = read_state(checkpoint)
    weights = _read(checkpoint / WEIGHTS, state.weights_digest)
    moments = _read(checkpoint / OPTIMIZER, state.optimizer_digest)
    for role, module in (("student", model.student), ("teacher", model.teacher), ("predictor", model.predictor)):
        if module is not None:
            module.load_state_dict(_of_role(weights, role))
    objectives.load_state_dict(_of_role(weights, "objectives"))
    parameters = dict(named_parameters(model, objectives))
    for key, value in moments.items():
        name, _, moment = key.rpartition("/")
        # Moments and step count must be on the device of their parameter (fused AdamW).
        optimizer.state[parameters[name]][moment] = value.to(parameters[name].device)
    return state


def load_encoder(path: Path, role: EncoderRole) -> tuple[Encoder, State]:
    """Return the frozen encoder of a run, and the state of its checkpoint.

    Args:
        path: folder of a run or a checkpoint.
        role: the encoder to load.

    Raises:
        CheckpointError: if the run has no such role, or training never changed it.
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
            "use the random-init control to score a random network"
        )
    encoder = build_encoder(state.config.model)
    encoder.load_state_dict(_of_role(read_weights(checkpoint), role))
    return encoder.eval().requires_grad_(False), state


def _of_role(weights: dict[str, Tensor], role: str) -> dict[str, Tensor]:
    prefix = role + "."
    return {name.removeprefix(prefix): value for name, value in weights.items() if name.startswith(prefix)}
