"""Resolves a study file into a study: flags, sizes, records of variants, and benchmarks on own videos.

A study on own videos is resolved in two steps, because its benchmarks depend on how its clips are cut: first all
settings without benchmarks, then the benchmarks that the videos support.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from auxjepa.config import ConfigError
from auxjepa.study.plan import StudyConfig
from auxjepa.train.run_settings import lay_over

OWN_SOURCE = "own"
"""Source of a regime that means the videos of the study."""
PLACEHOLDER = "world_order"
"""Benchmark of the first step, before the videos are scanned."""
LATER = ("benchmarks", "capabilities", "hypotheses", "phase")
"""Settings that need the names of all benchmarks."""


def resolve_study(
    content: Mapping[str, Any],
    flags: Mapping[str, Any],
    validate: Callable[[Any], StudyConfig],
    *,
    merge: Callable[[Any, Any], Any] = lay_over,
    root: Path | None = None,
    tell: Callable[[str], None] = lambda line: None,
) -> StudyConfig:
    """Return the study of a file and of flags that change it.

    Args:
        content: content of the file at one size.
        flags: changed settings, nested.
        validate: makes the typed record.
        merge: returns a nested mapping with the changed settings merged into it.
        root: folder of scans of the study's videos; the ``root`` of its data when None.
        tell: receives one line for each fact about the videos.

    Raises:
        ConfigError: if the settings describe no study, or the videos cannot be used.
    """
    source = str(flags.get("data") or content.get("data") or "")
    if not source:
        if _needs_data(content):
            raise ConfigError("this study is about your own videos: name them with --data folder:PATH")
        # Flags change the complete record, so that a flag can change a part of a default (--base.masks.0.scale).
        return validate(merge(validate(content).model_dump(mode="json"), flags)).with_plugins()
    if source.partition(":")[0] not in ("folder", "shards") or not source.partition(":")[2]:
        raise ConfigError(f"data must be folder:PATH or shards:URL, got {source!r}")
    later = {key: flags[key] if key in flags else content[key] for key in LATER if key in flags or key in content}
    first = {key: value for key, value in content.items() if key not in LATER}
    regimes = {name: _own_source(value, source) for name, value in dict(content.get("regimes", {})).items()}
    first |= {"data": source, "regimes": regimes or {"own": {"source": source}}, "benchmarks": [PLACEHOLDER]}
    rest = {key: value for key, value in flags.items() if key not in LATER}
    study = validate(merge(validate(first).model_dump(mode="json"), rest))
    record = study.model_dump(mode="json") | later
    entries = list(later.get("benchmarks", ["own"]))
    if not all(isinstance(entry, str) and entry in study.own_benchmarks for entry in entries):
        from auxjepa.study.own_data import request_benchmarks  # imports torch

        data = next(iter(study.regimes.values()))
        data = data if root is None else data.model_copy(update={"root": root})
        capabilities = dict(later.get("capabilities", {}))
        own = request_benchmarks(entries, source, data, capabilities)
        for note in own.notes:
            tell(note)
        notes = list(dict.fromkeys([*record.get("scale_notes", ()), *own.notes]))
        record |= {"benchmarks": own.names, "own_benchmarks": own.records, "scale_notes": notes}
    return validate(record).with_plugins()


def _needs_data(content: Mapping[str, Any]) -> bool:
    regimes = content.get("regimes")
    values = regimes.values() if isinstance(regimes, Mapping) else ()
    return any(isinstance(one, Mapping) and one.get("source") == OWN_SOURCE for one in values)


def _own_source(regime: Any, source: str) -> Any:
    """Return a regime that reads the study's videos if its source is ``own``."""
    if isinstance(regime, Mapping) and regime.get("source") == OWN_SOURCE:
        return {**regime, "source": source}
    return regime
