"""Everything of a study that can be checked before its folder is made and its data is decoded."""

from __future__ import annotations

from pathlib import Path

import torch

from auxjepa import variants
from auxjepa.benchmarks import Benchmark
from auxjepa.config import ConfigError, DataConfig
from auxjepa.data.space import readable, require
from auxjepa.data.world.files import check_cut, world_bytes
from auxjepa.limits import usable_memory
from auxjepa.study.estimate import decoded_bytes, world_sets
from auxjepa.study.measure import LIBRARIES_MB
from auxjepa.study.needs import STORE, data_root, missing_sets
from auxjepa.study.plan import StudyConfig
from auxjepa.train.checks import check_run
from auxjepa.train.size import WORKER, run_bytes
from auxjepa.train.terms import TrainingError


def check_study(study: StudyConfig, device: torch.device | None, folder: Path | None, root: Path | None) -> None:
    """Nothing, if every kind of run can be built and tried out, its data is prepared, and there is room for it all.

    Args:
        study: that is to be run, registered or planned.
        device: that will hold a run; None when nothing is run on this machine.
        folder: of the study; None leaves the disk out.
        root: where prepared sets are, as the command says.

    Raises:
        ConfigError: naming the variant and regime that can't be trained, or what is missing.
        CacheError: when the disk has no room for the runs.
        TrainingError: when an objective fails on made-up features.
    """
    if folder is not None:
        _check_disk(study, folder)
        _check_data_disk(study, data_root(study, root) or folder / "data")
    for regime, data in study.regimes.items():
        base = study.base.model_copy(update={"data": data, "regime": regime, "seed": study.seeds[0]})
        for name in study.variants_of(regime):
            try:
                check_run(variants.apply(name, base), device)
            except ConfigError as error:
                raise ConfigError(f"{name} on {regime}: {error}") from error
            except TrainingError as error:
                raise TrainingError(f"{name} on {regime}: {error}") from error
    _check_benchmarks(study.chosen_benchmarks(), study.regimes)
    missing = missing_sets(study, data_root(study, root) or STORE) if device is not None else {}
    if missing:
        what = "; ".join(f"{name} ({why})" for name, why in missing.items())
        raise ConfigError(f"data sets that the study needs: {what}. `auxjepa data prepare NAME --root PATH`, once each")


def check_workers(workers: int, runs: int) -> None:
    """Nothing, if memory suffices for so many processes: all of them decode, and as many train as there are runs.

    Raises:
        ConfigError: when it doesn't.
    """
    needs, there = max(workers * WORKER, min(workers, runs) * LIBRARIES_MB * 2**20), usable_memory()
    if needs > there:
        what = f"{workers:,} processes side by side take at least {readable(needs)} of memory"
        raise ConfigError(f"{what}, and this machine has {readable(there)}: lower --workers")


def count_runs(study: StudyConfig) -> int:
    """How many encoders are pretrained. Counted without planning them, as there may be very many."""
    return len(study.seeds) * sum(len(study.variants_of(regime)) for regime in study.regimes)


def _check_disk(study: StudyConfig, folder: Path) -> None:
    there = sum(1 for _ in (folder / "runs").glob("*/summary.json"))
    left, each = count_runs(study) - there, run_bytes(study.base)
    if left > 0:
        what = f"{left:,} runs with checkpoints of {readable(each)} each"
        require(folder, what, left * each, remedy="take fewer seeds, variants or steps, or another disk")


def _check_data_disk(study: StudyConfig, root: Path) -> None:
    """Room for the world's files and for decoded clips, less what lies there already."""
    chosen = study.chosen_benchmarks()
    sets = world_sets(study, chosen)
    files = sum(world_bytes(one.clips, 1 if one.role == "images" else one.frames, one.size) for one in sets)
    needs = files + int(decoded_bytes(study, chosen))
    there = sum(
        path.stat().st_size for part in ("world", "clips") for path in (root / part).rglob("*") if path.is_file()
    )
    if needs > there:
        clips = sum(one.clips for one in sets)
        what = f"the study's clips ({clips:,} of the world) and their caches"
        require(root, what, needs - there, remedy="take fewer or smaller clips, or name another disk with --root")


def _check_benchmarks(chosen: list[Benchmark], regimes: dict[str, DataConfig]) -> None:
    """The world draws its clips in the size that a regime has."""
    for benchmark in chosen:
        for regime, data in regimes.items():
            if benchmark.source == "world":
                try:
                    check_cut(data.frames, data.size)
                except ConfigError as error:
                    raise ConfigError(f"{benchmark.name} on {regime}: {error}") from None
