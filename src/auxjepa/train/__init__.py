"""Pretraining: the loop, schedules, checkpoints, checks before a run, and the monitor of collapse.

Networks belong to :mod:`auxjepa.models`, terms of the loss to :mod:`auxjepa.objectives`, and files of a run that are
read without torch to :mod:`auxjepa.runs`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from auxjepa.modules import import_on_use

if TYPE_CHECKING:
    from auxjepa.train.checkpoint import load_encoder, read_weights
    from auxjepa.train.checks import check_run
    from auxjepa.train.loop import Run
    from auxjepa.train.resume import check_owner
    from auxjepa.train.terms import TrainingError

__all__ = ["Run", "TrainingError", "check_owner", "check_run", "load_encoder", "read_weights"]

_MODULES = {
    "auxjepa.train.checkpoint": ("load_encoder", "read_weights"),
    "auxjepa.train.checks": ("check_run",),
    "auxjepa.train.loop": ("Run",),
    "auxjepa.train.resume": ("check_owner",),
    "auxjepa.train.terms": ("TrainingError",),
}
"""Module: its public names. They are imported on first use, because torch takes seconds to import."""

__getattr__ = import_on_use(__name__, _MODULES)
