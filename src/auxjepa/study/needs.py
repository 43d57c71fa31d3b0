"""Prepared data sets that a study needs before it starts. Imports no torch."""

from __future__ import annotations

from pathlib import Path

from auxjepa.config import ConfigError
from auxjepa.data.errors import ManifestError
from auxjepa.data.sets.prepared_set import read_set
from auxjepa.study.plan import StudyConfig

STORE = Path("data")
"""Default folder of the sets that ``auxjepa data prepare`` writes."""


def prepared_sets(study: StudyConfig) -> list[str]:
    """Return the names of the prepared data sets that a study reads, for pretraining and for benchmarks."""
    wanted = [source for data in study.regimes.values() for source in data.sources.values()]
    names = [(one.source, ()) for one in wanted]
    names += [(one.source, [one.args.get(key) for key in ("old", "new")]) for one in study.chosen_benchmarks()]
    prepared_names: dict[str, None] = {}
    for source, more in names:
        if source != "world" and ":" not in source:
            prepared_names[source.partition("/")[0]] = None
        prepared_names |= dict.fromkeys(name for name in more if isinstance(name, str))
    return list(prepared_names)


def data_root(study: StudyConfig, root: Path | None) -> Path | None:
    """Return the data folder of a study.

    This is the given folder, or the default folder of prepared sets if the study reads any. None means the study
    folder.

    Args:
        study: the study.
        root: folder that the command names; None if it names none.
    """
    return root if root is not None or not prepared_sets(study) else STORE


def missing_sets(study: StudyConfig, root: Path) -> dict[str, str]:
    """Return the missing prepared sets by name, with the problem of each."""
    problems = {}
    for name in prepared_sets(study):
        try:
            one = read_set(name, root)
        except ConfigError:
            problems[name] = "not prepared"
        except ManifestError as error:
            problems[name] = error.reason
        else:
            if not one.root.is_dir():
                problems[name] = f"its folder {one.root} is gone"
    return problems
