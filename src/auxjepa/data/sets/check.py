"""Decode a prepared data set, all of it or a sample, and say what is wrong with it."""

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
from auxjepa.data.sets.prepare import PreparedSet, prepare, read_set
from auxjepa.processes.jobs import run_jobs


@dataclass(frozen=True)
class Report:
    """What a check found.

    Args:
        prepared: the set, brought up to date where all files were checked.
        decoded: files that were decoded.
        defects: reason by path.
        problems: annotation lines without an example.
    """

    prepared: PreparedSet
    decoded: int
    defects: dict[str, str]
    problems: tuple[Problem, ...]


def check_set(
    name: str, store: Path, *, sample: int | None = None, seed: int = 0, workers: int = 2, progress: bool = True
) -> Report:
    """Decode every frame of every listed file, or of a random sample of the files that looked sound.

    A whole check brings the prepared set up to date: files that turn out broken are left out from then on. It can be
    killed and goes on where it stood.

    Args:
        sample: number of files; all when None.
        seed: of the choice.
        workers: processes, 0 for one per core.

    Raises:
        ConfigError, ManifestError: see :func:`auxjepa.data.sets.prepare.read_set`.
    """
    prepared = read_set(name, store)
    if sample is None:
        prepared = prepare(
            prepared.data_set,
            prepared.root,
            store,
            name=name,
            check=True,
            links=prepared.links,
            workers=workers,
            progress=progress,
        )
    files = read_scanned(store / "sets" / name / "files.jsonl")
    defects = {one.path: one.defect for one in files if one.defect}
    decoded = len(files) - len(defects)
    if sample is not None:
        sound = [one.path for one in files if not one.defect]
        chosen = np.random.default_rng(seed).permutation(len(sound))[:sample]
        work: Callable[[str], str | None] = partial(_decode, prepared.root, prepared.links)
        jobs = [sound[place] for place in sorted(chosen)]
        decoded = len(jobs)
        died = lambda _, how: f"the process that reads it dies ({how})"  # noqa: E731
        found = dict(run_jobs(work, jobs, workers, "decoding", died=died, progress=progress))
        defects |= {path: why for path, why in found.items() if why}
    told = store / "sets" / name / "problems.jsonl"
    lines = told.read_text(encoding="utf-8").splitlines() if told.exists() else []
    return Report(prepared, decoded, dict(sorted(defects.items())), tuple(Problem(*json.loads(line)) for line in lines))


def _decode(root: Path, links: bool, name: str) -> str | None:
    try:
        probe_media(inside(root, name, links=links), check=True)
    except VideoError as error:
        return error.reason
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    return None
