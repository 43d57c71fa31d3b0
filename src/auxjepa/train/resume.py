"""The start of a run in an existing folder: whether the folder is its own, and from which checkpoint it resumes."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import torch
from torch import nn

from auxjepa.config import RunConfig
from auxjepa.models.jepa import JEPA
from auxjepa.runs.config_file import read_config, write_config
from auxjepa.runs.record import CHECKPOINTS
from auxjepa.runs.state import CheckpointError, State, find, place, read_state
from auxjepa.train.checkpoint import read_weights, restore, set_aside
from auxjepa.train.terms import TrainingError


class Resumed(NamedTuple):
    """The state from which a run resumes (None: it starts at step 0), and one line for each damage and its repair."""

    state: State | None
    notes: list[str]


def take_folder(folder: Path, config: RunConfig) -> list[str]:
    """Check that a folder belongs to this run, and write ``config.yaml`` if it is missing or damaged.

    Returns:
        One line for each damage and its repair.

    Raises:
        TrainingError: see :func:`check_owner`.
    """
    damage = check_owner(folder, config)
    if damage is None:
        return []
    folder.mkdir(parents=True, exist_ok=True)
    write_config(folder, config)
    return [f"{folder}/config.yaml: {damage}; it is written again"] if damage else []


def check_owner(folder: Path, config: RunConfig) -> str | None:
    """Check that a run folder is free or holds a run of this configuration; nothing is written.

    A run that was killed before its first checkpoint owns its folder too, because ``config.yaml`` is written first.

    Returns:
        None if ``config.yaml`` is valid; otherwise what is wrong with it, "" if it is missing.

    Raises:
        TrainingError: if the folder holds another run, or no file identifies its run.
    """
    written, digest = read_config(folder), config.content_hash()
    if written is not None and written.names(digest):
        return written.damage or None
    existing = written.config if written is not None and not written.damage else _config_of(folder / CHECKPOINTS)
    if existing is not None and existing.content_hash() != digest:
        raise TrainingError(
            f"{folder} holds run {existing.content_hash()} ({existing.variant}, seed {existing.seed}), not {digest} "
            f"({config.variant}, seed {config.seed}): choose another folder, or delete that one"
        )
    if existing is None and (written is not None or find(folder / CHECKPOINTS)):
        what = f"config.yaml: {written.damage}" if written is not None else "its checkpoints can't be read"
        raise TrainingError(f"{folder}: {what}, and no other file identifies the run: choose another folder")
    return "" if written is None else written.damage


def holds_run(folder: Path, config: RunConfig) -> bool:
    """Check whether ``config.yaml`` of a folder names a configuration.

    Args:
        folder: run folder; it need not exist.
        config: the configuration.
    """
    written = read_config(folder)
    return written is not None and written.names(config.content_hash())


def _config_of(checkpoints: Path) -> RunConfig | None:
    """Return the configuration in the newest checkpoint with a readable state."""
    for path in reversed(find(checkpoints)):
        try:
            return read_state(path).config
        except CheckpointError:
            continue
    return None


def resume(
    folder: Path,
    config: RunConfig,
    model: JEPA,
    objectives: nn.ModuleDict,
    optimizer: torch.optim.Optimizer,
    *,
    restart: bool,
) -> Resumed:
    """Restore the newest readable checkpoint of a run.

    Args:
        folder: folder of the run.
        config: configuration of the run.
        model: networks of the run.
        objectives: terms of the run.
        optimizer: optimiser of the run.
        restart: start again if there are checkpoints but none can be read; the damaged ones are renamed.

    Raises:
        CheckpointError: if there are checkpoints but none can be read, unless ``restart``.
    """
    checkpoints, faults = folder / CHECKPOINTS, list[str]()
    state: State | None = None
    for path in reversed(find(checkpoints)):
        try:
            _check_best(path, config)
            state = restore(path, model, objectives, optimizer)
            break
        except CheckpointError as error:
            faults.append(str(error))
    notes = []
    if faults:
        damage = "; ".join(faults)
        if state is not None:
            notes.append(f"{damage}: training resumes from step {state.step}, the last readable checkpoint")
        elif restart:
            notes.append(f"{damage}: training starts again; the damaged checkpoints are in {set_aside(checkpoints)}")
        else:
            advice = f"remove {checkpoints} to train from the beginning"
            raise CheckpointError(f"{damage}; no earlier checkpoint can be read: {advice}")
    if state is not None and state.version == 1:
        notes.append(f"step {state.step} was saved by an older version of auxjepa: its state.json can't be checked")
    return Resumed(state, notes)


def _check_best(path: Path, config: RunConfig) -> None:
    """Check that the best checkpoint can be read to which a checkpoint refers; no later step can create it again.

    Raises:
        CheckpointError: if it can't be read.
    """
    state = read_state(path)
    best = state.counters.best_step
    if config.checkpoint.keep == "best" and best not in (0, state.step):
        read_weights(place(path.parent, best))
