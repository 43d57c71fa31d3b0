"""Whether a run is finished, and which checkpoint stands for it: one answer for all who ask."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from auxjepa.runs import state as states
from auxjepa.runs.state import STATE, WEIGHTS, CheckpointError, State
from auxjepa.runs.summary import FILE as SUMMARY
from auxjepa.runs.summary import MISSING, Summary, SummaryError, read_summary

CHECKPOINTS = "checkpoints"


@dataclass(frozen=True)
class RunRecord:
    """What a run folder says of its run.

    Args:
        folder: of the run.
        summary: None where it is missing or damaged.
        planned: steps of the run; None where nothing says.
        last: the newest checkpoint that can be read; None where there is none.
        state: of that checkpoint.
        best: the checkpoint that is evaluated where the run keeps its best one; None where it can't be read.
        bare: whether the folder holds no checkpoint at all, as where weights were removed after scoring.
        faults: what is missing or damaged, one line each.
    """

    folder: Path
    summary: Summary | None
    planned: int | None
    last: Path | None
    state: State | None
    best: Path | None
    bare: bool
    faults: tuple[str, ...]

    @property
    def step(self) -> int:
        """Steps behind the last checkpoint that can be read."""
        return 0 if self.state is None else self.state.step

    @property
    def finished(self) -> bool:
        """Whether the run is trained to its end and its encoder can be had: the summary can be read, and the last
        checkpoint is of the last step."""
        return self.summary is not None and self.planned is not None and self.step == self.planned and self._evaluable

    @property
    def recorded(self) -> bool:
        """Whether the run was finished once, so that what it cost counts: its encoder may have been removed since."""
        return self.finished or (self.bare and self.summary is not None)

    @property
    def begun(self) -> bool:
        """Whether a checkpoint or a summary is there, however damaged."""
        return not self.bare or self.faults != (MISSING,)

    @property
    def _evaluable(self) -> bool:
        return self.state is not None and (self.state.config.checkpoint.keep != "best" or self.best is not None)


def read_run(folder: Path, planned: int | None = None) -> RunRecord:
    """What a run folder says of its run; damage becomes a fault in the record, never an error.

    Files of tensors are opened and must be as long as they say; their bits are compared when they are loaded.

    Args:
        planned: steps that the run should have; what its checkpoint says when None.
    """
    faults: list[str] = []
    summary: Summary | None = None
    try:
        summary = read_summary(folder)
    except SummaryError as error:
        faults.append(str(error))
    last, state = _newest(folder, folder / CHECKPOINTS, faults)
    if state is not None:
        planned = planned if planned is not None else state.config.optim.steps
        own = state.config.content_hash()
        if summary is not None and (summary.hash, summary.steps) != (own, state.config.optim.steps):
            faults.append(f"{SUMMARY}: of run {summary.hash} ({summary.steps} steps), the checkpoints are of run {own}")
            summary = None
    elif planned is None and summary is not None:
        planned = summary.steps
    best = _best(folder, state, faults)
    return RunRecord(folder, summary, planned, last, state, best, not _any(folder), tuple(faults))


def _newest(folder: Path, checkpoints: Path, faults: list[str]) -> tuple[Path | None, State | None]:
    """The newest checkpoint that can be read and its state; what is wrong with newer ones is added to ``faults``."""
    for path in reversed(states.find(checkpoints)):
        try:
            return path, states.check(path, WEIGHTS)
        except CheckpointError as error:
            faults.append(_below(folder, error))
    return None, None


def _any(folder: Path) -> bool:
    return any((folder / CHECKPOINTS).glob("step-*"))


def _best(folder: Path, state: State | None, faults: list[str]) -> Path | None:
    """The checkpoint that a run declares as its best one, where it is whole."""
    if state is None or state.config.checkpoint.keep != "best" or not state.counters.best_step:
        return None
    path = states.place(folder / CHECKPOINTS, state.counters.best_step)
    try:
        states.check(path, WEIGHTS)
    except CheckpointError as error:
        faults.append(_below(folder, error))
        return None
    return path


def _below(folder: Path, error: CheckpointError) -> str:
    return str(error).replace(f"{folder}/", "", 1)


@dataclass(frozen=True)
class Chosen:
    """A checkpoint to read.

    Args:
        path: of the checkpoint.
        state: of the checkpoint.
        caution: one line where it isn't that of a finished run, '' else.
    """

    path: Path
    state: State
    caution: str = ""


def choose(path: Path) -> Chosen:
    """The checkpoint that stands for a run, from its folder or from the checkpoint itself: the best one where the run
    keeps that, else the last that can be read.

    Raises:
        CheckpointError: when there is none that can be read.
    """
    if (path / STATE).exists():
        own = path.resolve()
        return _plain(own, states.check(own, WEIGHTS))
    faults: list[str] = []
    last, state = _newest(path, path, faults)
    if last is not None and state is not None:
        return _plain(last.resolve(), state, *faults)
    record = read_run(path)
    if record.last is None or record.state is None:
        faults += [fault for fault in record.faults if not fault.startswith(SUMMARY)]
        raise CheckpointError(_nothing(path, faults))
    chosen = record.best or record.last
    state = record.state if chosen == record.last else states.read_state(chosen)
    if record.finished:
        return Chosen(chosen.resolve(), state)
    why = "".join(f": {fault}" for fault in record.faults if fault != MISSING)
    best = ", the best so far" if record.best else ""
    line = f"{path} is not finished{why}: step {state.step} of {record.planned} is read{best}"
    return Chosen(chosen.resolve(), state, line)


def _plain(checkpoint: Path, state: State, *faults: str) -> Chosen:
    """A checkpoint that was named itself."""
    steps = state.config.optim.steps
    if not faults and state.step == steps:
        return Chosen(checkpoint, state)
    return Chosen(checkpoint, state, f"{checkpoint}: {'; '.join([*faults, f'step {state.step} of {steps} is read'])}")


def _nothing(path: Path, faults: list[str]) -> str:
    if faults:
        return f"{path}: no checkpoint here can be read: {'; '.join(faults)}"
    return f"{path}: no checkpoint here (expected step-NNNNNN/state.json, below it or in checkpoints/)"
