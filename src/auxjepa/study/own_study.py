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
from auxjepa.study.shared_terms import take_terms
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
    flags = take_terms(flags)
    source = str(flags.get("data") or content.get("data") or "")
    if not source:
        if _needs_data(content):
            raise ConfigError("this study is about your own videos: name them with --data folder:PATH")
        # Flags change the complete record, so that a flag can change a part of a default (--base.masks.0.scale).
        record = validate(_filled(content, flags)).model_dump(mode="json")
        return _with_notes(validate(merge(record, flags)).with_plugins())
    if source.partition(":")[0] not in ("folder", "shards") or not source.partition(":")[2]:
        raise ConfigError(f"data must be folder:PATH or shards:URL, got {source!r}")
    later = {key: flags[key] if key in flags else content[key] for key in LATER if key in flags or key in content}
    first = {key: value for key, value in content.items() if key not in LATER}
    regimes = {name: _own_source(value, source) for name, value in dict(content.get("regimes", {})).items()}
    first |= {"data": source, "regimes": regimes or {"own": {"source": source}}, "benchmarks": [PLACEHOLDER]}
    rest = {key: value for key, value in flags.items() if key not in LATER}
    record = merge(validate(_filled(first, rest)).model_dump(mode="json"), rest)
    record["regimes"] = {name: _own_source(value, source) for name, value in record["regimes"].items()}
    study = validate(record)
    record = study.model_dump(mode="json") | later
    entries = list(later.get("benchmarks", ["own"]))
    if not all(isinstance(entry, str) and entry in study.own_benchmarks for entry in entries):
        from auxjepa.data.manifest.reserved_columns import official_split_of
        from auxjepa.study.own_data import open_videos, request_benchmarks  # imports torch

        data = next(iter(study.regimes.values()))
        data = data if root is None else data.model_copy(update={"root": root})
        manifest = open_videos(source, data)
        notes, official = list(study.scale_notes), official_split_of(manifest)
        if official is not None and any(one.get("source") == source for one in record["regimes"].values()):
            written = content.get("regimes", {})
            record["regimes"] = _on_training_videos(record["regimes"], written, flags, source)
            split = next(one.get("split", "all") for one in record["regimes"].values() if one.get("source") == source)
            data = data.model_copy(update={"split": split})
            if data.split == "train":
                notes.append(f"pretraining reads the training videos alone (official split by {official.origin})")
        own = request_benchmarks(entries, source, data, dict(later.get("capabilities", {})), manifest)
        for note in [*notes[len(study.scale_notes) :], *own.notes]:
            tell(note)
        record |= {
            "benchmarks": own.names,
            "own_benchmarks": own.records,
            "scale_notes": list(dict.fromkeys([*notes, *own.notes])),
            "data_digest": own.digest,
        }
    return _with_notes(validate(record).with_plugins())


def _with_notes(study: StudyConfig) -> StudyConfig:
    """Return a study with a note for its readers on each term of ``base`` that some variants do not have."""
    notes = tuple(dict.fromkeys([*study.scale_notes, *study.describe_terms()]))
    return study.model_copy(update={"scale_notes": notes}) if notes != study.scale_notes else study


def _filled(content: Mapping[str, Any], flags: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content of a file with the flags for keys that it lacks, such as required ones."""
    return {**{key: value for key, value in flags.items() if key not in content}, **content}


def _on_training_videos(
    regimes: dict[str, Any], written: Mapping[str, Any], flags: Mapping[str, Any], source: str
) -> dict[str, Any]:
    """Return regimes that read the training videos of an officially divided folder, unless the user chose a split."""
    chosen = {
        name
        for settings in (written, flags.get("regimes", {}))
        if isinstance(settings, Mapping)
        for name, one in settings.items()
        if isinstance(one, Mapping) and "split" in one
    }
    return {
        name: {**one, "split": "train"} if one.get("source") == source and name not in chosen else one
        for name, one in regimes.items()
    }


def _needs_data(content: Mapping[str, Any]) -> bool:
    regimes = content.get("regimes")
    values = regimes.values() if isinstance(regimes, Mapping) else ()
    return any(isinstance(one, Mapping) and one.get("source") == OWN_SOURCE for one in values)


def _own_source(regime: Any, source: str) -> Any:
    """Return a regime that reads the study's videos if its source is ``own``."""
    if isinstance(regime, Mapping) and regime.get("source") == OWN_SOURCE:
        return {**regime, "source": source}
    return regime
