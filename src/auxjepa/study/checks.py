"""Checks of a study that need neither its folder nor decoded data."""

from __future__ import annotations

from pathlib import Path

import torch

from auxjepa.benchmarks import Benchmark
from auxjepa.config import ConfigError, DataConfig
from auxjepa.data.space import readable, require
from auxjepa.data.world.factors import STILL_ROLES
from auxjepa.data.world.files import check_cut, world_bytes
from auxjepa.limits import usable_memory
from auxjepa.study.estimate import decoded_bytes, world_sets
from auxjepa.study.frozen_scores import check_encoders
from auxjepa.study.needs import STORE, data_root, missing_sets
from auxjepa.study.plan import StudyConfig
from auxjepa.study.step_cost import LIBRARIES_MB
from auxjepa.train.checks import check_run
from auxjepa.train.size import WORKER, run_bytes
from auxjepa.train.terms import TrainingError


def check_study(study: StudyConfig, device: torch.device | None, folder: Path | None, root: Path | None) -> None:
    """Check that every kind of run can be built and started, that its data is prepared, and that there is enough space.

    Args:
        study: study to run, register or plan.
        device: device that will hold a run; None if nothing is run on this machine.
        folder: study folder; disk space is not checked when None.
        root: folder of prepared sets, if the command names one.

    Raises:
        ConfigError: if a variant cannot be trained in a regime, or if data is missing.
        CacheError: if the disk has no space for the runs.
        TrainingError: if an objective fails on synthetic features.
    """
    if folder is not None:
        _check_disk(study, folder)
        _check_data_disk(study, data_root(study, root) or folder / "data")
    for regime, data in study.regimes.items():
        base = study.base.model_copy(update={"data": data, "regime": regime, "seed": study.seeds[0]})
        for name in study.variants_of(regime):
            try:
                check_run(study.configure(name, base), device)
            except ConfigError as error:
                raise ConfigError(f"{name} on {regime}: {error}") from error
            except TrainingError as error:
                raise TrainingError(f"{name} on {regime}: {error}") from error
    _check_benchmarks(study.chosen_benchmarks(), study.regimes)
    if device is not None and study.encoders:
        check_encoders(study, device)
    missing = missing_sets(study, data_root(study, root) or STORE) if device is not None else {}
    if missing:
        what = "; ".join(f"{name} ({why})" for name, why in missing.items())
        raise ConfigError(f"data sets that the study needs: {what}. `auxjepa data prepare NAME --root PATH`, once each")


def check_workers(workers: int, runs: int) -> None:
    """Check whether memory suffices for the processes.

    All processes decode clips, and one process per run trains.

    Args:
        workers: number of processes.
        runs: number of runs to train.

    Raises:
        ConfigError: if memory does not suffice.
    """
    needs, there = max(workers * WORKER, min(workers, runs) * LIBRARIES_MB * 2**20), usable_memory()
    if needs > there:
        what = f"{workers:,} processes side by side take at least {readable(needs)} of memory"
        raise ConfigError(f"{what}, and this machine has {readable(there)}: lower --workers")


def count_runs(study: StudyConfig) -> int:
    """Return the number of encoders to pretrain. It is counted without a plan, because a plan can be very long."""
    return len(study.seeds) * sum(len(study.variants_of(regime)) for regime in study.regimes)


def _check_disk(study: StudyConfig, folder: Path) -> None:
    there = sum(1 for _ in (folder / "runs").glob("*/summary.json"))
    left, each = count_runs(study) - there, run_bytes(study.base)
    if left > 0:
        what = f"{left:,} runs with checkpoints of {readable(each)} each"
        require(folder, what, left * each, remedy="take fewer seeds, variants or steps, or another disk")


def _check_data_disk(study: StudyConfig, root: Path) -> None:
    """Check the disk space for the files of the world and for decoded clips. Existing files are subtracted."""
    chosen = study.chosen_benchmarks()
    sets = world_sets(study, chosen)
    files = sum(world_bytes(one.clips, 1 if one.role in STILL_ROLES else one.frames, one.size) for one in sets)
    needs = files + int(decoded_bytes(study, chosen))
    there = sum(
        path.stat().st_size for part in ("world", "clips") for path in (root / part).rglob("*") if path.is_file()
    )
    if needs > there:
        clips = sum(one.clips for one in sets)
        what = f"the study's clips ({clips:,} of the world) and their caches"
        require(root, what, needs - there, remedy="take fewer or smaller clips, or name another disk with --root")


def _check_benchmarks(chosen: list[Benchmark], regimes: dict[str, DataConfig]) -> None:
    """Check whether the world can draw clips in the size of each regime."""
    for benchmark in chosen:
        for regime, data in regimes.items():
            if benchmark.source == "world":
                try:
                    check_cut(data.frames, data.size)
                except ConfigError as error:
                    raise ConfigError(f"{benchmark.name} on {regime}: {error}") from None
