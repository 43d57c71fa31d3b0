"""How a run takes up its folder: whose it is, and from which checkpoint it resumes."""

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
    """What a run resumes from (None: it begins), and what was damaged and what was done about it, a line each."""

    state: State | None
    notes: list[str]


def take_folder(folder: Path, config: RunConfig) -> list[str]:
    """Make sure that a folder is this run's, and write ``config.yaml`` where it is missing or damaged.

    Returns:
        What was damaged and what was done about it, a line each.

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
    """Check whether a run folder is free or holds a run of this configuration; nothing is written.

    ``config.yaml`` counts from the first moment: a run that was killed before its first checkpoint owns its folder too.

    Returns:
        None where ``config.yaml`` is sound; otherwise what is wrong with it, "" where it is missing.

    Raises:
        TrainingError: when the folder holds another run, or nothing in it says whose it is.
    """
    written, own = read_config(folder), config.content_hash()
    if written is not None and written.names(own):
        return written.damage or None
    there = written.config if written is not None and not written.damage else _config_of(folder / CHECKPOINTS)
    if there is not None and there.content_hash() != own:
        raise TrainingError(
            f"{folder} holds run {there.content_hash()} ({there.variant}, seed {there.seed}), not {own} "
            f"({config.variant}, seed {config.seed}): choose another folder, or delete that one"
        )
    if there is None and (written is not None or find(folder / CHECKPOINTS)):
        what = f"config.yaml: {written.damage}" if written is not None else "its checkpoints can't be read"
        raise TrainingError(f"{folder}: {what}, and nothing else says whose run this is: choose another folder")
    return "" if written is None else written.damage


def _config_of(checkpoints: Path) -> RunConfig | None:
    """The configuration in the newest checkpoint whose state can be read."""
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
    """Restore the newest checkpoint of a run that can be read.

    Args:
        restart: begin anew where checkpoints are there and none can be read; they are set aside.

    Raises:
        CheckpointError: when none of the checkpoints that are there can be read, unless ``restart``.
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
            notes.append(f"{damage}: training resumes from step {state.step}, the last that can be read")
        elif restart:
            notes.append(f"{damage}: training begins anew; what is damaged lies in {set_aside(checkpoints)}")
        else:
            advice = f"remove {checkpoints} to train from the beginning"
            raise CheckpointError(f"{damage}; no earlier checkpoint can be read: {advice}")
    if state is not None and state.version == 1:
        notes.append(f"step {state.step} was saved by an older version of auxjepa: its state.json can't be checked")
    return Resumed(state, notes)


def _check_best(path: Path, config: RunConfig) -> None:
    """Nothing, if the best checkpoint that a checkpoint speaks of can be read; no later step can make it again.

    Raises:
        CheckpointError: when it can't.
    """
    state = read_state(path)
    best = state.counters.best_step
    if config.checkpoint.keep == "best" and best not in (0, state.step):
        read_weights(place(path.parent, best))
