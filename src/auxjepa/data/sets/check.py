"""Decode the files of a prepared data set and collect their defects."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from auxjepa.data.errors import VideoError
from auxjepa.data.manifest.paths import inside
from auxjepa.data.manifest.scan import read_scanned
from auxjepa.data.media.open import probe_media
from auxjepa.data.sets.data_set import Problem
from auxjepa.data.sets.prepare import prepare_set
from auxjepa.data.sets.prepared_set import PreparedSet, read_set
from auxjepa.processes.jobs import run_jobs


@dataclass(frozen=True)
class SetCheck:
    """Result of a check.

    Args:
        prepared: the set; it is up to date if all files were checked.
        decoded: number of files that were decoded.
        defects: reason by path.
        problems: annotation lines that give no example.
    """

    prepared: PreparedSet
    decoded: int
    defects: dict[str, str]
    problems: tuple[Problem, ...]


def check_set(
    name: str, store: Path, *, sample: int | None = None, seed: int = 0, workers: int = 2, progress: bool = True
) -> SetCheck:
    """Decode every frame of every listed file, or of a random sample of the files without a defect.

    A check of all files updates the prepared set: files that turn out broken are left out from then on. If such a check
    is killed, the next check resumes after the last file that was decoded.

    Args:
        name: name of the prepared set.
        store: folder of prepared sets and caches.
        sample: number of files; None for all files.
        seed: seed of the random sample.
        workers: number of processes, 0 for one per core.
        progress: show the progress on standard error.

    Raises:
        ConfigError: see :func:`auxjepa.data.sets.prepared_set.read_set`.
        ManifestError: see :func:`auxjepa.data.sets.prepared_set.read_set`.
    """
    prepared = read_set(name, store)
    if sample is None:
        prepared = prepare_set(
            prepared.data_set,
            prepared.root,
            store,
            name=name,
            check=True,
            links=prepared.links,
            workers=workers,
            progress=progress,
        )
    folder = store / "sets" / name
    files = read_scanned(folder / "files.jsonl")
    defects = {file.path: file.defect for file in files if file.defect}
    decoded = len(files) - len(defects)
    if sample is not None:
        sound = [file.path for file in files if not file.defect]
        selected = np.random.default_rng(seed).permutation(len(sound))[:sample]
        work: Callable[[str], str | None] = partial(_decode, prepared.root, prepared.links)
        jobs = [sound[index] for index in sorted(selected)]
        decoded = len(jobs)
        died = lambda _, how: f"the process that reads it dies ({how})"  # noqa: E731
        reasons = dict(run_jobs(work, jobs, workers, "decoding", died=died, progress=progress))
        defects |= {path: reason for path, reason in reasons.items() if reason}
    file = folder / "problems.jsonl"
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    problems = tuple(Problem(*json.loads(line)) for line in lines)
    return SetCheck(prepared, decoded, dict(sorted(defects.items())), problems)


def _decode(root: Path, links: bool, name: str) -> str | None:
    """Decode one file and return what is wrong with it, or None."""
    try:
        probe_media(inside(root, name, links=links), check=True)
    except VideoError as error:
        return error.reason
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    return None
