"""The base run and the benchmarks of a search, and the settings that its folder records."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from auxjepa.benchmarks import Benchmark
from auxjepa.config import ConfigError, RunConfig, flatten, read_yaml
from auxjepa.evidence.study_folder.tuning import REFERENCE, SETTINGS
from auxjepa.lists import shorten_list
from auxjepa.study.plan import StudyConfig
from auxjepa.study.tuning.settings import Tune


def tune_of(study: StudyConfig) -> Tune:
    """Return the search of a study.

    Args:
        study: the study.

    Raises:
        ConfigError: if it has none.
    """
    if study.tune is None:
        raise ConfigError(f"{study.name}: the study has no `tune` section, so there is nothing to search")
    return study.tune


def search_base(study: StudyConfig, root: Path | None = None) -> RunConfig:
    """Return the run that every trial changes: the base of the study, on its first regime.

    Args:
        study: the study.
        root: folder of generated data and caches; the regime's own when None.
    """
    regime, data = next(iter(study.regimes.items()))
    data = data if root is None else data.model_copy(update={"root": root})
    return study.base.model_copy(update={"data": data, "regime": regime})


def search_benchmarks(study: StudyConfig) -> list[Benchmark]:
    """Return the benchmarks of a search in its sizes.

    Args:
        study: the study.
    """
    tune = tune_of(study)
    chosen = [one for one in study.chosen_benchmarks() if not tune.benchmarks or one.name in tune.benchmarks]
    return [tune.sizes.on(one) for one in chosen]


def search_settings(study: StudyConfig) -> dict[str, Any]:
    """Return everything that can change a number of a search.

    Args:
        study: the study.
    """
    content = study.model_dump(mode="json")
    regime = next(iter(study.regimes))
    data = {key: value for key, value in content["regimes"][regime].items() if key not in type(study.base.data).PLACES}
    base = {
        key: value for key, value in content["base"].items() if key not in ("data", "seed", "variant", "regime", "log")
    }
    return {
        REFERENCE: study.reference,
        "tune": content["tune"],
        "variants": list(study.variants),
        **({"terms": content["terms"]} if "terms" in content else {}),
        "definitions": {k: v for k, v in content.get("definitions", {}).items() if k in study.variants},
        "regime": regime,
        "data": data,
        "base": base,
        "benchmarks": {one.name: one.hash_on(study.regimes[regime]) for one in search_benchmarks(study)},
        "protocols": {one.name: one.protocol.digest() for one in search_benchmarks(study)},
    }


def check_settings(place: Path, settings: dict[str, Any]) -> None:
    """Check that a folder holds no other search.

    Args:
        place: folder of the search.
        settings: settings of the search.

    Raises:
        ConfigError: if it does; the message names the first different setting.
    """
    if not (place / SETTINGS).exists():
        return
    filed = read_yaml(place / SETTINGS)
    mine, theirs = (_compared(one) for one in (settings, filed))
    different = [key for key in {**mine, **theirs} if mine.get(key) != theirs.get(key)]
    if different:
        raise ConfigError(
            f"{place} holds another search ({shorten_list(different, 3)} differ): choose another --out, or remove that "
            "folder"
        )


def _compared(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that can change a number of a search, by dotted name."""
    tune = {key: value for key, value in dict(settings.get("tune") or {}).items() if key != "readings"}
    return flatten({**{key: value for key, value in settings.items() if key != REFERENCE}, "tune": tune})
