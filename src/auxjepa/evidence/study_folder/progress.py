"""Progress of a running study: scores that are present, and steps of the runs that are not finished."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from auxjepa.evidence.study_folder.folder import Study
from auxjepa.runs.config_file import read_config
from auxjepa.runs.metrics import steps_done

SUMMARY = "summary.json"


@dataclass(frozen=True)
class RunProgress:
    """Progress of a pretraining run that is not finished.

    Args:
        name: variant and seed, or the name of its folder.
        steps: number of finished steps.
        of: number of planned steps; 0 where it is not known.
    """

    name: str
    steps: int
    of: int


@dataclass(frozen=True)
class Progress:
    """Progress of a study.

    Args:
        planned: number of planned scores.
        present: number of these that are present.
        finished: number of finished runs.
        running: runs that are started and not finished.
    """

    planned: int
    present: int
    finished: int
    running: tuple[RunProgress, ...]

    @property
    def is_complete(self) -> bool:
        """Return whether every planned score is present."""
        return 0 < self.planned == self.present


def read_progress(study: Study, folder: Path) -> Progress:
    """Return the progress of a study.

    Args:
        study: content of the study folder.
        folder: the folder.
    """
    try:
        runs = sorted(path for path in (folder / "runs").iterdir() if path.is_dir())
    except OSError:
        runs = []
    open_runs = [path for path in runs if not (path / SUMMARY).exists()]
    running = tuple(one for path in open_runs if (one := _run(path)) is not None)
    return Progress(study.planned, study.planned - study.absent, len(runs) - len(open_runs), running)


def state_of(folder: Path) -> tuple[object, ...]:
    """Return a value that changes when rows, settings or finished runs of a study change. No file is read.

    Args:
        folder: the study folder.
    """
    names = (
        "rows.jsonl",
        "study.yaml",
        "benchmarks.json",
        "registration.json",
        "similarity.json",
        "samples.npz",
        "features.npz",
    )
    parts: list[object] = []
    for name in names:
        try:
            status = (folder / name).stat()
        except OSError:
            parts.append(None)
        else:
            parts.append((status.st_mtime_ns, status.st_size))
    return (*parts, sum(1 for _ in folder.glob(f"runs/*/{SUMMARY}")))


def _run(path: Path) -> RunProgress | None:
    try:
        file, steps = read_config(path), steps_done(path)
    except OSError:
        return None
    config = file.config if file else None
    if config is None:
        return RunProgress(path.name, steps, 0) if steps else None
    return RunProgress(f"{config.variant} seed {config.seed}", steps, config.optim.steps)
