"""A fabricated tuning folder, written as ``auxjepa study tune`` writes one."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from auxjepa import yaml_text
from auxjepa.evidence.study_folder.tuning import CHOSEN, SETTINGS, TRIALS, TUNING, Trial, tuning_digest
from auxjepa.files import write_json, write_text

SPACE = {
    "optim.lr": {"low": 0.001, "high": 0.016, "log": True},
    "optim.weight_decay": [0.0, 0.05, 0.2],
    "masks": [[{"kind": "multiblock"}], [{"kind": "random_tube", "args": {"ratio": 0.75}}]],
}
LD_SPACE = {"objectives.latent_dynamics.weight": {"low": 0.1, "high": 2.0, "log": True}}
STAGES = [{"steps": 100, "trials": 16}, {"steps": 300, "trials": 5}, {"steps": 800, "trials": 2}]
SEEDS = [900, 901]
BENCHMARKS = ["world_appearance", "world_order"]


def search_settings(variants: Sequence[str]) -> dict[str, Any]:
    """Return the content of ``settings.yaml``."""
    tune = {
        "space": SPACE,
        "variant_space": {"ld": LD_SPACE},
        "stages": STAGES,
        "seeds": SEEDS,
        "sampler": "random",
        "objective": "mean",
        "benchmarks": BENCHMARKS,
        "readings": "both",
    }
    return {"tune": tune, "variants": list(variants), "base": {"optim": {"lr": 0.004}}, "benchmarks": BENCHMARKS}


def search_trials(variants: Sequence[str], extra: dict[str, int] | None = None) -> list[Trial]:
    """Return the trials of a search by halving. Learning rate and masks matter, decay doesn't.

    Args:
        variants: the variants.
        extra: number of additional trials in the first stage, by variant.
    """
    trials = []
    for v, variant in enumerate(variants):
        rng = np.random.default_rng(v)
        count = STAGES[0]["trials"] + (extra or {}).get(variant, 0)
        recipes = []
        for number in range(count):
            recipe: dict[str, Any] = {
                "optim.lr": float(0.001 * 16 ** rng.random()),
                "optim.weight_decay": SPACE["optim.weight_decay"][rng.integers(3)],  # type: ignore[index]
                "masks": SPACE["masks"][rng.integers(2)],  # type: ignore[index]
            }
            weight = {"objectives.latent_dynamics.weight": float(0.1 * 20 ** rng.random())} if variant == "ld" else {}
            recipes.append(recipe | weight if number else {})
        truth = [_quality(recipe) + 0.05 * v for recipe in recipes]
        alive = list(range(count))
        for stage, plan in enumerate(STAGES):
            if stage:
                alive = sorted(alive, key=lambda i: -means[i])[: plan["trials"]]
            means = {}
            for i in alive:
                values = []
                for seed in SEEDS if stage == len(STAGES) - 1 else SEEDS[:1]:
                    value = truth[i] + 0.05 * stage + float(rng.normal(0, 0.02))
                    values.append(value)
                    trials.append(
                        Trial(
                            variant=variant,
                            trial=i,
                            stage=stage,
                            steps=plan["steps"],
                            seed=seed,
                            recipe=recipes[i],
                            run=f"{variant}{stage}{i}{seed}",
                            scores=dict.fromkeys(BENCHMARKS, 100 * value),
                            objective=value,
                            seconds=plan["steps"] / 20,
                        )
                    )
                means[i] = sum(values) / len(values)
    return trials


def choices(trials: Sequence[Trial]) -> dict[str, dict[str, Any]]:
    """Return the best recipe of the last stage by variant, as ``chosen.json`` has it."""
    chosen: dict[str, dict[str, Any]] = {}
    last = max(trial.stage for trial in trials)
    final = [trial for trial in trials if trial.stage == last and trial.objective is not None]
    for trial in final:
        values = [t.objective for t in final if (t.variant, t.trial) == (trial.variant, trial.trial)]
        mean = sum(value for value in values if value is not None) / len(values)
        if trial.variant not in chosen or mean > chosen[trial.variant]["objective"]:
            chosen[trial.variant] = {"trial": trial.trial, "recipe": trial.recipe, "objective": mean, "stages": []}
    return chosen


def write_search(folder: Path, settings: dict[str, Any], trials: Sequence[Trial]) -> str:
    """Write a finished search into a study folder and return its digest."""
    place, digest = folder / TUNING, tuning_digest(settings, trials)
    write_text(place / SETTINGS, yaml_text.dump(settings))
    write_text(place / TRIALS, "".join(f"{trial.model_dump_json()}\n" for trial in trials))
    write_json(place / CHOSEN, {"digest": digest, "variants": choices(trials)})
    return digest


def write_tuned(
    folder: Path,
    write_study: Callable[..., Path],
    extra: dict[str, int] | None = None,
    is_complete: bool = False,
    **settings: Any,
) -> Path:
    """Write a study with a search. The scores of ``ld`` at the recipe of the baseline are those of ``fwm``.

    Args:
        folder: the folder to write.
        write_study: the fixture of this name.
        extra: additional trials of the first stage, by variant.
        is_complete: whether ``ld_only`` is also scored at the recipe of the baseline, and nothing else is.
        settings: fields of ``study.yaml``, and numbers of seeds and steps.
    """
    names = {"fwm": "ld@baseline"} | ({"fwm_hw_ld": "ld_only@baseline"} if is_complete else {})
    write_study(folder, rename=names, **{"steps": 2, "seeds": 6, **settings})
    variants = ["baseline", "ld", "ld_only", *([] if is_complete else ["fwm_hw_ld"])]
    search, trials = search_settings(variants), search_trials(variants, extra)
    digest = write_search(folder, search, trials)
    recipes = {name: choice["recipe"] for name, choice in choices(trials).items()}
    recipes |= dict.fromkeys(names.values(), recipes["baseline"])
    edit_study(folder, tune=search["tune"], tuning_digest=digest, recipes=recipes)
    return folder


def edit_study(folder: Path, **fields: Any) -> None:
    """Change fields of ``study.yaml``."""
    path = folder / "study.yaml"
    path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text()) | fields))


def _quality(recipe: dict[str, Any]) -> float:
    if not recipe:
        return 0.1
    distance = math.log(recipe["optim.lr"] / 0.004) / math.log(16)
    return 0.3 - 0.4 * distance**2 + 0.05 * (recipe["masks"][0]["kind"] == "random_tube")
