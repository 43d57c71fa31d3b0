"""What a study needs before it starts: prepared data sets. Imports no torch."""

from __future__ import annotations

from pathlib import Path

from auxjepa.config import ConfigError
from auxjepa.data.errors import ManifestError
from auxjepa.data.sets.prepared_set import read_set
from auxjepa.study.plan import StudyConfig

STORE = Path("data")
"""Where ``auxjepa data prepare`` keeps sets unless told otherwise."""


def prepared_sets(study: StudyConfig) -> list[str]:
    """Names of the prepared data sets that a study reads, for pretraining and for benchmarks."""
    wanted = [source for data in study.regimes.values() for source in data.sources.values()]
    names = [(one.source, ()) for one in wanted]
    names += [(one.source, [one.args.get(key) for key in ("old", "new")]) for one in study.chosen_benchmarks()]
    found: dict[str, None] = {}
    for source, more in names:
        if source != "world" and ":" not in source:
            found[source.partition("/")[0]] = None
        found |= dict.fromkeys(name for name in more if isinstance(name, str))
    return list(found)


def data_root(study: StudyConfig, root: Path | None) -> Path | None:
    """Where a study finds its data: as told, else where sets are prepared if it reads any; None: in its own folder."""
    return root if root is not None or not prepared_sets(study) else STORE


def missing_sets(study: StudyConfig, root: Path) -> dict[str, str]:
    """The prepared sets that aren't there, and what is the matter with each."""
    found = {}
    for name in prepared_sets(study):
        try:
            one = read_set(name, root)
        except ConfigError:
            found[name] = "not prepared"
        except ManifestError as error:
            found[name] = error.reason
        else:
            if not one.root.is_dir():
                found[name] = f"its folder {one.root} is gone"
    return found
