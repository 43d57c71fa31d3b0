"""The search of recipes from Python and from the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from rich.console import Console

from auxjepa.config import ConfigError
from auxjepa.devices import open_device
from auxjepa.files import refuse_odd_bytes
from auxjepa.start import check_folder
from auxjepa.study.checks import check_study, check_workers
from auxjepa.study.needs import data_root
from auxjepa.study.plan import StudyConfig
from auxjepa.study.run import side_by_side
from auxjepa.study.tuning.scope import tune_of
from auxjepa.study.tuning.tuned import finished_search, tune_study


def tune_first(
    study: StudyConfig,
    folder: Path,
    *,
    action: Literal["tune", "run", "register"],
    root: Path | None,
    workers: int,
    device: str,
    console: Console,
    tell: Callable[[str], None],
) -> StudyConfig:
    """Return a study with the recipes of its search, which runs first; a study without ``tune`` is returned unchanged.

    Args:
        study: the study.
        folder: study folder; the search is in its subfolder ``tuning``.
        action: the action that follows.
        root: folder of data.
        workers: runs side by side; one per core when 0.
        device: name of the device.
        console: where progress is shown.
        tell: receives the size of the search before it begins, and the chosen recipes.

    Raises:
        ConfigError: if the study cannot be run, or the folder holds another search.
        RunError: if a run of the search failed; finished work is kept.
    """
    if study.tune is None and action != "tune":
        return study
    tune = tune_of(study)
    if study.tuning_digest and action != "tune":  # the study.yaml of a tuned study
        return study
    if study.recipes:
        raise ConfigError(f"{study.name}: recipes are filled in by the search: write tune or recipes, not both")
    refuse_odd_bytes(folder.absolute(), "out")
    check_folder(folder, "--out")
    workers, place = side_by_side(workers, device), str(open_device(device))
    count = len(study.variants)
    if finished_search(study, folder) is None:
        check_workers(workers, count * tune.runs)
        check_study(study, open_device(device), None, root)
        stages = ", ".join(f"{one.trials} x {one.steps:,} steps" for one in tune.stages)
        seeds = f" on {len(tune.seeds)} seeds" if len(tune.seeds) > 1 else ""
        tell(
            f"tuning: {tune.runs:,} runs and {tune.steps:,} steps for each of {count} variants ({stages}; the last "
            f"stage{seeds}), on validation clips"
        )
    data = data_root(study, root) or folder / "data"
    tuned = tune_study(study, folder, root=data, workers=workers, device=place, console=console)
    for line in describe_choices(tuned, folder):
        tell(line)
    return tuned


def describe_choices(study: StudyConfig, folder: Path) -> list[str]:
    """Return one line for the recipe of each variant of a finished search.

    Args:
        study: the study with its recipes.
        folder: study folder.
    """
    tuning = finished_search(study.model_copy(update={"variants": _searched(study)}), folder)
    assert tuning is not None  # the study has recipes
    lines = []
    for name in _searched(study):
        choice = tuning.chosen[name]
        recipe = ", ".join(f"{field}={value}" for field, value in choice.recipe.items()) or "the recipe of base"
        lines.append(f"{name}: objective {choice.objective:.3f}, trial {choice.trial}: {recipe}")
    return [*lines, f"digest of the search {study.tuning_digest}"]


def _searched(study: StudyConfig) -> tuple[str, ...]:
    """Return the variants that the search tuned, without those at the reference's recipe."""
    return tuple(name for name in study.variants if not name.endswith(f"@{study.reference}"))
