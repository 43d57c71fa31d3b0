"""Gives a study the recipes of its search: each variant at its own best, and all variants at the reference's best."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from auxjepa.config import ConfigError
from auxjepa.evidence.study_folder.tuning import AT, TUNING, Choice, Tuning, at_reference, choose, read_tuning
from auxjepa.sealed import first_line
from auxjepa.study.own_variants import OwnVariant
from auxjepa.study.plan import StudyConfig
from auxjepa.study.tuning.sampling import restrict
from auxjepa.study.tuning.scope import check_settings, search_base, search_settings, tune_of


def finished_search(study: StudyConfig, folder: Path) -> Tuning | None:
    """Return the finished search of a study; None if there is none. It may have more variants than the study.

    Args:
        study: the study.
        folder: study folder.

    Raises:
        ConfigError: if the folder holds another search, or the search was edited after it ended.
    """
    tuning = read_tuning(folder)
    if tuning is None or not tuning.chosen:
        return None
    settings, filed = search_settings(study), tuning.settings
    if set(study.variants) < set(filed.get("variants", ())):
        own = filed.get("definitions", {})
        settings |= {
            "variants": filed["variants"],
            "definitions": own | settings["definitions"],
        }
        space = filed.get("tune", {}).get("variant_space", {})
        settings["tune"] = settings["tune"] | {"variant_space": space | settings["tune"]["variant_space"]}
    check_settings(folder / TUNING, settings)
    if tuning.is_edited or not tuning.recorded_digest or _differs(tuning):
        raise ConfigError(
            f"{folder / TUNING}: the search was edited after it ended: restore it, or remove chosen.json and run "
            "`auxjepa study tune` again, which reuses finished runs"
        )
    missing = [name for name in study.variants if name not in tuning.chosen]
    if missing:
        raise ConfigError(f"{folder / TUNING}: the search chose no recipe for {missing[0]}: tune again")
    return tuning


def with_recipes(study: StudyConfig, chosen: Mapping[str, Choice], digest: str) -> StudyConfig:
    """Return a study with recipes.

    With both readings, the study gets a variant ``NAME@REFERENCE`` for each other variant: its terms with the recipe of
    the reference. It is left out where it would train the same network as another variant, and hypotheses that name it
    then name that variant.

    Args:
        study: the study.
        chosen: choice by variant.
        digest: digest of the search.
    """
    tune, reference = tune_of(study), study.reference
    base = search_base(study)
    recipes: dict[str, dict[str, Any]] = {name: dict(chosen[name].recipe) for name in study.variants}
    variants, definitions = list(study.variants), dict(study.definitions)
    only = {regime: list(names) for regime, names in study.only.items()}
    equal: dict[str, str] = {}
    names_by_hash = {
        study.model_copy(update={"recipes": recipes}).configure(name, base).content_hash(): name
        for name in reversed(study.variants)
    }
    for name in study.variants if tune.readings == "both" else ():
        shared = at_reference(name, reference)
        if name == reference or AT in name or shared in variants:
            continue
        recipe = restrict(recipes[reference], partial(study.configure, name), base)
        own = study.definitions.get(name) or OwnVariant.model_validate({"from": name})
        update = {"recipes": {shared: recipe}, "definitions": {shared: own}}
        same = names_by_hash.get(study.model_copy(update=update).configure(shared, base).content_hash())
        if same is not None:
            equal[shared] = same
            continue
        recipes[shared], definitions[shared] = recipe, own
        variants.append(shared)
        for names in only.values():
            if name in names:
                names.append(shared)
    content = study.model_dump(mode="json") | {
        "variants": variants,
        "definitions": {name: one.model_dump(mode="json") for name, one in definitions.items()},
        "only": only,
        "recipes": recipes,
        "tuning_digest": digest,
    }
    for hypothesis in content["hypotheses"]:
        for role in ("variant", "reference"):
            hypothesis[role] = equal.get(hypothesis[role], hypothesis[role])
    try:
        return StudyConfig.model_validate(content)
    except ValidationError as error:
        raise ConfigError(f"{study.name} with the recipes of its search: {first_line(error)}") from None


def _differs(tuning: Tuning) -> bool:
    """Check whether a chosen recipe is another one than the trials of the last stage choose."""
    last = max((trial.stage for trial in tuning.trials), default=0)
    return any(
        choose([trial for trial in tuning.trials if (trial.variant, trial.stage) == (name, last)])
        != choice.model_copy(update={"stages": ()})
        for name, choice in tuning.chosen.items()
    )
