"""The search of recipes from Python and from the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from rich.console import Console

from auxjepa.config import ConfigError
from auxjepa.devices import open_device
from auxjepa.evidence.study_folder.tuning import Choice
from auxjepa.files import refuse_odd_bytes
from auxjepa.start import check_folder
from auxjepa.study.checks import check_study, check_workers
from auxjepa.study.needs import data_root
from auxjepa.study.plan import StudyConfig
from auxjepa.study.run import side_by_side
from auxjepa.study.tuning.scope import tune_of
from auxjepa.study.tuning.search import Search
from auxjepa.study.tuning.settings import Tune
from auxjepa.study.tuning.tuned import finished_search, with_recipes


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
    tuning = finished_search(study, folder)
    if tuning is None:
        check_workers(workers, len(study.variants) * tune.runs)
        check_study(study, open_device(device), None, root)
        tell(describe_search(study, tune))
        data = data_root(study, root) or folder / "data"
        Search(study, folder, root=data, workers=workers, device=place, console=console).run()
        tuning = finished_search(study, folder)
    assert tuning is not None  # the search has just written its choices
    for name in study.variants:
        tell(describe_choice(name, tuning.chosen[name]))
    tell(f"digest of the search {tuning.digest}")
    return with_recipes(study, tuning.chosen, tuning.digest)


def describe_search(study: StudyConfig, tune: Tune) -> str:
    """Return one line with the size of a search.

    Args:
        study: the study.
        tune: settings of the search.
    """
    stages = ", ".join(f"{one.trials} x {one.steps:,} steps" for one in tune.stages)
    seeds = f" on {len(tune.seeds)} seeds" if len(tune.seeds) > 1 else ""
    return (
        f"tuning: {tune.runs:,} runs and {tune.steps:,} steps for each of {len(study.variants)} variants ({stages}; "
        f"the last stage{seeds}), on validation clips"
    )


def describe_choice(name: str, choice: Choice) -> str:
    """Return one line with the chosen recipe of a variant.

    Args:
        name: the variant.
        choice: its choice.
    """
    recipe = ", ".join(f"{field}={value}" for field, value in choice.recipe.items()) or "the recipe of base"
    return f"{name}: objective {choice.objective:.3f}, trial {choice.trial}: {recipe}"
