"""The state of a run: whether it is finished, and which checkpoint is evaluated. All other code reads it here."""

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
    """The state of a run, read from its folder.

    Args:
        folder: folder of the run.
        summary: summary of the run; None if it is missing or damaged.
        planned: planned steps of the run; None if unknown.
        last: the newest readable checkpoint; None if there is none.
        state: state of that checkpoint.
        best: the best checkpoint, if the run keeps it; None if it can't be read.
        bare: whether the folder has no checkpoint, for example because weights were removed after scoring.
        faults: one line for each missing or damaged file.
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
        """Return the step of the last readable checkpoint; 0 if there is none."""
        return 0 if self.state is None else self.state.step

    @property
    def finished(self) -> bool:
        """Check whether training is complete and the encoder is available.

        The summary must be readable, and the last checkpoint must be from the last step.
        """
        return self.summary is not None and self.planned is not None and self.step == self.planned and self._evaluable

    @property
    def recorded(self) -> bool:
        """Check whether the run was finished once, so that its cost counts. Its weights may have been removed since."""
        return self.finished or (self.bare and self.summary is not None)

    @property
    def begun(self) -> bool:
        """Check whether there is a checkpoint or a summary, damaged or not."""
        return not self.bare or self.faults != (MISSING,)

    @property
    def _evaluable(self) -> bool:
        return self.state is not None and (self.state.config.checkpoint.keep != "best" or self.best is not None)


def read_run(folder: Path, planned: int | None = None) -> RunRecord:
    """Return the state of a run. Damage becomes a fault of the record and never an error.

    Files of tensors must have the length in their header; their digests are checked when they are loaded.

    Args:
        folder: folder of the run.
        planned: steps that the run should have; when None, the steps in its checkpoint.
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
        digest = state.config.content_hash()
        if summary is not None and (summary.hash, summary.steps) != (digest, state.config.optim.steps):
            faults.append(
                f"{SUMMARY}: of run {summary.hash} ({summary.steps} steps), the checkpoints are of run {digest}"
            )
            summary = None
    elif planned is None and summary is not None:
        planned = summary.steps
    best = _best(folder, state, faults)
    return RunRecord(folder, summary, planned, last, state, best, not _any(folder), tuple(faults))


def _newest(folder: Path, checkpoints: Path, faults: list[str]) -> tuple[Path | None, State | None]:
    """Return the newest readable checkpoint and its state; add the faults of newer ones to ``faults``."""
    for path in reversed(states.find(checkpoints)):
        try:
            return path, states.check(path, WEIGHTS)
        except CheckpointError as error:
            faults.append(_below(folder, error))
    return None, None


def _any(folder: Path) -> bool:
    return any((folder / CHECKPOINTS).glob("step-*"))


def _best(folder: Path, state: State | None, faults: list[str]) -> Path | None:
    """Return the checkpoint that a run declares as its best one, if it is complete."""
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
        path: path of the checkpoint.
        state: state of the checkpoint.
        caution: one line if the run isn't finished, else ''.
    """

    path: Path
    state: State
    caution: str = ""


def choose(path: Path) -> Chosen:
    """Return the checkpoint to evaluate: the best one if the run keeps it, else the last readable one.

    Args:
        path: folder of a run, of its checkpoints, or of one checkpoint.

    Raises:
        CheckpointError: if there is no readable checkpoint.
    """
    if (path / STATE).exists():
        checkpoint = path.resolve()
        return _plain(checkpoint, states.check(checkpoint, WEIGHTS))
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
    """Return a checkpoint that the user selected directly."""
    steps = state.config.optim.steps
    if not faults and state.step == steps:
        return Chosen(checkpoint, state)
    return Chosen(checkpoint, state, f"{checkpoint}: {'; '.join([*faults, f'step {state.step} of {steps} is read'])}")


def _nothing(path: Path, faults: list[str]) -> str:
    if faults:
        return f"{path}: no checkpoint here can be read: {'; '.join(faults)}"
    return f"{path}: no checkpoint here (expected step-NNNNNN/state.json, below it or in checkpoints/)"
