"""The files of a pretraining run's folder: configuration, metrics, checkpoint states and summary.

This room reads them and decides whether a run is finished; it imports no torch. Tensors and training belong to
:mod:`auxjepa.train`.
"""

from auxjepa.runs.config_file import ConfigFile, read_config, write_config
from auxjepa.runs.metrics import Lines, read_metrics, steps_done
from auxjepa.runs.record import Chosen, RunRecord, choose, read_run
from auxjepa.runs.state import CheckpointError, Counters, State, read_state
from auxjepa.runs.summary import Summary, SummaryError, read_summary, write_summary

__all__ = [
    "CheckpointError",
    "Chosen",
    "ConfigFile",
    "Counters",
    "Lines",
    "RunRecord",
    "State",
    "Summary",
    "SummaryError",
    "choose",
    "read_config",
    "read_metrics",
    "read_run",
    "read_state",
    "read_summary",
    "steps_done",
    "write_config",
    "write_summary",
]
